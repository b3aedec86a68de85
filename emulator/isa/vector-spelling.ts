/**
 * Operands of SIMD and floating point, for spelling.ts:
 *
 *   <Vd>                   v0..v31; what follows is text (`<Vd>.4s`) or an arrangement (`<Vd>.<T>`)
 *   <Bd> <Hn> <Sm> <Dt> <Qt2>   a register by its width
 *   <Vd:size> <Vd:size+1>  by its width, an element's or twice that: b, h, s, d
 *   <Vd:sz> <Vd:ftype>     by the width of a floating-point number
 *   <T>                    arrangement by the elements' size and Q: 8b, 16b, 4h, 8h, 2s, 4s, 1d, 2d
 *   <Tpairs> <Twide>       with elements of twice that size, in as many bits, or in 128 bits
 *   <F>                    the same for floating point, by sz and Q: 2s, 4s, 2d
 *   <Fs> <2s> <4h>         a letter by sz; an arrangement by Q: 2s or 4s, 4h or 8h
 *   <float>                the number that imm8 encodes
 *   <fbits>                how many fraction bits scale encodes
 *   <Vt*3.T> <Vn*2.16b>    a list of registers, the first of which is that field, by arrangement or by text
 *   <lane*4>               the lane that Q, S and size give for elements of so many bytes
 *   <2>                    in a mnemonic: "2" where Q = 1
 *   <Ts> <lane> <source>   an element: the letter of its size, its index, and that of the source of INS
 *   <esize>                bits of an element
 *   <left> <right>         amount of a shift by immh:immb
 *   <T=b> <T=h> <T=s>      arrangement of bytes, halfwords, words
 *   <imm8bits> <imm8bytes> <imm8float>   eight bits as they are, as a mask of bytes, as a number; <msl> the amount in front of ones
 *   <table>                consecutive registers from Vn on
 *   <Velement> <element>   the register and the index of an element, in Vm4, H, L, M
 *
 * The size of an element is in a field of that name, in immh or in imm5 (here `lane5`).
 */
import { byteMask, expandImm } from './pseudocode.ts';
import type { Spelling, Values } from './operand.ts';

const letters = 'bhsdq';
/** Letters of the precisions that these fields say. */
const precisions: Readonly<Record<string, string>> = { sz: 'sd', ftype: 'sd h' };

/** `<lanes><letter>`: so many lanes of 8 << size bits as fill 64 << Q bits. */
export const arrangementOf = (size: number, Q: number): string => `${(8 << Q) >> size}${letters[size]}`;

/** An arrangement, by what the fields say of it and back. */
export const arrangement = (
  of: (f: Readonly<Values>) => readonly [size: number, Q: number],
  parse: (size: number, Q: number, f: Values) => void,
): Spelling => ({
  regex: '\\d+[bhsdq]',
  print: (f) => arrangementOf(...of(f)),
  parse: (text, f) => {
    const size = letters.indexOf(text.at(-1)!),
      lanes = parseInt(text),
      bits = lanes * (8 << size);
    if (bits !== 64 && bits !== 128) throw new Error(`${text} is no arrangement`);
    parse(size, bits === 128 ? 1 : 0, f);
  },
});

/** The lane that loads and stores of a single structure name by Q:S:size, for elements of 1 << size bytes; undefined where none. */
export function laneOfStructure({ Q, S, size }: Readonly<Record<'Q' | 'S' | 'size', number>>, elementSize: number): number | undefined {
  const bits = (Q << 3) | (S << 2) | size;
  return (bits & ((1 << elementSize) - 1)) === (elementSize === 3 ? 1 : 0) ? bits >> elementSize : undefined;
}
const structureLane = (elementSize: number): Spelling => ({
  regex: '\\d+',
  print: (f) => String(laneOfStructure(f as Record<'Q' | 'S' | 'size', number>, elementSize)),
  parse: (text, f) => {
    const bits = (Number(text) << elementSize) | (elementSize === 3 ? 1 : 0);
    if (bits > 15) throw new Error(`there is no lane ${text}`);
    Object.assign(f, { Q: bits >> 3, S: (bits >> 2) & 1, size: bits & 3 });
  },
});

/** As GNU prints it: a sign, four bits of fraction and an exponent of -3 to 4. */
const floatText = (imm8: number): string => {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setBigUint64(0, expandImm(imm8, 64));
  return bits.getFloat64(0).toExponential(18).replace(/(\d)$/, '0$1');
};

/** Sets a field, or compares it with what an operand before has said. */
export function agree(f: Values, field: string, value: number): void {
  if (f[field] !== undefined && f[field] !== value) throw new Error(`${field} is ${f[field]} and ${value}`);
  f[field] = value;
}

/** Elements of 1 << size bytes that fill the lower half of the register or all of it, by Q. */
const filling = (size: number): Spelling =>
  arrangement(
    (f) => [size, f.Q],
    (parsed, Q, f) => {
      if (parsed !== size) throw new Error(`elements of ${8 << parsed} bits cannot stand here`);
      agree(f, 'Q', Q);
    },
  );
const log2 = (value: number): number => 31 - Math.clz32(value);
const sizeOf = ({ size, immh, lane5 }: Readonly<Values>): number => size ?? (immh ? log2(immh) : lane5 ? log2(lane5 & -lane5) : 0);

const number = (value: (f: Readonly<Values>) => number, parse: (n: number, f: Values) => void): Spelling => ({
  regex: '\\d+',
  print: (f) => String(value(f)),
  parse: (text, f) => parse(Number(text), f),
});
/** An amount in immh:immb, from or to a multiple of the size of an element. */
const shiftAmount = (amount: (esize: number, coded: number) => number): Spelling =>
  number(
    (f) => amount(8 << sizeOf(f), f.immh * 8 + f.immb),
    (n, f) => {
      const esize = 8 << sizeOf(f),
        coded = amount(esize, n);
      if (coded < esize || coded >= 2 * esize) throw new Error(`elements of ${esize} bits cannot be shifted by ${n}`);
      Object.assign(f, { immh: coded >> 3, immb: coded & 7 });
    },
  );

/** The eight bits of an immediate, in abc:defgh or in their own field. */
const imm8 = (regex: string, print: (value: number) => string, parse: (text: string) => number): Spelling => ({
  regex,
  print: (f) => print(f.imm8 ?? f.abc * 32 + f.defgh),
  parse: (text, f) => {
    const value = parse(text);
    Object.assign(f, { imm8: value, abc: value >> 5, defgh: value & 31 });
  },
});
function oneOf256(suits: (value: number) => boolean): number {
  for (let value = 0; value < 256; value++) if (suits(value)) return value;
  throw new Error('no eight bits give this immediate');
}
const imm8Number = (value: number): number => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, expandImm(value, 64));
  return view.getFloat64(0);
};
/** As C's %.18e, of numbers that have few digits. */
const exponential = (value: number): string => value.toExponential(18).replace(/e([+-])(\d)$/, 'e$10$2');

type Element = Readonly<Record<'size' | 'H' | 'L' | 'M' | 'Vm4', number>>;
/** M is the highest bit of the register's number where an element has more than 16 bits, otherwise the lowest of the index. */
export const elementRegister = ({ size, M, Vm4 }: Element): number => (size === 1 ? Vm4 : M * 16 + Vm4);
export const elementIndex = ({ size, H, L, M }: Element): number => (size === 1 ? H * 4 + L * 2 + M : size === 2 ? H * 2 + L : H);

const arrangementOfSize = (size: number): Spelling =>
  arrangement(
    (f) => [size, f.Q],
    (given, Q, f) => {
      if (given !== size) throw new Error(`the elements have the size of ${letters[size]}`);
      agree(f, 'Q', Q);
    },
  );

/** So many registers from one on, V0 following V31: as a range from three on, unless it wraps. */
function listText(first: number, count: number, lanes: string): string {
  const names = Array.from({ length: count }, (_, i) => `v${(first + i) % 32}.${lanes}`);
  return count > 2 && first + count <= 32 ? `{${names[0]}-${names[count - 1]}}` : `{${names.join(', ')}}`;
}

export const vectorSpellings: Readonly<Record<string, Spelling>> = {
  T: arrangement(
    (f) => [sizeOf(f), f.Q],
    (size, Q, f) => {
      agree(f, 'size', size);
      agree(f, 'Q', Q);
    },
  ),
  F: arrangement(
    (f) => [2 + f.sz, f.Q],
    (size, Q, f) => {
      agree(f, 'sz', size - 2);
      agree(f, 'Q', Q);
    },
  ),
  Fs: {
    regex: '[sd]',
    print: (f) => precisions.sz[f.sz],
    parse: (text, f) => agree(f, 'sz', precisions.sz.indexOf(text)),
  },
  '4h': filling(1),
  '2s': filling(2),
  float: {
    regex: '-?\\d+\\.\\d+(?:e[-+]\\d+)?',
    print: ({ imm8 }) => floatText(imm8),
    parse: (text, f) => {
      const imm8 = Array.from({ length: 256 }, (_, i) => i).find((i) => Number(floatText(i)) === Number(text));
      if (imm8 === undefined) throw new Error(`${text} is no floating-point immediate`);
      f.imm8 = imm8;
    },
  },
  fbits: {
    regex: '\\d+',
    print: ({ scale }) => String(64 - scale),
    parse: (text, f) => {
      f.scale = 64 - Number(text);
    },
  },
  'lane*1': structureLane(0),
  'lane*2': structureLane(1),
  'lane*4': structureLane(2),
  'lane*8': structureLane(3),
  Tpairs: arrangement(
    (f) => [sizeOf(f) + 1, f.Q],
    (size, Q, f) => {
      agree(f, 'size', size - 1);
      agree(f, 'Q', Q);
    },
  ),
  Twide: arrangement(
    (f) => [sizeOf(f) + 1, 1],
    (size, Q, f) => {
      if (!Q) throw new Error('elements of twice the size fill the register');
      agree(f, 'size', size - 1);
    },
  ),
  '2': {
    regex: '2?',
    print: (f) => (f.Q ? '2' : ''),
    parse: (text, f) => {
      f.Q = text ? 1 : 0;
    },
  },
  'T=b': arrangementOfSize(0),
  'T=h': arrangementOfSize(1),
  'T=s': arrangementOfSize(2),
  imm8bits: imm8(
    '(?:0x[0-9a-f]+|\\d+)',
    (value) => `0x${value.toString(16)}`,
    (text) => Number(text),
  ),
  imm8bytes: imm8(
    '(?:0x[0-9a-f]+|\\d+)',
    (value) => `0x${byteMask(value).toString(16)}`,
    (text) => oneOf256((value) => byteMask(value) === BigInt(text)),
  ),
  imm8float: imm8(
    '[-+.\\de]+',
    (value) => exponential(imm8Number(value)),
    (text) => oneOf256((value) => imm8Number(value) === Number(text)),
  ),
  msl: number(
    (f) => (f.sh + 1) * 8,
    (n, f) => {
      f.sh = n / 8 - 1;
    },
  ),
  Ts: {
    regex: '[bhsd]',
    print: (f) => letters[sizeOf(f)],
    parse: (text, f) => agree(f, 'size', letters.indexOf(text)),
  },
  lane: number(
    (f) => f.lane5 >> (sizeOf(f) + 1),
    (n, f) => {
      f.lane5 = (n * 2 + 1) << sizeOf(f);
    },
  ),
  source: number(
    (f) => f.lane4 >> sizeOf(f),
    (n, f) => {
      f.lane4 = n << sizeOf(f);
    },
  ),
  left: shiftAmount((esize, n) => (n >= esize ? n - esize : n + esize)),
  right: shiftAmount((esize, n) => 2 * esize - n),
  esize: number(
    (f) => 8 << sizeOf(f),
    (n, f) => agree(f, 'size', log2(n) - 3),
  ),
  table: {
    regex: '\\{.*\\}',
    print: ({ Vn, len }) => listText(Vn, len + 1, '16b'),
    parse: (text, f) => {
      const [first, last] = [/\d+/, /\d+(?=\.16b\}$)/].map((pattern) => Number(pattern.exec(text)?.[0]));
      Object.assign(f, { Vn: first, len: (last - first) & 31 });
    },
  },
  Velement: {
    regex: 'v\\d+',
    print: (f) => `v${elementRegister(f as Element)}`,
    parse: (text, f) => {
      const n = Number(text.slice(1));
      if (n > (f.size === 1 ? 15 : 31)) throw new Error(`${text} cannot stand here`);
      Object.assign(f, { Vm4: n & 15, M: n >> 4 });
    },
  },
  element: number(
    (f) => elementIndex(f as Element),
    (n, f) => {
      const index = n << (f.size - 1);
      Object.assign(f, { H: index >> 2, L: (index >> 1) & 1 });
      if (f.size === 1) f.M = index & 1;
      if (index > 7) throw new Error(`there is no element ${n}`);
    },
  ),
};

/** `{v0.8b, v1.8b}`, `{v0.8b-v3.8b}`: so many registers from one on, V0 following V31; `lanes` is the arrangement or text for it. */
export function vectorList(field: string, count: number, lanes: string): Spelling {
  const T = lanes === 'T' ? vectorSpellings.T : undefined;
  const one = `v\\d+\\.${T ? T.regex : lanes}`;
  return {
    regex: `\\{ ?${one}(?: ?[-,] ?${one})* ?\\}`,
    print: (f, pc) => listText(f[field], count, T ? T.print(f, pc) : lanes),
    parse: (text, f, pc) => {
      const names = text.slice(1, -1).split(/ ?[-,] ?/);
      const [first, last] = [names[0], names.at(-1)!].map((name) => parseInt(name.trim().slice(1)));
      if ((first + count - 1) % 32 !== last) throw new Error(`${text} is no list of ${count} registers`);
      f[field] = first;
      T?.parse(names[0].trim().split('.')[1], f, pc);
    },
  };
}

/** A SIMD&FP register by a letter of its width, `v`, or by a field that has its size: that of an element, or twice that, or a precision. */
export function vectorRegister(letter: string, field: string, by = ''): Spelling {
  const isElement = by.startsWith('size'),
    more = by === 'size+1' ? 1 : 0,
    sizeIn = (f: Readonly<Values>): number => (isElement ? sizeOf(f) + more : f[by]),
    byField = precisions[by] ?? letters;
  return {
    regex: by ? '[bhsdq]\\d+' : `${letter}\\d+`,
    print: (f) => `${by ? byField[sizeIn(f)] : letter}${f[field]}`,
    parse: (text, f) => {
      if (by) agree(f, isElement ? 'size' : by, byField.indexOf(text[0]) - more);
      f[field] = Number(text.slice(1));
      if (f[field] > 31) throw new Error(`there is no register ${text}`);
    },
  };
}
