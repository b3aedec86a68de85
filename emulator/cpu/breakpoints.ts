/** Breakpoint exceptions (Arm ARM D2.8). Cortex-A53 has six breakpoints; the last two can also compare CONTEXTIDR_EL1 and the VMID. */
import { VA } from '../base/addresses.ts';
import { debugExceptionsOn, debugRoutes } from './debug.ts';
import { currentVmid, type Exception } from './exceptions.ts';
import { DEBUG_EVENT } from './faults.ts';
import { compares, DBGBCR, DBGBVR_HIGH, MDSCR_EL1, valueIn } from './registers/bits.ts';
import type { CpuState, ExceptionLevel } from './state.ts';
import { exceptionClasses, syndrome } from './syndrome.ts';

const controls = ([0, 1, 2, 3, 4, 5] as const).map((n) => `DBGBCR${n}_EL1` as const);
const values = ([0, 1, 2, 3, 4, 5] as const).map((n) => `DBGBVR${n}_EL1` as const);
const FIRST_CONTEXT_AWARE = 4;

/** DBGBCR<n>_EL1.BT. */
const type = (control: number): number => valueIn(control, DBGBCR.BT);
const LINKED = 1;

const isOn = (control: number): boolean => (control & DBGBCR.E) !== 0;
const isAddressMatch = (control: number): boolean => isOn(control) && type(control) >>> 1 === compares.address;
/** BAS<0>. */
const startsHere = (control: number): boolean => (valueIn(control, DBGBCR.BAS) & 1) !== 0;

/**
 * The VAs in front of which an address breakpoint may have to fire, whatever else it asks for; empty while MDSCR_EL1.MDE = 0. BAS names
 * halfwords of T32; all that A64 could see in it is whether the first of them is left out: no instruction starts there then.
 */
export function breakpointAddresses(cpu: CpuState): VA[] {
  if (!(cpu.low('MDSCR_EL1') & MDSCR_EL1.MDE)) return [];
  return controls.flatMap((name, n) => {
    const control = cpu.low(name);
    return isAddressMatch(control) && startsHere(control) ? [VA(cpu.get(values[n]) & ~3n)] : [];
  });
}

/** `AArch64.BreakpointMatch` for the instruction at pc, by any of the breakpoints. They fire only where debug exceptions are on. */
export function breakpointMatches(cpu: CpuState): boolean {
  if (!(cpu.low('MDSCR_EL1') & MDSCR_EL1.MDE) || !debugExceptionsOn(cpu)) return false;
  return controls.some((name, n) => {
    const control = cpu.low(name);
    if (!isOn(control) || !levelMatches(control, cpu.el)) return false;
    if (isAddressMatch(control)) {
      const isHere = startsHere(control) && cpu.low(values[n]) >>> 2 === cpu.pcLow >>> 2 && cpu.high(values[n]) === cpu.pcHigh;
      return isHere && (!(type(control) & LINKED) || linkedMatches(cpu, control));
    }
    return !(type(control) & LINKED) && contextMatches(cpu, n);
  });
}

/**
 * `AArch64.StateMatch` without its link: SSC, HMC and PMC (or PAC) of a breakpoint or watchpoint for an access made as at level `el`.
 * Reserved combinations are taken at their word. Without EL3 all is Non-secure: SSC = 0b10 asks for Secure state only.
 */
export function levelMatches(control: number, el: ExceptionLevel): boolean {
  if (valueIn(control, DBGBCR.SSC) === 2) return false;
  if (el === 2) return (control & DBGBCR.HMC) !== 0;
  return (valueIn(control, DBGBCR.PMC) & (el === 1 ? 1 : 2)) !== 0;
}

/** Whether the breakpoint that DBGBCR or DBGWCR.LBN names matches: it must be a linked one that compares contexts. */
export function linkedMatches(cpu: CpuState, control: number): boolean {
  const n = valueIn(control, DBGBCR.LBN);
  const linked = n < controls.length ? cpu.low(controls[n]) : 0;
  return isOn(linked) && (type(linked) & LINKED) !== 0 && !isAddressMatch(linked) && contextMatches(cpu, n);
}

/** `AArch64.BreakpointValueMatch` for a context breakpoint: CONTEXTIDR_EL1 and the VMID mean nothing at EL2. */
function contextMatches(cpu: CpuState, n: number): boolean {
  if (n < FIRST_CONTEXT_AWARE || cpu.el === 2) return false;
  const what = type(cpu.low(controls[n])) >>> 1;
  const isContext = cpu.low('CONTEXTIDR_EL1') === cpu.low(values[n]);
  const isVmid = currentVmid(cpu) === (cpu.high(values[n]) & DBGBVR_HIGH.VMID);
  switch (what) {
    case compares.contextId:
      return isContext;
    case compares.vmid:
      return isVmid;
    case compares.vmidAndContextId:
      return isContext && isVmid;
    default:
      return false;
  }
}

const route = debugRoutes('A breakpoint exception');

/** The exception of a breakpoint at pc. FAR_ELx is UNKNOWN and stays. */
export function breakpointException(cpu: CpuState): Exception {
  const { target, rule } = route(cpu);
  const exceptionClass = cpu.el === target ? exceptionClasses.breakpointSame : exceptionClasses.breakpointLower;
  return { type: 'Breakpoint', target, rule, esr: syndrome(exceptionClass, DEBUG_EVENT) };
}
