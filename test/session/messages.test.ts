/** Messages as bytes. What a session makes of wrong ones: test/hostile. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from '../../emulator/session/codec.ts';

describe('the form of messages on a WebSocket', () => {
  test('carries plain data and bytes both ways', () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    const leaf = fc.oneof(fc.string(), fc.boolean(), fc.constant(null), fc.integer(), bytes);
    const message = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(
          fc.string().filter((key) => key !== '$bytes' && key !== '__proto__'),
          tie('value'),
          { maxKeys: 4 },
        ),
      ),
    })).value;
    fc.assert(
      fc.property(message, (value) => {
        expect(decodeMessage(encodeMessage(value))).toEqual(value);
      }),
    );
  });

  test('is refused with a sentence when it is damaged', () => {
    const good = encodeMessage({ a: new Uint8Array(10) });
    for (let length = 0; length < good.length; length++) expect(() => decodeMessage(good.slice(0, length))).toThrow(/message/);
  });
});
