import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cpuLayout } from '../../emulator/cpu/layout.ts';
import { functionModule } from '../../emulator/engine/functions.ts';
import { engineLayout } from '../../emulator/engine/layout.ts';
import { calculate } from '../../emulator/isa/calculate.ts';
import { FPAdd, FPConvert, FPDiv, FPMul, FPSqrt, FPSub } from '../../emulator/isa/float/index.ts';
import type { IntFunction } from '../../emulator/isa/builder.ts';
import { floatVectors } from './float-vectors.ts';

const full = join(import.meta.dirname, '../../../shared/vectors/isa');

/** The functions as the engine compiles them, with FPCR and FPSR in memory. */
class Compiled {
  private readonly memory = new WebAssembly.Memory({ initial: 16, maximum: 16 });
  private readonly view = new DataView(this.memory.buffer);
  private readonly exports: Record<string, (...inputs: (number | bigint)[]) => number | bigint>;
  constructor() {
    const module = new WebAssembly.Module(functionModule(16, engineLayout(0, 4096)));
    const [{ module: from, name }] = WebAssembly.Module.imports(module);
    this.exports = new WebAssembly.Instance(module, { [from]: { [name]: this.memory } }).exports as typeof this.exports;
  }
  run({ name, parameters, result }: IntFunction, inputs: readonly bigint[], fpcr: number): { value: bigint; raised: number } {
    this.view.setUint32(cpuLayout.fpcr, fpcr, true);
    this.view.setUint32(cpuLayout.fpsr, 0, true);
    const value = this.exports[name](...inputs.map((input, i) => (parameters[i] === 64 ? input : Number(input) | 0)));
    return { value: BigInt.asUintN(result, BigInt(value)), raised: this.view.getUint32(cpuLayout.fpsr, true) };
  }
}
const compiled = new Compiled();

describe('floating point gives the results and the flags that QEMU recorded', () => {
  test.skipIf(!existsSync(full))('compiled for all scalar instructions, and on plain values for a sample', () => {
    const failures: string[] = [];
    const counts = new Map<string, number>();
    for (const { word, call, fpcr, fpsr, inputs, result, fpsrAfter } of floatVectors(full)) {
      const { name } = call.called,
        count = counts.get(name) ?? 0;
      counts.set(name, count + 1);
      const isZeroRegister = call.to !== 'nzcv' && call.to[0] === 'x' && call.to[1] === 31;
      for (const { value, raised } of [
        compiled.run(call.called, inputs, fpcr),
        ...(count % 100 ? [] : [calculate(call.called, inputs, fpcr)]),
      ]) {
        const ours = call.then ? call.then(value) : value;
        if ((ours === result || isZeroRegister) && (fpsr | raised) === fpsrAfter) continue;
        failures.push(
          `${name}(${inputs.map((input) => input.toString(16)).join(', ')}) of ${word.toString(16)}, FPCR ${fpcr.toString(16)}: ` +
            `${ours.toString(16)}, FPSR ${(fpsr | raised).toString(16)}, not ${result.toString(16)}, ${fpsrAfter.toString(16)}`,
        );
      }
    }
    expect(failures.slice(0, 20)).toEqual([]);
    expect(counts.size).toBe(57);
    expect([...counts.values()].reduce((x, y) => x + y)).toBeGreaterThan(70_000);
  });
});

describe('rounding to nearest, arithmetic is that of the host', () => {
  const view = new DataView(new ArrayBuffer(8));
  const bitsOf = {
    32: (x: number): bigint => (view.setFloat32(0, x), BigInt(view.getUint32(0))),
    64: (x: number): bigint => (view.setFloat64(0, x), view.getBigUint64(0)),
  };
  const numberOf = {
    32: (bits: bigint): number => (view.setUint32(0, Number(bits)), view.getFloat32(0)),
    64: (bits: bigint): number => (view.setBigUint64(0, bits), view.getFloat64(0)),
  };
  // xorshift64, from a fixed seed; a third of the second operands has nearly the exponent of the first, a third is small or denormal.
  let seed = 0x9e3779b97f4a7c15n;
  const random = (): bigint => {
    seed ^= BigInt.asUintN(64, seed << 13n);
    seed ^= seed >> 7n;
    seed ^= BigInt.asUintN(64, seed << 17n);
    return seed;
  };
  const near = (a: bigint, N: 32 | 64): bigint => {
    const fraction = N === 64 ? 53n : 24n,
      r = BigInt.asUintN(N, random());
    return [r, (a & ~((1n << fraction) - 1n)) | (r & ((1n << fraction) - 1n)), r & ((1n << (fraction + 1n)) - 1n)][Number(random() % 3n)];
  };
  test.each([32, 64] as const)('in %i bits', (N) => {
    const wrong: string[] = [];
    const expectSame = (called: IntFunction, inputs: readonly bigint[], to: 32 | 64, theirs: number): void => {
      const { value } = compiled.run(called, inputs, 0);
      const same = Number.isNaN(theirs) ? Number.isNaN(numberOf[to](value)) : value === bitsOf[to](theirs);
      if (!same)
        wrong.push(`${called.name}(${inputs.map((input) => input.toString(16)).join(', ')}) = ${value.toString(16)}, not ${theirs}`);
    };
    for (let i = 0; i < 5000; i++) {
      const a = near(BigInt.asUintN(N, random()), N),
        c = near(a, N),
        [x, y] = [numberOf[N](a), numberOf[N](c)];
      expectSame(FPAdd[N], [a, c], N, x + y);
      expectSame(FPSub[N], [a, c], N, x - y);
      expectSame(FPMul[N], [a, c], N, x * y);
      expectSame(FPDiv[N], [a, c], N, x / y);
      expectSame(FPSqrt[N], [a], N, Math.sqrt(x));
      if (N === 64) expectSame(FPConvert[64][32], [a], 32, x);
    }
    expect(wrong.slice(0, 20)).toEqual([]);
  });
});
