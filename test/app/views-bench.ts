/**
 * `npm run bench:views -- KERNEL [--steps N] [machine options]`: how long each panel waits for its view in a long run of a real system, at first and
 * again, at its end, at traps all over it and in each guest. A measurement, not a test: figures depend on the computer and what else it does.
 */
import { machineFlags } from '../../src-main/machine-options.ts';
import { readProgramFile } from '../../src-main/program-file.ts';
import { openImage } from '../../src-main/cli/open-run.ts';
import { parseWords } from '../../src-main/usage.ts';
import { diagnosing, quickReach } from '../../emulator/index.ts';
import type { Program } from '../../emulator/session/program.ts';
import { views } from '../../emulator/session/views/index.ts';
import { tableRegisters } from '../../emulator/session/views.ts';

const { values, positionals } = parseWords(process.argv.slice(2), { ...machineFlags, steps: { type: 'string' } });
const steps = Number(values.steps ?? 3e9);
const program = await openImage(await readProgramFile(positionals[0]), values);
const { timeline, machine } = program;

const started = performance.now();
while (timeline.at < steps) {
  const stop = timeline.forward(Math.min(1_000_000, steps - timeline.at), { untilLoop: true });
  if (stop !== 'budget') break;
}
const seconds = (performance.now() - started) / 1000;
const traps = timeline.traps.length;
console.log(
  `${timeline.end} steps in ${seconds.toFixed(0)} s (${(timeline.end / seconds / 1e6).toFixed(0)} M/s), ${traps} traps and returns, ` +
    `${Math.round(timeline.traps.held / traps)} bytes each, keyframes ${(timeline.keyframes.bytes / 2 ** 20).toFixed(0)} MiB; ` +
    `guests ${timeline.guests.seenBefore(timeline.end).join(', ') || 'none'}`,
);

/** Milliseconds above which a person feels it. */
const FELT = 100;
type AnyView = { of: (program: Program, params: never) => unknown };
/** The view, asked as its panel asks. */
function ask(name: keyof typeof views, params: object = {}): void {
  const view = views[name] as AnyView;
  const once = (): number => {
    const before = performance.now();
    try {
      view.of(program, params as never);
    } catch (error) {
      console.log(`    ${name} ${JSON.stringify(params)}: ${String(error)}`);
    }
    return performance.now() - before;
  };
  const [cold, warm] = [once(), Math.min(once(), once())];
  if (cold > FELT / 4)
    console.log(`  ${cold > FELT ? 'FELT' : '    '} ${name} ${JSON.stringify(params)}: ${cold.toFixed(0)} ms, again ${warm.toFixed(1)} ms`);
}

function everyView(at: number, what: string): void {
  const before = performance.now();
  timeline.seek(at);
  console.log(`${what}: instant ${at}, EL${machine.cpu.el}, reached in ${(performance.now() - before).toFixed(0)} ms`);
  for (const name of ['now', 'levels', 'checklist', 'stack', 'interrupts', 'registers'] as const) ask(name);
  for (const follow of ['pc', 'sp', 'fault']) ask('walk', { follow });
  ask('walk');
  for (const register of tableRegisters) {
    ask('tables', { register, rows: 60 });
    ask('tables', { register, rows: 60, compare: 'trap' });
    ask('tables', { register, rows: 60, filter: { traits: ['writable'], text: '' } });
    ask('entry', { register, level: 3, input: '0x0' });
  }
  ask('reach', { pa: '0x48002010' });
  for (const regime of ['el1', 'el2']) ask('maps', { regime });
  const guests = timeline.guests.seenBefore(timeline.at);
  for (const vmid of guests) {
    ask('maps', { guests: [vmid] });
    for (const register of ['TTBR0_EL1', 'TTBR1_EL1', 'VTTBR_EL2']) ask('tables', { register, vmid, rows: 60 });
  }
  if (guests.length > 1) ask('maps', { guests: guests.slice(0, 2) });
  ask('code', { before: 30, after: 60, follow: true });
  for (const follow of ['pc', 'sp']) ask('memory', { space: 'va', follow, before: 256, bytes: 2048 });
  ask('memory', { space: 'pa', address: '0x48000000', before: 256, bytes: 2048 });
  ask('told', { count: 20 });
  const middle = timeline.traps.firstAt(timeline.at) - 1;
  if (middle >= 0) ask('trap', { index: middle });
  ask('lanes', { from: 0, to: null, width: 1400 });
  ask('lanes', { from: 0, to: Math.round(timeline.end / 10), width: 2600 });
  ask('traps', { first: Math.max(0, middle - 50), count: 100, find: Math.max(0, middle) });
  ask('traps', { first: 0, count: 100, filter: 'hvc, to:EL2' });
  ask('traps', { first: 0, count: 100, filter: 'text:guest' });
}

everyView(timeline.end, 'The end');
for (const vmid of timeline.guests.seenBefore(timeline.end)) {
  let seen = -1;
  for (let i = timeline.traps.length - 1; i >= timeline.traps.first && seen < 0; i--) {
    const event = timeline.traps.get(i);
    if (event.kind === 'exception' && event.from < 2 && event.to === 2 && event.vmid === vmid) seen = event.n;
  }
  if (seen < 0) continue;
  everyView(seen, `In the guest with VMID ${vmid}`);
  everyView(seen + 1, `After its last exit`);
}
for (const share of [0.25, 0.5, 0.75]) {
  const index = Math.floor(timeline.traps.length * share);
  if (index < timeline.traps.length) everyView(timeline.traps.step(index) + 1, `After trap ${index}`);
}
timeline.seek(timeline.end);
const before = performance.now();
let [longest, reached] = [0, 0];
for (let last = performance.now(), work = diagnosing(program, quickReach); ; last = performance.now()) {
  const { done, value } = work.next();
  const took = performance.now() - last;
  if (took > longest) [longest, reached] = [took, done ? 1 : value];
  if (done) break;
}
console.log(
  `Doctor: ${((performance.now() - before) / 1000).toFixed(1)} s, the longest portion ${longest.toFixed(0)} ms, up to ${(reached * 100).toFixed(0)} % of the work`,
);
