import { describe, expect, test } from 'vitest';
import { decode, definitions, type Definition } from '../../emulator/isa/index.ts';
import { readFields } from '../../emulator/isa/pattern.ts';
import { randomNumbers, randomWordOf } from './random-words.ts';

const takes = ({ pattern, derive }: Definition, word: number): boolean =>
  ((word ^ pattern.value) & pattern.mask) === 0 && derive(readFields(pattern, word), word) !== undefined;

const nameOf = (word: number): string => word.toString(16).padStart(8, '0');

describe('decoder table', () => {
  test('no two definitions take the same word', () => {
    const random = randomNumbers(1);
    const clashes: string[] = [];
    for (const [i, a] of definitions.entries())
      for (const b of definitions.slice(i + 1)) {
        if ((a.pattern.value ^ b.pattern.value) & a.pattern.mask & b.pattern.mask) continue;
        // The words that both patterns match: all of them where they are few, else many.
        const fixed = (a.pattern.value | b.pattern.value) >>> 0,
          free = ~(a.pattern.mask | b.pattern.mask) >>> 0,
          bits = Array.from({ length: 32 }, (_, n) => n).filter((n) => (free >>> n) & 1);
        const count = bits.length <= 16 ? 2 ** bits.length : 2 ** 16;
        for (let n = 0; n < count; n++) {
          const value = bits.length <= 16 ? n : random();
          const word =
            bits.length <= 16 ? bits.reduce((w, bit, k) => w | (((value >>> k) & 1) << bit), fixed) >>> 0 : (fixed | (value & free)) >>> 0;
          if (takes(a, word) && takes(b, word)) {
            clashes.push(`${nameOf(word)}: ${a.name}, ${b.name}`);
            break;
          }
        }
      }
    expect(clashes).toEqual([]);
  });

  test('for all values of bits 31..10, at most one definition takes the word and decode finds it', { timeout: 120_000 }, () => {
    // Bits 9..0 are register numbers in almost all classes: both extremes of them.
    const byTop = Array.from({ length: 256 }, (_, top) =>
      definitions.filter(({ pattern }) => (((top << 24) ^ pattern.value) & pattern.mask & 0xff000000) === 0),
    );
    const wrong: string[] = [];
    for (const low of [0x000, 0x3ff])
      for (let high = 0; high < 2 ** 22; high++) {
        const word = (high * 1024 + low) >>> 0,
          decoded = decode(word)?.definition;
        let found: Definition | undefined;
        for (const definition of byTop[word >>> 24]) {
          if (!takes(definition, word)) continue;
          if (found) wrong.push(`${nameOf(word)}: ${found.name}, ${definition.name}`);
          found = definition;
        }
        if (found !== decoded) wrong.push(`${nameOf(word)}: ${decoded?.name} instead of ${found?.name}`);
      }
    expect(wrong.slice(0, 20)).toEqual([]);
  });

  test('every definition can be reached', () => {
    const random = randomNumbers(2);
    const unreached = definitions.filter((definition) => {
      for (let n = 0; n < 50_000; n++) if (decode(randomWordOf(definition, random))?.definition === definition) return false;
      return true;
    });
    expect(unreached.map(({ name }) => name)).toEqual([]);
  });

  test('what decode says of a word is in the word', () => {
    expect(decode(0x91000421)).toMatchObject({ word: 0x91000421, fields: { sf: 1, sh: 0, imm12: 1, Rn: 1, Rd: 1 }, derived: { imm: 1 } });
    expect(decode(0x17fffffe)).toMatchObject({ definition: { name: 'B', flow: 'jump' }, fields: { imm26: -2 } });
    expect(decode(0xd503207f)).toMatchObject({ definition: { name: 'WFI', emit: undefined } });
  });

  test('words of later extensions are UNDEFINED', () => {
    // ldadd x0, x1, [x2]; paciza x0; ldapr x0, [x1]; cfinv; SVE add; UDF
    for (const word of [0xf8200041, 0xdac123e0, 0xf8bfc020, 0xd500401f, 0x04200000, 0]) expect(decode(word), nameOf(word)).toBeUndefined();
    // fadd h0, h0, h0 (half precision arithmetic) and sdot are later extensions
    for (const word of [0x1ee02800, 0x4e829420]) expect(decode(word), nameOf(word)).toBeUndefined();
    // paciasp, bti c, esb are hints
    for (const word of [0xd503233f, 0xd503245f, 0xd503221f]) expect(decode(word)?.definition.name, nameOf(word)).toBe('HINT');
  });
});
