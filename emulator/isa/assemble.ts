/** An assembler of one line, made of the same forms as the disassembler. */
import { VA } from '../base/addresses.ts';
import { InputError } from '../base/errors.ts';
import { definitions, type Definition, type Form } from './define.ts';
import { partsOf, type Part } from './form.ts';
import type { FieldName, Fields } from './fields.ts';
import { writeFields } from './pattern.ts';
import type { Spelling, Values } from './operand.ts';
import { conditions, conditionSynonyms, hints } from './spelling.ts';
import { systemOperations } from './system-names.ts';

/** The word for a line of assembly at the VA `pc`, such as `adds x1, x2, #16`; branch targets are VAs. Throws InputError. */
export function assemble(text: string, pc: bigint): number {
  const line = text.trim().toLowerCase().replace(/\s+/g, ' '),
    reasons = new Set<string>();
  if (line.startsWith('.inst ')) return Number(line.slice(6)) >>> 0;
  const mnemonic = line.split(' ')[0];
  for (const [definition, form] of formsFor(mnemonic)) {
    try {
      const word = tryForm(definition, form, line, VA(pc));
      if (word !== undefined) return word;
    } catch (error) {
      reasons.add((error as Error).message);
    }
  }
  throw new InputError(`cannot assemble '${text.trim()}'`, {}, [...reasons].join('; ') || 'no instruction is written like this');
}

/** All mnemonics, in lower case. */
export const mnemonics = (): ReadonlySet<string> => (names ??= new Set([...byName().keys(), ...ofOperands].filter((name) => name !== '')));
let names: ReadonlySet<string> | undefined;
/** Those that are an operand of the manual's form: b.eq, tlbi, nop. */
const ofOperands = [
  ...[...conditions, ...Object.keys(conditionSynonyms)].map((condition) => `b.${condition}`),
  ...Object.keys(systemOperations).map((operation) => operation.split(' ')[0].toLowerCase()),
  ...Object.values(hints),
];

/** Forms by mnemonic, and under '' those whose mnemonic is an operand. */
let byMnemonic: Map<string, [Definition, Form][]> | undefined;
function byName(): ReadonlyMap<string, readonly [Definition, Form][]> {
  if (!byMnemonic) {
    byMnemonic = new Map();
    for (const definition of definitions)
      for (const form of definition.forms) {
        const [, mnemonic, has2] = /^([a-z0-9.]+)(<2>)?(?=[ {]|$)/.exec(form.text) ?? ['', ''];
        for (const key of has2 ? [mnemonic, `${mnemonic}2`] : [mnemonic])
          byMnemonic.set(key, [...(byMnemonic.get(key) ?? []), [definition, form]]);
      }
  }
  return byMnemonic;
}
const formsFor = (mnemonic: string): readonly [Definition, Form][] => [...(byName().get(mnemonic) ?? []), ...(byName().get('') ?? [])];

/** What a form looks like, and the operands of its groups. */
interface Matcher {
  readonly regex: RegExp;
  readonly spellings: readonly Spelling[];
}
const matchers = new Map<string, Matcher>();
function matcherOf(text: string): Matcher {
  let matcher = matchers.get(text);
  if (!matcher) matchers.set(text, (matcher = makeMatcher(partsOf(text))));
  return matcher;
}
function makeMatcher(parts: readonly Part[]): Matcher {
  const spellings: Spelling[] = [];
  const regex = (list: readonly Part[]): string =>
    list
      .map((part) => {
        if (typeof part === 'string') return part.replace(/[[\]#!.*+?()^$|\\]/g, '\\$&').replace(/, ?/g, ' ?, ?');
        if (Array.isArray(part)) return `(?:${regex(part)})?`;
        spellings.push(part as Spelling);
        return `(${(part as Spelling).regex})`;
      })
      .join('');
  return { regex: new RegExp(`^${regex(parts)}$`), spellings };
}

function tryForm({ pattern, derive }: Definition, form: Form, line: string, pc: VA): number | undefined {
  const { regex, spellings } = matcherOf(form.text);
  const match = regex.exec(line);
  if (!match) return undefined;
  const f: Values = {};
  spellings.forEach((spelling, i) => {
    const text = match[i + 1];
    if (text !== undefined) spelling.parse(text, f, pc);
    else spelling.omit?.(f);
  });
  Object.assign(f, form.implied(f));
  for (const { name, width, signed } of pattern.slots) {
    const value = f[name] ?? 0,
      low = signed ? -(2 ** (width - 1)) : 0;
    if (!(value >= low && value < low + 2 ** width && value === Math.floor(value))) throw new Error(`${name} = ${value} does not fit`);
    f[name] = value;
  }
  if (!form.when(f)) return undefined;
  const word = writeFields(pattern, f);
  return derive(f as Fields<FieldName>, word) ? word : undefined;
}
