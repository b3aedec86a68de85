/** Directives that bare-metal sources use, by name (gas manual, 7). Those that change what is read are in expander.ts. */
import { evaluate, evaluateNumber, stringBytes } from './expression.ts';
import { bytesOf } from './literal-pool.ts';
import type { Pass } from './pass.ts';
import { LARGEST } from './section.ts';
import { SourceError } from './source.ts';

type Directive = (pass: Pass, operands: readonly string[]) => void;

/** Integers of so many bytes. An address is known as soon as the program is laid out, so it may stand in any that holds it. */
const integers =
  (size: number): Directive =>
  (pass, operands) => {
    for (const text of operands) {
      // Only here a number may have more than 64 bits.
      const number = size > 8 && /^(0x[\da-f]+|[1-9]\d*)$/i.test(text) ? BigInt(text) : evaluate(text, pass).number;
      const bits = BigInt(8 * size);
      if (number >= 1n << bits || number < -(1n << (bits - 1n))) throw new SourceError(`${text} does not fit in ${bits} bits`);
      pass.target.append(bytesOf(number, size), 'data');
    }
  };

const strings =
  (end: readonly number[]): Directive =>
  (pass, operands) => {
    for (const text of operands) {
      // Strings that follow one another without a comma are one.
      const pieces = text.match(/"(?:[^"\\]|\\.)*"|\S+/gs) ?? [];
      pass.target.append(Uint8Array.from([...pieces.flatMap((piece) => [...stringBytes(piece)]), ...end]), 'data');
    }
  };

const floats =
  (size: 4 | 8): Directive =>
  (pass, operands) => {
    for (const text of operands) {
      const number = Number(text.replace(/^0[a-z](?![\da-f])/i, ''));
      if (text === '' || Number.isNaN(number)) throw new SourceError(`${text || 'nothing'} is no floating-point number`);
      const bytes = new DataView(new ArrayBuffer(size));
      if (size === 4) bytes.setFloat32(0, number, true);
      else bytes.setFloat64(0, number, true);
      pass.target.append(new Uint8Array(bytes.buffer), 'data');
    }
  };

/** A count of bytes or times. */
function count(pass: Pass, text: string | undefined, what: string, absent?: number): number {
  if (!text) {
    if (absent !== undefined) return absent;
    throw new SourceError(`${what} is missing`);
  }
  const value = evaluateNumber(text, pass, what);
  if (value < 0n || value > BigInt(LARGEST)) throw new SourceError(`${what} is ${value}: expected 0 to ${LARGEST}`);
  return Number(value);
}
const byte = (pass: Pass, text: string | undefined): number | undefined =>
  text ? Number(BigInt.asUintN(8, evaluateNumber(text, pass, 'the filling byte'))) : undefined;

const align =
  (bytesFrom: (value: number) => number): Directive =>
  (pass, [text, filler, most]) => {
    const value = count(pass, text, 'the alignment', 0);
    const bytes = Math.max(1, bytesFrom(value));
    if (bytes > 1 << 16 || !Number.isInteger(Math.log2(bytes)))
      throw new SourceError(`the alignment is ${bytes} bytes: expected a power of two up to 65536`);
    pass.target.align(bytes, byte(pass, filler), most ? count(pass, most, 'the limit') : undefined);
  };

const skip: Directive = (pass, [size, filler]) => pass.target.fill(count(pass, size, 'the size'), byte(pass, filler) ?? 0);

const set: Directive = (pass, [name, value]) => pass.define(symbol(name), evaluate(need(value, 'the value'), pass), true);
const setOnce: Directive = (pass, [name, value]) => pass.define(symbol(name), evaluate(need(value, 'the value'), pass), false);

function symbol(name: string | undefined): string {
  if (!name || !/^[A-Za-z_.$][\w.$]*$/.test(name)) throw new SourceError(`${name || 'nothing'} is no name of a symbol`);
  return name;
}
function need(text: string | undefined, what: string): string {
  if (!text) throw new SourceError(`${what} is missing`);
  return text;
}
const unquoted = (text: string): string => text.replace(/^"(.*)"$/s, '$1');

const names =
  (add: (pass: Pass, name: string) => unknown): Directive =>
  (pass, operands) => {
    for (const name of operands) add(pass, symbol(name));
  };
const nothing: Directive = () => undefined;

const section: Directive = (pass, [name, flags, type]) => {
  const plain = unquoted(need(name, "the section's name"));
  if (flags === undefined || !flags.startsWith('"')) {
    pass.enter(plain);
    return;
  }
  const isEmpty = type === undefined ? undefined : /nobits/i.test(type);
  pass.enter(plain, { write: flags.includes('w'), execute: flags.includes('x') }, isEmpty);
};

const outside =
  (what: string): Directive =>
  () => {
    throw new SourceError(`${what}: everything is in this one file`);
  };

export const directives: Readonly<Record<string, Directive>> = {
  // sections
  '.text': (pass) => pass.enter('.text'),
  '.data': (pass) => pass.enter('.data'),
  '.bss': (pass) => pass.enter('.bss'),
  '.section': section,
  '.pushsection': (pass, operands) => {
    pass.push();
    section(pass, operands);
  },
  '.popsection': (pass) => pass.pop(),
  '.previous': (pass) => pass.previous(),
  '.ltorg': (pass) => pass.placeLiterals(),
  '.pool': (pass) => pass.placeLiterals(),
  // places
  '.align': align((n) => 2 ** n),
  '.p2align': align((n) => 2 ** n),
  '.balign': align((n) => n),
  '.org': (pass, [to, filler]) => {
    const { number, section: where } = evaluate(need(to, 'the place'), pass);
    if (where !== undefined && where !== pass.section) throw new SourceError(`.org leads to another section, ${where}`);
    const offset = where === undefined ? number : number - pass.target.base;
    const by = offset - BigInt(pass.target.size);
    if (by < 0n) throw new SourceError(`.org leads backwards, by ${-by} bytes`);
    if (by > BigInt(LARGEST))
      throw new SourceError(`.org leads ${by} bytes on: it counts from the beginning of the section, at most ${LARGEST}`);
    pass.target.fill(Number(by), byte(pass, filler) ?? 0);
  },
  '.skip': skip,
  '.space': skip,
  '.zero': skip,
  '.fill': (pass, [times, size, value]) => {
    const repeat = count(pass, times, 'the count');
    const bytes = Math.min(8, count(pass, size, 'the size', 1));
    const number = value ? BigInt.asUintN(32, evaluateNumber(value, pass, 'the value')) : 0n;
    if (repeat * bytes > LARGEST) throw new SourceError(`.fill would write ${repeat * bytes} bytes`);
    const one = bytesOf(number, bytes);
    pass.target.append(
      Uint8Array.from({ length: repeat * bytes }, (_, i) => one[i % bytes]),
      'data',
    );
  },
  // data
  '.byte': integers(1),
  '.hword': integers(2),
  '.short': integers(2),
  '.2byte': integers(2),
  '.word': integers(4),
  '.long': integers(4),
  '.int': integers(4),
  '.4byte': integers(4),
  '.quad': integers(8),
  '.xword': integers(8),
  '.dword': integers(8),
  '.8byte': integers(8),
  '.octa': integers(16),
  '.float': floats(4),
  '.single': floats(4),
  '.double': floats(8),
  '.ascii': strings([]),
  '.asciz': strings([0]),
  '.string': strings([0]),
  '.inst': (pass, operands) => {
    for (const text of operands) {
      const word = evaluateNumber(text, pass, 'the instruction');
      if (word < 0n || word > 0xffff_ffffn) throw new SourceError(`${text} does not fit in 32 bits`);
      pass.target.append(bytesOf(word, 4), 'code');
    }
  },
  // symbols
  '.set': set,
  '.equ': set,
  '.equiv': setOnce,
  '.eqv': setOnce,
  '.global': names((pass, name) => pass.globals.add(name)),
  '.globl': names((pass, name) => pass.globals.add(name)),
  '.weak': names((pass, name) => pass.weak.add(name)),
  '.type': (pass, [name, type]) => {
    if (/(^|[%@#"])(function|STT_FUNC)\b/.test(need(type, 'the type'))) pass.functions.add(symbol(name));
  },
  '.size': (pass, [name, size]) => pass.sizes.set(symbol(name), evaluateNumber(need(size, 'the size'), pass, 'the size')),
  '.comm': (pass, [name, size, alignment]) => common(pass, name, size, alignment, true),
  '.lcomm': (pass, [name, size, alignment]) => common(pass, name, size, alignment, false),
  '.local': nothing,
  '.hidden': nothing,
  '.protected': nothing,
  '.internal': nothing,
  '.extern': nothing,
  '.unreq': (pass, [name]) => {
    if (!pass.registers.delete(need(name, 'the name').toLowerCase())) throw new SourceError(`${name} is no other name of a register`);
  },
  // for other tools
  '.arch': nothing,
  '.arch_extension': nothing,
  '.cpu': nothing,
  '.file': nothing,
  '.ident': nothing,
  '.loc': nothing,
  '.subsection': (_pass, [number]) => {
    if (number && number !== '0') throw new SourceError('.subsection is not supported: use a section of another name');
  },
  '.title': nothing,
  '.variant_pcs': nothing,
  // not here
  '.include': outside('.include reads another file'),
  '.incbin': outside('.incbin reads another file'),
};

function common(pass: Pass, name: string | undefined, size: string | undefined, alignment: string | undefined, isGlobal: boolean): void {
  const bytes = count(pass, size, 'the size');
  const boundary = count(pass, alignment, 'the alignment', Math.min(16, 2 ** Math.ceil(Math.log2(Math.max(1, bytes)))));
  if (!Number.isInteger(Math.log2(boundary))) throw new SourceError(`the alignment is ${boundary} bytes: expected a power of two`);
  pass.push();
  pass.enter('.bss');
  pass.target.align(boundary, 0);
  pass.label(symbol(name));
  pass.target.fill(bytes, 0);
  pass.pop();
  if (isGlobal) pass.globals.add(name!);
}
