/** What no user interface would send: a session answers with a sentence and goes on. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commands } from '../../emulator/session/contract.ts';
import { decodeMessage, encodeMessage } from '../../emulator/session/codec.ts';
import type { Port } from '../../emulator/session/port.ts';
import { serveSession } from '../../emulator/session/serve.ts';

/** A port whose other end is this test. */
function hand(): { port: Port; receive: (message: unknown) => void; sent: { type: string; message?: string }[] } {
  const sent: { type: string; message?: string }[] = [];
  let receive: (message: unknown) => void = () => undefined;
  const port: Port = {
    send: (message) => sent.push(message as { type: string }),
    onMessage: (listener) => (receive = listener),
    onClose: () => undefined,
    close: () => undefined,
  };
  return { port, receive: (message) => receive(message), sent };
}

describe('a session', () => {
  test('answers any message without harm', () => {
    fc.assert(
      fc.property(fc.anything(), (message) => {
        const { port, receive, sent } = hand();
        const session = serveSession(port, { shell: 'test' });
        receive(message);
        session.close();
        expect(sent[0]).toMatchObject({ type: 'welcome' });
        for (const reply of sent.slice(1)) expect(reply).toMatchObject({ type: 'error', message: expect.any(String) as string });
      }),
      { numRuns: 300 },
    );
  });

  test('answers known calls with arbitrary parameters', async () => {
    const command = fc.constantFrom(...Object.keys(commands));
    await fc.assert(
      fc.asyncProperty(command, fc.anything(), async (name, params) => {
        const { port, receive, sent } = hand();
        const session = serveSession(port, { shell: 'test' });
        receive({ type: 'call', id: 1, command: name, params });
        await new Promise((resolve) => setImmediate(resolve));
        session.close();
        expect(sent.slice(1).filter(({ type }) => type !== 'progress').length).toBe(1);
      }),
      { numRuns: 300 },
    );
  });
});

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
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          decodeMessage(bytes);
        } catch (error) {
          expect((error as Error).name).toBe('InputError');
        }
      }),
    );
    const good = encodeMessage({ a: new Uint8Array(10) });
    for (let length = 0; length < good.length; length++) expect(() => decodeMessage(good.slice(0, length))).toThrow(/message/);
  });
});
