/** `elscope state`: registers and the state hash at an instant of a recording (or of a program without input). */
import { hex, type Program } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, parseWords } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { ...machineFlags, ...instantFlags, json: { type: 'boolean' } });
  const program = await openRun(atMostOne(positionals, 'recording'), values);
  const state = stateOf(program);
  await (values.json ? writeJson(state) : write(textOf(state)));
  return exitCode.done;
}

interface State {
  readonly at: number;
  readonly hash: string;
  readonly el: number;
  readonly pc: string;
  readonly pstate: { readonly nzcv: string; readonly daif: string; readonly sp: number };
  readonly x: readonly string[];
  readonly system: Readonly<Record<string, string>>;
}

const shown = [
  'HCR_EL2',
  'VTTBR_EL2',
  'VTCR_EL2',
  'ESR_EL2',
  'ELR_EL2',
  'SPSR_EL2',
  'FAR_EL2',
  'HPFAR_EL2',
  'VBAR_EL2',
  'SCTLR_EL2',
  'TTBR0_EL2',
  'TCR_EL2',
] as const;
const shownBelow = [
  'ESR_EL1',
  'ELR_EL1',
  'SPSR_EL1',
  'FAR_EL1',
  'VBAR_EL1',
  'SCTLR_EL1',
  'TTBR0_EL1',
  'TTBR1_EL1',
  'TCR_EL1',
  'MAIR_EL1',
] as const;

function stateOf({ machine, timeline }: Program): State {
  const { cpu } = machine;
  const system: Record<string, string> = {};
  for (const el of [0, 1, 2] as const) system[`SP_EL${el}`] = hex(cpu.stackPointer(el));
  for (const name of [...shown, ...shownBelow]) system[name] = hex(cpu.get(name));
  return {
    at: timeline.at,
    hash: machine.stateHash(),
    el: cpu.el,
    pc: hex(cpu.pc),
    pstate: { nzcv: cpu.nzcv.toString(2).padStart(4, '0'), daif: cpu.daif.toString(2).padStart(4, '0'), sp: cpu.spsel },
    x: Array.from({ length: 31 }, (_, i) => hex(cpu.x(i))),
    system,
  };
}

function textOf({ at, hash, el, pc, pstate, x, system }: State): string {
  const rows = [
    ['instant', String(at)],
    ['state hash', hash],
    ['PC', pc],
    ['PSTATE', `EL${el}${pstate.sp ? 'h' : 't'} NZCV ${pstate.nzcv} DAIF ${pstate.daif}`],
    ...x.map((value, i) => [`x${i}`, value]),
    ...Object.entries(system),
  ];
  return `${rows.map(([name, value]) => `${name.padEnd(12)}${value}`).join('\n')}\n`;
}
