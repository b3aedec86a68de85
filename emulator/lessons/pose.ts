/** A question put to somebody: the seed has picked the instant and the values, and the machine has given the answer. */
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import { plain } from '../explain/words.ts';
import type { RichText } from '../explain/views.ts';
import type { Lesson, LessonCover, LessonPanel, LessonPlace, LessonQuestion, LessonStep, Path } from './format.ts';
import { Chance } from './random.ts';
import { addendText, sentence, valueText } from './text.ts';
import type { Change, World } from './world.ts';

export interface PosedChoice {
  readonly text: string;
  readonly isRight: boolean;
  /** The mistake, or what the value is, in a few words; empty where nothing needs to be said. */
  readonly name: string;
  readonly why: RichText;
}
export interface PosedRow {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}
export interface Posed {
  readonly id: string;
  readonly seed: number;
  readonly step: LessonStep;
  readonly concepts: readonly string[];
  readonly title: string;
  /** The instant that the question is about, before its changes. */
  readonly at: number;
  readonly changes: readonly Change[];
  readonly tell: RichText;
  readonly ask: RichText;
  readonly choices: readonly PosedChoice[];
  readonly hints: readonly RichText[];
  readonly spot: readonly string[];
  readonly cover: readonly LessonCover[];
  readonly show: LessonPanel;
  /** What adds up to the last row, and other facts. */
  readonly sum: readonly PosedRow[];
  readonly facts: readonly PosedRow[];
  readonly because: RichText;
  /** Where to go after the answer, and how far the run is known. */
  readonly then: number;
  readonly end: number;
}

/** Wrong choices beside the right one, and how many of a closed list are shown whole. */
const MOST_WRONG = 3;
const MOST_CLOSED = 5;
/** Instants of which one is picked. */
const MOST_INSTANTS = 256;

/** Throws InputError, with file and line, where the question cannot be asked. */
export function pose(world: World, lesson: Lesson, index: number, seed: number): Posed {
  const question = lesson.questions[index];
  const chance = new Chance(`${lesson.lesson} ${question.id} ${seed}`);
  const located = <T>(key: Path, ask: () => T): T => {
    try {
      return ask();
    } catch (error) {
      throw error instanceof InputError && error.place.file === undefined
        ? lesson.wrong(['questions', index, ...key], error.message)
        : error;
    }
  };
  const wrong = (key: Path, problem: string): InputError => lesson.wrong(['questions', index, ...key], `${problem} (seed ${seed})`);

  const instants = located(['at'], () => instantsOf(world, question.at));
  const meant = located(['where'], () => instants.filter((at) => question.where === undefined || holds(world, at, question.where)));
  if (meant.length === 0) throw lesson.wrong(['questions', index, 'at'], `the run of ${world.name} has no such instant`);
  const at = chance.one(meant);

  const picked = located(['pick'], () => pickedValues(world, at, question, chance));
  const put = (text: string): string => text.replaceAll(/\$([a-z]+)/g, (whole, name: string) => picked.get(name) ?? whole);
  const changes = Object.entries(question.change).map(([target, value]): Change => [put(target), put(value)]);
  const asked = changes.length === 0 ? world : located(['change'], () => world.changed(at, changes));
  const value = (expression: string, key: Path): bigint => {
    const found = located(key, () => asked.ask(at, put(expression)));
    if (found === undefined) throw wrong(key, `${JSON.stringify(put(expression))} has no value at instant ${at}`);
    return found;
  };
  const told = (text: string, key: Path): RichText => located(key, () => sentence(asked, at, put(text)));
  const rows = (key: 'sum' | 'facts'): PosedRow[] =>
    (question[key] ?? []).map((row, i, all) => ({
      name: plain(told(row.name, [key, i, 'name'])),
      value: (key === 'sum' && i < all.length - 1 ? addendText : valueText)(
        asked,
        at,
        value(row.value, [key, i, 'value']),
        row.as ?? 'hex',
      ),
      note: row.note === undefined ? '' : plain(told(row.note, [key, i, 'note'])),
    }));
  checkSum();

  return {
    id: question.id,
    seed,
    step: question.step,
    concepts: question.concepts,
    title: question.title,
    at,
    changes,
    tell: question.tell === undefined ? [] : told(question.tell, ['tell']),
    ask: told(question.ask, ['ask']),
    choices: choices(),
    hints: question.hints.map((hint, i) => told(hint, ['hints', i])),
    spot: question.spot,
    cover: question.cover,
    show: question.show,
    sum: rows('sum'),
    facts: rows('facts'),
    because: told(question.because, ['because']),
    then: Number(value(question.then, ['then'])),
    end: asked.end,
  };

  function choices(): PosedChoice[] {
    const answer = unsigned(value(question.answer, ['answer']));
    const offered = question.choices.map((one, i) => {
      const found = unsigned(value(one.value, ['choices', i, 'value']));
      return {
        text: one.text === undefined ? valueText(asked, at, found, question.as) : plain(told(one.text, ['choices', i, 'text'])),
        isRight: found === answer,
        name: one.name === undefined ? '' : plain(told(one.name, ['choices', i, 'name'])),
        why: told(one.why, ['choices', i, 'why']),
      };
    });
    const right = offered.find(({ isRight }) => isRight);
    const isClosed = question.choices.every(({ text }) => text !== undefined);
    if (isClosed && right === undefined) throw wrong(['choices'], `none of the choices is the answer, ${hex(answer)}`);
    const correct = right ?? { text: valueText(asked, at, answer, question.as), isRight: true, name: '', why: [] };
    const others = offered.filter(
      (one, i) => !one.isRight && one.text !== correct.text && offered.findIndex(({ text }) => text === one.text) === i,
    );
    if (others.length === 0) throw wrong(['choices'], 'no wrong choice is left beside the answer');
    if (isClosed && others.length < MOST_CLOSED) return offered.filter((one) => one === correct || others.includes(one));
    return chance.shuffled([correct, ...chance.shuffled(others).slice(0, MOST_WRONG)]);
  }

  function checkSum(): void {
    const { sum } = question;
    if (sum === undefined) return;
    const values = sum.map((row, i) => value(row.value, ['sum', i, 'value']));
    const total = values.slice(0, -1).reduce((a, b) => a + b, 0n);
    if (unsigned(total) !== unsigned(values.at(-1)!))
      throw wrong(['sum'], `the rows add up to ${hex(unsigned(total))}, not to the last one`);
  }
}

const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);
export const holds = (world: World, at: number, expression: string): boolean => (world.ask(at, expression) ?? 0n) !== 0n;

export function instantsOf(world: World, place: LessonPlace): readonly number[] {
  if ('before' in place) return world.steps(place.before).slice(0, MOST_INSTANTS);
  if ('after' in place)
    return world
      .steps(place.after)
      .slice(0, MOST_INSTANTS)
      .map((n) => n + 1);
  if ('reaches' in place) return world.stops(place.reaches, MOST_INSTANTS);
  if ('executes' in place) return world.executions(place.executes, MOST_INSTANTS);
  return [place.instant === 'start' ? 0 : world.end];
}

/** What `$name` stands for: an expression of the list, or a number of the range. */
function pickedValues(world: World, at: number, { pick }: LessonQuestion, chance: Chance): Map<string, string> {
  return new Map(
    Object.entries(pick).map(([name, from]) => {
      if (Array.isArray(from)) return [name, chance.one(from)];
      const [first, last, by] = [from.from, from.to, from.by].map((text) => world.ask(at, text) ?? 0n);
      if (by <= 0n || last < first) throw new InputError('the range is empty');
      return [name, hex(first + BigInt(chance.below(Number((last - first) / by) + 1)) * by)];
    }),
  );
}
