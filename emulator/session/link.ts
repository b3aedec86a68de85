/**
 * The text of a link to an instant: which program, which instant of its run, what of it is shown. It stands behind the `#` of the page's
 * address, or behind `elscope://open?`. Written and read here only, and what is read is validated: a link comes from somebody else.
 */
import * as v from 'valibot';
import { InputError } from '../base/errors.ts';
import { visible } from '../base/names.ts';
import { grouped } from '../explain/words.ts';
import { MOST_SEED } from '../lessons/format.ts';
import { address, count, level, registerName, space, vmid } from './schemas.ts';
import { tableRegisters } from './views.ts';

const text = (most: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(most));
const identity = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, 'expected sixteen hexadecimal digits'));

/** What a panel shows, by its tab. */
export const linkChoices = {
  levels: v.strictObject({}),
  walk: v.strictObject({
    va: v.optional(address),
    follow: v.optional(v.picklist(['pc', 'sp', 'fault'])),
    regime: v.optional(v.picklist(['el1', 'el2'])),
    el: v.optional(level),
    access: v.optional(v.picklist(['r', 'w', 'x'])),
    vmid: v.optional(vmid),
  }),
  tables: v.strictObject({
    register: v.optional(v.picklist(tableRegisters)),
    vmid: v.optional(vmid),
    level: v.optional(v.pipe(count, v.maxValue(3))),
    input: v.optional(address),
  }),
  maps: v.strictObject({ regime: v.optional(v.picklist(['el1', 'el2'])) }),
  traps: v.strictObject({
    mode: v.optional(v.picklist(['lanes', 'sequence', 'compare'])),
    trap: v.optional(count),
    filter: v.optional(text(1000)),
  }),
  /** A change that is proposed, at an instant, or at that of the link: nothing runs before it is wanted. */
  futures: v.strictObject({ set: v.optional(text(1000)), from: v.optional(count) }),
  code: v.strictObject({ address: v.optional(address) }),
  source: v.strictObject({}),
  registers: v.strictObject({ register: v.optional(registerName) }),
  interrupts: v.strictObject({
    interrupt: v.optional(v.pipe(v.string(), v.regex(/^([0-9]{1,3}|VI|VF|VSE)$/, 'expected an INTID, VI, VF or VSE'))),
  }),
  memory: v.strictObject({ address: v.optional(address), space: v.optional(space), el: v.optional(level), vmid: v.optional(vmid) }),
} as const;
export type LinkTab = keyof typeof linkChoices;

const head = v.strictObject({
  /** File name of the program, and what tells it from all others: its bytes and the machine that it runs in. */
  program: text(255),
  id: identity,
  at: count,
  /** What came in before the instant, typed or changed by hand; absent where nothing did. */
  inputs: v.optional(identity),
  show: v.picklist(Object.keys(linkChoices) as LinkTab[]),
});
export type LinkHead = v.InferOutput<typeof head>;
export type Link = { [T in LinkTab]: LinkHead & { readonly show: T; readonly choice: v.InferOutput<(typeof linkChoices)[T]> } }[LinkTab];

const lessonHead = {
  seed: v.optional(v.pipe(count, v.minValue(1, 'expected a seed from 1 on'), v.maxValue(MOST_SEED))),
};
const name = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected the name of a question'));
/** A lesson, one of its questions, or a program with a mistake: `lesson=04&seed=7`, `lab=P17&seed=2`. */
const guideLink = v.union(
  [
    v.strictObject({ lesson: v.pipe(count, v.minValue(1), v.maxValue(99)), question: v.optional(name), ...lessonHead }),
    v.strictObject({ lab: v.pipe(v.string(), v.regex(/^P\d\d$/)), ...lessonHead }),
  ],
  'expected a lesson from 1 to 99, perhaps with a question and a seed, or a lab',
);
export type GuideLink = v.InferOutput<typeof guideLink>;

export const guideLinkText = (link: GuideLink): string =>
  Object.entries(link)
    .map(([key, value]) => `${key}=${key === 'lesson' ? String(value).padStart(2, '0') : String(value)}`)
    .join('&');

/** Undefined for a link of another kind. Throws InputError for one to a lesson that is not right. */
export function parseGuideLink(link: string): GuideLink | undefined {
  if (!/^(lesson|lab)=/.test(link)) return undefined;
  const wrong = (why: string): InputError => new InputError(`this is not a link to a lesson: ${why}`);
  const fields = fieldsOf(link, wrong);
  const known = v.safeParse(guideLink, fields);
  if (!known.success) throw wrong(problems(known.issues));
  return known.output;
}

/** Characters of a link that is read. */
const LONGEST = 8192;

export function linkText(link: Link): string {
  const { choice, show, program, id, inputs, at } = link;
  const fields: [string, unknown][] = [
    ['program', program],
    ['id', id],
    ['at', at],
    ['inputs', inputs],
    ['show', show],
    ...Object.entries(choice),
  ];
  return fields
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(wellFormed(String(value)))}`)
    .join('&');
}

/** Halves of characters, which no address can hold, as the sign for what cannot be read. */
const wellFormed = (value: string): string => value.replace(/\p{Cs}/gu, '\ufffd');

/** Reads the text of a link. Throws InputError with a sentence for anything else. */
export function parseLink(link: string): Link {
  const wrong = (why: string): InputError => new InputError(`this is not a link to an instant: ${why}`);
  const { program, id, at, inputs, show, ...choice } = fieldsOf(link, wrong);
  const known = v.safeParse(head, { program, id, at, ...(inputs !== undefined && { inputs }), show });
  if (!known.success) throw wrong(problems(known.issues));
  const chosen = v.safeParse(linkChoices[known.output.show], choice);
  if (!chosen.success) throw wrong(problems(chosen.issues));
  return { ...known.output, choice: chosen.output } as Link;
}

function fieldsOf(link: string, wrong: (why: string) => InputError): Record<string, string | number> {
  if (link.length > LONGEST) throw wrong(`it has more than ${LONGEST} characters`);
  const fields: Record<string, string | number> = Object.create(null) as Record<string, string | number>;
  for (const part of link.split('&')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(0, at));
    if (!/^[a-z]{1,16}$/.test(name)) throw wrong('it is not made of names and values');
    if (name in fields) throw wrong(`it has ${name} twice`);
    fields[name] = numbers.has(name) ? number(name, part.slice(at + 1)) : decoded(part.slice(at + 1));
  }
  return fields;

  function number(name: string, value: string): number {
    // A lesson may be written with a zero before it.
    if (!(name === 'lesson' ? /^\d{1,2}$/ : /^(0|[1-9]\d{0,15})$/).test(value)) throw wrong(`${name} is not a number`);
    return Number(value);
  }
  function decoded(value: string): string {
    try {
      return decodeURIComponent(value);
    } catch {
      throw wrong('it has been cut or changed');
    }
  }
}

/** The scheme of links that the desktop app opens: `elscope://open?` and the text of a link. */
export const linkScheme = 'elscope';
export const linkAddress = (text: string): string => `${linkScheme}://open?${text}`;

/** Meant as a link for the desktop app, however wrong the rest of it is. */
export const isLinkAddress = (word: string): boolean => /^elscope:/i.test(word);

/**
 * The text of the link in an address that came from outside, once it has been read without complaint. Throws InputError with a sentence for
 * anything else. Some systems put a slash before the `?`, as an address with a host may have it.
 */
export function textOfAddress(address: string): string {
  const start = /^elscope:\/\/open\/?\?/i.exec(address);
  if (!start) throw new InputError(`this is not a link for ELscope: it does not begin with ${linkAddress('')}`);
  const text = address.slice(start[0].length);
  readLink(text);
  return text;
}

/** Reads the text of a link of either kind. Throws InputError. */
export const readLink = (text: string): GuideLink | Link => parseGuideLink(text) ?? parseLink(text);

/** What a link leads to, in words. The name in it is a stranger's: made harmless, and not so long that it hides what follows. */
export function linkSubject(link: GuideLink | Link): string {
  if ('program' in link) return `instant ${grouped(link.at)} of ${shortened(visible(link.program), 40)}`;
  const seed = link.seed === undefined ? '' : ` with seed ${link.seed}`;
  if ('lab' in link) return `lab ${link.lab}${seed}`;
  return `${link.question === undefined ? '' : `the question ${link.question} of `}lesson ${link.lesson}${seed}`;
}

const numbers: ReadonlySet<string> = new Set(['at', 'el', 'vmid', 'level', 'trap', 'lesson', 'seed']);

/** They may quote the link. */
const problems = (issues: readonly v.BaseIssue<unknown>[]): string =>
  shortened(issues.map((issue) => [v.getDotPath(issue), issue.message].filter(Boolean).join(': ')).join('; '), 400);

function shortened(text: string, most: number): string {
  const letters = Array.from(text);
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : text;
}
