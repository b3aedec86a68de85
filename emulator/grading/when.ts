/** The instants that a check can name. */
import type { VA } from '../base/addresses.ts';
import { exceptionTypes } from '../cpu/events.ts';
import { evaluate } from '../session/expression.ts';
import type { Program } from '../session/program.ts';
import type { TrapLog } from '../time/trap-log.ts';
import { TaskProblem } from './problem.ts';

export type When =
  | { readonly kind: 'end' }
  | { readonly kind: 'at'; readonly n: number }
  | { readonly kind: 'enter'; readonly place: string; readonly nth: number }
  | { readonly kind: 'event'; readonly side: 'before' | 'after'; readonly type: string | undefined; readonly nth: number };

const expected = `expected "end", "at N", "enter SYMBOL", "enter FILE:LINE", "after trap N", "before trap N" or "after TYPE" such as "after HVC 2", where TYPE is return, ${exceptionTypes.join(', ')}`;

/** Throws TaskProblem. */
export function parseWhen(text: string): When {
  const words = text.trim().split(/\s+/);
  const problem = new TaskProblem(`${JSON.stringify(text)} is no instant`, expected);
  const [first, second, third, ...rest] = words;
  if (rest.length > 0) throw problem;
  const nth = (word: string | undefined): number => {
    const number = /^#?(\d[\d_]{0,8})(?:st|nd|rd|th)?$/.exec(word ?? '1')?.[1].replaceAll('_', '');
    if (number === undefined || Number(number) < 1) throw problem;
    return Number(number);
  };
  switch (first.toLowerCase()) {
    case 'end':
      if (second !== undefined) throw problem;
      return { kind: 'end' };
    case 'start':
      if (second !== undefined) throw problem;
      return { kind: 'at', n: 0 };
    case 'at':
    case 'instant': {
      if (!/^\d[\d_]{0,15}$/.test(second ?? '') || third !== undefined) throw problem;
      return { kind: 'at', n: Number(second.replaceAll('_', '')) };
    }
    case 'enter':
      if (second === undefined) throw problem;
      return { kind: 'enter', place: second, nth: nth(third) };
    case 'after':
    case 'before': {
      const side = first.toLowerCase() as 'after' | 'before';
      if (second?.toLowerCase() === 'trap') return { kind: 'event', side, type: undefined, nth: nth(third) };
      const type = ['return', ...exceptionTypes].find((one) => one.toLowerCase() === second?.toLowerCase().replace(/^eret$/, 'return'));
      if (type === undefined) throw problem;
      return { kind: 'event', side, type, nth: nth(third) };
    }
    default:
      if (/^\d[\d_]{0,15}$/.test(first) && second === undefined) return { kind: 'at', n: Number(first.replaceAll('_', '')) };
      throw problem;
  }
}

/** The instant of a run that has been run, or why there is none. */
export function instantOf(program: Program, when: When): { readonly at: number } | { readonly why: string } {
  const { timeline } = program;
  switch (when.kind) {
    case 'end':
      return { at: timeline.end };
    case 'at':
      return when.n <= timeline.end ? { at: when.n } : { why: `The run ends at instant ${timeline.end}, before instant ${when.n}.` };
    case 'enter':
      return entered(program, when.place, when.nth);
    case 'event': {
      let count = 0;
      for (let i = timeline.traps.first; i < timeline.traps.length; i++) {
        if (!isMeant(timeline.traps, i, when.type) || ++count < when.nth) continue;
        const n = timeline.traps.step(i);
        return { at: when.side === 'before' ? n : n + 1 };
      }
      const what = when.type === undefined ? 'trap' : when.type === 'return' ? 'exception return' : `exception of type ${when.type}`;
      return { why: count === 0 ? `There was no ${what}.` : `There ${count === 1 ? 'was' : 'were'} only ${count} of the kind: ${what}.` };
    }
  }
}

const isMeant = (traps: TrapLog, index: number, type: string | undefined): boolean =>
  type === 'return'
    ? traps.kind(index) === 'return'
    : traps.kind(index) === 'exception' && (type === undefined || traps.type(index) === type);

/** The `nth` time that an instruction is about to be executed. */
function entered(program: Program, place: string, nth: number): { readonly at: number } | { readonly why: string } {
  const { timeline } = program;
  const addresses = addressesOf(program, place);
  if (addresses.length === 0) return { why: `The program has no ${/:\d+$/.test(place) ? 'code at' : 'symbol'} ${place}.` };
  const stopAt = new Set(addresses);
  return timeline.excursion(
    0,
    () => {
      let count = addresses.includes(program.machine.cpu.pc) ? 1 : 0;
      while (count < nth && timeline.at < timeline.end) {
        const before = timeline.at;
        if (timeline.forward(timeline.end - timeline.at, { stopAt }) === 'breakpoint') count++;
        else if (timeline.at === before) break;
      }
      if (count === nth) return { at: timeline.at };
      return { why: count === 0 ? `${place} was never reached.` : `${place} was reached ${count === 1 ? 'once' : `${count} times`} only.` };
    },
    { key: 'enter', moves: true },
  );
}

function addressesOf(program: Program, place: string): VA[] {
  const line = /^(.+):(\d+)$/.exec(place);
  if (line) return program.lines.addresses(line[1], Number(line[2])).slice(0, 1);
  const symbol = program.names.find(place);
  if (symbol !== undefined) return [symbol];
  const value = evaluate(program, place);
  return value === undefined || value < 0n ? [] : [BigInt.asUintN(64, value) as VA];
}
