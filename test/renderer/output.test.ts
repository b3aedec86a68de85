import { describe, expect, test } from 'vitest';
import type { ConsoleView, SenderRun } from '../../emulator/session/views.ts';
import { byteInLine, ConsoleText, type Sender } from '../../src-renderer/state/console-text.ts';
import { OutputBuffer } from '../../src-renderer/state/output.ts';

/** A screen that remembers what it shows. */
class Screen {
  text = '';
  resets = 0;
  write(bytes: Uint8Array, _offset: number, _senders: unknown, done: () => void): void {
    this.text += new TextDecoder().decode(bytes);
    if (this.isSlow) this.waiting.push(done);
    else done();
  }
  isSlow = false;
  readonly waiting: (() => void)[] = [];
  reset(): void {
    this.text = '';
    this.resets++;
  }
}
const all = new TextEncoder().encode('hello from EL1\n'.repeat(600));
const from1 = (bytes: Uint8Array): ConsoleView['senders'] => [{ bytes: bytes.length, el: 1, vmid: 1 }];
const made = (from: number, bytes: Uint8Array, length: number, epoch = 1): ConsoleView => ({
  from,
  bytes,
  senders: from1(bytes),
  length,
  epoch,
});
const view = (from: number, length: number, epoch = 1): ConsoleView => made(from, all.slice(from, length), length, epoch);
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
  output.show(made(0, new TextEncoder().encode('new'), 3, 2));
  expect(screen.text).toBe('new');
});

test('of much output the console keeps the end, and where that begins', () => {
  const screen = new Screen();
  const output = new OutputBuffer(screen);
  const mebibytes = (count: number): Uint8Array<ArrayBuffer> => new Uint8Array(count << 20).fill(46);
  output.show(view(0, 100));
  // Some of it was left out.
  output.show(view(1000, 1100));
  expect(screen.text).toBe(new TextDecoder().decode(all.slice(1000, 1100)));
  expect(output.first).toBe(1000);
  for (let length = 1100; length < 9 << 20; length += 1 << 20) output.show(made(length, mebibytes(1), length + (1 << 20)));
  expect(output.shown.bytes.length).toBe(output.length - output.first);
  expect(output.shown.bytes.length).toBeLessThanOrEqual(2 << 20);
  expect(screen.text.length).toBe(output.length - 1000);
});

test('an instant with the same output leaves the terminal as it is', () => {
  const screen = new Screen();
  const output = new OutputBuffer(screen);
  output.show(view(0, 5000));
  const { resets } = screen;
  // Going to another instant sends all of it again.
  output.show(view(0, 5000, 2));
  output.show(view(0, 5100, 3));
  expect(screen.resets).toBe(resets);
  expect(screen.text).toBe(expected(5100));
});

test('what rushes by faster than a terminal draws is left out for the eye, and is there again at rest', () => {
  const screen = new Screen();
  let runs = true;
  const output = new OutputBuffer(screen, () => runs);
  const flood = new TextEncoder().encode('a line of a flood\n'.repeat(100_000)).slice(0, 400 << 10);
  const sent = (from: number, to: number): ConsoleView => made(from, flood.slice(from, to), to);
  output.show(sent(0, 100));
  screen.isSlow = true;
  output.show(sent(100, 200));
  for (let to = 100 << 10; to <= 400 << 10; to += 50 << 10) output.show(sent(to === 100 << 10 ? 200 : to - (50 << 10), to));
  screen.waiting.shift()!();
  expect(output.isThinned).toBe(true);
  expect(screen.text.length).toBeLessThan(20 << 10);
  runs = false;
  output.rewrite();
  while (screen.waiting.length > 0) screen.waiting.shift()!();
  expect(screen.text).toBe(new TextDecoder().decode(flood));
});

describe('the text of the console', () => {
  const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
  const by = (el: 0 | 1 | 2, text: string): SenderRun => ({ bytes: bytesOf(text).length, el, vmid: 0 });
  const plainly = (): string => '';
  const levels = ({ el }: Sender): string => `3${el}`;
  const write = (columns: number, text: string, style = plainly as (sender: Sender) => string, senders = [by(1, text)]): ConsoleText => {
    const made = new ConsoleText(columns, style, 0);
    written = new TextDecoder().decode(made.write(bytesOf(text), 0, senders));
    return made;
  };
  let written = '';

  test('is broken between words, and within one only where a line has no room for it', () => {
    const { lines } = write(10, 'one two three\nabcdefghijklm\n');
    // The word that has begun is taken away, and written in the next line.
    expect(written).toBe('one two th\x1b[9G\x1b[K\r\nthree\nabcdefghijklm\n');
    expect(lines).toEqual([0, 8, 14, 24, 28]);
  });
  test('drops the spaces that a full line ends with', () => {
    const { lines } = write(5, 'three four');
    expect(written).toBe('threefour');
    expect(lines).toEqual([0, 6]);
  });
  test('has the colour of the level that sent it', () => {
    write(80, 'ab', levels, [by(2, 'a'), by(1, 'b')]);
    expect(written).toBe('\x1b[32ma\x1b[31mb');
  });
  test('has the colour that the guest chose, until it gives that up', () => {
    const text = 'a\x1b[1;35mb\x1b[0mc';
    write(80, text, levels, [by(2, text)]);
    expect(written).toBe('\x1b[32ma\x1b[1;35mb\x1b[0m\x1b[32mc');
    // Colours in the middle of a sequence would break it.
    const split = '\x1b[35mx';
    write(80, split, levels, [by(2, '\x1b['), by(1, '35mx')]);
    expect(written).toBe(split.replace('\x1b', '\x1b[32m\x1b'));
    for (const own of ['38;5;9', '38;2;1;2;3', '91', '38:5:1']) expect(chooses(own)).toBe(true);
    for (const none of ['', '0', '1', '48;5;35', '48;2;31;32;33', '39', '35;39']) expect(chooses(none)).toBe(false);
  });
  /** Whether text after this has the guest's own colour. */
  function chooses(parameters: string): boolean {
    const text = `\x1b[${parameters}mx`;
    write(80, text, levels, [by(1, text)]);
    return written.endsWith('mx') && !written.endsWith('\x1b[31mx');
  }
  test('knows which byte stands where', () => {
    const bytes = bytesOf('\x1b[1mA\x1b[0mé\tB\rC');
    expect([0, 1, 8, 2].map((column) => byteInLine(bytes, 100, 80, column))).toEqual([114, 109, 112, undefined]);
  });
  test('leaves the lines to a guest that moves the cursor', () => {
    expect(write(10, 'one\x1b[2J\x1b[Htwo three four').hasMoved).toBe(true);
    expect(written).toBe('one\x1b[2J\x1b[Htwo three four');
    expect(write(10, '\x1b[?25l\x1b[?2004hfine').hasMoved).toBe(false);
  });
});
