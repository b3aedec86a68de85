/** What a walk says the processor would write is what it writes: of the access of the next instruction, and of the fault that is followed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hex, openProgram, views } from '../../emulator/index.ts';

test.each(['04-stage2', '07-user-mode'])('%s: the syndrome of each data abort', (name) => {
  const program = openProgram(name, new Uint8Array(readFileSync(join(import.meta.dirname, `../../firmware/prebuilt/${name}.elf`))));
  const { timeline } = program;
  while (timeline.forward(1e9) === 'budget');
  const aborts = Array.from({ length: timeline.traps.length }, (_, i) => timeline.traps.get(i)).filter(
    (event) => event.kind === 'exception' && event.type === 'DataAbort',
  );
  expect(aborts.length).toBeGreaterThan(0);
  for (const event of aborts) {
    if (event.kind !== 'exception') continue;
    const esr = `0x${event.esr!.toString(16)}`;
    const access = event.esr! & 64 ? 'w' : 'r';
    const asked = { regime: event.from === 2 ? 'el2' : 'el1', el: event.from, access } as const;
    timeline.seek(event.n);
    expect(views.walk.of(program, { va: hex(event.far!), ...asked }).walk.result).toMatchObject({ ok: false, esr });
    timeline.seek(event.n + 1);
    // What the story and the sentence of the instant lead to.
    const { at, ...refused } = views.now.of(program, {}).refused!;
    expect({ at, ...refused }).toEqual({ at: event.n, va: hex(event.far!), ...asked });
    expect(views.trap.of(program, { index: timeline.traps.indexOfStep(event.n)! })!.refused).toEqual({ at, ...refused });
    expect(views.walk.of(program, {})).toMatchObject({ follows: 'the last fault', walk: { access, result: { ok: false, esr } } });
  }
});
