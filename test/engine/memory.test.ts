import { beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../emulator/base/errors.ts';
import { createMachineMemory } from '../../emulator/engine/index.ts';
import { Driver } from '../isa/driver.ts';

const CODE = 0x10000,
  DATA = 0x40000,
  STRICT = 0x50000,
  READ_ONLY = 0x60000,
  DEVICE = 0x80000;
let d: Driver;
beforeEach(() => {
  d = new Driver([
    { va: CODE, bytes: 0x1000, executable: true },
    { va: DATA, bytes: 0x3000, writable: true },
    { va: STRICT, bytes: 0x1000, writable: true, strict: true },
    { va: READ_ONLY, bytes: 0x1000 },
    { va: READ_ONLY + 0x1000, bytes: 0x1000, writable: true },
    { va: DEVICE, bytes: 0x1000, kind: 'device', writable: true },
  ]);
});
/** Runs the lines with X1 = address. */
function run(address: number, ...lines: string[]): void {
  d.cpu.setX(1, BigInt(address));
  d.load(CODE, lines);
  d.run(lines.length);
}

describe('the fast path', () => {
  test('knows a page after the first access to it', () => {
    run(DATA, ...new Array<string>(50).fill('ldr x0, [x1], #8'));
    expect(d.misses).toBe(1);
    run(DATA, ...new Array<string>(50).fill('strb w0, [x1], #1'));
    expect(d.misses).toBe(1);
  });

  test('serves unaligned accesses inside a page', () => {
    d.write64(DATA, 0x0807_0605_0403_0201n);
    d.write64(DATA + 8, 0x100f_0e0d_0c0b_0a09n);
    run(DATA + 1, 'ldr x0, [x1]', 'ldur w2, [x1, #2]', 'ldursh w3, [x1, #13]', 'ldp w4, w5, [x1]', 'ldur x6, [x1, #4]');
    expect(d.stop).toBeUndefined();
    expect([0, 2, 3, 4, 5, 6].map((r) => d.cpu.x(r))).toEqual([
      0x0908_0706_0504_0302n,
      0x0706_0504n,
      0x100fn,
      0x0504_0302n,
      0x0908_0706n,
      0x0d0c_0b0a_0908_0706n,
    ]);
    expect(d.misses).toBe(1);
  });

  test('but not in strict pages, where aligned ones stay fast', () => {
    run(STRICT, ...new Array<string>(20).fill('ldr x0, [x1], #8'));
    expect([d.misses, d.stop]).toEqual([1, undefined]);
    run(STRICT + 4, 'ldr x0, [x1]');
    expect(d.stop).toEqual({ kind: 'fault', access: 'read', alignment: true, va: BigInt(STRICT + 4) });
    // A pair is aligned when its elements are.
    run(STRICT + 8, 'ldp x2, x3, [x1]', 'stp w2, w3, [x1, #4]');
    expect(d.stop).toBeUndefined();
    run(STRICT + 4, 'ldp x2, x3, [x1]');
    expect(d.stop).toMatchObject({ alignment: true });
  });

  test('never serves unaligned acquire, release and exclusive accesses', () => {
    for (const line of ['ldar x0, [x1]', 'stlr w0, [x1]', 'ldaxr w0, [x1]', 'ldarh w0, [x1]', 'ldxp w2, w3, [x1]']) {
      run(DATA, line);
      expect(d.stop, line).toBeUndefined();
      run(DATA + 1, line);
      expect(d.stop, line).toMatchObject({ kind: 'fault', alignment: true, va: BigInt(DATA + 1) });
    }
    run(DATA + 8, 'ldxp x2, x3, [x1]'); // aligned to an element but not to the pair
    expect(d.stop).toMatchObject({ alignment: true });
  });

  test('forgets when told', () => {
    const again = (): number => {
      d.misses = 0;
      run(DATA, 'ldr x0, [x1]', 'str x0, [x1]');
      return d.misses;
    };
    expect([again(), again()]).toEqual([1, 0]);
    d.engine.fastTlb.drop(DATA + 0x123);
    expect([again(), again()]).toEqual([1, 0]);
    d.engine.fastTlb.drop(DATA + 0x1000);
    expect(again()).toBe(0);
    d.engine.fastTlb.clear(0);
    expect([again(), again()]).toEqual([1, 0]);
    d.engine.fastTlb.clear(1);
    expect(again()).toBe(0);
    d.engine.fastTlb.withholdWrites(d.hostOf(DATA));
    expect([again(), again()]).toEqual([1, 0]);
    d.engine.fastTlb.withholdWrites(d.hostOf(DATA + 0x1000));
    expect(again()).toBe(0);
    d.engine.fastTlb.withholdWrites();
    expect([again(), again()]).toEqual([1, 0]);
  });

  test('keeps the permissions of unprivileged accesses apart', () => {
    d.unprivilegedBank = 1;
    d.engine.setBank(0, 1);
    d.privileged.add(DATA + 8);
    run(DATA, 'ldr x0, [x1]', 'ldtr x0, [x1]', 'sttr x0, [x1, #16]');
    expect([d.misses, d.stop]).toEqual([2, undefined]);
    run(READ_ONLY, 'ldtr x0, [x1]', 'sttrb w0, [x1]');
    expect(d.stop).toMatchObject({ access: 'write', va: BigInt(READ_ONLY) });
    d.engine.fastTlb.clear();
    run(DATA + 8, 'ldr x0, [x1]', 'ldtr x0, [x1]');
    expect(d.stop).toMatchObject({ access: 'read', va: BigInt(DATA + 8) });
  });

  test('each bank has its own', () => {
    run(DATA, 'ldr x0, [x1]');
    d.engine.setBank(2, 2);
    run(DATA, 'ldr x0, [x1]');
    expect(d.misses).toBe(2);
  });
});

describe('accesses across pages', () => {
  const EDGE = DATA + 0x1000;
  test('load and store', () => {
    d.write64(EDGE - 8, 0x1111_1111_2222_2222n);
    d.write64(EDGE, 0x3333_3333_4444_4444n);
    run(EDGE - 4, 'ldr x0, [x1]', 'ldp w2, w3, [x1]');
    expect([0, 2, 3].map((r) => d.cpu.x(r))).toEqual([0x4444_4444_1111_1111n, 0x1111_1111n, 0x4444_4444n]);
    run(EDGE - 3, 'mov x0, #-1', 'str x0, [x1]', 'mov x5, #7');
    expect([d.read64(EDGE - 8), d.read64(EDGE)]).toEqual([0xffff_ff11_2222_2222n, 0x3333_33ff_ffff_ffffn]);
    expect(d.cpu.x(5)).toBe(7n);
    run(EDGE - 8, 'stp xzr, x5, [x1], #16');
    expect([d.read64(EDGE - 8), d.read64(EDGE), d.cpu.x(1)]).toEqual([0n, 7n, BigInt(EDGE + 8)]);
  });

  test('a fault in the second page names it and has written nothing', () => {
    const end = DATA + 0x3000;
    d.write64(end - 8, 5n);
    d.cpu.setX(2, 0xabcdn);
    for (const line of ['str x2, [x1, #-4]!', 'stp x2, x2, [x1, #-8]!', 'ldp x2, x3, [x1, #-8]!', 'ldr x2, [x1, #-1]!']) {
      d.cpu.setX(3, 3n);
      run(end, line);
      expect(d.stop, line).toMatchObject({ kind: 'fault', alignment: false, va: BigInt(end) });
      expect([d.cpu.x(1), d.cpu.x(2), d.cpu.x(3), d.read64(end - 8)], line).toEqual([BigInt(end), 0xabcdn, 3n, 5n]);
      expect(d.cpu.pc).toBe(BigInt(CODE));
    }
    run(READ_ONLY + 0xffc, 'str x2, [x1]');
    expect(d.stop).toMatchObject({ access: 'write', va: BigInt(READ_ONLY + 0xffc) });
  });
});

test('devices are read before and written after the instruction', () => {
  run(DEVICE + 0x10, 'ldr w0, [x1]', 'ldrb w2, [x1, #5]', 'str w0, [x1, #4]!', 'sturb w0, [x1]', 'stp w0, w2, [x1]');
  expect([d.cpu.x(0), d.cpu.x(2), d.cpu.x(1)]).toEqual([0x1312_1110n, 0x15n, BigInt(DEVICE + 0x14)]);
  expect(d.stores).toEqual([
    [DEVICE + 0x14, 0x10, 0x11, 0x12, 0x13],
    [DEVICE + 0x14, 0x10],
    [DEVICE + 0x14, 0x10, 0x11, 0x12, 0x13, 0x15, 0, 0, 0],
  ]);
});

describe('the memory of a machine', () => {
  test('has its regions apart, on 64 KiB boundaries', () => {
    const memory = createMachineMemory({
      regions: [
        { name: 'ram', bytes: 5 << 20 },
        { name: 'flash', bytes: 100 },
      ],
      recordBytes: 1 << 20,
    });
    const ram = memory.regions.get('ram')!,
      flash = memory.regions.get('flash')!;
    expect(ram.offset % 0x10000).toBe(0);
    expect(flash.offset).toBe(ram.offset + ram.bytes);
    expect(memory.buffer.byteLength).toBeGreaterThan(flash.offset + flash.bytes);
  });

  test('that is too large is refused with a sentence', () => {
    expect(() => createMachineMemory({ regions: [{ name: 'ram', bytes: 2 ** 32 }] })).toThrow(InputError);
    expect(() => createMachineMemory({ regions: [{ name: 'ram', bytes: 2 ** 32 }] })).toThrow(/needs \d+ MiB.*give it less RAM/);
  });
});

describe('the stack pointer as a base', () => {
  const lines = ['ldr x0, [sp]', 'str x0, [sp, #8]!', 'stp x0, x0, [sp], #16', 'ldxr x0, [sp]', 'stxr w9, x0, [sp]', 'ldtrb w0, [sp]'];
  test('must be a multiple of 16 where that is checked', () => {
    d.checksStackPointer = true;
    for (const line of lines) {
      d.cpu.sp = BigInt(DATA + 8);
      run(0, line);
      expect(d.stop, line).toMatchObject({ kind: 'fault', alignment: true, va: BigInt(DATA + 8) });
      expect([d.cpu.sp, d.cpu.pc], line).toEqual([BigInt(DATA + 8), BigInt(CODE)]);
      d.cpu.sp = BigInt(DATA + 16);
      run(0, line);
      expect(d.stop, line).toBeUndefined();
    }
  });
  test('may be anything where it is not', () => {
    for (const line of lines) {
      d.cpu.sp = BigInt(DATA + 8);
      run(0, line);
      expect(d.stop, line).toBeUndefined();
    }
  });
  test('is not checked by arithmetic and prefetches', () => {
    d.checksStackPointer = true;
    d.cpu.sp = BigInt(DATA + 8);
    run(0, 'add x0, sp, #1', 'prfm pldl1keep, [sp]', 'mov x2, sp');
    expect(d.stop).toBeUndefined();
    expect(d.cpu.x(2)).toBe(BigInt(DATA + 8));
  });
});
