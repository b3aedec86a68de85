/** A scenario in real QEMU and in our machine, held against each other at instants that both come to. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { AttachedQemu, openProgram, snapshotBytes, views, type Program, type ToldTrap } from '../../emulator/index.ts';
import { qemuLines } from '../../src-main/qemu/lines.ts';
import { startQemu } from '../../src-main/qemu/start.ts';
import { deterministic } from '../firmware/qemu.ts';

const board = (gic: 2 | 3) => [
  '-machine',
  `virt,virtualization=on,dtb-randomness=off,gic-version=${gic}`,
  '-cpu',
  'cortex-a53',
  '-nodefaults',
  '-display',
  'none',
];

/** Instants of a run, spread over it, at which the PC has a value for the first time: a breakpoint there stops QEMU at the same one. */
export function firstVisits(program: Program, most: number, count: number): number[] {
  const { timeline, machine } = program;
  const seen = new Set<bigint>();
  const visits: number[] = [];
  while (timeline.at < most && !machine.stop && !machine.isIdle) {
    const { pc } = machine.cpu;
    // While it waits, the PC is that of an instruction that comes only after what ends the wait.
    if (!machine.cpu.waiting && !seen.has(pc)) visits.push(timeline.at);
    if (!machine.cpu.waiting) seen.add(pc);
    timeline.forward(1);
  }
  return Array.from({ length: count }, (_, i) => visits[Math.floor(((i + 1) * visits.length) / (count + 1))]);
}

/** In what QEMU and our machine may differ, and why. Paths of the JSON; nothing else may. */
const mayDiffer: readonly (readonly [where: RegExp, why: string, ifTheirs?: RegExp])[] = [
  [/\.at$/, 'QEMU counts no steps: the instant of a snapshot is the first of its run'],
  [/\.(changed|before|since|previous\w*)\b/, 'what was so at the stop before is known only to a recording'],
  [/\.floors\.\d\.(ran|notes)\b/, 'which levels have run before is known only to a recording'],
  [/\.levels\.event\b|\.registers\.telling\b|\]\.(step|before)$/, 'the trap that led here is known only to who saw it happen'],
  [/\.tlb\b/, 'QEMU does not show its TLB'],
  [/\[NZCV\]|\.pstate\.[nzcv]$/, 'QEMU 7.2 clears N, Z, C and V where it takes an exception', /^(false|"0x0"|"0x[0-7]0000000"|"0"|"no")$/],
  [/\[CPTR_EL2\]/, 'QEMU 7.2 reads its RES1 bits as zero until they are written'],
  [/\.guests\b/, 'which guests have run before is known only to a recording; the current one is compared beside it'],
  [
    /\[PAR_EL1\]/,
    'for Device memory QEMU 7.2 gives the shareability of the descriptor, and the architecture Outer Shareable (PAREncodeShareability)',
    /^("0x[0-9a-f]*[02468ace][0-7][0-9a-f]"|"00"|"non-shareable")$/,
  ],
  [/\[(PMCCNTR|PMEVCNTR\d)_EL0\]/, 'QEMU shows what it adds to the time, not the count'],
];

/** Differences of two values as "path: theirs, ours", without those that may be. Lists of named things are compared by name. */
export function differences(theirs: unknown, ours: unknown, path: string, found: string[] = []): string[] {
  if (
    theirs === ours ||
    mayDiffer.some(([where, , ifTheirs]) => where.test(path) && (ifTheirs?.test(JSON.stringify(theirs) ?? '') ?? true))
  )
    return found;
  if (typeof theirs !== 'object' || typeof ours !== 'object' || theirs === null || ours === null) {
    found.push(`${path}: ${JSON.stringify(theirs)}, ours ${JSON.stringify(ours)}`);
    return found;
  }
  const [a, b] = [theirs, ours] as Record<string, unknown>[];
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const { name } = (a[key] ?? {}) as { name?: unknown };
    differences(a[key], b[key], `${path}${typeof name === 'string' ? `[${name}]` : `.${key}`}`, found);
  }
  return found;
}

/** What is compared: each regime's walk of the PC and the stack pointer, and each tree that translates. */
function shown(program: Program): Record<string, unknown> {
  const maps = views.maps.of(program, {});
  const tables = views.tables.of(program, {}).registers.filter(({ on }) => on);
  return {
    levels: views.levels.of(program, {}),
    registers: views.registers.of(program, {}),
    maps,
    current: maps.guests.find(({ isCurrent }) => isCurrent),
    pc: views.walk.of(program, { follow: 'pc' }),
    sp: views.walk.of(program, { follow: 'sp' }),
    tables: tables.map(({ register }) => views.tables.of(program, { register })),
  };
}

const NS_PER_TICK = 16;
/** Registers that show the time. */
const countsTime = /\[CNT(PCT|VCT|P_TVAL|V_TVAL|HP_TVAL)_EL\d\]/;

interface Compared {
  readonly at: number;
  readonly differences: readonly string[];
}

/** Runs an image in both to the instants, and takes over the last of them: our run from there must come to the same trap as QEMU. */
export async function compareAt(
  image: string,
  instants: readonly number[],
  { gic = 2, also = () => undefined }: { readonly gic?: 2 | 3; readonly also?: (program: Program) => unknown } = {},
): Promise<Compared[]> {
  const all = (program: Program): unknown => ({ ...shown(program), also: also(program) });
  const bytes = readFileSync(image);
  const qemu = await startQemu([...board(gic), '-kernel', image, ...deterministic], { console: true });
  const ours = openProgram(image, bytes, { gic });
  const target = await AttachedQemu.open(await qemuLines(qemu), { program: { name: image, bytes }, icountShift: 0, traps: true });
  const told: ToldTrap[] = [];
  target.onTraps = (traps) => told.push(...traps);
  let printed = '';
  target.onOutput = (some) => (printed += Buffer.from(some).toString('latin1'));
  expect([target.noTraps, target.noConsole]).toEqual([undefined, undefined]);
  const settled = async (): Promise<void> => {
    while (target.state === 'running') await new Promise<void>((resolve) => (target.onChange = resolve));
    expect(target.state).toBe('stopped');
  };
  const results: Compared[] = [];
  let taken: Program | undefined;
  try {
    for (const at of instants) {
      ours.timeline.forward(at - ours.timeline.at);
      expect(ours.timeline.at).toBe(at);
      await target.stopAt(new Set([ours.machine.cpu.pc]));
      target.resume('continue');
      await settled();
      const snapshot = await target.snapshot(() => undefined);
      expect(snapshot.unknown).toEqual([]);
      expect(Math.abs(snapshot.ns - ours.machine.ns)).toBeLessThan(NS_PER_TICK);
      taken = openProgram(image, snapshotBytes(snapshot));
      // QEMU counts instructions a translated block at a time, which may be a tick ahead: how far was looked at above.
      const atOurTime = openProgram(image, snapshotBytes({ ...snapshot, ns: ours.machine.ns }));
      results.push({ at, differences: differences(all(atOurTime), all(ours), '') });
      expect(told.map(told1)).toEqual(passed(ours).map(told1));
      // Its serial line is another connection: what it carries may come later.
      const { output } = ours.timeline;
      await expect.poll(() => printed, { timeout: 5000 }).toBe(Buffer.from(output.slice(0, output.length)).toString('latin1'));
    }
    await writes(target);
    // Taken over, our machine runs to the vector of the next exception, and so does QEMU.
    const vector = runToException(taken!);
    if (vector !== undefined) {
      await target.stopAt(new Set([vector]));
      target.resume('continue');
      await settled();
      const there = openProgram(image, snapshotBytes(await target.snapshot(() => undefined)));
      // QEMU counts instructions a translated block at a time: it may be some ahead where one is left by an exception.
      expect(Math.abs(there.machine.ns - taken!.machine.ns)).toBeLessThan(NS_PER_TICK);
      expect(differences(shown(there), shown(taken!), '').filter((text) => !countsTime.test(text))).toEqual([]);
    }
  } finally {
    await target.leave('stopped');
    qemu.end();
    await qemu.ended;
  }
  return results;
}

type Passed = Pick<ToldTrap, 'kind' | 'from' | 'to' | 'esr'>;
const told1 = ({ kind, from, to, esr }: Passed): string => `${kind} EL${from} EL${to} ${esr?.toString(16) ?? ''}`;
/** The exceptions, returns and calls of the firmware of our run so far, in so far as QEMU tells of them. */
function passed({ timeline: { traps } }: Program): Passed[] {
  return Array.from({ length: traps.length }, (_, index) => {
    const event = traps.get(index);
    const { kind, from } = event;
    return { kind, from, to: event.kind === 'psci' ? from : event.to, esr: event.kind === 'exception' ? event.esr : null };
  });
}

/** Registers and memory take what a person writes, and what QEMU does not let a debugger write is refused. All is put back. */
async function writes(target: AttachedQemu): Promise<void> {
  const look = async () => target.snapshot(() => undefined);
  const before = await look();
  const { page, bytes } = before.pages[0];
  const place = `[0x${(0x4000_0000 + 4096 * page + 8).toString(16)}]`;
  const was = Buffer.from(bytes).readBigUInt64LE(8);
  await target.write('x9', 0x1234_5678_9abc_def0n);
  await target.write(place, 0x0102_0304_0506_0708n);
  const after = await look();
  expect(after.registers['x9']).toBe(0x1234_5678_9abc_def0n);
  expect([...after.pages[0].bytes.subarray(8, 16)]).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  await target.write('x9', before.registers['x9']);
  await target.write(place, was);
  await expect(target.write('TTBR0_EL2', 0x1000n)).rejects.toThrow('QEMU does not let a debugger give TTBR0_EL2 this value');
}

/** Where the next exception leads; undefined where the run has no more. */
function runToException({ timeline, machine }: Program): bigint | undefined {
  for (;;) {
    const stop = timeline.forward(1_000_000, { untilEvent: true });
    const { kind } = timeline.lastStepEvent() ?? {};
    if (kind === 'exception') return machine.cpu.pc;
    if (stop !== 'event') return undefined;
  }
}
