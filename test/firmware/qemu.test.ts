/** Each prebuilt image does in real QEMU what its scenario says, and ends by switching the machine off. */
import { expect, test } from 'vitest';
import { runQemu, traceQemu } from './qemu.ts';

const prebuilt = (name: string): string => new URL(`../../firmware/prebuilt/${name}.elf`, import.meta.url).pathname;

test('01-el2-to-el1', async () => {
  const run = await traceQemu({ image: prebuilt('01-el2-to-el1') });
  expect(run.ended).toBe('exit');
  expect(run.text).toContain('[EL1] guest_main: CurrentEL = EL1');
  expect(run.events[0]).toMatchObject({ kind: 'return', from: 2, to: 1 });
});

test('hypervisor', async () => {
  const commands = ['help', 'hvc', 'peek 80000000', 'fault', 'wfi', 'off'];
  const run = await runQemu({ image: prebuilt('hypervisor'), input: commands.map((send) => ({ after: 'guest> ', send: `${send}\r` })) });
  expect(run.ended).toBe('exit');
});
