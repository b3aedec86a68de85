/**
 * Floating point that the host computes. Where rounding is to nearest, nothing is flushed to zero and inexact results are flagged already,
 * WebAssembly's instructions give Arm's bits, and no flag changes, as long as the result is an ordinary number (the idea of QEMU's
 * hardfloat). Whatever is not plainly so leaves the loop, and the function of isa/float computes it.
 */
import { cpuLayout } from '../cpu/layout.ts';
import {
  FixedToFP,
  FPAdd,
  FPCompare,
  FPCompareEQ,
  FPCompareGE,
  FPCompareGT,
  FPConvert,
  FPDiv,
  FPMax,
  FPMaxNum,
  FPMin,
  FPMinNum,
  FPMul,
  FPMulAdd,
  FPSqrt,
  FPSub,
  FPToFixed,
} from '../isa/float/index.ts';
import type { IntFunction } from '../isa/builder.ts';
import { fusedMultiplyAdd } from './native-fused.ts';
import { HostFloat, type FloatBits } from './host-float.ts';
import type { EngineLayout } from './layout.ts';
import type { Int } from './values.ts';
import type { Code } from './wasm.ts';

/** Leaves the result on the stack. `leaveIf` leaves the instruction where what is on the stack is not zero. */
export type Native = (code: Code, layout: EngineLayout, leaveIf: () => void) => void;
/** How a function is computed, for inputs of which some are known; undefined where it is not. */
type Maker = (inputs: readonly Int[]) => ((f: HostFloat) => void) | undefined;

const makers = new Map<IntFunction, Maker>();
const bothWidths = (table: Readonly<Record<FloatBits, IntFunction>>, maker: (bits: FloatBits) => Maker): void => {
  for (const bits of [32, 64] as const) makers.set(table[bits], maker(bits));
};

for (const [table, operation] of [
  [FPAdd, 'add'],
  [FPSub, 'sub'],
] as const) {
  // A sum below the normal numbers is exact.
  bothWidths(table, (bits) => ([a, b]) => (f) => {
    f.float(bits, a).float(bits, b).op(bits, operation);
    f.finite(bits);
  });
}
bothWidths(FPSqrt, (bits) => ([a]) => (f) => {
  f.float(bits, a).op(bits, 'sqrt');
  f.finite(bits);
});
// A product or quotient that is zero is exact only if an operand is.
for (const [table, operation] of [
  [FPMul, 'mul'],
  [FPDiv, 'div'],
] as const) {
  bothWidths(table, (bits) => ([a, b]) => (f) => {
    const x = f.keep(a),
      y = f.keep(b);
    f.floatOf(bits, x).floatOf(bits, y).op(bits, operation);
    f.normal(bits, () => {
      f.isNotZero(bits, x);
      if (operation === 'mul') {
        f.isNotZero(bits, y);
        f.code.op('i32.and');
      }
    });
  });
}
bothWidths(FPMulAdd, (bits) => (inputs) => (f) => fusedMultiplyAdd(f, bits, inputs));
for (const [table, operation] of [
  [FPMax, 'max'],
  [FPMaxNum, 'max'],
  [FPMin, 'min'],
  [FPMinNum, 'min'],
] as const) {
  bothWidths(table, (bits) => ([a, b]) => (f) => {
    f.float(bits, a).float(bits, b).op(bits, operation);
    f.finite(bits);
  });
}

bothWidths(FPCompare, (bits) => ([a, b]) => (f) => {
  const x = f.keep(a),
    y = f.keep(b);
  f.ordered(bits, x, y);
  f.code.i32(8).i32(6).i32(2);
  f.floatOf(bits, x).floatOf(bits, y).op(bits, 'eq').code.op('select');
  f.floatOf(bits, x).floatOf(bits, y).op(bits, 'lt').code.op('select');
});
for (const [table, operation] of [
  [FPCompareEQ, 'eq'],
  [FPCompareGE, 'ge'],
  [FPCompareGT, 'gt'],
] as const) {
  bothWidths(table, (bits) => ([a, b]) => (f) => {
    const x = f.keep(a),
      y = f.keep(b);
    f.ordered(bits, x, y);
    f.floatOf(bits, x).floatOf(bits, y).op(bits, operation);
  });
}

makers.set(FPConvert[32][64], ([a]) => (f) => {
  f.float(32, a).code.op('f64.promote_f32');
  f.finite(64);
});
makers.set(FPConvert[64][32], ([a]) => (f) => {
  const x = f.keep(a);
  f.floatOf(64, x).code.op('f32.demote_f64');
  f.normal(32, () => f.isNotZero(64, x));
});
for (const bits of [32, 64] as const)
  for (const width of [32, 64] as const) {
    // Towards zero, as C converts.
    makers.set(FPToFixed[bits][width], ([a, fbits, unsigned, rounding]) =>
      fbits.constant !== 0n || rounding.constant !== 3n || unsigned.constant === undefined
        ? undefined
        : (f) => f.toInteger(bits, width, unsigned.constant !== 0n, a),
    );
    makers.set(FixedToFP[width][bits], ([a, fbits, unsigned]) =>
      fbits.constant !== 0n || unsigned.constant === undefined
        ? undefined
        : (f) => {
            a.put(f.code);
            f.code
              .op(`f${bits}.convert_i${width}_${unsigned.constant ? 'u' : 's'}`)
              .op(bits === 64 ? 'i64.reinterpret_f64' : 'i32.reinterpret_f32');
          },
    );
  }

/** FPCR.FZ and RMode zero, FPSR.IXC one: both registers as 64 bits. */
const [MODES, EXPECTED] = [0x01c0_0000n | (1n << 36n), 1n << 36n];
if (cpuLayout.fpsr !== cpuLayout.fpcr + 4) throw new Error('FPSR must stand behind FPCR');

export function nativeOf(callee: IntFunction, inputs: readonly Int[]): Native | undefined {
  const compute = makers.get(callee)?.(inputs);
  return (
    compute &&
    ((code, layout, leaveIf) => {
      code
        .i32(0)
        .access('i64.load', layout.cpu + cpuLayout.fpcr)
        .i64(MODES)
        .op('i64.and')
        .i64(EXPECTED)
        .op('i64.ne');
      leaveIf();
      compute(new HostFloat(code, leaveIf));
    })
  );
}
