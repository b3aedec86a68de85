/**
 * The performance monitors, as far as a deterministic machine has something to count (Arm ARM D13): the cycle counter, CPU_CYCLES,
 * INST_RETIRED and SW_INCR. As with QEMU's `-icount shift=0` a cycle is a nanosecond of virtual time, and so is an instruction: a wait in
 * WFI has cycles, but no instructions. Counters are brought up to date when somebody looks
 * or when what they count changes; an overflow is noticed then, too.
 */
import type { Environment } from './environment.ts';
import { cpuLayout } from './layout.ts';
import { MDCR_EL2, PM_COUNTERS, PMCR_EL0, PMEVTYPER, valueAt } from './registers/bits.ts';
import type { CpuState } from './state.ts';
import type { StoredRegister } from './stored-registers.ts';

/** Event counters of Cortex-A53. */
const EVENT_COUNTERS = 6;
/** Bits of PMCNTENSET_EL0 and its like: the cycle counter and the event counters. */
export const COUNTER_MASK = (PM_COUNTERS.C | PM_COUNTERS['P<n>']) >>> 0;
const CYCLE_COUNTER = PM_COUNTERS.C;

/** What a write to PMCR_EL0 keeps: LC, DP, X, D, E, and bit 7, which the reference machine keeps too. */
export const PMCR_STORED = PMCR_EL0.LC | PMCR_EL0.DP | PMCR_EL0.X | PMCR_EL0.D | PMCR_EL0.E | 0x80;
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

/** Counts the time since the last call at the current level, with the registers as they are. */
export function pmuSync(cpu: CpuState, environment: Environment): void {
  const now = environment.nanoseconds();
  const last = exchange(cpu, cpuLayout.pmuTime, now);
  const instructions = environment.instructions();
  const retired = instructions - exchange(cpu, cpuLayout.pmuInstructions, instructions);
  if (now === last || !pmuCounts(cpu)) return;
  const { el } = cpu;
  const pmcr = cpu.low('PMCR_EL0');
  if (pmcr & PMCR_EL0.E && cpu.low('PMCNTENSET_EL0') & CYCLE_COUNTER && !isFiltered(el, cpu.low('PMCCFILTR_EL0'))) {
    const isDivided = (pmcr & (PMCR_EL0.D | PMCR_EL0.LC)) === PMCR_EL0.D;
    addCycles(cpu, isDivided ? Math.floor(now / 64) - Math.floor(last / 64) : now - last, (pmcr & PMCR_EL0.LC) !== 0);
  }
  for (let n = 0; n < EVENT_COUNTERS; n++) {
    const events = cpu.low(type(n));
    const event = events & PMEVTYPER.evtCount;
    if ((event === EVENT.CPU_CYCLES || event === EVENT.INST_RETIRED) && isOn(cpu, n) && !isFiltered(el, events))
      addEvents(cpu, n, event === EVENT.CPU_CYCLES ? now - last : retired);
  }
}

/** Puts 64 bits into the CPU's block and gives those that were there. */
function exchange({ u32 }: CpuState, offset: number, value: number): number {
  const at = offset >> 2;
  const old = u32[at + 1] * 2 ** 32 + u32[at];
  u32[at] = value >>> 0;
  u32[at + 1] = Math.floor(value / 2 ** 32);
  return old;
}

function addCycles(cpu: CpuState, cycles: number, isLong: boolean): void {
  const old = cpu.get('PMCCNTR_EL0');
  const sum = BigInt.asUintN(64, old + BigInt(cycles));
  cpu.set('PMCCNTR_EL0', sum);
  const overflowed = isLong ? sum < old : (old & 0xffff_ffffn) + BigInt(cycles) > 0xffff_ffffn;
  if (overflowed) overflow(cpu, CYCLE_COUNTER);
}
function addEvents(cpu: CpuState, n: number, events: number): void {
  const sum = cpu.low(count(n)) + events;
  cpu.setHalves(count(n), sum >>> 0, 0);
  if (sum >= 2 ** 32) overflow(cpu, 1 << n);
}
const overflow = (cpu: CpuState, bit: number): void => cpu.setHalves('PMOVSCLR_EL0', (cpu.low('PMOVSCLR_EL0') | bit) >>> 0, 0);

/** The interrupt output (PPI 23 on the board). */
export const pmuInterrupt = (cpu: CpuState): boolean =>
  (cpu.low('PMCR_EL0') & PMCR_EL0.E) !== 0 && (cpu.low('PMOVSCLR_EL0') & cpu.low('PMINTENSET_EL1')) !== 0;

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
