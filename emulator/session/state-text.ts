/** The registers that a person looks at first, and the hash of the whole state, as plain data and as text. */
import { fieldLines } from '../explain/decoded-register.ts';
import type { Program } from './program.ts';
import type { DecodedRegister } from './views.ts';
import { views } from './views/index.ts';

interface State {
  readonly at: number;
  readonly hash: string;
  /** Where there are several: the one that executes the next step. All the rest is its own. */
  readonly cpu?: number;
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

export function stateOf(program: Program): State {
  const { pstate } = views.levels.of(program, {});
  const { at, groups } = views.registers.of(program, {});
  const values = new Map(groups.flatMap(({ registers }) => registers.map(({ name, value }) => [name, value] as const)));
  const value = (name: string): string => values.get(name)!;
  const bits = (...flags: boolean[]): string => flags.map(Number).join('');
  return {
    at,
    hash: program.machine.stateHash(),
    ...(program.machine.turns.areSeveral && { cpu: program.machine.core.index }),
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
export function decodedOf(program: Program): Readonly<Record<string, DecodedRegister['fields']>> {
  const registers = views.registers.of(program, {}).groups.flatMap((group) => group.registers);
  const isShown = new Set<string>(['FPCR', 'FPSR', ...shown]);
  return Object.fromEntries(
    registers.flatMap(({ name, decoded }) => (decoded && isShown.has(name) && decoded.fields.length > 0 ? [[name, decoded.fields]] : [])),
  );
}

/** The state as text; with fields where `decoded` has some. */
export function stateText(program: Program, decoded: ReturnType<typeof decodedOf> = {}): string {
  const { at, hash, cpu, el, pc, pstate, x, v, fpcr, fpsr, system } = stateOf(program);
  const rows = [
    ['instant', String(at)],
    ['state hash', hash],
    ...(cpu === undefined ? [] : [['CPU', String(cpu)]]),
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
