/** Recorded instructions of scalar floating point as calls of the functions that they are made of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as F from '../../emulator/isa/float/index.ts';
import type { IntFunction } from '../../emulator/isa/builder.ts';

type Operand = readonly ['v' | 'x', number] | bigint;
export interface Call {
  readonly called: IntFunction;
  readonly inputs: readonly Operand[];
  /** Register and width of the result, or the flags. */
  readonly to: readonly ['v' | 'x', number, bits: number] | 'nzcv';
  /** What becomes of the function's result. */
  readonly then?: (value: bigint) => bigint;
  /** Operands by number whose sign is inverted. */
  readonly negated?: readonly number[];
}

const precision = (isDouble: number): 32 | 64 => (isDouble ? 64 : 32);
const fpcrMode = -1n;
/** Rounding modes in the order of FCVTNS, FCVTPS, FCVTMS, FCVTZS and of FRINTN and so on; -1 stands for that of FPCR. */
const rounds: readonly bigint[] = [0n, 1n, 2n, 3n, 4n, 0n, fpcrMode, fpcrMode];

/** The call that an instruction makes; undefined for others. */
export function callOf(word: number): Call | undefined {
  const bits = (from: number, count: number): number => (word >>> from) & ((1 << count) - 1);
  const [d, n, a, m, type] = [bits(0, 5), bits(5, 5), bits(10, 5), bits(16, 5), bits(22, 2)],
    matches = (mask: number, value: number): boolean => (word & mask) >>> 0 === value;
  const v = (r: number): Operand => ['v', r],
    N = precision(type),
    sf = precision(bits(31, 1));
  if (type < 2) {
    const toV = ['v', d, N] as const;
    const neg = (value: bigint): bigint => value ^ (1n << BigInt(N - 1));
    if (matches(0xff200c00, 0x1e200800)) {
      const called = [F.FPMul, F.FPDiv, F.FPAdd, F.FPSub, F.FPMax, F.FPMin, F.FPMaxNum, F.FPMinNum, F.FPMul][bits(12, 4)];
      return called && { called: called[N], inputs: [v(n), v(m)], to: toV, ...(bits(12, 4) === 8 && { then: neg }) };
    }
    if (matches(0xff000000, 0x1f000000)) {
      const [o1, o0] = [bits(21, 1), bits(15, 1)];
      return { called: F.FPMulAdd[N], inputs: [v(a), v(n), v(m)], to: toV, negated: [...(o1 ? [0] : []), ...(o1 !== o0 ? [1] : [])] };
    }
    if (matches(0xff20fc07, 0x1e202000))
      return { called: F.FPCompare[N], inputs: [v(n), bits(3, 1) ? 0n : v(m), BigInt(bits(4, 1))], to: 'nzcv' };
    if (matches(0xff207c00, 0x1e204000)) {
      const opcode = bits(15, 6);
      if (opcode === 3) return { called: F.FPSqrt[N], inputs: [v(n)], to: toV };
      if (opcode >= 8 && opcode < 16 && opcode !== 13)
        return { called: F.FPRoundInt[N], inputs: [v(n), rounds[opcode - 8], opcode === 14 ? 1n : 0n], to: toV };
    }
    if (matches(0x7f20fc00, 0x1e200000) || matches(0x7f200000, 0x1e000000)) {
      const fbits = bits(21, 1) ? 0n : BigInt(64 - bits(10, 6)),
        unsigned = BigInt(bits(16, 1)),
        [rmode, opcode] = [bits(19, 2), bits(17, 2)];
      if (fbits > sf || (fbits && rmode !== (opcode === 1 ? 0 : 3))) return undefined;
      if (opcode === 0) return { called: F.FPToFixed[N][sf], inputs: [v(n), fbits, unsigned, rounds[rmode]], to: ['x', d, sf] };
      if (opcode === 2 && rmode === 0 && !fbits) return { called: F.FPToFixed[N][sf], inputs: [v(n), 0n, unsigned, 4n], to: ['x', d, sf] };
      if (opcode === 1 && rmode === 0) return { called: F.FixedToFP[sf][N], inputs: [['x', n], fbits, unsigned], to: toV };
    }
  }
  if (matches(0xff3e7c00, 0x1e224000) && type !== 2) {
    const from = ([32, 64, undefined, 16] as const)[type]!,
      to = ([32, 64, undefined, 16] as const)[bits(15, 2)];
    const called = to && (F.FPConvert[from] as Partial<Record<number, IntFunction>>)[to];
    return called && { called, inputs: [v(n)], to: ['v', d, to] };
  }
  const U = bits(29, 1),
    opcode = bits(12, 5),
    S = precision(type & 1),
    toV = ['v', d, S] as const;
  const ones = (value: bigint): bigint => (value ? (1n << BigInt(S)) - 1n : 0n);
  if (matches(0xdf3f0c00, 0x5e210800)) {
    const key = `${U}${type >> 1} ${opcode.toString(2).padStart(5, '0')}`;
    const one: Partial<Record<string, Record<32 | 64, IntFunction>>> = {
      '01 11101': F.FPRecipEstimate,
      '11 11101': F.FPRSqrtEstimate,
      '01 11111': F.FPRecpX,
    };
    if (one[key]) return { called: one[key][S], inputs: [v(n)], to: toV };
    if (key === '10 10110' && type === 1) return { called: F.FPConvertRoundOdd, inputs: [v(n)], to: ['v', d, 32] };
    const toInteger = ({ '0 11010': 0n, '1 11010': 1n, '0 11011': 2n, '1 11011': 3n, '0 11100': 4n } as Record<string, bigint>)[
      key.slice(1)
    ];
    if (toInteger !== undefined) return { called: F.FPToFixed[S][S], inputs: [v(n), 0n, BigInt(U), toInteger], to: toV };
    if (key.slice(1) === '0 11101') return { called: F.FixedToFP[S][S], inputs: [v(n), 0n, BigInt(U)], to: toV };
  }
  if (matches(0xdf3f0c00, 0x5e200800) && type >= 2) {
    const zero: Partial<Record<number, readonly [Record<32 | 64, IntFunction>, reversed: boolean]>> = {
      [0b001100]: [F.FPCompareGT, false],
      [0b101100]: [F.FPCompareGE, false],
      [0b001101]: [F.FPCompareEQ, false],
      [0b101101]: [F.FPCompareGE, true],
      [0b001110]: [F.FPCompareGT, true],
    };
    const found = zero[(U << 5) | opcode];
    return found && { called: found[0][S], inputs: found[1] ? [0n, v(n)] : [v(n), 0n], to: toV, then: ones };
  }
  if (matches(0xdf200400, 0x5e200400)) {
    const key = (U << 6) | ((type >> 1) << 5) | bits(11, 5);
    const two: Partial<Record<number, Record<32 | 64, IntFunction>>> = {
      [0b0011011]: F.FPMulX,
      [0b0011111]: F.FPRecipStepFused,
      [0b0111111]: F.FPRSqrtStepFused,
      [0b0011100]: F.FPCompareEQ,
      [0b1011100]: F.FPCompareGE,
      [0b1111100]: F.FPCompareGT,
    };
    return two[key] && { called: two[key][S], inputs: [v(n), v(m)], to: toV, ...(bits(11, 5) === 0b11100 && { then: ones }) };
  }
  return undefined;
}

export interface FloatVector {
  readonly word: number;
  readonly call: Call;
  readonly fpcr: number;
  readonly fpsr: number;
  readonly inputs: readonly bigint[];
  /** The whole register, or NZCV. */
  readonly result: bigint;
  readonly fpsrAfter: number;
}

const STATE = { bytes: 816, sp: 248, fpcr: 272, fpsr: 280, v: 304 } as const;

/** Those of the set in a folder that `callOf` knows and that completed, of every instruction one in `each`. */
export function* floatVectors(folder: string, each = 1): Generator<FloatVector> {
  const [b, states] = ['vectors.bin.gz', 'states.bin.gz'].map((name) => gunzipSync(readFileSync(join(folder, name))));
  const seen = new Map<string, number>();
  for (let at = 0, next = 0; at < b.length; at = next) {
    const [exception, nx, nv, nm] = [b[at + 12], b[at + 13], b[at + 14], b[at + 15]];
    const changed = at + 36 + (exception ? 12 : 0);
    next = changed + nx * 9 + nv * 17 + nm * 10;
    const word = b.readUInt32LE(at),
      call = exception ? undefined : callOf(word);
    if (!call) continue;
    const count = seen.get(call.called.name) ?? 0;
    seen.set(call.called.name, count + 1);
    if (count % each) continue;
    const state = b.readUInt16LE(at + 4) * STATE.bytes;
    const v = (r: number): bigint => states.readBigUInt64LE(state + STATE.v + r * 16),
      x = (r: number): bigint => (r === 31 ? 0n : states.readBigUInt64LE(state + r * 8));
    const fpcr = states.readUInt32LE(state + STATE.fpcr);
    const inputs = call.inputs.map((input, i) => {
      const width = call.called.parameters[i];
      const value = typeof input === 'bigint' ? input : input[0] === 'v' ? v(input[1]) : x(input[1]);
      const sign = call.negated?.includes(i) ? 1n << BigInt(width - 1) : 0n;
      return BigInt.asUintN(width, value === fpcrMode && typeof input === 'bigint' ? BigInt((fpcr >>> 22) & 3) : value ^ sign);
    });
    let result: bigint;
    if (call.to === 'nzcv') result = BigInt(b.readUInt32LE(at + 24) >>> 28);
    else {
      const [file, number] = call.to;
      result = file === 'x' ? x(number) : v(number) | (states.readBigUInt64LE(state + STATE.v + number * 16 + 8) << 64n);
      for (let i = 0; i < nx; i++) if (file === 'x' && b[changed + i * 9] === number) result = b.readBigUInt64LE(changed + i * 9 + 1);
      for (let i = 0; i < nv; i++) {
        const from = changed + nx * 9 + i * 17;
        if (file === 'v' && b[from] === number) result = b.readBigUInt64LE(from + 1) | (b.readBigUInt64LE(from + 9) << 64n);
      }
    }
    const fpsr = states.readUInt32LE(state + STATE.fpsr);
    yield { word, call, fpcr, fpsr, inputs, result, fpsrAfter: b.readUInt32LE(at + 32) };
  }
}
