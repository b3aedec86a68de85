/** Runs a program that ends by itself in real QEMU and in our machine, and returns what each sent and took. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { openProgram, type Program } from '../../emulator/index.ts';
import { ourTexts, qemuText } from './event-text.ts';
import { runToEnd } from '../cases/case.ts';
import { traceQemu } from './qemu.ts';

const LIMIT = 50_000_000;

export const sentBy = ({ timeline: { output } }: Program): string => Buffer.from(output.slice(0, output.length)).toString('latin1');

/** Expects that it switches the machine off in both, and sent the same bytes and took the same exceptions, returns and PSCI calls before. */
export async function expectTheSame(image: string): Promise<void> {
  const theirs = await traceQemu({ image });
  expect(theirs.ended).toBe('exit');
  const program = openProgram(image, readFileSync(image));
  const { timeline, machine } = program;
  while (timeline.at < LIMIT && timeline.forward(1_000_000) === 'budget');
  expect(machine.stop).toMatchObject({ kind: 'off' });
  expect(sentBy(program)).toBe(theirs.text);
  expect(theirs.events.length).toBeGreaterThan(0);
  expect(ourTexts(program)).toEqual(theirs.events.map(qemuText));
}

/** The same of a program that never ends: it sends the same bytes, and takes the same exceptions as far as both have come. */
export async function expectTheSameForEver(image: string): Promise<void> {
  const program = openProgram(image, readFileSync(image));
  const ending = runToEnd(program);
  expect(ending).not.toBe('off');
  const theirs = await traceQemu({ image, until: sentBy(program), lingers: 200 });
  expect(theirs.ended).toBe('seen');
  expect(theirs.text).toBe(sentBy(program));
  const [ours, events] = [ourTexts(program), theirs.events.map(qemuText)];
  // Of a loop each has seen as many rounds as it had time for.
  const compared = ending === 'loop' ? Math.min(ours.length, events.length) : Infinity;
  expect(ours.slice(0, compared)).toEqual(events.slice(0, compared));
}
