/**
 * The same traffic in a real QEMU and in ours: registers on the bus, the system registers at EL2 and as a guest at EL1, list registers, and
 * the lines to the CPU after each access. What QEMU does differently from the architecture is kept out of the traffic, and said where it is.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { systemRegisterTable } from '../../emulator/cpu/registers/index.ts';
import { runQemu } from '../firmware/qemu.ts';
import { GicProgram, type Step } from './gic-v3-program.ts';
import { Random } from './random.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-gic-'));
afterAll(() => rmSync(folder, { recursive: true }));

const GICD = 0x0800_0000;
const GICR = 0x080a_0000;
const SGI = GICR + 0x1_0000;

/** SGIs, PPIs (25 is the maintenance interrupt; 26, 27 and 30 are timers), SPIs. */
const INTIDS = [0, 1, 15, 25, 26, 27, 30, 32, 33, 63, 64, 100, 287];
const PRIORITIES = [0x00, 0x08, 0x40, 0x78, 0x80, 0x84, 0x90, 0xa0, 0xa8, 0xf0, 0xf8, 0xff];
const HCR_RW = 0x8000_0000n;
const [FMO, IMO] = [8n, 16n];

const readable = systemRegisterTable.filter(({ only, readableFrom }) => only.includes('with GICv3') && readableFrom !== undefined);
const namesFor = (el: 1 | 2): readonly string[] => readable.filter(({ readableFrom }) => readableFrom! <= el).map(({ name }) => name);
const readableAt = { 1: namesFor(1), 2: namesFor(2) };

class Traffic {
  readonly steps: Step[] = [];
  private el: 1 | 2 = 2;
  constructor(private readonly r: Random) {}

  mrs(register: string): void {
    this.steps.push({ kind: 'mrs', register });
  }
  msr(register: string, value: number | bigint): void {
    this.steps.push({ kind: 'msr', register, value: BigInt.asUintN(64, BigInt(value)) });
  }
  store(pa: number, value: number, bytes: 1 | 4 = 4): void {
    this.steps.push({ kind: 'store', pa, bytes, value: value >>> 0 });
  }
  load(pa: number, bytes: 1 | 4 = 4): void {
    this.steps.push({ kind: 'load', pa, bytes });
  }
  to(el: 1 | 2): void {
    if (el === this.el) return;
    this.steps.push({ kind: 'level', el });
    this.el = el;
  }

  /** A register with a bit for each interrupt, in the frame that has it. */
  private bitmap(offset: number, write = this.r.chance(85)): void {
    const { r } = this;
    const intid = r.of(INTIDS);
    const pa = intid < 32 ? SGI + offset : GICD + offset + 4 * (intid >> 5);
    if (write) this.store(pa, r.chance(10) ? r.word() : 1 << (intid & 31));
    else this.load(pa);
  }
  onBus(): void {
    const { r } = this;
    switch (r.below(12)) {
      case 0:
      case 1:
        return this.bitmap(0x100);
      case 2:
      case 3:
        return this.bitmap(0x200);
      case 4:
        return this.bitmap(r.of([0x180, 0x280]));
      case 5:
        return this.bitmap(r.of([0x300, 0x380, 0x380]));
      case 6:
        return this.bitmap(0x080);
      case 7: {
        const intid = r.of(INTIDS);
        return this.store((intid < 32 ? SGI : GICD) + 0x400 + intid, r.of(PRIORITIES), 1);
      }
      case 8:
        return r.chance(50) ? this.store(SGI + r.of([0xc00, 0xc04]), r.word()) : this.store(GICD + 0xc00 + 4 * r.below(18), r.word());
      case 9:
        return this.store(GICD + 0x6000 + 8 * r.of(INTIDS) + r.of([0, 0, 4]), r.of([0, 0, 0, 1, 1 << 31, 0xff00]));
      case 10:
        return this.store(GICD, r.chance(90) ? 3 : r.word());
      default:
        return this.store(GICR + r.of([0x00, 0x14, 0x70, 0x74, 0x78, 0x7c]), r.word());
    }
  }
  /** The CPU interface: of a guest the virtual one, where HCR_EL2 says so. */
  cpuInterface(): void {
    const { r } = this;
    const n = r.below(2);
    switch (r.below(14)) {
      case 0:
        return this.msr('ICC_PMR_EL1', r.chance(80) ? 0xff : r.of(PRIORITIES));
      case 1:
        // QEMU keeps three bits and ends itself where they are 0.
        return this.msr(`ICC_BPR${n}_EL1`, r.below(8));
      case 2:
        return this.msr(`ICC_IGRPEN${n}_EL1`, r.chance(90) ? 1 : 0);
      case 3:
        return this.msr('ICC_CTLR_EL1', r.of([0, 1, 2, 3, 0xffff_ffff]));
      case 4:
      case 5:
      case 6:
        return this.mrs(`ICC_IAR${n}_EL1`);
      case 7:
      case 8:
        return this.msr(`ICC_EOIR${n}_EL1`, r.chance(90) ? r.of([...INTIDS, 1, 2, 3, 4]) : r.of([1021, 1023, 8192, 5000]));
      case 9:
        return this.msr('ICC_DIR_EL1', r.chance(90) ? r.of([...INTIDS, 1, 2, 3, 4]) : 1023);
      case 10:
        return r.chance(30) ? this.msr(`ICC_AP${n}R0_EL1`, r.chance(60) ? 0 : 1 << r.below(32)) : this.mrs('ICC_RPR_EL1');
      case 11:
        return this.msr(
          `ICC_${r.of(['SGI0R', 'SGI1R', 'ASGI1R'])}_EL1`,
          (BigInt(r.below(16)) << 24n) | BigInt(r.of([1, 1, 1, 3, 2, 0])) | (r.chance(10) ? 1n << BigInt(r.of([16, 32, 40, 48])) : 0n),
        );
      default:
        return this.mrs(r.of(readableAt[this.el]));
    }
  }
  /**
   * Not in the traffic: VGrp0DIE, for which QEMU looks at the other group; a list register with INTID 1020 to 1023, or with a physical INTID
   * that no interrupt has; and two with the same INTID, which is UNPREDICTABLE.
   */
  virtualControl(): void {
    const { r } = this;
    const i = r.below(4);
    switch (r.below(8)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const intid = BigInt(r.of([1, 33, 101, 8192]) + i);
        const physical = r.chance(50) ? r.of(INTIDS) : r.of([0, 0x200, 0x200]);
        const upper = (r.of([0, 1, 1, 1, 2, 3]) << 30) | (r.below(2) << 29) | (r.below(2) << 28) | (r.of(PRIORITIES) << 16) | physical;
        return this.msr(`ICH_LR${i}_EL2`, (BigInt(upper >>> 0) << 32n) | intid);
      }
      case 4:
        return this.msr(
          'ICH_HCR_EL2',
          (r.chance(90) ? 1 : 0) | (r.chance(50) ? r.word() & 0xf800_00de : 0) | (r.chance(10) ? r.word() & 0x7c00 : 0),
        );
      case 5:
        return this.msr('ICH_VMCR_EL2', r.chance(60) ? 0xf84c_000b : r.word());
      case 6:
        return this.msr(`ICH_AP${r.below(2)}R0_EL2`, r.chance(70) ? 0 : 1 << r.below(32));
      default:
        return this.mrs(r.of(readableAt[2].filter((name) => name.startsWith('ICH'))));
    }
  }
  /** Lines of timers: one whose time has come, or off. */
  timer(): void {
    const [name, el] = this.r.of([['CNTP', 0], ['CNTV', 0], ['CNTHP', 2]] as const); // prettier-ignore
    if (this.el < el) return;
    this.msr(`${name}_CVAL_EL${el}`, 0);
    this.msr(`${name}_CTL_EL${el}`, this.r.below(2));
  }
  /** Nothing is being handled any more. */
  allInactive(): void {
    for (const n of [0, 1]) this.msr(`ICC_AP${n}R0_EL1`, 0);
    this.store(SGI + 0x380, 0xffff_ffff);
    for (let n = 1; n < 9; n++) this.store(GICD + 0x380 + 4 * n, 0xffff_ffff);
  }
  route(): void {
    this.msr('HCR_EL2', HCR_RW | this.r.of([0n, FMO, IMO, FMO | IMO, FMO | IMO, FMO | IMO]));
  }
  /** Everything that can be read without changing anything, but for SGIs that were sent. */
  readAll(): void {
    this.to(2);
    for (let n = 0; n < 9; n++)
      for (const offset of [0x80, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380]) {
        this.load(GICD + offset + 4 * n);
        if (n === 0) this.load(SGI + offset);
      }
    for (const intid of INTIDS)
      for (const frame of [GICD, SGI]) {
        if (frame === SGI && intid >= 32) continue;
        this.load(frame + 0x400 + (intid & ~3));
        this.load(frame + 0x400 + intid, 1);
        this.load(frame + 0xc00 + 4 * (intid >> 4));
      }
    for (const intid of INTIDS) for (const half of [0, 4]) this.load(GICD + 0x6000 + 8 * intid + half);
    for (const offset of [0x00, 0x04, 0x08, 0x10, 0xd00, 0xe00, 0xf00]) this.load(GICD + offset);
    for (const offset of [0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x70, 0x74, 0x78, 0x7c, 0x100]) this.load(GICR + offset);
    for (let offset = 0xffd0; offset < 0x1_0000; offset += 4) for (const frame of [GICD, GICR]) this.load(frame + offset);
    for (const name of readableAt[2]) if (!name.includes('IAR')) this.mrs(name);
  }
}

/** How often things happened, so that equal does not just mean idle. */
const seen = { acknowledged: 0, virtual: 0, trapped: 0, irq: 0, fiq: 0, virq: 0, maintenance: 0 };

async function compare(steps: readonly Step[]): Promise<void> {
  const program = new GicProgram(steps);
  const file = join(folder, 'gic.elf');
  writeFileSync(file, program.elf);
  const theirs = await runQemu({ image: file, machine: 'virtualization=on,gic-version=3,its=off', timeout: 60_000 });
  expect(theirs.ended, theirs.stderr).toBe('exit');
  expect(theirs.code, theirs.stderr).toBe(0);
  const ours = program.read(program.runOurs());
  const expected = program.read(theirs.uart);
  expect(expected.length).toBeGreaterThan(steps.length);
  expect(ours.length).toBe(expected.length);
  const text = ({ what, value }: { what: string; value: bigint }): string => `${what}: 0x${value.toString(16)}`;
  const at = ours.findIndex(({ value }, i) => value !== expected[i].value);
  if (at >= 0)
    expect(
      text(ours[at]),
      `word ${at}, after\n${ours
        .slice(Math.max(0, at - 60), at)
        .map(text)
        .join('\n')}`,
    ).toBe(text(expected[at]));
  let el = 2;
  for (const { what, value } of ours) {
    if (what.includes('"level"')) el = what.includes('0x1') ? 1 : 2;
    if (!what.startsWith('lines')) {
      if (what.includes('IAR') && value < 1020n) seen[el === 1 ? 'virtual' : 'acknowledged']++;
      if (what.includes('MISR') && value !== 0n) seen.maintenance++;
      continue;
    }
    if (value >> 58n === 0x18n) seen.trapped++;
    if (value & 0x80n) seen[el === 1 ? 'virq' : 'irq']++;
    if (value & 0x40n) seen.fiq++;
  }
}

test.each([1, 2, 3])('random traffic, seed %i', { timeout: 60_000 }, async (seed) => {
  const r = new Random(seed);
  const traffic = new Traffic(r);
  traffic.readAll();
  traffic.msr('HCR_EL2', HCR_RW);
  for (let i = 0; i < 1500; i++) {
    if (r.chance(6)) {
      traffic.to(2);
      traffic.route();
      if (r.chance(70)) traffic.to(1);
    }
    const which = r.below(10);
    if (which < 3) traffic.onBus();
    else if (which < 8) traffic.cpuInterface();
    else if (which < 9) traffic.timer();
    else {
      traffic.to(2);
      if (r.chance(50)) traffic.allInactive();
      for (let n = r.below(5); n >= 0; n--) traffic.virtualControl();
      traffic.route();
      if (r.chance(80)) traffic.to(1);
    }
  }
  traffic.readAll();
  await compare(traffic.steps);
});

test('the traffic was not idle', () => {
  for (const [what, times] of Object.entries(seen)) expect(times, `how often: ${what}`).toBeGreaterThan(5);
});
