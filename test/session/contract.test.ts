/** The contract's cases in one process. `test/app/contract.spec.ts` runs the same on the transport of each shell. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { MAX_UNACKNOWLEDGED_BYTES, Publisher } from '../../emulator/session/publisher.ts';
import { serveSession } from '../../emulator/session/serve.ts';
import { changesARegister, contractCases, saysWhatCannotBe, type Wire } from './contract-cases.ts';
import { clonedMessages } from './ports.ts';

function sameProcess(): Wire {
  const connection = clonedMessages();
  const { client, server } = connection;
  serveSession(server, { shell: 'test' });
  return { port: client, sendRaw: (bytes) => client.send(bytes), close: () => connection.close() };
}

const cases: typeof contractCases = {
  ...contractCases,
  'answers what cannot be with a kind and a sentence': saysWhatCannotBe,
  'changes a register at an instant, from which on it is another run': changesARegister,
};

test.each(Object.entries(cases))('a session %s', async (_title, check) => {
  const wire = sameProcess();
  try {
    await check(wire, 'test');
  } finally {
    await wire.close();
  }
});

test('frames wait while too many bytes are on their way', async () => {
  const sent: { type: string; frame?: number }[] = [];
  const publisher = new Publisher(
    (message) => sent.push(message),
    () => true,
  );
  let turn = 0;
  publisher.add(1, { compute: () => new Uint8Array(MAX_UNACKNOWLEDGED_BYTES).fill(++turn) });
  const nextFrame = async (): Promise<void> => {
    publisher.touch();
    await new Promise((resolve) => setTimeout(resolve, 40));
  };
  await nextFrame();
  await nextFrame();
  expect(sent.map(({ frame }) => frame)).toEqual([1]);
  publisher.acknowledge(1);
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(sent.map(({ frame }) => frame)).toEqual([1, 2]);
  publisher.close();
});

test('while the machine runs fast, a view that is asked for anew comes alone', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const sent: number[][] = [];
  const publisher = new Publisher(
    (message) => {
      if (message.type !== 'frame') return;
      sent.push(message.updates.map(({ id }) => id));
      publisher.acknowledge(message.frame);
      // The machine has gone on, and one view has led to another question.
      if (sent.length <= 3) publisher.add(10 + sent.length, { compute: () => sent.length });
      publisher.touch();
    },
    () => true,
    () => true,
  );
  let turn = 0;
  publisher.add(1, { compute: () => ++turn });
  vi.advanceTimersByTime(150);
  publisher.close();
  expect(sent).toEqual([[1], [11], [12], [13], [1, 11, 12, 13]]);
});

test('many views of other instants come a few in each frame, and those that hold are not computed again', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const sent: number[][] = [];
  const publisher = new Publisher((message) => {
    if (message.type !== 'frame') return;
    sent.push(message.updates.map(({ id }) => id));
    publisher.acknowledge(message.frame);
  });
  let computed = 0;
  let edits = 1;
  for (let id = 1; id <= 20; id++) {
    let known = 0;
    const compute = (): number => (computed++, (known = edits));
    publisher.add(id, { compute, isSettled: () => known === edits });
  }
  const frames = (): number[] => {
    vi.advanceTimersByTime(200);
    return sent.splice(0).map(({ length }) => length);
  };
  expect(frames()).toEqual([8, 8, 4]);
  publisher.touch();
  expect(frames()).toEqual([]);
  expect(computed).toBe(20);
  edits++;
  publisher.touch();
  expect(frames()).toEqual([8, 8, 4]);
  // Instants that are never reached do not keep the others from being shown.
  for (let id = 30; id < 50; id++) publisher.add(id, { compute: () => id, isSettled: () => false });
  edits++;
  publisher.touch();
  vi.advanceTimersByTime(1000);
  expect(new Set(sent.flat())).toEqual(
    new Set([...Array.from({ length: 20 }, (_, i) => i + 1), ...Array.from({ length: 20 }, (_, i) => i + 30)]),
  );
  publisher.close();
});
