/** `elscope state`: registers and the state hash at an instant of a recording (or of a program without input). */
import { fieldLines, views, type DecodedRegister, type Program } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, parseWords } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    ...machineFlags,
    ...instantFlags,
    json: { type: 'boolean' },
    fields: { type: 'boolean' },
  });
  const program = await openRun(atMostOne(positionals, 'recording'), values);
  const state = stateOf(program);
  const decoded = values.fields ? decodedOf(program) : undefined;
  await (values.json ? writeJson({ ...state, ...(decoded && { fields: decoded }) }) : write(textOf(state, decoded)));
  return exitCode.done;
}

interface State {
  readonly at: number;
  readonly hash: string;
  readonly el: number;
  readonly pc: string;
  readonly pstate: { readonly nzcv: string; readonly daif: string; readonly sp: number };
  readonly x: readonly string[];
  /** V0 to V31, all 128 bits. */
  readonly v: readonly string[];
  readonly fpcr: string;
  readonly fpsr: string;
  readonly system: Readonly<Record<string, string>>;
}

/** Those of them that the machine has. */
const shown = [
  'SP_EL0',
  'SP_EL1',
  'SP_EL2',
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
];

function stateOf(program: Program): State {
  const { pstate } = views.levels.of(program, {});
  const { at, groups } = views.registers.of(program, {});
  const values = new Map(groups.flatMap(({ registers }) => registers.map(({ name, value }) => [name, value] as const)));
  const value = (name: string): string => values.get(name)!;
  const bits = (...flags: boolean[]): string => flags.map(Number).join('');
  return {
    at,
    hash: program.machine.stateHash(),
    el: pstate.el,
    pc: value('pc'),
    pstate: { nzcv: bits(pstate.n, pstate.z, pstate.c, pstate.v), daif: bits(pstate.d, pstate.a, pstate.i, pstate.f), sp: pstate.sp },
    x: Array.from({ length: 31 }, (_, i) => value(`x${i}`)),
    v: Array.from({ length: 32 }, (_, i) => value(`v${i}`)),
    fpcr: value('FPCR'),
    fpsr: value('FPSR'),
    system: Object.fromEntries(shown.filter((name) => values.has(name)).map((name) => [name, value(name)])),
  };
}

/** The fields of the registers that are shown and have some. */
function decodedOf(program: Program): Readonly<Record<string, DecodedRegister['fields']>> {
  const registers = views.registers.of(program, {}).groups.flatMap((group) => group.registers);
  const isShown = new Set<string>(['FPCR', 'FPSR', ...shown]);
  return Object.fromEntries(
    registers.flatMap(({ name, decoded }) => (decoded && isShown.has(name) && decoded.fields.length > 0 ? [[name, decoded.fields]] : [])),
  );
}

function textOf({ at, hash, el, pc, pstate, x, v, fpcr, fpsr, system }: State, decoded: ReturnType<typeof decodedOf> = {}): string {
  const rows = [
    ['instant', String(at)],
    ['state hash', hash],
    ['PC', pc],
    ['PSTATE', `EL${el}${pstate.sp ? 'h' : 't'} NZCV ${pstate.nzcv} DAIF ${pstate.daif}`],
    ...x.map((value, i) => [`x${i}`, value]),
    ...v.map((value, i) => [`v${i}`, value]),
    ['FPCR', fpcr],
    ['FPSR', fpsr],
    ...Object.entries(system),
  ];
  const lines = rows.flatMap(([name, value]) => [`${name.padEnd(12)}${value}`, ...fieldLines(decoded[name] ?? [])]);
  return `${lines.join('\n')}\n`;
}
