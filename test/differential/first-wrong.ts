/** Shrinks a case that differs to the first instruction that does something else in QEMU, and says what it did. */
import { VA } from '../../emulator/base/addresses.ts';
import { disassemble, disassemblyText } from '../../emulator/isa/index.ts';
import { place, word, type Case, type Recording } from './cases.ts';
import { compare, type Difference, type Record } from './compare.ts';
import type { CaseSet } from './kinds.ts';
import { packLoad, runOurs, runQemu, type Recorder } from './run.ts';

/** Of a case that is stepped: its instructions, with those of its loops. */
const steps: Recording = { limit: 2000, sums: true };

/** A report of `set.cases[number]`. `ours` runs our machine. */
export async function firstWrong(recorder: Recorder, set: CaseSet, number: number, ours: typeof runOurs = runOurs): Promise<string> {
  const one = set.cases[number];
  const differing = async (variants: readonly Case[], recording?: Recording): Promise<Difference | undefined> => {
    const load = packLoad(variants, set.area, set.data, recording);
    return compare(variants, ours(recorder, load), await runQemu(recorder, load)).differences[0];
  };
  const again = `again: CASE='${set.kind} ${set.seed} ${number}' npx vitest run test/differential`;
  const name = `${set.kind}, seed ${set.seed}, case ${number}`;

  const alone = await differing([one]);
  if (!alone) return `${name}: agrees when it runs alone, so what the cases before it left decides\n  ${again}`;
  const step = await differing([stepped(one)], steps);
  if (step) {
    const pc = step.before?.get('goes on at') ?? one.entry;
    return [`${name}: ${instruction(set, one, pc)}`, ...told(one, step, operandsAt(set, one, pc)), again].join('\n  ');
  }
  // The instructions agree one by one: those that are executed together do not.
  const beginnings = Array.from({ length: one.code.length + 1 }, (_, n) => endedAfter(set, one, n));
  const shortest = await differing(beginnings);
  const last = shortest ? shortest.case : one.code.length;
  const pc = one.entry + BigInt(4 * (last - 1));
  return [
    `${name}: agrees in single steps, and differs when its first ${last} instructions run together, the last of them: ${instruction(set, one, pc)}`,
    ...told(one, shortest ?? alone, []),
    again,
  ].join('\n  ');
}

/** MDSCR_EL1.SS and KDE, MDCR_EL2.TDE; SPSR_EL2.SS, and its D clear: each instruction ends with an exception to EL2. */
const stepped = (one: Case): Case => ({
  ...one,
  system: [...one.system, ['MDSCR_EL1', 0x2001n], ['MDCR_EL2', 0x106n]],
  spsr: (one.spsr & ~(1n << 9n)) | (1n << 21n),
});

/** The case with the instruction that ends it instead of the one at this position. */
function endedAfter({ area }: CaseSet, one: Case, position: number): Case {
  const at = Number(one.code.pa) + 4 * position;
  const pa = at & ~7;
  const [low, high] = [pa, pa + 4].map((address) => BigInt(address === at ? word('svc #1') : wordAt(area, address)));
  return { ...one, memory: [...one.memory, [BigInt(pa), (high << 32n) | low]] };
}
const wordAt = (area: CaseSet['area'], pa: number): number => area.words[(pa - place.code) / 4] ?? 0;

/** The word at a VA of the case's code; undefined where that is not its code. */
function fetched({ area }: CaseSet, one: Case, pc: bigint): number | undefined {
  const position = Number(pc - one.entry) / 4;
  return position >= 0 && position < one.code.length ? wordAt(area, Number(one.code.pa) + 4 * position) : undefined;
}
const textOf = (w: number, pc: bigint): string => disassemblyText(disassemble(w, VA(pc)));
function instruction(set: CaseSet, one: Case, pc: bigint): string {
  const w = fetched(set, one, pc);
  return w === undefined ? `the instruction at ${hex(pc)}` : `${w.toString(16).padStart(8, '0')} ${textOf(w, pc)} at ${hex(pc)}`;
}

/** Names of the registers in the text of the instruction, as records have them. */
function operandsAt(set: CaseSet, one: Case, pc: bigint): string[] {
  const w = fetched(set, one, pc);
  const names = w === undefined ? [] : (textOf(w, pc).match(/\b([xw]|[vqdshb])([12]?\d|3[01])\b/g) ?? []);
  return [...new Set(names.map((name) => `${/[xw]/.test(name[0]) ? 'X' : 'V'}${name.slice(1)}`))];
}

/** The values before, and those after that differ. */
function told(one: Case, { before, names, ours, theirs }: Difference, operands: readonly string[]): string[] {
  const start = before ?? atStart(one);
  const shown = [...operands, 'FPCR', 'FPSR', ...names.filter((name) => /^[XV]\d/.test(name) && !operands.includes(name))];
  const known = shown.filter((name) => start.has(name)).map((name) => `${name} = ${hex(start.get(name))}`);
  const wrong = (name: string): string =>
    `${name === 'data' ? 'the checksum of memory' : name} is ${hex(ours.get(name))}, in QEMU ${hex(theirs.get(name))}`;
  const extra = ours.size === 0 ? theirs : theirs.size === 0 ? ours : undefined;
  return [
    ...(operands.length > 0 ? [`before it: ${known.join(', ')}, flags ${hex(flagsOf(start))}`] : []),
    ...(extra ? [`only ${extra === ours ? 'here' : 'in QEMU'} an exception: ${exception(extra)}`] : names.map(wrong)),
  ];
}
const exception = (record: Record): string =>
  ['ESR_EL2', 'ELR_EL2', 'ESR_EL1', 'ELR_EL1'].map((name) => `${name} ${hex(record.get(name))}`).join(', ');
const flagsOf = (record: Record): bigint => (record.get('SPSR_EL2') ?? 0n) >> 28n;
function atStart({ x, spsr, float }: Case): Record {
  const start = new Map(x.map((value, i) => [`X${i}`, BigInt.asUintN(64, value)]));
  float?.v.forEach((value, i) => start.set(`V${i}`, value));
  return start
    .set('FPCR', float?.fpcr ?? 0n)
    .set('FPSR', float?.fpsr ?? 0n)
    .set('SPSR_EL2', spsr);
}

const hex = (value: bigint | undefined): string => (value === undefined ? 'nothing' : `0x${value.toString(16)}`);
