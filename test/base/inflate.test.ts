import { deflateRawSync, gzipSync, constants } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../emulator/base/crc32.ts';
import { InputError } from '../../emulator/base/errors.ts';
import { gunzip, inflate } from '../../emulator/base/inflate.ts';

const limitBytes = 1 << 24;
/** Bytes with and without repetition, long enough for several blocks. */
const data = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc
    .array(fc.constantFrom('exception ', 'level ', 'trap ', 'x', '\0\0\0'), { maxLength: 20000 })
    .map((words) => new TextEncoder().encode(words.join(''))),
);

describe('inflate', () => {
  it('undoes what zlib does, at every level and strategy', () => {
    const strategy = fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_HUFFMAN_ONLY, constants.Z_FIXED, constants.Z_RLE);
    const property = fc.property(data, fc.integer({ min: 0, max: 9 }), strategy, (bytes, level, strategy) => {
      const packed = deflateRawSync(bytes, { level, strategy });
      const { bytes: unpacked, end } = inflate(new Uint8Array([1, 2, 3, ...packed, 4]), 3, { limitBytes });
      expect(Buffer.compare(unpacked, bytes)).toBe(0);
      expect(end).toBe(3 + packed.length);
      expect(Buffer.compare(gunzip(gzipSync(bytes, { level }), { limitBytes }), bytes)).toBe(0);
    });
    fc.assert(property, { numRuns: 150 });
  });

  it('unpacks a megabyte of random and repeated bytes', () => {
    const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i % 70_000 < 35_000 ? (i * i * 7919) >> 9 : i >> 4));
    expect(Buffer.compare(gunzip(gzipSync(bytes), { limitBytes }), bytes)).toBe(0);
  });

  it('answers damage with an error that has a place', () => {
    const original = new TextEncoder().encode('HCR_EL2 '.repeat(500));
    const packed = gzipSync(original);
    const property = fc.property(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, change, cut) => {
      const damaged = cut ? packed.subarray(0, at) : packed.map((byte, i) => (i === at ? byte ^ change : byte));
      // Bytes 4 to 9 of the header (time, flags, system) say nothing about the data.
      if (!cut && at >= 4 && at < 10) return;
      let unpacked: Uint8Array;
      try {
        unpacked = gunzip(damaged, { limitBytes, file: 'x.gz' });
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        expect((error as InputError).place.offset).toBeTypeOf('number');
        return;
      }
      // Some bits mean nothing: flags of the header, and those that fill up the last byte of the deflated data. All others are covered by
      // the CRC, so what was unpacked must be what was packed.
      expect(cut).toBe(false);
      expect(Buffer.compare(unpacked, original)).toBe(0);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('stops at the limit', () => {
    const bomb = gzipSync(new Uint8Array(1 << 20));
    expect(() => gunzip(bomb, { limitBytes: 1 << 16 })).toThrow('larger than 65536 bytes');
  });

  it('computes the CRC of ISO 3309', () => expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926));
});
