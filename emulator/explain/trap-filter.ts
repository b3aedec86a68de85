/**
 * The language in which traps are filtered: terms between commas or spaces, for example `hvc, vm:1, to:EL2, ipa:0x09000000`. Terms of one
 * kind are alternatives; terms of different kinds must all hold; a minus before a term excludes what it matches. Text with spaces goes in
 * quotes. A word that names no kind of trap is searched for in the text of the list.
 */
import type { IPA, VA } from '../base/addresses.ts';
import { InputError } from '../base/errors.ts';
import type { TrapLog } from '../time/trap-log.ts';

/** Whether event `index` of the log passes. `words`: its words in the list, asked for only where they are needed. */
export type TrapTest = (log: TrapLog, index: number, words: () => string) => boolean;

interface Term {
  /** Terms with the same key are alternatives. */
  readonly key: string;
  readonly excludes: boolean;
  readonly test: TrapTest;
}

/** Names that people type for types of events, in lower case; a name may narrow its type by the exception class or the words. */
const names: Readonly<Record<string, { readonly types: readonly string[]; readonly words?: RegExp }>> = {
  hvc: { types: ['HVC'] },
  svc: { types: ['SVC'] },
  smc: { types: ['SMC'] },
  dabt: { types: ['DataAbort'] },
  dataabort: { types: ['DataAbort'] },
  iabt: { types: ['InstructionAbort'] },
  instructionabort: { types: ['InstructionAbort'] },
  abort: { types: ['DataAbort', 'InstructionAbort'] },
  irq: { types: ['IRQ'] },
  virq: { types: ['vIRQ'] },
  fiq: { types: ['FIQ'] },
  vfiq: { types: ['vFIQ'] },
  serror: { types: ['SError'] },
  vserror: { types: ['vSError'] },
  interrupt: { types: ['IRQ', 'vIRQ', 'FIQ', 'vFIQ', 'SError', 'vSError'] },
  undefined: { types: ['Undefined'] },
  undef: { types: ['Undefined'] },
  brk: { types: ['BRK'] },
  fp: { types: ['FP'] },
  step: { types: ['Step'] },
  breakpoint: { types: ['Breakpoint'] },
  watchpoint: { types: ['Watchpoint'] },
  pcalignment: { types: ['PCAlignment'] },
  spalignment: { types: ['SPAlignment'] },
  illegalstate: { types: ['IllegalState'] },
  trap: { types: ['Trap'] },
  wfi: { types: ['Trap'], words: /^wfi/ },
  wfe: { types: ['Trap'], words: /^wfe/ },
  msr: { types: ['Trap'], words: /^write of/ },
  mrs: { types: ['Trap'], words: /^read of/ },
  eret: { types: ['ERET'] },
  return: { types: ['ERET'] },
  psci: { types: ['PSCI'] },
};

const ofType = (name: string): TrapTest => {
  const { types, words: pattern } = names[name];
  return (log, index, words) => types.includes(log.type(index)) && (!pattern || pattern.test(words()));
};

/** What the keys of the language mean. Each gives a test, or throws InputError for a value that makes no sense. */
const keys: Readonly<Record<string, (value: string) => TrapTest>> = {
  type: (value) => {
    const name = value.toLowerCase().replaceAll(/[ _-]/g, '');
    if (!Object.hasOwn(names, name)) throw wrong('type', value, 'hvc, svc, dabt, irq, wfi, eret, psci and the like');
    return ofType(name);
  },
  from: (value) => {
    const level = levelOf('from', value);
    return (log, index) => log.levelBefore(index) === level;
  },
  to: (value) => {
    const level = levelOf('to', value);
    return (log, index) => log.levelAfter(index) === level;
  },
  vm: (value) => {
    const vmid = numberOf('vm', value, 'a VMID such as 1');
    return (log, index) => BigInt(log.vmidAfter(index)) === vmid;
  },
  ec: (value) => {
    const wanted = numberOf('ec', value, 'an exception class such as 0x16');
    return (log, index) => log.exceptionClass(index) === Number(wanted);
  },
  ipa: (value) => addressTest('ipa', value, (log, index) => log.faultIpa(index)),
  far: (value) => addressTest('far', value, (log, index) => log.faultAddress(index)),
  text: (value) => textTest(value),
};

/** Throws InputError, with a sentence, for what is not of the language. Undefined for a filter that lets everything through. */
export function parseTrapFilter(text: string): TrapTest | undefined {
  const terms = [...text.matchAll(/(?:[^\s,"]|"[^"]*"?)+/g)].map(([word]) => parseTerm(word));
  if (terms.length === 0) return undefined;
  const excluded = terms.filter(({ excludes }) => excludes).map(({ test }) => test);
  const groups = new Map<string, TrapTest[]>();
  for (const { key, test, excludes } of terms) if (!excludes) groups.set(key, [...(groups.get(key) ?? []), test]);
  const needed = [...groups.values()];
  return (log, index, words) =>
    needed.every((tests) => tests.some((test) => test(log, index, words))) && !excluded.some((test) => test(log, index, words));
}

function parseTerm(word: string): Term {
  const excludes = word.startsWith('-') && word.length > 1;
  const plain = (excludes ? word.slice(1) : word).replaceAll('"', '');
  const colon = word.startsWith('"') ? -1 : plain.indexOf(':');
  const key = colon < 0 ? '' : plain.slice(0, colon).toLowerCase();
  if (colon >= 0 && Object.hasOwn(keys, key)) {
    const value = plain.slice(colon + 1);
    if (value === '') throw new InputError(`${key}: has no value`, {}, `for example ${examples[key]}`);
    return { key, excludes, test: keys[key](value) };
  }
  if (colon > 0 && /^[a-z]+$/.test(key)) {
    throw new InputError(`${key}: is not a filter key`, {}, `expected ${Object.keys(keys).join(', ')}`);
  }
  const name = plain.toLowerCase();
  return Object.hasOwn(names, name)
    ? { key: 'type', excludes, test: ofType(name) }
    : { key: `text ${name}`, excludes, test: textTest(name) };
}

const examples: Readonly<Record<string, string>> = {
  type: 'type:hvc',
  from: 'from:EL1',
  to: 'to:EL2',
  vm: 'vm:1',
  ec: 'ec:0x16',
  ipa: 'ipa:0x09000000',
  far: 'far:0x80001000',
  text: 'text:uartdr',
};

function textTest(value: string): TrapTest {
  const wanted = value.toLowerCase();
  return (_log, _index, words) => words().toLowerCase().includes(wanted);
}

/** An address that ends in three zeros means its page: for a device, one rarely means only its first register. */
function addressTest(key: string, value: string, addressOf: (log: TrapLog, index: number) => VA | IPA | undefined): TrapTest {
  const wanted = numberOf(key, value, 'an address such as 0x09000000');
  const mask = (wanted & 0xfffn) === 0n ? ~0xfffn : ~0n;
  return (log, index) => {
    const address = addressOf(log, index);
    return address !== undefined && (BigInt(address) & mask) === wanted;
  };
}

function levelOf(key: string, value: string): number {
  const match = /^(?:el)?([012])$/i.exec(value);
  if (!match) throw wrong(key, value, 'EL0, EL1 or EL2');
  return Number(match[1]);
}

function numberOf(key: string, value: string, expected: string): bigint {
  if (!/^(0x[0-9a-f]{1,16}|\d{1,19})$/i.test(value)) throw wrong(key, value, expected);
  return BigInt(value);
}

const wrong = (key: string, value: string, expected: string): InputError => new InputError(`${key}:${value}`, {}, `expected ${expected}`);
