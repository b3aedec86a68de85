/**
 * The performance monitors, as far as a deterministic machine has something to count (Arm ARM D13): the cycle counter, CPU_CYCLES,
 * INST_RETIRED and SW_INCR. As with QEMU's `-icount shift=0` a cycle is a nanosecond of virtual time, and so is an instruction: a wait in
 * WFI has cycles, but no instructions. Counters are brought up to date when somebody looks, when what they count changes, and when one that
 * interrupts overflows.
 */
import type { Environment } from './environment.ts';
import { cpuLayout, systemOffset } from './layout.ts';
import { MDCR_EL2, PM_COUNTERS, PMCR_EL0, PMEVTYPER, valueAt } from './registers/bits.ts';
import type { CpuState } from './state.ts';
import type { StoredRegister } from './stored-registers.ts';

/** Event counters of Cortex-A53. */
const EVENT_COUNTERS = 6;
/** Bits of PMCNTENSET_EL0 and its like: the cycle counter and the event counters. */
export const COUNTER_MASK = (PM_COUNTERS.C | PM_COUNTERS['P<n>']) >>> 0;
const CYCLE_COUNTER = PM_COUNTERS.C;

/** What a write to PMCR_EL0 keeps; LP too, as on the reference machine. */
export const PMCR_STORED = PMCR_EL0.LP | PMCR_EL0.LC | PMCR_EL0.DP | PMCR_EL0.X | PMCR_EL0.D | PMCR_EL0.E;
const EVENT = { SW_INCR: 0x00, INST_RETIRED: 0x08, CPU_CYCLES: 0x11 } as const;
/** PMCEID0_EL0: a bit for each of them. */
export const COMMON_EVENTS = Object.values(EVENT).reduce<number>((bits, event) => bits | (1 << event), 0);

export type CounterNumber = 0 | 1 | 2 | 3 | 4 | 5;
const count = (n: number): StoredRegister => `PMEVCNTR${n as CounterNumber}_EL0`;
const type = (n: number): StoredRegister => `PMEVTYPER${n as CounterNumber}_EL0`;

/** MDCR_EL2.HPMN: event counters below this number belong to EL1 and EL0, the others to EL2. */
const guestCounters = (cpu: CpuState): number => Math.min(cpu.low('MDCR_EL2') & MDCR_EL2.HPMN, EVENT_COUNTERS);
/** PMCR_EL0.E switches the counters of EL1, MDCR_EL2.HPME those of EL2. */
function isOn(cpu: CpuState, n: number): boolean {
  const master = n < guestCounters(cpu) ? cpu.low('PMCR_EL0') & PMCR_EL0.E : cpu.low('MDCR_EL2') & MDCR_EL2.HPME;
  return master !== 0 && (cpu.low('PMCNTENSET_EL0') & (1 << n)) !== 0;
}
function isFiltered(el: number, filter: number): boolean {
  return el === 0 ? (filter & PMEVTYPER.U) !== 0 : el === 1 ? (filter & PMEVTYPER.P) !== 0 : (filter & PMEVTYPER.NSH) === 0;
}

/** Whether any counter may be running: then `pmuSync` must come before what it counts by changes. */
export const pmuCounts = (cpu: CpuState): boolean =>
  cpu.low('PMCNTENSET_EL0') !== 0 && ((cpu.low('PMCR_EL0') & PMCR_EL0.E) !== 0 || (cpu.low('MDCR_EL2') & MDCR_EL2.HPME) !== 0);

/** What is counted: virtual time, and the instructions executed in it. */
export interface Counted {
  readonly ns: number;
  readonly instructions: number;
}

/** Whether the cycle counter runs at the current level. */
const countsCycles = (cpu: CpuState): boolean =>
  (cpu.low('PMCR_EL0') & PMCR_EL0.E) !== 0 &&
  (cpu.low('PMCNTENSET_EL0') & CYCLE_COUNTER) !== 0 &&
  !isFiltered(cpu.el, cpu.low('PMCCFILTR_EL0'));
/** PMCR_EL0.D has no effect with LC. */
const isDivided = (cpu: CpuState): boolean => (cpu.low('PMCR_EL0') & (PMCR_EL0.D | PMCR_EL0.LC)) === PMCR_EL0.D;
const isLong = (cpu: CpuState): boolean => (cpu.low('PMCR_EL0') & PMCR_EL0.LC) !== 0;
/** The event that counter n counts at the current level; undefined where it stands still. */
function counts(cpu: CpuState, n: number): number | undefined {
  const events = cpu.low(type(n));
  return isOn(cpu, n) && !isFiltered(cpu.el, events) ? events & PMEVTYPER.evtCount : undefined;
}

/** Counts what has been since the last time, at the current level and with the registers as they are. */
export const pmuSync = (cpu: CpuState, environment: Environment): void =>
  pmuCount(cpu, { ns: environment.nanoseconds(), instructions: environment.instructions() });
export function pmuCount(cpu: CpuState, { ns: now, instructions }: Counted): void {
  const last = exchange(cpu, cpuLayout.pmuTime, now);
  const retired = instructions - exchange(cpu, cpuLayout.pmuInstructions, instructions);
  if (now === last || !pmuCounts(cpu)) return;
  if (countsCycles(cpu)) addCycles(cpu, isDivided(cpu) ? Math.floor(now / 64) - Math.floor(last / 64) : now - last);
  for (let n = 0; n < EVENT_COUNTERS; n++) {
    const event = counts(cpu, n);
    if (event === EVENT.CPU_CYCLES) addEvents(cpu, n, now - last);
    else if (event === EVENT.INST_RETIRED) addEvents(cpu, n, retired);
  }
}

/** 64 bits of the CPU's block. */
const kept = ({ u32 }: CpuState, offset: number): number => u32[(offset >> 2) + 1] * 2 ** 32 + u32[offset >> 2];
/** Puts 64 bits into the CPU's block and gives those that were there. */
function exchange(cpu: CpuState, offset: number, value: number): number {
  const old = kept(cpu, offset);
  cpu.u32[offset >> 2] = value >>> 0;
  cpu.u32[(offset >> 2) + 1] = Math.floor(value / 2 ** 32);
  return old;
}

/** PMINTENSET_EL1, which is looked at often. */
const interruptEnables = systemOffset('PMINTENSET_EL1') >> 2;

/**
 * The moment, in ns, at which a counter overflows whose overflow interrupts and has not yet, if the CPU goes on at this level, or waits, as it
 * does now; Infinity where none will.
 */
export function nextOverflow(cpu: CpuState, counted: Counted): number {
  const interrupting = cpu.u32[interruptEnables];
  if (interrupting === 0) return Infinity;
  const armed = interrupting & ~cpu.low('PMOVSCLR_EL0');
  if (armed === 0 || !pmuCounts(cpu)) return Infinity;
  const last = kept(cpu, cpuLayout.pmuTime);
  let next = Infinity;
  if (armed & CYCLE_COUNTER && countsCycles(cpu)) {
    const cycles = isLong(cpu) ? Number((1n << 64n) - cpu.get('PMCCNTR_EL0')) : 2 ** 32 - cpu.low('PMCCNTR_EL0');
    next = isDivided(cpu) ? (Math.floor(last / 64) + cycles) * 64 : last + cycles;
  }
  for (let n = 0; n < EVENT_COUNTERS; n++) {
    if (!(armed & (1 << n))) continue;
    const event = counts(cpu, n);
    const left = 2 ** 32 - cpu.low(count(n));
    if (event === EVENT.CPU_CYCLES) next = Math.min(next, last + left);
    else if (event === EVENT.INST_RETIRED && !cpu.waiting)
      next = Math.min(next, counted.ns + left - (counted.instructions - kept(cpu, cpuLayout.pmuInstructions)));
  }
  return next <= Number.MAX_SAFE_INTEGER ? next : Infinity;
}

function addCycles(cpu: CpuState, cycles: number): void {
  const old = cpu.get('PMCCNTR_EL0');
  const sum = BigInt.asUintN(64, old + BigInt(cycles));
  cpu.set('PMCCNTR_EL0', sum);
  const overflowed = isLong(cpu) ? sum < old : (old & 0xffff_ffffn) + BigInt(cycles) > 0xffff_ffffn;
  if (overflowed) overflow(cpu, CYCLE_COUNTER);
}
function addEvents(cpu: CpuState, n: number, events: number): void {
  const sum = cpu.low(count(n)) + events;
  cpu.setHalves(count(n), sum >>> 0, 0);
  if (sum >= 2 ** 32) overflow(cpu, 1 << n);
}
const overflow = (cpu: CpuState, bit: number): void => cpu.setHalves('PMOVSCLR_EL0', (cpu.low('PMOVSCLR_EL0') | bit) >>> 0, 0);

/** `AArch64.CheckForPMUOverflow`: the interrupt output (PPI 23 on the board). A counter interrupts only while its master switch is on. */
export function pmuInterrupt(cpu: CpuState): boolean {
  const overflowed = cpu.low('PMOVSCLR_EL0') & cpu.low('PMINTENSET_EL1');
  if (overflowed === 0) return false;
  const own = ~(-1 << guestCounters(cpu));
  const ofGuests = cpu.low('PMCR_EL0') & PMCR_EL0.E ? CYCLE_COUNTER | own : 0;
  const ofEl2 = cpu.low('MDCR_EL2') & MDCR_EL2.HPME ? PM_COUNTERS['P<n>'] & ~own : 0;
  return (overflowed & (ofGuests | ofEl2)) !== 0;
}

/** PMCR_EL0.N is HPMN below EL2. */
export const readControl = (cpu: CpuState): number =>
  ((cpu.low('PMCR_EL0') & ~PMCR_EL0.N) | valueAt(PMCR_EL0.N, cpu.el === 2 ? EVENT_COUNTERS : guestCounters(cpu))) >>> 0;

export function writeControl(cpu: CpuState, value: number): void {
  if (value & PMCR_EL0.C) cpu.setHalves('PMCCNTR_EL0', 0, 0);
  if (value & PMCR_EL0.P) for (let n = 0; n < (cpu.el === 2 ? EVENT_COUNTERS : guestCounters(cpu)); n++) cpu.setHalves(count(n), 0, 0);
  cpu.setHalves('PMCR_EL0', ((cpu.low('PMCR_EL0') & ~PMCR_STORED) | (value & PMCR_STORED)) >>> 0, 0);
}

/** PMSWINC_EL0. */
export function softwareIncrement(cpu: CpuState, mask: number): void {
  for (let n = 0; n < EVENT_COUNTERS; n++) {
    const events = cpu.low(type(n));
    if (mask & (1 << n) && (events & PMEVTYPER.evtCount) === EVENT.SW_INCR && isOn(cpu, n) && !isFiltered(cpu.el, events))
      addEvents(cpu, n, 1);
  }
}

/** Whether the current level may see event counter n; the others read as zero and ignore writes (CONSTRAINED UNPREDICTABLE). */
export const isAccessible = (cpu: CpuState, n: number): boolean => n < (cpu.el === 2 ? EVENT_COUNTERS : guestCounters(cpu));
