/** What was probably meant by a name that is none: for the sentence, and for an editor that can put it there. */
import { mnemonics, systemOperations, systemRegisters } from '../isa/index.ts';
import { SourceError } from './source.ts';

/** Names of AArch32, which many tutorials are written for, and what A64 has in their place. */
const aarch32: Readonly<Record<string, readonly [advice: string, instead?: string]>> = {
  push: ['A64 has no push: use stp x0, x1, [sp, #-16]!'],
  pop: ['A64 has no pop: use ldp x0, x1, [sp], #16'],
  ldm: ['A64 has no ldm: use ldp, two registers at a time'],
  ldmia: ['A64 has no ldmia: use ldp, two registers at a time'],
  ldmfd: ['A64 has no ldmfd: use ldp, two registers at a time'],
  stm: ['A64 has no stm: use stp, two registers at a time'],
  stmia: ['A64 has no stmia: use stp, two registers at a time'],
  stmfd: ['A64 has no stmfd: use stp, two registers at a time'],
  bx: ['A64 has no bx: use ret, or br with a register', 'br'],
  blx: ['A64 has no blx: use blr', 'blr'],
  movw: ['A64 has no movw: use movz', 'movz'],
  movt: ['A64 has no movt: use movk with lsl #16'],
  mcr: ['A64 has no coprocessors: use msr with the name of the register'],
  mrc: ['A64 has no coprocessors: use mrs with the name of the register'],
  cpsid: ['A64 has no cpsid: use msr daifset, #2'],
  cpsie: ['A64 has no cpsie: use msr daifclr, #2'],
  swi: ['A64 has no swi: use svc', 'svc'],
  rsb: ['A64 has no rsb: use sub with the operands exchanged'],
  rfe: ['A64 has no rfe: use eret', 'eret'],
  rfeia: ['A64 has no rfeia: use eret', 'eret'],
  call: ['A64 has no call: use bl', 'bl'],
  jmp: ['A64 has no jmp: use b', 'b'],
};

/** There is no such instruction. */
export function unknownMnemonic(name: string): SourceError {
  const known = Object.hasOwn(aarch32, name.toLowerCase()) ? aarch32[name.toLowerCase()] : undefined;
  if (known) return meant(known[0], name, known[1]);
  return unknown(`there is no instruction ${name}`, name, mnemonics());
}

/** What to write where an instruction cannot hold its operands; undefined where that is not plain. */
export function adviceFor(mnemonic: string, operands: readonly string[]): string | undefined {
  const last = /^#(-?\d+)$/.exec(operands.at(-1) ?? '')?.[1];
  const widths = new Set(operands.flatMap((operand) => /^[wx](?=\d|zr)/.exec(operand) ?? []));
  if (/^(add|sub|and|orr|eor|bic|mov|mvn|cmp|tst|mul|lsl|lsr|asr|ror)s?$/.test(mnemonic) && widths.size > 1)
    return 'its registers must all be x, or all be w';
  if (last === undefined) return mnemonic === 'eret' && operands.length > 0 ? 'eret has no operands' : undefined;
  if (mnemonic === 'mov') return `the number takes more than one instruction: use ldr ${operands[0]}, =${last}`;
  if (/^(adds?|subs?|cmp|cmn)$/.test(mnemonic))
    return 'the number must be from 0 to 4095, or such a number times 4096: put it into a register first, by ldr with =';
  if (/^(ands?|orr|eor|tst|bics?)$/.test(mnemonic))
    return 'the number must be one run of ones, repeated: put another into a register first, by ldr with =';
  return undefined;
}

/** MRS and MSR name no such register. */
export function unknownRegister(name: string): SourceError {
  const low = name.toLowerCase();
  // HVBAR and ELR_hyp are EL2's; VBAR and ELR_svc were EL1's.
  const banked = /^(.+)_(hyp|svc)$/.exec(low);
  const stem = banked ? banked[1] : low;
  const levels = banked ? (banked[2] === 'hyp' ? '2' : '1') : '120';
  const names = Object.keys(systemRegisters).map((register) => register.toLowerCase());
  const same = [...levels].map((level) => `${stem}_el${level}`).filter((register) => names.includes(register));
  const ofEl2 = !banked && low.startsWith('h') ? [`${low.slice(1)}_el2`].filter((register) => names.includes(register)) : [];
  const [first] = [...same, ...ofEl2];
  const sentence = `there is no system register ${name}`;
  if (first === undefined) return unknown(sentence, name, names);
  const others = same.length > 1 ? ` (or ${same.slice(1).join(', ')})` : '';
  return meant(`${sentence} in AArch64: use ${first}${others}`, name, first);
}

/** TLBI, DC, IC and AT name no such operation. */
export function unknownOperation(mnemonic: string, name: string): SourceError {
  const begins = `${mnemonic.toUpperCase()} `;
  const names = Object.keys(systemOperations).filter((one) => one.startsWith(begins));
  return unknown(`there is no operation ${mnemonic} ${name}`, name, names.map((one) => one.slice(begins.length).toLowerCase())); // prettier-ignore
}

/** A name that nothing defines. */
export function undefinedName(name: string, names: Iterable<string>): SourceError {
  const register = /^r(\d|1[0-5])$/.exec(name);
  if (register)
    return meant(`A64 has no ${name}: x${register[1]} has 64 bits, and w${register[1]} is its low half`, name, `x${register[1]}`);
  return unknown(`${name} is not defined`, name, names);
}

/** The sentence, with the nearest of the names where one is near. */
export function unknown(sentence: string, name: string, names: Iterable<string>): SourceError {
  const near = nearest(name, names);
  return near === undefined ? new SourceError(sentence) : meant(`${sentence}; did you mean ${near}?`, name, near);
}

const meant = (sentence: string, name: string, text: string | undefined): SourceError =>
  new SourceError(sentence, undefined, text === undefined ? undefined : { instead: name, text });

/** The name with the fewest changes from what was written: one for every three characters at most. */
function nearest(written: string, names: Iterable<string>): string | undefined {
  const name = written.toLowerCase();
  let best: string | undefined;
  let least = Math.floor(name.length / 3);
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) > least) continue;
    const changes = distance(name, candidate.toLowerCase());
    if (changes > 0 ? changes < least || (changes === least && best === undefined) : candidate !== written) {
      best = candidate;
      least = changes;
    }
  }
  return best;
}

/** Characters to insert, remove, replace or exchange with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const other = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + other);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}
