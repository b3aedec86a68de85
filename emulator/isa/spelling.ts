/**
 * The operands of assembly forms. A form (see `define`) is literal text with `<operand>`s, and `{optional parts}` which are left out when
 * all their operands say so. One spelling per operand says how it is printed and how it is read, so text and word cannot drift apart.
 *
 *   <Rd> <Xn> <Wt>      a register: its width follows sf, or is 64, or 32; <Rd|SP>: number 31 is the stack pointer;
 *                       <Rm:option>, <Rt:b5>, <Rn:lane5>: width by that field
 *   <imm12> <imm9*8>    a field as a number, times a scale; <CRm:15>: left out when it is 15
 *   <label:imm19>       where a distance in instructions leads
 *   <Vd> <T> ...        SIMD and floating point: see vector-spelling.ts
 *   others              see `named` below
 */
import { VA } from '../base/addresses.ts';
import { fields as fieldTable } from './fields.ts';
import type { Spelling, Values } from './operand.ts';
import { decodeBitMasks } from './pseudocode.ts';
import { systemOperationName, systemOperations, systemRegisterName, systemRegisters, type SystemOperationName } from './system-names.ts';
import { vectorList, vectorRegister, vectorSpellings } from './vector-spelling.ts';

export const conditions = 'eq ne cs cc mi pl vs vc hi ls ge lt gt le al nv'.split(' ');
export const conditionSynonyms: Readonly<Record<string, string>> = { hs: 'cs', lo: 'cc' };
const shifts = 'lsl lsr asr ror'.split(' ');
const extensions = 'uxtb uxth uxtw uxtx sxtb sxth sxtw sxtx'.split(' ');
const barriers = ' oshld oshst osh  nshld nshst nsh  ishld ishst ish  ld st sy'.split(' ');
/** HINT instructions with names of their own, by CRm:op2. Those above 5 belong to later extensions. */
export const hints: Readonly<Record<number, string>> = {
  ...Object.fromEntries(['nop', 'yield', 'wfe', 'wfi', 'sev', 'sevl'].map((name, i) => [i, name])),
  7: 'xpaclri',
  8: 'pacia1716',
  10: 'pacib1716',
  12: 'autia1716',
  14: 'autib1716',
  16: 'esb',
  17: 'psb csync',
  18: 'tsb csync',
  20: 'csdb',
  22: 'clearbhb',
  ...Object.fromEntries(
    ['paciaz', 'paciasp', 'pacibz', 'pacibsp', 'autiaz', 'autiasp', 'autibz', 'autibsp'].map((name, i) => [24 + i, name]),
  ),
  32: 'bti',
  34: 'bti c',
  36: 'bti j',
  38: 'bti jc',
};
const pstateFields: Readonly<Record<string, number>> = { spsel: 5, daifset: 0o36, daifclr: 0o37 };
const prefetchTypes = ['pld', 'pli', 'pst'];
const prefetchPolicies = ['keep', 'strm'];

const number = '(?:-?0x[0-9a-f]+|-?\\d+)';
const width = (f: Readonly<Values>): 32 | 64 => (f.sf ? 64 : 32);
const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
const either = (words: Iterable<string>): string => [...words].filter(Boolean).join('|');
const keyOf = (table: Readonly<Record<string, number>>, value: number): string | undefined =>
  Object.keys(table).find((key) => table[key] === value);

/** `at`: which registers are 64 bits wide. */
function register(letter: string, field: string, sp: boolean, at?: string): Spelling {
  const wide = (f: Readonly<Values>): boolean =>
    letter !== 'R'
      ? letter === 'X'
      : at === 'option'
        ? f.sf !== 0 && (f.option & 3) === 3
        : at === 'lane5'
          ? (f.lane5 & 15) === 8
          : at
            ? f[at] === 1
            : f.sf !== 0;
  return {
    regex: '[xw]\\d+|xzr|wzr|sp|wsp|lr',
    print: (f) => (f[field] === 31 ? (sp ? (wide(f) ? 'sp' : 'wsp') : wide(f) ? 'xzr' : 'wzr') : `${wide(f) ? 'x' : 'w'}${f[field]}`),
    parse: (text, f) => {
      if (text.endsWith('sp') !== sp && /sp|zr/.test(text)) throw new Error(`${text} cannot stand here`);
      const name = text === 'lr' ? 'x30' : text,
        is64 = name[0] === 'x' || name === 'sp';
      if (letter !== 'R') {
        if (is64 !== (letter === 'X')) throw new Error(`${text} has the wrong width`);
      } else if (at === undefined) {
        if (f.sf !== undefined && f.sf !== +is64) throw new Error('mixed widths');
        f.sf = +is64;
      } else if (at === 'lane5') {
        if (is64 !== (f.size === 3)) throw new Error(`${text} has the wrong width`);
        f.lane5 ??= 1 << f.size;
      } else if (at !== 'option') f[at] = +is64;
      f[field] = /sp|zr/.test(name) ? 31 : parseInt(name.slice(1));
      if (f[field] > 31) throw new Error(`there is no register ${text}`);
    },
  };
}

/** Fields that GNU tools write in hexadecimal when they are not scaled. */
const inHex = new Set(['imm12', 'imm16', 'imm5', 'nzcv', 'CRm']);

function plainNumber(field: string, scale: number | undefined, implied = 0): Spelling {
  return {
    regex: number,
    print: (f) => (scale === undefined && inHex.has(field) ? hex(f[field]) : String(f[field] * (scale ?? 1))),
    parse: (text, f) => {
      const value = text[0] === '-' ? -Number(text.slice(1)) : Number(text);
      if (scale && value % scale) throw new Error(`${text} is not a multiple of ${scale}`);
      f[field] = value / (scale ?? 1);
    },
    omitted: (f) => f[field] === implied,
    omit: (f) => {
      f[field] = implied;
    },
  };
}

/** An address: printed as the VA it leads to. */
function label(lead: (f: Readonly<Values>, pc: VA) => bigint, parse: (to: VA, f: Values, pc: VA) => void): Spelling {
  const target = (f: Readonly<Values>, pc: VA): VA => VA(BigInt.asUintN(64, lead(f, pc)));
  return { regex: number, print: (f, pc) => hex(target(f, pc)), parse: (text, f, pc) => parse(VA(BigInt(text)), f, pc), target };
}
const distance = (to: VA, from: VA, scale: bigint): number => {
  const by = BigInt.asIntN(64, to - from);
  if (by % scale) throw new Error(`0x${to.toString(16)} is not a multiple of ${scale} bytes away`);
  return Number(by / scale);
};

const word = (field: string, words: readonly string[], synonyms: Readonly<Record<string, string>> = {}): Spelling => ({
  regex: either([...words, ...Object.keys(synonyms)]),
  print: (f) => words[f[field]],
  parse: (text, f) => {
    f[field] = words.indexOf(synonyms[text] ?? text);
  },
});

/** An extended register's extension and shift: `lsl`, which may be nothing at all, where the stack pointer is an operand. */
function extend(usesSP: (f: Readonly<Values>) => boolean): Spelling {
  const plain = (f: Readonly<Values>): boolean => usesSP(f) && f.option === (f.sf ? 3 : 2);
  return {
    regex: `(?:${either(extensions)})(?: #\\d)?|lsl #\\d`,
    print: (f) => (plain(f) ? 'lsl' : extensions[f.option]) + (f.imm3 ? ` #${f.imm3}` : ''),
    parse: (text, f) => {
      const [name, amount = '#0'] = text.split(' ');
      f.option = name === 'lsl' ? (f.sf ? 3 : 2) : extensions.indexOf(name);
      f.imm3 = Number(amount.slice(1));
      if (name === 'lsl' && !usesSP(f)) throw new Error('lsl needs the stack pointer beside it');
    },
    omitted: (f) => plain(f) && f.imm3 === 0,
    omit: (f) => {
      Object.assign(f, { option: f.sf ? 3 : 2, imm3: 0 });
      if (!usesSP(f)) throw new Error('the extension is missing');
    },
  };
}

/** The index of a register-offset address: nothing, `lsl #scale`, an extension, or an extension and the scale. */
const index = (scale: number): Spelling => ({
  regex: `(?:lsl|${either(extensions)})(?: #\\d)?`,
  print: (f) => (f.option === 3 ? 'lsl' : extensions[f.option]) + (f.S ? ` #${scale}` : ''),
  parse: (text, f) => {
    const [name, amount] = text.split(' ');
    if (amount !== undefined && amount !== `#${scale}` && amount !== '#0') throw new Error(`the amount can only be #${scale}`);
    f.option = name === 'lsl' ? 3 : extensions.indexOf(name);
    f.S = amount === `#${scale}` ? 1 : 0;
  },
  omitted: (f) => f.option === 3 && !f.S,
  omit: (f) => void Object.assign(f, { option: 3, S: 0 }),
});

/** The value that MOVZ, or inverted MOVN, makes. */
function wideMove(invert: boolean): Spelling {
  const value = (f: Readonly<Values>): bigint => {
    const bits = BigInt(f.imm16) << BigInt(16 * f.hw);
    return BigInt.asUintN(width(f), invert ? ~bits : bits);
  };
  return {
    regex: number,
    print: (f) => hex(value(f)),
    parse: (text, f) => {
      const bits = BigInt.asUintN(width(f), integer(text));
      for (let hw = 0; hw < width(f) / 16; hw++) {
        const imm16 = Number(((invert ? ~bits : bits) >> BigInt(16 * hw)) & 0xffffn);
        if (value({ sf: f.sf, hw, imm16 }) === bits) {
          Object.assign(f, { hw, imm16 });
          return;
        }
      }
      throw new Error(`${text} takes more than one halfword`);
    },
  };
}
const integer = (text: string): bigint => (text[0] === '-' ? -BigInt(text.slice(1)) : BigInt(text));

/** DecodeBitMasks the other way round: what the test assembler looks up. */
const bitmaskFields = { 32: new Map<bigint, Values>(), 64: new Map<bigint, Values>() };
function findBitmask(value: bigint, bits: 32 | 64): Values | undefined {
  const known = bitmaskFields[bits];
  if (known.size === 0)
    for (let N = 0; N <= (bits === 64 ? 1 : 0); N++)
      for (let imms = 0; imms < 64; imms++)
        for (let immr = bits - 1; immr >= 0; immr--) {
          const masks = decodeBitMasks(N, imms, immr, true);
          if (masks) known.set(BigInt.asUintN(bits, masks.wmask), { N, imms, immr });
        }
  return known.get(value);
}
const bitmask: Spelling = {
  regex: number,
  print: (f) => hex(BigInt.asUintN(width(f), decodeBitMasks(f.N, f.imms, f.immr, true)!.wmask)),
  parse: (text, f) => {
    const found = findBitmask(BigInt.asUintN(width(f), integer(text)), width(f));
    if (!found) throw new Error(`${text} is not a bitmask immediate`);
    Object.assign(f, found);
  },
};

/** A number computed from fields and back. */
const computed = (value: (f: Readonly<Values>) => number, parse: (n: number, f: Values) => void): Spelling => ({
  regex: '\\d+',
  print: (f) => String(value(f)),
  parse: (text, f) => parse(Number(text), f),
});

/** In a type of their own: the type that has each encoding takes the compiler seconds to unite with what is read from a text. */
const encodings: Readonly<Record<string, readonly number[]>> = systemRegisters;

const sysreg: Spelling = {
  regex: '[a-z]\\w+',
  print: (f) => {
    const [op0, op1, CRn, CRm, op2] = [f.o0 + 2, f.op1, f.CRn, f.CRm, f.op2];
    return systemRegisterName(op0, op1, CRn, CRm, op2)?.toLowerCase() ?? `s${op0}_${op1}_c${CRn}_c${CRm}_${op2}`;
  },
  parse: (text, f) => {
    const name = Object.keys(encodings).find((n) => n.toLowerCase() === text),
      digits = /^s([23])_([0-7])_c(\d+)_c(\d+)_([0-7])$/.exec(text)?.slice(1).map(Number),
      encoding = name ? encodings[name] : digits;
    if (!encoding) throw new Error(`there is no system register ${text}`);
    const [op0, op1, CRn, CRm, op2] = encoding as readonly [number, number, number, number, number];
    Object.assign(f, { o0: op0 - 2, op1, CRn, CRm, op2 });
  },
};

const sysop: Spelling = {
  regex: '(?:ic|dc|at|tlbi) \\w+',
  print: (f) => systemOperationName(f.op1, f.CRn, f.CRm, f.op2)!.toLowerCase(),
  parse: (text, f) => {
    const operation = systemOperations[text.toUpperCase() as SystemOperationName] as readonly (number | boolean)[] | undefined;
    if (!operation) throw new Error(`there is no operation ${text}`);
    const [, op1, CRn, CRm, op2] = operation as readonly number[];
    Object.assign(f, { op1, CRn, CRm, op2 });
  },
};

const named: Readonly<Record<string, Spelling>> = {
  cond: word('cond', conditions, conditionSynonyms),
  /** The condition that is false when the field's is true. */
  inverse: {
    regex: either([...conditions, ...Object.keys(conditionSynonyms)]),
    print: (f) => conditions[f.cond ^ 1],
    parse: (text, f) => {
      f.cond = conditions.indexOf(conditionSynonyms[text] ?? text) ^ 1;
    },
  },
  shift: {
    ...word('shift', shifts),
    omitted: (f) => f.shift === 0,
    omit: (f) => {
      f.shift = 0;
    },
  },
  'extend:nd': extend((f) => f.Rn === 31 || f.Rd === 31),
  'extend:n': extend((f) => f.Rn === 31),
  bit: computed(
    (f) => f.b5 * 32 + f.b40,
    (n, f) => {
      if (n > 31 !== (f.b5 === 1) && n > 31) throw new Error(`a 32-bit register has no bit ${n}`);
      Object.assign(f, { b5: n >> 5, b40: n & 31 });
    },
  ),
  'pc+offset': label(
    (f, pc) => pc + BigInt(f.immhi * 4 + f.immlo),
    (to, f, pc) => {
      const by = distance(to, pc, 1n);
      Object.assign(f, { immhi: by >> 2, immlo: by & 3 });
    },
  ),
  'page+offset': label(
    (f, pc) => (pc & ~0xfffn) + (BigInt(f.immhi * 4 + f.immlo) << 12n),
    (to, f, pc) => {
      const by = distance(to, VA(pc & ~0xfffn), 4096n);
      Object.assign(f, { immhi: by >> 2, immlo: by & 3 });
    },
  ),
  bitmask,
  wide: wideMove(false),
  invertedWide: wideMove(true),
  // Aliases of the bitfield instructions
  leftShift: computed(
    (f) => width(f) - 1 - f.imms,
    (n, f) => Object.assign(f, { imms: width(f) - 1 - n, immr: -n & (width(f) - 1) }),
  ),
  lsb: computed(
    (f) => -f.immr & (width(f) - 1),
    (n, f) => {
      f.immr = -n & (width(f) - 1);
    },
  ),
  width: computed(
    (f) => f.imms + 1,
    (n, f) => {
      f.imms = n - 1;
    },
  ),
  extractedWidth: computed(
    (f) => f.imms - f.immr + 1,
    (n, f) => {
      f.imms = f.immr + n - 1;
    },
  ),
  // System
  hint: {
    regex: number,
    print: (f) => hex(f.CRm * 8 + f.op2),
    parse: (text, f) => Object.assign(f, { CRm: Number(text) >> 3, op2: Number(text) & 7 }),
  },
  hintName: {
    regex: either(Object.values(hints)),
    print: (f) => hints[f.CRm * 8 + f.op2],
    parse: (text, f) => {
      const n = Number(Object.keys(hints).find((key) => hints[Number(key)] === text));
      Object.assign(f, { CRm: n >> 3, op2: n & 7 });
    },
  },
  barrier: {
    regex: `${either(barriers)}|#${number}`,
    print: (f) => barriers[f.CRm] || `#0x${f.CRm.toString(16).padStart(2, '0')}`,
    parse: (text, f) => {
      f.CRm = text[0] === '#' ? Number(text.slice(1)) : barriers.indexOf(text);
    },
  },
  pstatefield: {
    regex: either(Object.keys(pstateFields)),
    print: (f) => keyOf(pstateFields, f.op1 * 8 + f.op2)!,
    parse: (text, f) => Object.assign(f, { op1: pstateFields[text] >> 3, op2: pstateFields[text] & 7 }),
  },
  prfop: {
    regex: `(?:${either(prefetchTypes)})l[123](?:${either(prefetchPolicies)})|#${number}`,
    print: ({ prfop }) => {
      const type = prefetchTypes[prfop >> 3],
        level = ((prfop >> 1) & 3) + 1;
      return type && level < 4 ? `${type}l${level}${prefetchPolicies[prfop & 1]}` : `#0x${prfop.toString(16).padStart(2, '0')}`;
    },
    parse: (text, f) => {
      const parts = /^(p..)l(.)(.*)$/.exec(text);
      f.prfop = parts
        ? (prefetchTypes.indexOf(parts[1]) << 3) | ((Number(parts[2]) - 1) << 1) | prefetchPolicies.indexOf(parts[3])
        : Number(text.slice(1));
    },
  },
  sysreg,
  sysop,
};

/** Whether a hint has its own name. */
export const isNamedHint = ({ CRm, op2 }: Readonly<Values>): boolean => hints[CRm * 8 + op2] !== undefined;

export function spellingOf(token: string): Spelling {
  if (Object.hasOwn(named, token)) return named[token];
  const r = /^([RXW])(d|n|m|a|t2?|s)(\|SP)?(?::(\w+))?$/.exec(token);
  if (r) return register(r[1], `R${r[2]}`, r[3] !== undefined, r[4]);
  if (Object.hasOwn(vectorSpellings, token)) return vectorSpellings[token];
  const vector = /^([VBHSDQ])(d|n|m4?|a|t2?)(?::(\w+(?:\+1)?))?$/.exec(token);
  if (vector) return vectorRegister(vector[1].toLowerCase(), `V${vector[2]}`, vector[3]);
  const list = /^(V\w+)\*(\d)\.(\w+)$/.exec(token);
  if (list) return vectorList(list[1], Number(list[2]), list[3]);
  const branch = /^label:(\w+)$/.exec(token)?.[1];
  if (branch)
    return label(
      (f, pc) => pc + BigInt(f[branch] * 4),
      (to, f, pc) => {
        f[branch] = distance(to, pc, 4n);
      },
    );
  const scale = /^index\*(\d)$/.exec(token)?.[1];
  if (scale) return index(Number(scale));
  const coprocessor = /^C:(\w+)$/.exec(token)?.[1];
  if (coprocessor)
    return {
      regex: 'c\\d+',
      print: (f) => `C${f[coprocessor]}`,
      parse: (text, f) => {
        f[coprocessor] = Number(text.slice(1));
      },
    };
  const plain = /^(\w+)(?:\*(\d+)|:(\d+))?$/.exec(token);
  if (plain && plain[1] in fieldTable)
    return plainNumber(plain[1], plain[2] === undefined ? undefined : Number(plain[2]), Number(plain[3] ?? 0));
  throw new Error(`no spelling for <${token}>`);
}
