/** How fast the machine runs is a person's choice, at every instant. */
import { afterEach, expect, test } from 'vitest';
import { Session } from '../../emulator/session/session.ts';

const session = new Session(
  () => {},
  () => {},
);
afterEach(() => session.close());

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('a slower speed after running flat out goes on from there', async () => {
  // b .
  await session.openFile('endless', Uint8Array.of(0, 0, 0, 0x14), { options: { firmware: true } });
  const { timeline } = session.needProgram();
  await expect.poll(() => timeline.at).toBeGreaterThan(1_000_000);
  session.movement.speed = 1000;
  await wait(20);
  const { at } = timeline;
  await wait(300);
  expect(timeline.at - at).toBeGreaterThan(50);
  expect(timeline.at - at).toBeLessThan(2000);
});
