/**
 * Out of the current function, or of an exception handler. AArch64 keeps no list of callers that a debugger could trust, so the function is
 * left as the program leaves it: its code is searched for the instructions that can end it, and the run stops at those.
 */
import { VA } from '../base/addresses.ts';
import { currentVmid } from '../cpu/exceptions.ts';
import { decode, disassembleDecoded } from '../isa/index.ts';
import type { Machine } from '../machine/machine.ts';
import { isBreakpoint, runUntil, type Goal } from './goals.ts';
import type { Timeline } from './timeline.ts';

/** Where a function lies, as the machine runs it: VA of its first byte and of the first byte after it. */
export interface CodeRange {
  readonly from: VA;
  readonly to: VA;
}

/** Instructions of a function that are looked at. */
const MOST_INSTRUCTIONS = 0x4000;

/**
 * Runs until the function at pc has returned to its caller, or the exception whose handler runs has been returned from (ERET), whichever
 * comes first. Functions that it calls (itself included) and exceptions that interrupt it run to their end. If it continues in another
 * function (by a branch that is not a call), that function's return counts.
 */
export function* stepOut(timeline: Timeline, functionAt: (pc: VA) => CodeRange | undefined): Goal {
  const { machine } = timeline;
  const { cpu } = machine;
  const { el } = cpu;
  const vmid = currentVmid(cpu);
  const isHome = (): boolean => cpu.el === el && currentVmid(cpu) === vmid;
  let exits = exitsOf(machine, functionAt(cpu.pc));
  /** Calls of this function by itself that have not returned. */
  let calls = 0;
  /** Handlers on this level, above the one to leave, that have not returned. */
  let handlers = 0;
  let arrived = false;
  for (;;) {
    if (isHome() && arrived && cpu.pc === exits.from) calls++;
    const exit = isHome() ? exits.at.get(cpu.pc) : undefined;
    const stop = exit
      ? timeline.forward(1, { untilEvent: true, untilBreakpoint: true, stopAt: exits.stops })
      : yield* runUntil(timeline, { untilEvent: true, stopAt: exits.stops }, () => true);
    // A step that became an exception did not leave: it will be made again.
    const event = timeline.lastStepEvent();
    arrived = !exit && !event;
    if (event) {
      if (event.kind === 'exception' && event.from === el && event.to === el && event.vmid === vmid) handlers++;
      if (event.kind === 'return' && event.from === el && event.vmid === vmid && handlers-- === 0) return 'budget';
    } else if (exit === 'return') {
      if (calls-- === 0) return 'budget';
    } else if (exit && !isInside(exits, cpu.pc)) {
      if (calls > 0) calls--;
      else exits = exitsOf(machine, functionAt(cpu.pc));
    }
    if (stop === 'end' || stop === 'idle' || isBreakpoint(timeline, stop)) return stop;
    yield;
  }
}

interface Exits extends CodeRange {
  /** What ends the function for certain, and what may: branches to elsewhere or back to its start, and its last instruction. */
  readonly at: ReadonlyMap<VA, 'return' | 'branch'>;
  /** All VAs at which to stop: those, and the first instruction, where a call of the function by itself is noticed. */
  readonly stops: ReadonlySet<VA>;
}
const isInside = ({ from, to }: CodeRange, pc: VA): boolean => pc >= from && pc < to;

function exitsOf(machine: Machine, known: CodeRange | undefined): Exits {
  const at = new Map<VA, 'return' | 'branch'>();
  // Without a name for the code, its function is taken to go from here to the next return.
  const from = known?.from ?? machine.cpu.pc;
  const limit = VA(from + BigInt(MOST_INSTRUCTIONS * 4));
  const to = known && known.to < limit ? known.to : limit;
  let pc = from;
  for (; pc < to; pc = VA(pc + 4n)) {
    const word = machine.fetchWord(pc);
    const instruction = word === undefined ? undefined : decode(word);
    if (word === undefined) break;
    const flow = instruction?.definition.flow;
    // ERET is recognized by its event.
    if (flow === 'return' && instruction!.definition.name === 'RET') {
      at.set(pc, 'return');
      if (!known) break;
    } else if (flow === 'jump' || flow === 'conditional') {
      const { target } = disassembleDecoded(instruction!, pc);
      if (target === undefined || target <= from || target >= to) at.set(pc, 'branch');
    } else if (pc + 4n >= to && flow !== 'call') at.set(pc, 'branch');
  }
  const stops = new Set(at.keys());
  if (known) stops.add(from);
  return { from: known ? from : VA(-1n), to: known ? pc : VA(pc + 4n), at, stops };
}
