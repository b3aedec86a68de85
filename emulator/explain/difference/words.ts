/** The difference of two runs in one sentence. */
import { visible } from '../../base/names.ts';
import type { Place } from '../views.ts';
import { count, grouped, listed } from '../words.ts';
import type { RunDifference } from './run-difference.ts';
import type { TrapSequence } from './sequence.ts';
import { differingFields, type TrapDifference } from './traps.ts';

/** What the two runs are called: "the new build". */
export interface RunNames {
  readonly older: string;
  readonly newer: string;
}

/** "The new build takes one HVC more, at guest.c:41; from there on everything is the same, 12 instructions later." */
export function differenceSentence(difference: RunDifference, names: RunNames, a: TrapSequence, b: TrapSequence): string {
  const { traps, output, isSame } = difference;
  if (isSame) return sameSentence(difference, names);
  const [first] = traps.list;
  if (!first) return `The traps are the same, but the console output differs ${outputWords(difference, names)}.`;
  const main =
    traps.more.size + traps.fewer.size + traps.others === 0 ? timedWords(difference, names, b) : trapWords(difference, names, a, b);
  return upper(`${main}${output ? `; the console output differs ${outputWords(difference, names)}` : ''}.`);
}

function sameSentence({ traps, newer, older, unknown, isFromStart, isOfTraps }: RunDifference, names: RunNames): string {
  if (unknown) {
    const { end } = unknown === 'older' ? older : newer;
    return `Nothing differs up to instant ${grouped(end)}; ${names[unknown]} has not been run any further.`;
  }
  if (!isFromStart) return 'Nothing differs in what both runs still keep.';
  if (isOfTraps) return `Nothing differs: ${count(traps.common, 'event')}, all the same.`;
  const parts = [count(traps.common, 'event'), count(newer.end, 'instruction'), `${count(newer.output, 'byte')} of output`];
  return `Nothing differs: ${listed(parts)}, all the same.`;
}

function timedWords({ traps, output, older, newer, isOfTraps }: RunDifference, names: RunNames, b: TrapSequence): string {
  const [first] = traps.list;
  const by = older.isWhole && newer.isWhole ? newer.end - older.end : traps.shift;
  const much =
    by === 0
      ? `${names.newer} takes another number of instructions between some of them`
      : `${names.newer} takes ${count(Math.abs(by), 'instruction')} ${by > 0 ? 'more' : 'fewer'}`;
  const where = first.b < b.length ? `first before ${thing(b, first.b)}` : 'after the last of them';
  const same = output || isOfTraps ? 'the traps and their values are the same' : 'traps, values and output are the same';
  return traps.common === 0 ? `${much}, and neither run takes a trap` : `${same}, but ${much}, ${where}`;
}

function trapWords(difference: RunDifference, names: RunNames, a: TrapSequence, b: TrapSequence): string {
  const { traps, output } = difference;
  const { list, more, fewer, others, timed } = traps;
  const [first] = list;
  if (traps.isReordered) {
    const what = first.kind === 'more' ? thing(b, first.b) : thing(a, first.a);
    return `${names.newer} takes the same traps in another order: first, ${what} comes ${first.kind === 'more' ? 'earlier' : 'later'}`;
  }
  const parts = [kinds(more, 'more'), kinds(fewer, 'fewer'), others > 0 ? `${count(others, 'trap')} with other values` : ''].filter(
    Boolean,
  );
  const isOne = list.filter(({ kind }) => kind !== 'timed').length === 1;
  if (!isOne) return `${names.newer} takes ${listed(parts)}; the first difference is ${firstWords(first, names, a, b)}`;
  const rest = restWords(difference, timed > 0 || list.at(-1)!.kind === 'timed', output !== undefined);
  if (others === 1)
    return `${otherWords(
      list.find(({ kind }) => kind === 'other')!,
      names,
      a,
      b,
    )}${rest}`;
  const one = list.find(({ kind }) => kind !== 'timed')!;
  const place = one.kind === 'more' ? b.place(one.b) : a.place(one.a);
  return `${names.newer} takes ${parts[0]}${place ? `, at ${placeWords(place)}` : ''}${rest}`;
}

/** What is after the only difference. */
function restWords({ traps, older, newer }: RunDifference, isTimed: boolean, hasOutput: boolean): string {
  const one = traps.list.find(({ kind }) => kind !== 'timed')!;
  const follows = one.aEnd < older.traps || one.bEnd < newer.traps;
  const what = hasOutput ? 'all traps are' : 'everything is';
  if (!follows) return hasOutput ? '; it is the last trap' : '; it is the last thing that differs';
  const { shift } = traps;
  if (isTimed) return `; from there on ${what} the same, but not always the same number of instructions apart`;
  return `; from there on ${what} the same${shift === 0 ? '' : `, ${count(Math.abs(shift), 'instruction')} ${shift > 0 ? 'later' : 'earlier'}`}`;
}

function firstWords(first: TrapDifference, names: RunNames, a: TrapSequence, b: TrapSequence): string {
  switch (first.kind) {
    case 'more':
      return `${thing(b, first.b)}, which ${names.older} does not take there`;
    case 'fewer':
      return `${thing(a, first.a)}, which ${names.newer} does not take there`;
    case 'other':
      return otherWords(first, names, a, b);
    case 'timed':
      return `another number of instructions before ${thing(b, first.b)}`;
  }
}

function otherWords({ a: x, b: y }: TrapDifference, { newer, older }: RunNames, a: TrapSequence, b: TrapSequence): string {
  const [mine, theirs] = [a.fields(x), b.fields(y)];
  const fields = differingFields(mine, theirs);
  const shown = (value: string | number | null | undefined): string => String(value ?? 'none');
  const [field] = fields;
  const what =
    field === undefined
      ? 'comes in at another instruction'
      : `has ${field} = ${shown(theirs[field])} in place of ${shown(mine[field])}${fields.length > 1 ? ` and differs in ${listed(fields.slice(1))}` : ''}`;
  return `in ${newer}, ${thing(b, y)} ${what}${field === undefined ? `, compared with ${older}` : ''}`;
}

function outputWords({ output }: RunDifference, names: RunNames): string {
  const { line, older, newer } = output!;
  if (older === undefined) return `from line ${line} on, which only ${names.newer} writes: “${visible(newer!)}”`;
  if (newer === undefined) return `from line ${line} on, which only ${names.older} writes: “${visible(older)}”`;
  return `from line ${line} on: “${visible(newer)}” in place of “${visible(older)}”`;
}

/** "2 HVCs and one data abort more". */
function kinds(names: ReadonlyMap<string, number>, word: string): string {
  const all = [...names].sort(([, a], [, b]) => b - a);
  const shown = all.slice(0, MOST_KINDS).map(([name, n]) => (n === 1 ? `one ${noun(name)}` : `${grouped(n)} ${plural(noun(name))}`));
  const others = all.slice(MOST_KINDS).reduce((sum, [, n]) => sum + n, 0);
  if (others > 0) shown.push(count(others, 'other trap'));
  return shown.length === 0 ? '' : `${listed(shown)} ${word}`;
}
const MOST_KINDS = 3;

/** "the HVC at guest.c:41". */
function thing(sequence: TrapSequence, index: number): string {
  const place = sequence.place(index);
  return `the ${noun(sequence.name(index))}${place ? ` ${sequence.isReturn(index) ? 'to' : 'at'} ${placeWords(place)}` : ''}`;
}

/** "guest.c:41", "guest_main+0x10", "0x40080000": the most that is known. */
export function placeWords({ file, line, symbol, address }: Place): string {
  if (file !== undefined && line !== undefined) return `${file.replace(/^.*\//, '')}:${line}`;
  return symbol ?? address;
}

const nouns: Readonly<Record<string, string>> = {
  Trapped: 'trapped instruction',
  Trap: 'trapped instruction',
  DataAbort: 'data abort',
  InstructionAbort: 'fetch abort',
  Undefined: 'UNDEFINED instruction',
  'PC alignment': 'PC alignment fault',
  'SP alignment': 'SP alignment fault',
  'Illegal state': 'illegal state exception',
  Step: 'software step exception',
  Breakpoint: 'breakpoint exception',
  Watchpoint: 'watchpoint exception',
  FP: 'floating-point trap',
  PSCI: 'PSCI call',
};
/** A trap's label inside a sentence: "data abort", "HVC". */
const noun = (name: string): string =>
  nouns[name] ?? (/^[A-Z][a-z]+( |$)/.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name);
const plural = (name: string): string => `${name}s`;

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
