/** The framing of gdb's packets, and a stub to which somebody sends damaged ones. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, escape, frame, fromHex, latin1, PacketReader, toHex, unescape, type Incoming } from '../../emulator/remote/gdb/packet.ts';
import { damageRun } from './damage.ts';

const payloads = fc.uint8Array({ maxLength: 300 }).map(latin1);
const sent = (...payloads: string[]): Incoming[] => payloads.map((payload) => ({ kind: 'packet', payload, isSound: true }));

test('what is framed is read again, however the stream is cut into pieces', () => {
  fc.assert(
    fc.property(fc.array(payloads, { maxLength: 4 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (all, cuts) => {
      const stream = bytesOf(all.map(frame).join('+'));
      const reader = new PacketReader();
      const found: Incoming[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const cut = cuts[i % cuts.length];
        found.push(...reader.feed(stream.subarray(at, at + cut)));
        at += cut;
      }
      expect(found.filter(({ kind }) => kind === 'packet')).toEqual(sent(...all));
    }),
    { numRuns: 100 },
  );
});

test('escapes and digits are undone by their opposites', () => {
  fc.assert(
    fc.property(payloads, (payload) => {
      expect(unescape(escape(payload))).toBe(payload);
      expect(escape(payload)).not.toMatch(/[$#*]/);
      expect(fromHex(toHex(bytesOf(payload)))).toEqual(bytesOf(payload));
    }),
  );
});

test('a wrong checksum, Ctrl-C, a packet that begins within another and one without end are told apart', () => {
  const read = (text: string): Incoming[] => new PacketReader().feed(bytesOf(text));
  expect(read('$g#00')).toEqual([{ kind: 'packet', payload: 'g', isSound: false }]);
  expect(read('noise\x03+$g#67')).toEqual([{ kind: 'interrupt' }, { kind: 'ack' }, ...sent('g')]);
  expect(read('$half$g#67')).toEqual(sent('g'));
  expect(read(`$${'m'.repeat(0x4_0001)}`)).toEqual([{ kind: 'too long' }]);
  // Ctrl-C within a packet is data of it.
  expect(read(frame('X0,1:\x03'))).toEqual(sent('X0,1:\x03'));
});

test('damaged packets neither end the stub nor change the machine, unless they are to', async () => {
  expect(await damageRun(500, 1)).toEqual({ sent: 500, problems: [] });
});
