/** A lesson as a teacher writes it: the shape of the file, which the README describes. What does not fit is an error at its line. */
import * as v from 'valibot';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { InputError } from '../base/errors.ts';
import { describeRegister } from '../cpu/index.ts';

/** The five steps of a lesson, in their order: PRIMM. */
export const lessonSteps = ['predict', 'run', 'investigate', 'modify', 'make'] as const;
export type LessonStep = (typeof lessonSteps)[number];

/** How a value is written. */
export const valueFormats = ['hex', 'decimal', 'binary', 'level', 'bytes', 'instruction', 'symbol', 'source'] as const;
export type ValueFormat = (typeof valueFormats)[number];

/** Panels by what a lesson calls them: each covers what would give an answer away, or is where to look. */
export const lessonPanels = ['levels', 'walk', 'tables', 'maps', 'traps', 'code', 'registers', 'interrupts', 'memory', 'console'] as const;
export type LessonPanel = (typeof lessonPanels)[number];

/** What can be covered: panels, the sentence under the tabs, the lanes of the time axis. */
export const lessonCovers = [...lessonPanels, 'now', 'lanes'] as const;
export type LessonCover = (typeof lessonCovers)[number];

/** Parts of the screen that a question can point at, beside panels and registers. */
export const lessonParts = [
  'vectors',
  'pstate',
  'el0',
  'el1',
  'el2',
  'transport',
  'instruction',
  'walk-address',
  'walk-result',
  'tlb',
  'verdict',
  'LR0',
  'LR1',
  'LR2',
  'LR3',
] as const;
const spots: readonly string[] = [...lessonCovers, ...lessonParts];

/** A part of the screen, a register (`HCR_EL2`, `x0`), or a field of one (`HCR_EL2.TWI`). */
function isSpot(text: string): boolean {
  if (spots.includes(text) || /^(x([12]?\d|30)|sp|pc)$/.test(text)) return true;
  const [register, field, ...rest] = text.split('.');
  const known = describeRegister(register, 0n);
  return known !== undefined && rest.length === 0 && (field === undefined || known.fields.some(({ name }) => name === field));
}

/** Characters of a file that is read; seeds that there are. */
const LONGEST = 1 << 18;
export const MOST_SEED = 999_999;

const scalar = v.union([v.string(), v.bigint(), v.boolean()], 'expected text or a number');
const text = (most: number) =>
  v.pipe(scalar, v.transform(String), v.trim(), v.minLength(1, 'is empty'), v.maxLength(most, `has more than ${most} characters`));
const expression = text(400);
const whole = (most: number) =>
  v.pipe(
    v.bigint('expected a whole number'),
    v.minValue(0n, 'is less than 0'),
    v.maxValue(BigInt(most), `is more than ${most}`),
    v.transform(Number),
  );
const slug = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected lower-case letters, digits and hyphens'));
const concept = v.pipe(v.string(), v.regex(/^C(0[1-9]|[1-6]\d|7[0-2])$/, 'expected a concept, C01 to C72'));

/** An instant, or several of which the seed picks one. */
const place = v.union(
  [
    v.strictObject({ before: text(200) }),
    v.strictObject({ after: text(200) }),
    v.strictObject({ reaches: text(200) }),
    v.strictObject({ executes: text(80) }),
    v.strictObject({ instant: v.picklist(['start', 'end']) }),
  ],
  'expected one of before: (a filter of traps), after: (a filter of traps), reaches: (a breakpoint), executes: (an instruction, * for anything) and instant: (start or end)',
);
export type LessonPlace = v.InferOutput<typeof place>;

const choice = v.strictObject({
  value: expression,
  /** In place of the value itself. */
  text: v.optional(text(160)),
  /** The mistake in a few words, or what the value is. */
  name: v.optional(text(60)),
  why: text(600),
});

const row = v.strictObject({ name: text(60), value: expression, as: v.optional(v.picklist(valueFormats)), note: v.optional(text(120)) });

const question = v.strictObject({
  id: slug,
  step: v.optional(v.picklist(lessonSteps.slice(0, 4) as readonly Exclude<LessonStep, 'make'>[]), 'predict'),
  concepts: v.optional(v.array(concept), []),
  title: text(60),
  /** In place of the lesson's own. */
  scenario: v.optional(slug),
  at: place,
  /** Which of the instants are meant. */
  where: v.optional(expression),
  /** Registers that get another value at the instant. */
  change: v.optional(v.record(v.string(), expression), {}),
  pick: v.optional(
    v.record(
      v.pipe(v.string(), v.regex(/^[a-z]{1,12}$/, 'expected a name of lower-case letters')),
      v.union(
        [
          v.pipe(v.array(expression), v.minLength(1, 'is empty'), v.maxLength(64)),
          v.strictObject({ from: expression, to: expression, by: expression }),
        ],
        'expected a list, or from:, to: and by:',
      ),
    ),
    {},
  ),
  tell: v.optional(text(800)),
  ask: text(300),
  answer: expression,
  as: v.optional(v.picklist(valueFormats), 'hex'),
  choices: v.pipe(v.array(choice), v.minLength(1, 'is empty'), v.maxLength(16)),
  hints: v.pipe(v.array(text(400)), v.minLength(1, 'is empty'), v.maxLength(3, 'has more than three')),
  spot: v.optional(
    v.array(v.pipe(v.string(), v.check(isSpot, `expected a register (HCR_EL2), a field (HCR_EL2.TWI) or one of ${spots.join(', ')}`))),
    [],
  ),
  cover: v.optional(v.array(v.picklist(lessonCovers)), []),
  show: v.optional(v.picklist(lessonPanels), 'levels'),
  /** Rows that add up to the last one. */
  sum: v.optional(v.pipe(v.array(row), v.minLength(2, 'needs what is added, and the sum')), undefined),
  facts: v.optional(v.array(row), []),
  because: text(1200),
  /** The instant to go to after the answer. */
  then: v.optional(expression, 'instant + 1'),
});
export type LessonQuestion = v.InferOutput<typeof question>;

const lesson = v.strictObject({
  lesson: v.pipe(whole(99), v.minValue(1)),
  title: text(60),
  goal: text(400),
  concepts: v.pipe(v.array(concept), v.minLength(1, 'is empty')),
  /** A program that comes with the app, by the name of its image without its ending, or assembly source. */
  scenario: v.optional(slug),
  source: v.optional(text(20_000)),
  questions: v.pipe(v.array(question), v.minLength(1, 'is empty'), v.maxLength(40)),
  make: v.strictObject({
    task: text(1200),
    checks: v.pipe(
      v.array(v.strictObject({ says: text(200), at: place, holds: expression, otherwise: text(400) })),
      v.minLength(1, 'is empty'),
    ),
  }),
});

/** Where in the file something stands, by its path: ["questions", 2, "answer"]. */
export type Path = readonly PropertyKey[];
export interface Lesson extends v.InferOutput<typeof lesson> {
  readonly file: string;
  /** Throws what is wrong at a place of the file. */
  readonly wrong: (path: Path, problem: string, hint?: string) => InputError;
}

/** Throws InputError: file, line, what was expected. */
export function parseLesson(file: string, content: string): Lesson {
  if (content.length > LONGEST) throw new InputError(`it has more than ${LONGEST >> 10} KiB`, { file }, 'expected a lesson');
  const lines = new LineCounter();
  const { document, data } = read(file, content, lines);
  const wrong = (path: Path, problem: string, hint?: string): InputError => {
    const line = lineOf(document, lines, path);
    const named = path.length === 0 ? '' : `${pathText(path)}: `;
    return new InputError(`line ${line}: ${named}${problem}`, { file }, hint);
  };
  const read_ = v.safeParse(lesson, data);
  if (!read_.success) {
    const [issue] = read_.issues;
    const path = (issue.path ?? []).map(({ key }) => key as PropertyKey);
    throw wrong(path, issueText(issue));
  }
  const { output } = read_;
  if ((output.scenario === undefined) === (output.source === undefined))
    throw wrong([], 'a lesson has either a scenario or a source', 'scenario: 02-hypercalls, for example');
  const ids = output.questions.map(({ id }) => id);
  const twice = ids.findIndex((id, i) => ids.indexOf(id) !== i);
  if (twice >= 0) throw wrong(['questions', twice, 'id'], `there are two questions ${ids[twice]}`);
  return { ...output, file, wrong };
}

function read(file: string, content: string, lineCounter: LineCounter): { document: Document; data: unknown } {
  try {
    const document = parseDocument(content, { lineCounter, intAsBigInt: true, prettyErrors: false, version: '1.2' });
    const [error] = document.errors;
    if (error) {
      const { line } = lineCounter.linePos(error.pos[0]);
      throw new InputError(`line ${line}: ${error.message}`, { file }, 'expected YAML');
    }
    // Anchors and aliases have no use here, and a few of them can stand for any amount of text.
    return { document, data: document.toJS({ maxAliasCount: 0 }) };
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError('it cannot be read as YAML: it is nested too deeply, or has aliases', { file }, 'expected a lesson');
  }
}

/** The line of the innermost part of the path that is there. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

const pathText = (path: Path): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key + 1}]` : `${i === 0 ? '' : '.'}${String(key)}`)).join('');

function issueText({ message, expected, received }: v.BaseIssue<unknown>): string {
  if (expected === 'never') return 'is not part of a lesson';
  if (received === 'undefined') return 'is missing';
  // Of valibot's own messages: what was expected stands in them.
  return message.startsWith('Invalid') && expected !== null ? `expected ${expected}, found ${received}` : message;
}
