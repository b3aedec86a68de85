/** Who wrote: searches of the past for writes to memory or to a register, and their answers in words. */
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import { memoryPlaceText, writeSentence } from '../explain/breakpoint-words.ts';
import { writeOf, type ByteRange } from '../explain/writes.ts';
import { watchableRegister, type Watched, type WatchReport } from '../machine/watches.ts';
import { findReports, type Search } from '../time/search.ts';
import { physicalRanges } from './address.ts';
import type { CommandResult } from './contract.ts';
import type { Program } from './program.ts';
import type { MemoryPlace, Write } from './views.ts';

/** One of the two. */
export interface Written {
  readonly memory?: MemoryPlace | undefined;
  readonly register?: string | undefined;
}
interface Question<C extends 'lastWriter' | 'writeHistory'> {
  readonly search: Search<WatchReport[]>;
  readonly answer: (reports: readonly WatchReport[]) => CommandResult<C>;
}

export function lastWriter(program: Program, written: Written): Question<'lastWriter'> {
  const target = targetOf(program, written);
  return {
    search: findReports(program.timeline, target.watched, program.timeline.at, 1),
    answer: (reports) => {
      const write = writesOf(program, target.ranges, reports).at(-1) ?? null;
      return { write, text: write ? `${writeSentence(target.subject, write)}.` : untouched(program, target) };
    },
  };
}

export function writeHistory(program: Program, written: Written, count: number): Question<'writeHistory'> {
  const { watched, ranges } = targetOf(program, written);
  return {
    search: findReports(program.timeline, watched, program.timeline.at, count),
    answer: (reports) => ({ writes: writesOf(program, ranges, reports).reverse().slice(0, count) }),
  };
}

interface Target {
  readonly watched: Watched;
  /** Of memory; none for a register. */
  readonly ranges: readonly ByteRange[];
  readonly name: string;
  /** It, and the verb that goes with it, at the start of a sentence. */
  readonly subject: string;
}

function targetOf(program: Program, { memory, register }: Written): Target {
  if (memory && register === undefined) {
    const ranges = physicalRanges(program, memory);
    const watched = { memory: ranges.map((range) => ({ ...range, access: 'w' as const })), registers: [] };
    const name = memoryPlaceText(memory);
    return { watched, ranges, name, subject: `T${name.slice(1)} ${memory.bytes === 1 ? 'was' : 'were'}` };
  }
  if (memory || register === undefined) throw new InputError('specify either memory or a register');
  const name = watchableRegister(register);
  if (name === undefined) throw new InputError(`there is no register ${JSON.stringify(register)} that can be written`);
  return { watched: { memory: [], registers: [name] }, ranges: [], name, subject: `${name} was` };
}

/** What was written of the ranges; one report may touch two of them. */
function writesOf(program: Program, ranges: readonly ByteRange[], reports: readonly WatchReport[]): Write[] {
  return reports.flatMap((report) => {
    if (report.kind === 'register') return [writeOf(program, report)];
    const { pa, after } = report;
    const touched = ranges.filter((range) => range.pa < pa + after.length && pa < range.pa + range.bytes);
    return touched.map((range) => writeOf(program, report, range));
  });
}

/** Where a value is from that nothing wrote. */
function untouched({ image, name: file }: Program, { ranges, name }: Target): string {
  if (ranges.length === 0) return `${name} was never written: it still has its reset value.`;
  const segment = image.segments.find(({ pa, bytes }) =>
    ranges.some((range) => range.pa < pa + bytes.length && pa < range.pa + range.bytes),
  );
  const where = ranges.map(({ pa }) => hex(pa)).join(', ');
  return segment
    ? `Nothing has written ${name} (PA ${where}): it was loaded with the image, from ${segment.name} of ${file}.`
    : `Nothing has written ${name} (PA ${where}): it still holds its reset value.`;
}
