/** In what two runs differ, as text for a terminal and as a document: `elscope diff`, `elscope whatif`, and what the app saves. */
import { firstDifferenceOf, type Side } from '../explain/difference/first.ts';
import { finished, type RunDifference } from '../explain/difference/run-difference.ts';
import type { TrapSequence } from '../explain/difference/sequence.ts';
import { differenceSentence, type RunNames } from '../explain/difference/words.ts';
import { placeText } from '../explain/levels-text.ts';
import { trapRow } from '../explain/trap-story.ts';
import { comparedRun, comparisonOf, placesOf } from './comparison.ts';
import type { Program } from './program.ts';
import { sourceLine, type ReadSource } from './source-line.ts';

export interface Compared {
  readonly difference: RunDifference;
  readonly sentence: string;
  readonly a: TrapSequence;
  readonly b: TrapSequence;
}

/** One of two runs that are compared: a program, or the lines of a trap file. */
export interface ComparedSide {
  readonly program?: Program | undefined;
  /** The lines tell no instants. */
  readonly isTimeless?: boolean;
  readonly readSource?: ReadSource | undefined;
}

export function compareRuns(older: Program, newer: Program, names?: RunNames): Compared {
  const [mine, theirs] = [comparedRun(older), comparedRun(newer)];
  const comparison = comparisonOf(mine, theirs);
  return saidOf(finished(comparison.compare(theirs)), comparison.a, comparison.b, names);
}

export function saidOf(difference: RunDifference, a: TrapSequence, b: TrapSequence, names?: RunNames): Compared {
  const what = difference.isSameProgram ? 'run' : 'build';
  const called = names ?? { older: `the old ${what}`, newer: `the new ${what}` };
  return { difference, a, b, sentence: differenceSentence(difference, called, a, b) };
}

export async function differenceText(
  { difference, sentence, a, b }: Compared,
  [left, right]: readonly [ComparedSide, ComparedSide],
): Promise<string> {
  const { older, newer } = difference;
  const first = firstDifferenceOf(difference, a, b, [placesOf(left.program), placesOf(right.program)]);
  if (!first) return `${sentence}\n`;
  const totals =
    left.program && right.program
      ? [
          `${total('events', older.traps, newer.traps)}, ${total('instructions', older.end, newer.end)}, ${total('bytes of output', older.output, newer.output)}`,
        ]
      : [];
  const changes = first.fields.map(
    (field) => `    ${field}: ${first.older?.line?.[field] ?? 'none'} -> ${first.newer?.line?.[field] ?? 'none'}`,
  );
  return [
    sentence,
    ...totals,
    '',
    'First difference:',
    ...(await sideText('-', first.older, left)),
    ...(await sideText('+', first.newer, right)),
    ...changes,
    '',
  ].join('\n');
}

const total = (what: string, older: number, newer: number): string => `${what}: ${older === newer ? older : `${older} -> ${newer}`}`;

async function sideText(sign: string, side: Side | null, { program, isTimeless, readSource }: ComparedSide): Promise<string[]> {
  if (!side) return [`${sign} nothing here`];
  const { n, index, place, line, text } = side;
  const what = index === null ? JSON.stringify(text) : program ? trapRow(program, index).text : JSON.stringify(line);
  const source = place && program && readSource ? await sourceLine(program.names.recorded, place, readSource) : undefined;
  return [
    `${sign} ${[isTimeless ? `trap ${n + 1}` : `instant ${n}`, place ? placeText(place) : '', what].filter(Boolean).join(': ')}`,
    ...(source === undefined ? [] : [`      ${source}`]),
  ];
}

export function differenceDocument({ difference, sentence, a, b }: Compared): object {
  const { isSame, traps, output, older, newer, unknown } = difference;
  const first = firstDifferenceOf(difference, a, b);
  return {
    equal: isSame,
    sentence,
    old: older,
    new: newer,
    unknown: unknown === undefined ? null : unknown === 'older' ? 'old' : 'new',
    traps: {
      common: traps.common,
      more: Object.fromEntries(traps.more),
      fewer: Object.fromEntries(traps.fewer),
      otherValues: traps.others,
      otherDistances: traps.timed,
      isReordered: traps.isReordered,
      instructionsLater: traps.shift,
    },
    first: first ? { kind: first.kind, fields: first.fields, old: first.older, new: first.newer } : null,
    output: output
      ? {
          line: output.line,
          offset: output.offset,
          old: output.older ?? null,
          new: output.newer ?? null,
          oldInstant: output.olderStep ?? null,
          newInstant: output.newerStep ?? null,
        }
      : null,
  };
}
