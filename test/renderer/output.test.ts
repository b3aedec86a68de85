import { expect, test } from 'vitest';
import type { ConsoleView } from '../../emulator/session/views.ts';
import { OutputBuffer } from '../../src-renderer/state/output.ts';

/** A screen that remembers what it shows. */
class Screen {
  text = '';
  resets = 0;
  write(bytes: Uint8Array): void {
    this.text += new TextDecoder().decode(bytes);
  }
  reset(): void {
    this.text = '';
    this.resets++;
  }
}
const all = new TextEncoder().encode('hello from EL1\n'.repeat(600));
const view = (from: number, length: number, epoch = 1): ConsoleView => ({ from, bytes: all.slice(from, length), length, epoch });
const expected = (length: number): string => new TextDecoder().decode(all.slice(0, length));

test('the console follows the instant: forwards it appends, backwards it starts again', () => {
  const screen = new Screen();
  const output = new OutputBuffer(screen);
  output.show(view(0, 5));
  output.show(view(0, 9000));
  expect(screen.text).toBe(expected(9000));
  const { resets } = screen;
  // Only what is new.
  output.show(view(9000, 9000));
  output.show(view(8990, 8999));
  expect(screen.text).toBe(expected(8999));
  output.show(view(0, 3));
  expect(screen.text).toBe(expected(3));
  expect(screen.resets).toBe(resets + 2);
});

test('another program starts an empty console', () => {
  const screen = new Screen();
  const output = new OutputBuffer(screen);
  output.show(view(0, 100));
  output.show({ from: 0, bytes: new TextEncoder().encode('new'), length: 3, epoch: 2 });
  expect(screen.text).toBe('new');
});

test('of much output the console keeps the end, and where that begins', () => {
  const screen = new Screen();
  const output = new OutputBuffer(screen);
  const mebibytes = (count: number): Uint8Array<ArrayBuffer> => new Uint8Array(count << 20).fill(46);
  output.show({ from: 0, bytes: all.slice(0, 100), length: 100, epoch: 1 });
  // Some of it was left out.
  output.show({ from: 1000, bytes: all.slice(1000, 1100), length: 1100, epoch: 1 });
  expect(screen.text).toBe(new TextDecoder().decode(all.slice(1000, 1100)));
  expect(output.first).toBe(1000);
  for (let length = 1100; length < 9 << 20; length += 1 << 20)
    output.show({ from: length, bytes: mebibytes(1), length: length + (1 << 20), epoch: 1 });
  expect(output.shown.length).toBe(output.length - output.first);
  expect(output.shown.length).toBeLessThanOrEqual(4 << 20);
  expect(screen.text.length).toBe(output.length - 1000);
});
