import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../emulator/base/bytes.ts';
import { InputError } from '../../emulator/base/errors.ts';

type Step = readonly [write: (writer: ByteWriter) => void, read: (reader: ByteReader) => unknown, value: unknown];
const step = fc.oneof(
  fc.nat(0xff).map((v): Step => [(w) => w.u8(v), (r) => r.u8(), v]),
  fc.nat(0xffff).map((v): Step => [(w) => w.u16(v), (r) => r.u16(), v]),
  fc.nat(0xffff_ffff).map((v): Step => [(w) => w.u32(v), (r) => r.u32(), v]),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((v): Step => [(w) => w.u64(v), (r) => r.u64(), v]),
  fc.maxSafeNat().map((v): Step => [(w) => w.count(v), (r) => r.count(), v]),
  fc.double().map((v): Step => [(w) => w.f64(v), (r) => r.f64(), v]),
  fc.boolean().map((v): Step => [(w) => w.flag(v), (r) => r.flag(), v]),
  fc.uint8Array().map((v): Step => [(w) => w.bytes(v), (r) => r.bytes(), v]),
  fc.string({ unit: 'grapheme' }).map((v): Step => [(w) => w.text(v), (r) => r.text(), v]),
);

describe('byte readers and writers', () => {
  it('read what was written, and refuse it cut off', () => {
    const property = fc.property(fc.array(step, { maxLength: 30 }), fc.nat(), (steps, cut) => {
      const writer = new ByteWriter(4);
      for (const [write] of steps) write(writer);
      const bytes = writer.finish();
      const reader = new ByteReader(bytes);
      for (const [, read, value] of steps) expect(read(reader)).toEqual(value);
      expect(reader.remaining).toBe(0);
      if (bytes.length === 0) return;
      const short = new ByteReader(bytes.subarray(0, cut % bytes.length), 'x.rec', 100);
      try {
        for (const [, read] of steps) read(short);
        expect.fail('the end was not noticed');
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        expect(error.place).toEqual({ file: 'x.rec', offset: expect.any(Number) as number });
        expect(error.place.offset).toBeGreaterThanOrEqual(100);
      }
    });
    fc.assert(property);
  });

  it('refuse numbers that make no sense', () => {
    expect(() => new ByteReader(Uint8Array.of(2)).flag()).toThrow('at offset 0x0: 0x2 is neither yes nor no');
    expect(() => new ByteReader(new Uint8Array(8).fill(0xff)).count()).toThrow('too large');
    expect(() => new ByteReader(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1)).countOf(2)).toThrow('only 1 bytes are left');
    expect(new ByteReader(Uint8Array.of(2, 0, 0, 0, 1, 2, 3, 4)).countOf(2)).toBe(2);
  });
});
