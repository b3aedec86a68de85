import { VA } from '../../emulator/base/addresses.ts';
import { describe, expect, test } from 'vitest';
import { cpuLayout } from '../../emulator/cpu/layout.ts';
import type { CpuState } from '../../emulator/cpu/state.ts';
import { decode, definitions, disassemble, disassemblyText, evaluate, type Effects, type SeenState } from '../../emulator/isa/index.ts';
import { Driver } from './driver.ts';
import { randomNumbers, randomWordOf } from './random-words.ts';

const CODE = 0x1000;
const DATA = 0x8000;
const DATA_BYTES = 0x4000;

/** Rounds over all definitions: with `npm run prove` more. */
const rounds = process.env['PROVE'] ? 3 * Number(process.env['PROVE']) : 2;

const bytesAt = (driver: Driver, va: bigint, bytes: number): bigint => {
  const at = Number(va);
  return va >= 0n && va < 2n ** 32n && driver.hostOf(at) >= 0 && driver.hostOf(at + bytes - 1) >= 0
    ? [...driver.bytesAt(at, bytes)].reduce((value, byte, i) => value | (BigInt(byte) << BigInt(8 * i)), 0n)
    : 0n;
};

/** The state as the driver has it: data and code can be read, data be written, and nothing else. */
function seen(driver: Driver): SeenState {
  const { cpu } = driver;
  const isIn = (va: bigint, bytes: number, from: number, to: number): boolean => va >= BigInt(from) && va + BigInt(bytes) <= BigInt(to);
  return {
    pc: cpu.pc,
    sp: cpu.sp,
    nzcv: cpu.nzcv,
    el: cpu.el,
    spsel: cpu.spsel,
    daif: cpu.daif,
    exclusiveBytes: cpu.u32[cpuLayout.exclusiveBytes >> 2],
    exclusiveAddress: cpu.u64[cpuLayout.exclusiveAddress >> 3],
    fpcr: cpu.fpcr,
    bigEndian: false,
    x: (n) => cpu.x(n),
    v: (n) => cpu.v(n),
    get: (name) => cpu.get(name),
    refusesStackPointer: () => false,
    branchTarget: (address) => address,
    refuses: ({ kind, address, span: { bytes, align = bytes, aligned = false } }) =>
      (aligned && address % BigInt(align) !== 0n) ||
      !(isIn(address, bytes, DATA, DATA + DATA_BYTES) || (kind === 'read' && isIn(address, bytes, CODE, CODE + 0x1000))),
    load: (address, bytes) => bytesAt(driver, address, bytes),
  };
}

/** Lanes that tell: any bits, small numbers, and floating-point numbers of all kinds in both widths. */
function randomVector(random: () => number): bigint {
  const special = [0n, 1n, 0x8000_0000n, 0x3f80_0000n, 0x7f80_0000n, 0x7fc0_0000n, 0x7f80_0001n, 0x0000_0001n, 0x4000_0000n, 0xff80_0000n];
  const words = Array.from({ length: 4 }, () => (random() % 3 ? BigInt(random()) : special[random() % special.length]));
  const bits = words.reduce((sum, word, i) => sum | (word << BigInt(32 * i)), 0n);
  const doubles = [0x3ff0n, 0x7ff0n, 0x7ff8n, 0x8000n, 0x43e0n, 0x0000n].map((top) => top << 48n);
  return random() % 3 ? bits : doubles[random() % 6] | (doubles[random() % 6] << 64n);
}

/** Everything that an instruction can change. */
const stateOf = (cpu: CpuState) => ({
  registers: Array.from({ length: 32 }, (_, n) => (n === 31 ? cpu.sp : cpu.x(n))),
  vectors: Array.from({ length: 32 }, (_, n) => cpu.v(n)),
  fpsr: cpu.fpsr,
  nzcv: cpu.nzcv,
  daif: cpu.daif,
  marked: cpu.u32[cpuLayout.exclusiveBytes >> 2],
  markedAddress: cpu.u64[cpuLayout.exclusiveAddress >> 3],
  pc: cpu.pc,
});
function expected(before: ReturnType<typeof stateOf>, effects: Effects): ReturnType<typeof stateOf> {
  const { exclusive } = effects;
  return {
    registers: before.registers.map((value, n) => (effects.registers.has(n) ? effects.registers.get(n)! : value)),
    vectors: before.vectors.map((value, n) => effects.vectors.get(n) ?? value),
    fpsr: before.fpsr | effects.fpsr,
    nzcv: effects.nzcv ?? before.nzcv,
    daif: effects.daif ?? before.daif,
    marked: exclusive?.bytes ?? before.marked,
    markedAddress: exclusive && exclusive.bytes > 0 ? exclusive.address : before.markedAddress,
    pc: effects.next,
  };
}

describe('what the evaluation of an instruction says', () => {
  test('is what the engine does: registers, flags, memory, monitor and the way on', { timeout: 600_000 }, () => {
    const driver = new Driver([
      { va: CODE, bytes: 0x1000, executable: true },
      { va: DATA, bytes: DATA_BYTES, writable: true },
    ]);
    const { cpu } = driver;
    const random = randomNumbers(11);
    const random64 = (): bigint => (BigInt(random()) << 32n) | BigInt(random());
    const data = driver.bytesAt(DATA, DATA_BYTES);
    let refusals = 0;
    let stores = 0;
    for (let round = 0; round < rounds; round++)
      for (const definition of definitions) {
        if (!definition.emit) continue;
        const word = randomWordOf(definition, random);
        const decoded = decode(word);
        if (!decoded?.definition.emit) continue;
        for (let i = 0; i < DATA_BYTES; i += 64) data[i] = random();
        const pointer = (): bigint => BigInt(DATA + 0x1000 + (random() % 0x1000));
        for (let n = 0; n < 31; n++) cpu.setX(n, random() % 3 ? pointer() & ~(random() & 1 ? 15n : 0n) : random64());
        cpu.sp = pointer() & ~15n;
        for (let n = 0; n < 32; n++) cpu.setV(n, randomVector(random));
        cpu.u32[cpuLayout.fpcr >> 2] = (random() & 1 ? random() : 0) & 0x07c0_0000;
        cpu.nzcv = random() & 15;
        cpu.daif = random() & 15;
        const base = decoded.fields.Rn === 31 ? cpu.sp : cpu.x(decoded.fields.Rn ?? 0);
        cpu.u32[cpuLayout.exclusiveBytes >> 2] = [0, 1, 2, 4, 8, 16][random() % 6];
        cpu.u64[cpuLayout.exclusiveAddress >> 3] = random() & 1 ? base : random64();
        driver.load(CODE, [word]);

        const before = stateOf(cpu);
        const effects = evaluate(decoded, seen(driver));
        const memory = data.slice();
        for (const { address, bytes, value } of effects.stores)
          for (let i = 0; i < bytes; i++) memory[Number(address) - DATA + i] = Number((value >> BigInt(8 * i)) & 0xffn);
        driver.run(1);

        const text = disassemblyText(disassemble(word, VA(BigInt(CODE))));
        const ended = effects.leftToMachine ? 'system' : effects.refused ? 'fault' : undefined;
        // A branch to where nothing can be fetched has been done all the same.
        const stop = driver.stop?.kind === 'fault' && driver.stop.access === 'execute' ? undefined : driver.stop?.kind;
        expect([text, stop]).toEqual([text, ended]);
        expect({ text, ...stateOf(cpu) }).toEqual({ text, ...expected(before, effects) });
        if (!data.every((byte, i) => byte === memory[i])) expect.unreachable(`${text} stores something else`);
        refusals += effects.refused ? 1 : 0;
        stores += effects.stores.length;
      }
    expect(refusals).toBeGreaterThan(rounds * 10);
    expect(stores).toBeGreaterThan(rounds * 10);
  });
});
