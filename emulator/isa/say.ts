/**
 * Instructions in words. Each definition, and each alias that deserves its own, has a sentence such as
 *
 *   Adds <imm> to <Rn|SP>
 *   Picks <Rn> if <cond>, else <Rm>: <holds>, <result>
 *
 * with the operands of assembly forms (spelling.ts): a register that is read is shown with its value, `<name:Rd>` without; a label is an
 * address, and a field or a derived value is a number. What follows `: ` comes from the evaluation of the instruction, never
 * from a second reckoning; it is `<result>` where nothing is given. Beside the operands there are
 *
 *   <imm> <offset> ...   what `derive` computed; <distance> without its sign, <moved> "adds 16 to sp"
 *   <shifted> <extended> the second operand as ShiftReg() and ExtendReg() prepare it
 *   <half>               which half of a vector the form with or without "2" in its name means, "the upper half of "
 *   <if> <unless>        what the condition asks of the flags, and its inverse
 *   <address> <target>   the VA accessed, and where a branch goes
 *   <result>             what changes: registers, flags, branches
 *   <holds> <passes>     whether the condition holds, whether the exclusive monitor lets the store pass
 */
import { VA } from '../base/addresses.ts';
import { floatText } from '../base/float-text.ts';
import type { Decoded } from './decode.ts';
import type { Form } from './define.ts';
import { disassembleDecoded, preferredForm } from './disassemble.ts';
import { evaluate, type Effects, type SeenState } from './evaluate.ts';
import { spellingOf } from './spelling.ts';
import { systemOperationName, systemRegisterName, type SystemOperationName } from './system-names.ts';

/** A piece of a sentence. Names of addresses and meanings of registers are for those who know them. */
export type Part =
  | string
  | { readonly code: string }
  /** A VA of data. */
  | { readonly address: VA }
  /** A VA of code. */
  | { readonly place: VA }
  /** A system register, to be named with its meaning. */
  | { readonly register: string };

export interface Saying {
  /** What the instruction is for, without an end: "Adds 0x10 to x1 (0x70)". */
  readonly action: readonly Part[];
  /** What comes of it: "x0 becomes 0x80"; empty where nothing is left to say, or where it depends on the machine. */
  readonly outcome: readonly Part[];
  /** Undefined for instructions that the machine executes. */
  readonly effects: Effects | undefined;
}

/** An instruction, at the PC of the state, in words. Undefined where no sentence is defined. */
export function say(decoded: Decoded, state: SeenState): Saying | undefined {
  const says = sentenceOf(decoded);
  if (says === undefined) return undefined;
  const evaluated = decoded.definition.emit ? evaluate(decoded, state) : undefined;
  const effects = evaluated?.leftToMachine ? undefined : evaluated;
  const [action, outcome = '<result>'] = says.split(': ');
  const teller = new Teller(decoded, state, effects, state.pc);
  const isOpen = effects === undefined || effects.refused !== undefined;
  return { action: teller.tell(action), outcome: isOpen ? [] : teller.tell(outcome), effects };
}

/** What an instruction is for, wherever it runs: operands by their names, without values. Undefined where no sentence is defined. */
export function sayAnywhere(decoded: Decoded, pc: VA): readonly Part[] | undefined {
  const says = sentenceOf(decoded);
  if (says === undefined) return undefined;
  const { operands, target } = disassembleDecoded(decoded, pc);
  const place = /\[[^\]]*\]/.exec(operands)?.[0];
  return new Teller(decoded, undefined, undefined, pc)
    .tell(
      says
        .split(': ')[0]
        .replace(target === undefined ? ', <target>' : '', '')
        .replace(' (C = <carry>)', ''),
    )
    .map((part) => (part === AN_ADDRESS ? (target !== undefined ? { place: target } : place ? { code: place } : part) : part));
}

/** What is not known without values. */
const AN_ADDRESS = 'an address';

/** The sentence of the form in which it is written. */
export function sentenceOf({ definition, fields }: Decoded): string | undefined {
  const forms: readonly Form[] = definition.forms;
  const says = preferredForm(forms, fields).says ?? forms.at(-1)!.says;
  return typeof says === 'function' ? says(fields) : says;
}

/** What each condition asks of the flags (Arm ARM C1.2.4). */
const conditions: readonly (readonly [words: string, flags: string])[] = [
  ['equal', 'Z = 1'],
  ['not equal', 'Z = 0'],
  ['higher or same, unsigned', 'C = 1'],
  ['lower, unsigned', 'C = 0'],
  ['negative', 'N = 1'],
  ['positive or zero', 'N = 0'],
  ['overflow', 'V = 1'],
  ['no overflow', 'V = 0'],
  ['higher, unsigned', 'C = 1, Z = 0'],
  ['lower or same, unsigned', 'C = 0 or Z = 1'],
  ['greater or equal, signed', 'N = V'],
  ['less, signed', 'N ≠ V'],
  ['greater, signed', 'Z = 0, N = V'],
  ['less or equal, signed', 'Z = 1 or N ≠ V'],
];
const condition = (cond: number): string => {
  const known = conditions[cond];
  return known ? `${known[1]} (${known[0]})` : 'always true';
};

const shifts = ['shifted left', 'shifted right', 'shifted right, signed,', 'rotated right'];
const extensions = ['byte', 'low 16 bits', 'low 32 bits', ''];

const hexText = (value: bigint): string => `0x${value.toString(16)}`;
const number = (value: bigint): Part => ({ code: value < 0n ? `-${hexText(-value)}` : hexText(value) });
const decimal = (value: bigint | number): string => String(value);
const unsigned = (value: number | bigint, width: number): bigint => BigInt.asUintN(width, BigInt(value));

class Teller {
  private readonly f: Readonly<Record<string, number>>;
  private readonly width: 32 | 64;
  private readonly mnemonic: string;

  constructor(
    private readonly decoded: Decoded,
    /** Absent: operands have no values. */
    private readonly state: SeenState | undefined,
    private readonly effects: Effects | undefined,
    private readonly pc: VA,
  ) {
    this.f = decoded.fields;
    this.width = decoded.fields.sf === 0 ? 32 : 64;
    this.mnemonic = disassembleDecoded(decoded, pc).mnemonic;
  }

  tell(template: string): Part[] {
    const parts = (template.match(/<[^>]+>|[^<]+/g) ?? []).flatMap((piece) =>
      piece[0] === '<' ? this.operand(piece.slice(1, -1)) : [piece],
    );
    return parts;
  }

  private operand(token: string): readonly Part[] {
    const { f, effects } = this;
    if (token.startsWith('name:') && token !== 'name:register') return [this.nameOf(token.slice(5))];
    switch (token) {
      case 'result':
        return effects ? resultOf(effects, this.decoded, this.pc) : [];
      case 'holds':
        return [effects?.holds ? 'it holds' : 'it does not hold'];
      case 'passes':
        return [effects?.passes ? 'it does' : 'it does not, so nothing is stored'];
      case 'half':
        return [`the ${f.Q ? 'upper' : 'lower'} half of `];
      case 'if':
        return [condition(f.cond)];
      case 'unless':
        return [condition(f.cond ^ 1)];
      case 'address':
        return [effects?.accesses[0] ? { address: effects.accesses[0].address } : AN_ADDRESS];
      case 'target':
        return [effects ? { place: effects.next } : AN_ADDRESS];
      case 'carry':
        return [decimal((this.state!.nzcv >> 1) & 1)];
      case 'shifted':
        return [...this.register('Rm'), ...shiftedBy(f.shift, f.imm6)];
      case 'extended':
        return this.extended(f.imm3);
      case 'moved':
        return this.moved();
      case 'register':
        return [{ register: registerOf(this.decoded) }];
      case 'name:register':
        return [{ code: registerOf(this.decoded) }];
      case 'operation':
        return [{ code: operationOf(this.decoded) ?? `SYS #${f.op1}, C${f.CRn}, C${f.CRm}, #${f.op2}` }];
    }
    const derived = this.decoded.derived[token];
    if (typeof derived === 'number' || typeof derived === 'bigint')
      return [token === 'bit' || token === 'fbits' ? decimal(derived) : number(BigInt(derived))];
    if (/^[RXWVBHSDQ](d|n|m|a|t2?|s)(\||:|$)/.test(token)) return this.register(token);
    const spelling = spellingOf(token);
    const text = spelling.print(f, this.pc);
    if (spelling.target) {
      const to = VA(spelling.target(f, this.pc));
      return [this.decoded.definition.flow ? { place: to } : { address: to }];
    }
    if (/^-?\d\.\d+e/.test(text)) return [String(Number(text))];
    return [/^(0x|v\d|\{)/.test(text) ? { code: text } : text];
  }

  private nameOf(token: string): Part {
    const text = spellingOf(token).print(this.f, this.pc);
    return text === 'xzr' || text === 'wzr' ? `nowhere (${text})` : { code: text };
  }

  /** A register that is read, with its value. */
  private register(token: string): readonly Part[] {
    const { state } = this;
    const name = spellingOf(token).print(this.f, this.pc);
    if (name === 'xzr' || name === 'wzr') return [`zero (${name})`];
    // The lanes of a whole vector would make no sentence.
    if (!state || /^v\d/.test(name)) return [{ code: name }];
    if (/^[bhsdq]\d/.test(name)) {
      const value = state.v(Number(name.slice(1)));
      return [
        { code: name },
        // All instructions that begin with F take floating-point numbers from such registers.
        ` (${scalarText(value, vectorBits(name), this.mnemonic.startsWith('f'))})`,
      ];
    }
    const value = name.endsWith('sp') ? state.sp : state.x(Number(name.slice(1)));
    return [{ code: name }, ` (${hexText(unsigned(value, name[0] === 'w' ? 32 : 64))})`];
  }

  /** ExtendReg(): Rm's lowest bits, extended, shifted left by `amount`. */
  private extended(amount: number): readonly Part[] {
    const { option } = this.f;
    const isWhole = (option & 3) === 3 || (this.width === 32 && (option & 3) === 2);
    const rm = this.register(isWhole && this.width === 64 ? 'Xm' : 'Wm');
    const shift = amount ? [`shifted left by ${amount}`] : [];
    if (isWhole) return [...rm, ...shift.map((text) => ` ${text}`)];
    const low = (option & 3) === 2 ? '' : `the ${extensions[option & 3]} of `;
    return [low, ...rm, option & 4 ? ' sign-extended' : ' zero-extended', ...shift.map((text) => ` and ${text}`)];
  }

  /** What write-back does to the base register. */
  private moved(): readonly Part[] {
    const offset = Number(this.decoded.derived.offset ?? this.f.imm9);
    return offset < 0 ? [`subtracts ${-offset} from `, this.nameOf('Xn|SP')] : [`adds ${offset} to `, this.nameOf('Xn|SP')];
  }
}

/** Bits of a SIMD&FP register by a name of it. */
const vectorBits = (name: string): number => ({ b: 8, h: 16, s: 32, d: 64 })[name[0]] ?? 128;
/** A scalar as a number, where it is one of single or double precision; else its bits. */
const scalarText = (value: bigint, bits: number, isFloat: boolean): string =>
  isFloat && (bits === 32 || bits === 64) ? floatText(value, bits) : bits === 128 ? vectorText(value) : hexText(unsigned(value, bits));
/** All 128 bits, in which lanes are found by counting. */
const vectorText = (value: bigint): string => (value === 0n ? '0x0' : `0x${value.toString(16).padStart(32, '0')}`);
/** The lanes of single or double precision, the highest first, as the digits stand. */
const laneTexts = (value: bigint, count: number, bits: 32 | 64): string =>
  Array.from({ length: count }, (_, i) => floatText(value >> BigInt((count - 1 - i) * bits), bits)).join(', ');

/** Whether a scalar result is a floating-point number: comparisons give masks, and conversions to integers give those. */
const givesFloat = (mnemonic: string): boolean => /^(f(?!cm|acg|cvt[npmza][su])|[su]cvtf)/.test(mnemonic);

const shiftedBy = (shift: number, amount: number): readonly Part[] => (amount || shift ? [` ${shifts[shift]} by ${amount}`] : []);

/** The name of the operation that a SYS performs. */
export const operationOf = ({ definition, fields: { op1, CRn, CRm, op2 } }: Decoded): SystemOperationName | undefined =>
  definition.name === 'SYS' ? systemOperationName(op1, CRn, CRm, op2) : undefined;

/** The system register that an MRS or MSR names. */
export const registerOf = ({ fields: { o0, op1, CRn, CRm, op2 } }: Decoded): string =>
  systemRegisterName(o0 + 2, op1, CRn, CRm, op2) ?? `S${o0 + 2}_${op1}_C${CRn}_C${CRm}_${op2}`;

const inOrder = <T>(registers: ReadonlyMap<number, T>): (readonly [number, T])[] => [...registers].sort(([a], [b]) => a - b);
/** The cumulative flags of FPSR. */
const flagsOfFpsr = [['QC', 27], ['IOC', 0], ['DZC', 1], ['OFC', 2], ['UFC', 3], ['IXC', 4], ['IDC', 7]] as const; // prettier-ignore

/** What an instruction leaves behind. */
function resultOf(effects: Effects, decoded: Decoded, pc: VA): Part[] {
  const { definition } = decoded;
  const { mnemonic, operands } = disassembleDecoded(decoded, pc);
  const becomes = (name: string, value: bigint | undefined, text: (value: bigint) => string): readonly Part[] =>
    value === undefined ? [{ code: name }, ' takes the value read'] : [{ code: name }, ' becomes ', { code: text(value) }];
  /** By the name that the instruction gives it: a scalar is the whole of its register. */
  const vector = (n: number, value: bigint | undefined): readonly Part[] => {
    const name = new RegExp(`\\b[bhsdq]${n}\\b`).exec(operands)?.[0] ?? `v${n}`;
    const width = vectorBits(name);
    const [, count, lane] = (givesFloat(mnemonic) && new RegExp(`\\bv${n}\\.(\\d)([sd])\\b`).exec(operands)) || [];
    const isNumber = givesFloat(mnemonic) && (width === 32 || width === 64);
    return becomes(name, value, (bits) => {
      if (lane) return `${vectorText(bits)} (${laneTexts(bits, Number(count), lane === 's' ? 32 : 64)})`;
      return isNumber ? `${scalarText(bits, width, true)} (${hexText(bits)})` : scalarText(bits, width, false);
    });
  };
  const results: (readonly Part[])[] = [
    ...inOrder(effects.vectors).map(([n, value]) => vector(n, value)),
    ...inOrder(effects.registers).map(([n, value]) => becomes(n === 31 ? 'sp' : `x${n}`, value, hexText)),
    ...flagsOfFpsr.flatMap(([name, bit]) => ((effects.fpsr >> bit) & 1 ? [[{ code: `FPSR.${name}` }, ' is set']] : [])),
  ];
  if (effects.nzcv !== undefined) results.push(flagsText(effects.nzcv));
  if (effects.daif !== undefined) results.push([{ code: 'PSTATE.DAIF' }, ' becomes ', { code: fourBits(effects.daif) }]);
  if (effects.branches !== undefined && definition.flow === 'conditional')
    results.push([effects.branches ? 'it jumps' : 'it does not jump']);
  return listed(results);
}

/** "0b0110 (Z, C)". */
function flagsText(nzcv: number): readonly Part[] {
  const set = ['N', 'Z', 'C', 'V'].filter((_, i) => (nzcv >> (3 - i)) & 1);
  return [{ code: 'NZCV' }, ' becomes ', { code: fourBits(nzcv) }, set.length === 0 ? ' (none set)' : ` (${set.join(', ')})`];
}
const fourBits = (value: number): string => `0b${value.toString(2).padStart(4, '0')}`;

/** "a, b and c". */
const listed = (items: readonly (readonly Part[])[]): Part[] =>
  items.flatMap((item, i) => [...(i === 0 ? [] : i === items.length - 1 ? [' and '] : [', ']), ...item]);
