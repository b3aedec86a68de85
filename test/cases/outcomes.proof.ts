/** The same programs in real QEMU: they print the same, but where the table says why not. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openProgram } from '../../emulator/index.ts';
import { sentBy } from '../firmware/both.ts';
import { ourTexts, qemuText } from '../firmware/event-text.ts';
import { runQemu, traceQemu } from '../firmware/qemu.ts';
import { buildCase, compile, printed, runToEnd } from './case.ts';
import { outcomes } from './outcomes.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-cases-'));
afterAll(() => rmSync(folder, { recursive: true }));

function imageOf(elf: Uint8Array): string {
  const image = join(folder, 'case.elf');
  writeFileSync(image, elf);
  return image;
}
const inOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

test.each(outcomes)('$name $flags prints in QEMU what it prints here, or the table says why not', async ({ name, flags, ends, ...row }) => {
  const image = imageOf(buildCase(name, ...flags));
  const text = inOneLine((await runQemu({ image, timeout: ends === 'off' ? 20_000 : 10_000 })).text);
  if (row.departs === undefined) expect(text).toBe(row.prints);
  // A departure that has gone needs no excuse any more.
  else expect(text).not.toBe(row.prints);
});

/** Where the compiler may use V registers, addresses and values that a program prints are others: QEMU's, not the table's, are compared. */
describe.each(['-O2', '-O3'])('built with %s and V registers', (optimize) => {
  const inC = outcomes.filter(({ name, departs }) => !name.startsWith('words/') && departs === undefined);
  test.each(inC)('$name $flags prints the same and takes the same exceptions as in QEMU', async ({ name, flags }) => {
    const elf = compile(name, [optimize, ...flags]);
    const ours = openProgram(`${name}.elf`, elf);
    // What does not end fills the log of exceptions all the while.
    const until = runToEnd(ours) === 'off' ? {} : { until: sentBy(ours), lingers: 1_000 };
    const theirs = await traceQemu({ image: imageOf(elf), ...until });
    expect(printed(ours)).toBe(inOneLine(theirs.text));
    const texts = ourTexts(ours);
    // Of a loop QEMU has seen more rounds.
    expect(texts).toEqual(theirs.events.slice(0, texts.length).map(qemuText));
  });
});
