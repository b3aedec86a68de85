/** A task: what must be so at which instants of a run, and how many points it is worth. Written by a teacher in YAML. */
import * as v from 'valibot';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { InputError } from '../base/errors.ts';
import { exceptionTypes } from '../cpu/events.ts';
import { TaskProblem } from './problem.ts';
import { checkRegisterKey } from './registers.ts';
import { memoryKeys } from './memory.ts';
import { parseWhen } from './when.ts';
import { walkKeys } from './walks.ts';

/** Characters of a task file, and checks in it. */
const LONGEST = 1 << 20;
const MOST_CHECKS = 500;
const DEFAULT_STEPS = 5_000_000;
const MOST_STEPS = 1_000_000_000;

const written = (what: string): string => `expected ${what}`;
/** 5, 0x80000000, "5_000_000". */
const integer = v.union(
  [
    v.bigint(),
    v.pipe(
      v.string(),
      v.regex(/^(0x[\da-f][\da-f_]*|0b[01][01_]*|\d[\d_]*)$/i),
      v.transform((text) => BigInt(text.replaceAll('_', ''))),
    ),
  ],
  written('a whole number'),
);
const count = (most: number, what: string) =>
  v.pipe(
    integer,
    v.check((value) => value >= 0n && value <= BigInt(most), written(`${what} from 0 to ${most}`)),
    v.transform(Number),
  );
const text = (most: number, what: string) => v.pipe(v.string(written(what)), v.maxLength(most, written(`at most ${most} characters`)));

const single = v.union([v.bigint(), v.boolean(), text(1000, 'text')], written('a number, yes or no, or text'));
const value = v.union(
  [single, v.pipe(v.array(single), v.minLength(1), v.maxLength(64))],
  written('a value, or a list of values of which one will do'),
);

const level = v.pipe(
  v.union([v.bigint(), v.string()], written('an exception level: 0, 1 or 2')),
  v.check((one) => /^(EL)?[012]$/i.test(String(one)), written('an exception level: 0, 1 or 2')),
  v.transform((one) => Number(String(one).slice(-1))),
);
const types = [...exceptionTypes] as const;
const number = v.optional(integer);
const eventFields = {
  from: v.optional(level),
  to: v.optional(level),
  ec: number,
  imm: number,
  iss: number,
  esr: number,
  vmid: number,
  intid: number,
  far: v.optional(v.union([integer, text(256, 'an address or a symbol')])),
  elr: v.optional(v.union([integer, text(256, 'an address or a symbol')])),
  pc: v.optional(v.union([integer, text(256, 'an address or a symbol')])),
};
/** One event of the trace: an exception, a return, or a call of the firmware. */
const pattern = v.union(
  [
    v.strictObject({ return: v.strictObject({ from: v.optional(level), to: v.optional(level) }) }),
    v.strictObject({ psci: v.strictObject({ function: number, from: v.optional(level) }) }),
    v.strictObject({ type: v.optional(v.picklist(types, written(`one of ${types.join(', ')}`))), ...eventFields }),
  ],
  written(
    `an event such as { type: HVC, from: 1, to: 2 } or { return: { to: 1 } }, with a type of ${types.join(', ')}, and of its fields ${Object.keys(eventFields).join(', ')}`,
  ),
);
export type EventPattern = v.InferOutput<typeof pattern>;
const patterns = v.pipe(v.array(pattern, written('a list of events')), v.minLength(1, written('at least one event')), v.maxLength(1000));

const place = v.union([integer, text(256, 'an address, or a symbol with a number added')]);
const outputs = v.union(
  [
    text(10_000, 'text'),
    v.pipe(v.array(text(10_000, 'text')), v.minLength(1), v.maxLength(100)),
    v.strictObject({ is: text(100_000, 'text') }),
  ],
  written('text that the output must contain, a list of such texts in their order, or { is: all of the output }'),
);

const check = v.strictObject({
  id: v.pipe(v.string(written('a name without spaces')), v.regex(/^[\w.-]{1,64}$/, written('a name of letters, digits, - and _'))),
  points: v.union([v.pipe(v.bigint(), v.transform(Number)), v.number()], written('a number of points')),
  title: v.optional(text(500, 'a sentence')),
  hint: v.optional(text(2000, 'a sentence')),
  hidden: v.optional(v.boolean(written('true or false'))),
  partial: v.optional(v.boolean(written('true or false'))),
  when: v.optional(
    v.union(
      [
        v.pipe(
          v.bigint(),
          v.transform((at) => `at ${at}`),
        ),
        text(256, 'an instant'),
      ],
      written('an instant'),
    ),
  ),
  expect: v.optional(v.record(v.string(), value, written('what is expected, as NAME: VALUE'))),
  walk: v.optional(
    v.strictObject({
      va: place,
      regime: v.optional(v.picklist(['el1', 'el2'], written('el1 or el2'))),
      el: v.optional(level),
      access: v.optional(v.picklist(['r', 'w', 'x'], written('r, w or x'))),
    }),
  ),
  memory: v.optional(
    v.strictObject({
      va: v.optional(place),
      ipa: v.optional(place),
      pa: v.optional(place),
      bytes: v.optional(count(4096, 'a number of bytes')),
    }),
  ),
  trace: v.optional(patterns),
  never: v.optional(patterns),
  uart: v.optional(outputs),
});
export type Check = v.InferOutput<typeof check>;

const task = v.strictObject({
  title: v.optional(text(500, 'a title')),
  limits: v.optional(v.strictObject({ steps: v.optional(count(MOST_STEPS, 'a number of steps')) })),
  /** Typed at the console at the beginning. */
  input: v.optional(text(10_000, 'text')),
  checks: v.pipe(v.array(check, written('a list of checks')), v.minLength(1, written('at least one check')), v.maxLength(MOST_CHECKS)),
});

export interface Task {
  readonly title: string;
  readonly steps: number;
  readonly input: string;
  readonly checks: readonly Check[];
}

/** Reads a task. Throws InputError with the line of what is wrong. */
export function readTask(source: string, file: string): Task {
  if (source.length > LONGEST) throw new InputError('this is too long for a task', { file }, `at most ${LONGEST} characters`);
  const lines = new LineCounter();
  const document = parseDocument(source, { intAsBigInt: true, lineCounter: lines, prettyErrors: false, maxAliasCount: 100 } as never);
  const wrong = (line: number, problem: string, expected?: string): InputError =>
    new InputError(problem, { file: `${file}:${line}` }, expected);
  const [error] = document.errors;
  if (error) throw wrong(lines.linePos(error.pos[0]).line, `this is no YAML: ${error.message.split(/[\n;]/)[0]}`);
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 100 });
  } catch (failure) {
    throw wrong(1, `this is no task: ${(failure as Error).message}`);
  }
  const lineOf = (path: readonly unknown[]): number => lineIn(document, lines, path);
  const parsed = v.safeParse(task, raw);
  if (!parsed.success) {
    const issue = deepest(parsed.issues[0]);
    const path = issue.path?.map(({ key }) => key) ?? [];
    const name = path.join('.').replace(/\.(\d+)/g, '[$1]') || 'the file';
    throw wrong(lineOf(path), problemOf(issue, name), expectedOf(issue));
  }
  const { output } = parsed;
  const ids = new Set<string>();
  output.checks.forEach((one, i) => {
    const at = (...keys: (string | number)[]): number => lineOf(['checks', i, ...keys]);
    if (ids.has(one.id)) throw wrong(at('id'), `two checks have the id ${one.id}`);
    ids.add(one.id);
    if (!(one.points >= 0 && one.points <= 10_000)) throw wrong(at('points'), `${one.points} points`, 'expected 0 to 10000');
    if (one.when !== undefined)
      refused(
        () => parseWhen(one.when!),
        (problem, expected) => wrong(at('when'), problem, expected),
      );
    if (!one.expect && !one.trace && !one.never && one.uart === undefined)
      throw wrong(at(), `the check ${one.id} expects nothing`, 'expected expect, trace, never or uart');
    if (one.walk && one.memory)
      throw wrong(at('memory'), `the check ${one.id} has a walk and memory`, 'expected one of them: make two checks');
    if ((one.walk ?? one.memory) && !one.expect)
      throw wrong(at(), `the check ${one.id} lacks expect`, 'expected what the walk or the memory should give');
    const places = one.memory ? [one.memory.va, one.memory.ipa, one.memory.pa].filter((part) => part !== undefined) : [];
    if (one.memory && places.length !== 1) throw wrong(at('memory'), 'memory needs one address', 'expected va, ipa or pa');
    for (const key of Object.keys(one.expect ?? {})) {
      const known = one.walk ? walkKeys : one.memory ? memoryKeys : undefined;
      if (known && !known.includes(key)) throw wrong(at('expect', key), `${key} is not known here`, `expected one of ${known.join(', ')}`);
      if (!known)
        refused(
          () => checkRegisterKey(key),
          (problem, expected) => wrong(at('expect', key), problem, expected),
        );
    }
    if (one.expect && Object.keys(one.expect).length === 0) throw wrong(at('expect'), 'nothing is expected', 'expected NAME: VALUE');
  });
  return { title: output.title ?? '', steps: output.limits?.steps ?? DEFAULT_STEPS, input: output.input ?? '', checks: output.checks };
}

/** Says an error of a part at its line. */
function refused(what: () => unknown, at: (problem: string, expected?: string) => InputError): void {
  try {
    what();
  } catch (error) {
    if (!(error instanceof TaskProblem)) throw error;
    throw at(error.message, error.expected);
  }
}

/** The key of an event that is in none of its forms. */
const unknownKey = (input: unknown): string | undefined =>
  typeof input === 'object' && input !== null && !('return' in input) && !('psci' in input)
    ? Object.keys(input).find((key) => key !== 'type' && !Object.hasOwn(eventFields, key))
    : undefined;

/** Of a choice that none of the ways fit, the message is the choice's own, except where one way went further than the others. */
function deepest(issue: v.BaseIssue<unknown>): v.BaseIssue<unknown> {
  const inner = (issue.issues ?? []).filter((one) => (one.path?.length ?? 0) > 0 && one.type !== 'strict_object');
  const [first] = inner.toSorted((a, b) => (b.path?.length ?? 0) - (a.path?.length ?? 0));
  return first && inner.length === 1 ? deepest({ ...first, path: [...(issue.path ?? []), ...first.path!] as never }) : issue;
}

function problemOf(issue: v.BaseIssue<unknown>, name: string): string {
  if (issue.type === 'strict_object' && issue.expected === 'never') return `${name} is not known`;
  if (issue.input === undefined) return `${name} is missing`;
  const key = unknownKey(issue.input);
  if (key !== undefined && /trace|never/.test(name)) return `${name}.${key} is not known`;
  return `${name} is ${shown(issue.input)}`;
}
function expectedOf(issue: v.BaseIssue<unknown>): string | undefined {
  if (issue.message.startsWith('expected')) return issue.message;
  // Names that are missing, or not known, say enough.
  return issue.type === 'strict_object' && issue.expected === 'Object'
    ? written('names with values: checks, and perhaps title, limits and input')
    : undefined;
}
function shown(input: unknown): string {
  if (input === null) return 'empty';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a table of names';
  const said = typeof input === 'bigint' ? String(input) : JSON.stringify(input);
  return said.length > 60 ? `${said.slice(0, 57)}...` : said;
}

/** The line of a part, or of the innermost that is there. */
function lineIn(document: Document, lines: LineCounter, path: readonly unknown[]): number {
  for (let length = path.length; length >= 0; length--) {
    const part = path.slice(0, length);
    const node = (length === 0 ? document.contents : document.getIn(part, true)) as { range?: readonly number[] | null } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
