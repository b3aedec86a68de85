/** A program whose file was built anew: compared with the build before, and shown at the same place. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rebuilt } from '../../emulator/session/rebuilt.ts';
import { Session } from '../../emulator/session/session.ts';
import { comparisonView } from '../../emulator/session/views/comparison.ts';

const old = new Uint8Array(readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/02-hypercalls.elf')));
const [HVC_7, NOP, YIELD] = [0xd40000e2, 0xd503201f, 0xd503203f];
/** The same program, but for `hvc #7`: it does nothing. */
const without = old.slice();
const words = new DataView(without.buffer);
const place = Array.from({ length: old.length >> 2 }, (_, i) => 4 * i).find((at) => words.getUint32(at, true) === HVC_7)!;
words.setUint32(place, NOP, true);

const fewer = /^mine\.elf was rebuilt\. The new build takes one HVC fewer, at guest\.c:\d+; from there on .* the same, .* earlier/;

async function opened(at: number): Promise<{ session: Session; told: string[]; rebuild: (bytes: Uint8Array) => Promise<void> }> {
  const session = new Session(
    () => {},
    () => {},
  );
  await session.openFile('mine.elf', old);
  await expect.poll(() => session.state).toBe('ended');
  await session.movement.seek(at, () => {});
  const told: string[] = [];
  return { session, told, rebuild: (bytes) => rebuilt(session, 'mine.elf', bytes, (text) => told.push(text)) };
}
const symbol = ({ program }: Session): string | undefined => program!.symbols.describe(program!.machine.cpu.pc);

test('one trap fewer is told as that, and the place behind it is found by what was reached, not by the step', async () => {
  const { session, told, rebuild } = await opened(20_000);
  const before = symbol(session);
  await rebuild(without);
  expect(told).toEqual([expect.stringMatching(fewer)]);
  expect(told[0]).toMatch(/ You are back at \w+\.\w:\d+\.$/);
  expect(symbol(session)).toBe(before);
  expect(session.program!.timeline.at).toBeLessThan(20_000);
  const { result } = comparisonView(session)!;
  // The HVC and its return; all else is the same.
  expect(result!.rows.filter(({ kind }) => kind !== 'same' && kind !== 'skipped').map(({ kind }) => kind)).toEqual(['fewer', 'fewer']);
  expect(result!.first).toMatchObject({ kind: 'fewer', newer: null, older: { name: 'HVC' } });
  // And back again, where it was.
  await rebuild(old);
  expect(session.program!.timeline.at).toBe(20_000);
});

test('a place that is not reached any more is said to be so', async () => {
  const { session, told, rebuild } = await opened(0);
  const { traps } = session.program!.timeline;
  const hvc7 = Array.from({ length: traps.length }, (_, i) => i).find(
    (i) =>
      traps.get(i).kind === 'exception' && traps.line(i).kind === 'exception' && (traps.line(i) as { iss: string | null }).iss === '0x7',
  )!;
  await session.movement.seek(traps.step(hvc7) + 10, () => {});
  await rebuild(without);
  expect(told.at(-1)).toMatch(/ is not reached there any more; the last event before it that both have is shown\.$/);
});

test('several builds in quick succession are one: the last is compared with the build that was looked at', async () => {
  const { session, told, rebuild } = await opened(20_000);
  const other = without.slice();
  new DataView(other.buffer).setUint32(place, YIELD, true);
  await Promise.all([other, without, other, without].map((bytes) => rebuild(bytes)));
  expect(told).toEqual([expect.stringMatching(fewer)]);
  expect(session.program!.timeline.at).toBeLessThan(20_000);
});

test('the same bytes, or a file that is cut off, leave the run as it is', async () => {
  const { session, told, rebuild } = await opened(20_000);
  const { program } = session;
  await rebuild(old.slice());
  expect(told).toEqual([expect.stringContaining('the same, byte for byte')]);
  await expect(rebuild(without.subarray(0, without.length >> 1))).rejects.toThrow(/cut off or damaged/);
  expect(session.program === program).toBe(true);
  expect([program!.timeline.at, session.state]).toEqual([20_000, 'paused']);
});
