/**
 * The generic timers (Arm ARM D11.2): conditions and the next moment something happens, as pure functions of the registers and the
 * physical counter. The counter is a number below 2^53 (ticks of 16 ns); registers are 64 bits, compared without sign.
 */
import { CNTx_CTL } from './registers/bits.ts';
import type { CpuState } from './state.ts';
import type { StoredRegister } from './stored-registers.ts';

export type TimerName = 'physical' | 'virtual' | 'hypervisor';
export const timerNames: readonly TimerName[] = ['physical', 'virtual', 'hypervisor'];

/** Where each keeps its control and what it compares with. */
export const timerRegisterNames: Readonly<Record<TimerName, { control: StoredRegister; compare: StoredRegister }>> = {
  physical: { control: 'CNTP_CTL_EL0', compare: 'CNTP_CVAL_EL0' },
  virtual: { control: 'CNTV_CTL_EL0', compare: 'CNTV_CVAL_EL0' },
  hypervisor: { control: 'CNTHP_CTL_EL2', compare: 'CNTHP_CVAL_EL2' },
};
const { ENABLE, IMASK, ISTATUS } = CNTx_CTL;
const TWO_32 = 2 ** 32;

/** The counter a timer compares with: CNTPCT_EL0, or CNTVCT_EL0 = CNTPCT_EL0 - CNTVOFF_EL2 modulo 2^64, in halves. */
function counterHalves(cpu: CpuState, timer: TimerName, counter: number): { low: number; high: number } {
  const low = counter >>> 0;
  const high = Math.floor(counter / TWO_32);
  if (timer !== 'virtual') return { low, high };
  const offsetLow = cpu.low('CNTVOFF_EL2');
  return { low: (low - offsetLow) >>> 0, high: (high - cpu.high('CNTVOFF_EL2') - (low < offsetLow ? 1 : 0)) >>> 0 };
}

/** CNTPCT_EL0 or CNTVCT_EL0 as a value for a register. */
export function counterValue(cpu: CpuState, timer: TimerName, counter: number): number | bigint {
  const { low, high } = counterHalves(cpu, timer, counter);
  return high < 2 ** 21 ? high * TWO_32 + low : (BigInt(high) << 32n) | BigInt(low);
}

/** Ticks until the condition is met: 0 where it is, Infinity where that is more than 2^53 away. */
function ticksToCondition(cpu: CpuState, timer: TimerName, counter: number): number {
  const now = counterHalves(cpu, timer, counter);
  const { compare } = timerRegisterNames[timer];
  const high = cpu.high(compare) - now.high;
  const ticks = high * TWO_32 + (cpu.low(compare) - now.low);
  if (high < 0 || ticks <= 0) return 0;
  return ticks <= Number.MAX_SAFE_INTEGER ? ticks : Infinity;
}

/** CNTx_CTL with ISTATUS, which reads 0 while the timer is off (where it is UNKNOWN). */
export function timerControl(cpu: CpuState, timer: TimerName, counter: number): number {
  const control = cpu.low(timerRegisterNames[timer].control) & (ENABLE | IMASK);
  return control & ENABLE && ticksToCondition(cpu, timer, counter) === 0 ? control | ISTATUS : control;
}

/** CNTx_TVAL: CVAL - counter, the low 32 bits. */
export function timerValue(cpu: CpuState, timer: TimerName, counter: number): number {
  return (cpu.low(timerRegisterNames[timer].compare) - counterHalves(cpu, timer, counter).low) >>> 0;
}

/** A write of CNTx_TVAL: CVAL = counter + value as a signed 32-bit number. */
export function setTimerValue(cpu: CpuState, timer: TimerName, counter: number, value: number): void {
  const now = counterHalves(cpu, timer, counter);
  const sum = now.low + (value >>> 0);
  const carry = sum >= TWO_32 ? 1 : 0;
  const extension = (value | 0) < 0 ? -1 : 0;
  cpu.setHalves(timerRegisterNames[timer].compare, sum >>> 0, (now.high + carry + extension) >>> 0);
}

/** The field of CNTx_CTL that keeps the timer from asserting its interrupt output; undefined where it does. */
export function timerHeldBy(cpu: CpuState, timer: TimerName, counter: number): 'ENABLE' | 'IMASK' | 'ISTATUS' | undefined {
  const control = cpu.low(timerRegisterNames[timer].control);
  if (!(control & ENABLE)) return 'ENABLE';
  if (control & IMASK) return 'IMASK';
  return ticksToCondition(cpu, timer, counter) === 0 ? undefined : 'ISTATUS';
}

/** On, and its interrupt not masked. */
const isArmed = (cpu: CpuState, timer: TimerName): boolean => (cpu.low(timerRegisterNames[timer].control) & (ENABLE | IMASK)) === ENABLE;

/** Ticks until the timer asserts its interrupt output: 0 where it does, Infinity where it is off, masked or more than 2^53 away. */
export const ticksToInterrupt = (cpu: CpuState, timer: TimerName, counter: number): number =>
  isArmed(cpu, timer) ? ticksToCondition(cpu, timer, counter) : Infinity;

/** Whether the timer's interrupt output is asserted: enabled, not masked, condition met. */
export const timerAsserted = (cpu: CpuState, timer: TimerName, counter: number): boolean => timerHeldBy(cpu, timer, counter) === undefined;

/**
 * The value of the physical counter at which the next of the timers asserts its output: the counter is greater than `counter`, or
 * Infinity where none will.
 */
export function nextTimerTick(cpu: CpuState, counter: number): number {
  let next = Infinity;
  for (const timer of timerNames) {
    if (!isArmed(cpu, timer)) continue;
    const ticks = ticksToCondition(cpu, timer, counter);
    if (ticks > 0 && counter + ticks < next) next = counter + ticks;
  }
  return next;
}
