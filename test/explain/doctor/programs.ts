/** Small programs in assembly for the Doctor to look at. */
import type { Diagnosis } from '../../../emulator/explain/doctor/finding.ts';
import { diagnose } from '../../../emulator/explain/doctor/diagnose.ts';
import { runUntilSilent } from '../../../emulator/explain/doctor/run.ts';
import type { Subject } from '../../../emulator/explain/subject.ts';
import { subjectOf } from '../subjects.ts';

/** Steps that no program here needs. */
const LIMIT = 400_000;

/** Runs it until it is silent and asks the Doctor. */
export function examine(subject: Subject, limit = LIMIT): Diagnosis {
  const run = runUntilSilent(subject, limit);
  while (!run.next().done);
  return diagnose(subject);
}

export const VECTORS = 0x4008_1000;
/** Words with nothing but zeros up to an address. */
const until = (lines: readonly string[], address: number): string[] =>
  Array.from({ length: (address - 0x4008_0000) / 4 - lines.filter((line) => !line.endsWith(':')).length }, () => '.word 0');

export interface Pieces {
  /** From 0x40080000 on, at EL2. */
  readonly main: readonly string[];
  /** Vectors by their offset: those that are not named branch to themselves. */
  readonly vectors?: Readonly<Record<number, readonly string[]>>;
  /** EL1, at 0x40082000. */
  readonly el1?: readonly string[];
  readonly el2?: boolean;
}

export function programOf({ main, vectors = {}, el1 = ['b .'], el2 = true }: Pieces): Subject {
  const lines = [...main, ...until(main, VECTORS)];
  for (let offset = 0; offset < 0x800; offset += 0x80) {
    const slot = vectors[offset] ?? ['b .'];
    lines.push(...slot, ...Array.from({ length: 32 - slot.length }, () => '.word 0'));
  }
  lines.push(...until(lines, 0x4008_2000), ...el1);
  return subjectOf(lines, { el2 });
}

/** The most likely cause: its kind and id. */
export const first = ({ findings }: Diagnosis): string => findings.map(({ kind, id }) => `${kind} ${id}`)[0] ?? 'nothing';
/** What is broken, by id. */
export const broken = ({ findings }: Diagnosis): string[] => findings.filter(({ kind }) => kind === 'broken').map(({ id }) => id);

/** `mov` of up to 64 bits. */
export const put = (register: string, value: number | bigint): string[] =>
  [0, 16, 32, 48]
    .filter((shift) => shift === 0 || (BigInt(value) >> BigInt(shift)) & 0xffffn)
    .map(
      (shift) =>
        `${shift === 0 ? 'movz' : 'movk'} ${register}, #${(BigInt(value) >> BigInt(shift)) & 0xffffn}${shift ? `, lsl #${shift}` : ''}`,
    );
export const set = (name: string, value: number | bigint): string[] => [...put('x0', value), `msr ${name}, x0`];

export const vectorsAtEl2 = set('vbar_el2', VECTORS);
export const vectorsAtEl1 = set('vbar_el1', VECTORS);
export const RW = 0x8000_0000;
/** From EL2 to the code at 0x40082000. */
export const toEl1 = ({ hcr = RW, spsr = 0x3c5, sp = 0x4009_0000 } = {}): string[] => [
  ...set('hcr_el2', hcr),
  ...set('sp_el1', sp),
  ...set('spsr_el2', spsr),
  ...set('elr_el2', 0x4008_2000),
  'eret',
];
export const off = [...put('x0', 0x8400_0008), 'smc #0'];
