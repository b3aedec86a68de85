/** What the view of interrupts is made of: the way of one interrupt, the timers, and the registers of the GIC. Plain data, as in views.ts. */
import type { Hex } from '../base/hex.ts';
import type { ExceptionLevel } from '../cpu/state.ts';
import type { DecodedRegister, Place } from './views.ts';

/** An INTID, or the bit of HCR_EL2 by which software makes a virtual interrupt pending. */
export type InterruptId = number | 'VI' | 'VF' | 'VSE';
export type InterruptKind = 'IRQ' | 'FIQ' | 'vIRQ' | 'vFIQ' | 'vSError';

/** The stations of the physical way, then those of the virtual one. */
export type StationName = 'source' | 'distributor' | 'cpuInterface' | 'cpu' | 'listRegister' | 'virtualInterface' | 'guest';

/** The one field that keeps an interrupt from going on. */
export interface InterruptHold {
  readonly station: StationName;
  /** "GICC_PMR", "PSTATE.I", "GICD_ISENABLER0 bit 27". */
  readonly field: string;
  readonly value: string;
  /** Why it holds, and what would let the interrupt go on: a sentence each. */
  readonly text: string;
  readonly frees: string;
}

/** What set a mask bit of PSTATE: an instruction, the entry of an exception, a person, or the reset. */
export interface MaskOrigin {
  readonly bit: 'A' | 'I' | 'F';
  readonly by: 'instruction' | 'entry' | 'return' | 'hand' | 'reset';
  /** The instant at which it is about to happen. */
  readonly at: number;
  /** Of the instruction, or of the one that the exception came before; null where it was neither. */
  readonly place: Place | null;
  readonly sentence: string;
}

/** A line of what a station knows: "PMR", "0xf0". */
export interface StationRow {
  readonly name: string;
  readonly value: string;
  readonly text: string;
}

/** Half of the way: to the CPU, or to the guest. */
export interface InterruptWay {
  /** What the CPU would take. */
  readonly kind: InterruptKind;
  /**
   * `taken`: the next step takes it. `held`: it is pending, and does not go on. `active`: it is being handled, and not pending; or its list
   * register is active. `quiet`: nothing asks for it.
   */
  readonly verdict: 'taken' | 'held' | 'active' | 'quiet';
  /** Null where it is taken. */
  readonly hold: InterruptHold | null;
  /** The level that takes it, and by which rule. */
  readonly to: 1 | 2;
  readonly rule: string;
  /** The slot of the vector table; null where the level that runs is above the one that takes it. */
  readonly vector: { readonly offset: number; readonly place: Place } | null;
  /** Of a virtual one: its list register; null where HCR_EL2 makes it pending. */
  readonly listRegister: number | null;
}

/** An interrupt that is enabled, pending or active at the GIC, or that a list register holds. */
export interface InterruptState {
  readonly id: InterruptId;
  /** "the virtual timer, INTID 27 (PPI 11)" */
  readonly name: string;
  /** "Virtual timer", "UART", "SGI 3". */
  readonly short: string;
  readonly enabled: boolean;
  readonly pending: boolean;
  readonly active: boolean;
  /** The level of its line; null of one that has none. */
  readonly high: boolean | null;
  readonly edge: boolean;
  readonly priority: Hex;
  readonly group: 0 | 1;
  /** What holds its line high, or when it will be; empty where neither is known. */
  readonly condition: string;
  /** Where it is, in a few words: "held by GICC_PMR", "taken next", "active". */
  readonly verdict: string;
}

/** A list register: what a hypervisor gives its guest. */
export interface ListRegister {
  readonly name: string;
  readonly register: DecodedRegister;
  /** "pending, virtual 27, physical 27". */
  readonly text: string;
  readonly inUse: boolean;
}

export interface TimerState {
  readonly name: string;
  /** "CNTV". */
  readonly registers: string;
  readonly intid: number;
  /** Why the machine does not have it; the rest says nothing then. */
  readonly absent: string | null;
  readonly counter: Hex;
  /** What is subtracted from the physical counter; null of one that compares with that. */
  readonly offset: Hex | null;
  readonly compare: Hex;
  readonly control: Hex;
  readonly enabled: boolean;
  readonly masked: boolean;
  /** The condition is met: ISTATUS. */
  readonly met: boolean;
  /** Its output is asserted. */
  readonly asserted: boolean;
  readonly text: string;
  /** When it asserts its output next: nanoseconds from now, and the instant if the CPU does not wait until then. */
  readonly next: { readonly ns: number; readonly at: number } | null;
  /** The last write to CVAL or TVAL, how much of the time from it to the condition has gone by (0 to 1), as far as the past is known. */
  readonly armed: { readonly at: number; readonly place: Place; readonly passed: number } | null;
}

/** Something that happened to the chosen interrupt. `at`: the first instant at which it is seen. */
export interface InterruptStep {
  readonly at: number;
  readonly el: ExceptionLevel;
  readonly text: string;
}
/** A state of it over time: from and to are instants; what goes on has no end. */
export interface InterruptSpan {
  readonly name: string;
  readonly spans: readonly { readonly from: number; readonly to: number | null }[];
}
export interface InterruptHistory {
  /** The past is known from here on. */
  readonly from: number;
  readonly steps: readonly InterruptStep[];
  readonly spans: readonly InterruptSpan[];
  /** Since when the field that holds it does so; null where that is before `from`. */
  readonly since: number | null;
  /** Earlier instants are still being looked at. */
  readonly isSearching: boolean;
}

export interface InterruptsView {
  readonly at: number;
  readonly el: ExceptionLevel;
  readonly hasEl2: boolean;
  readonly vmid: number | null;
  /** Where the chosen one is, in a sentence. */
  readonly sentence: string;
  readonly chosen: InterruptState;
  /** Null of one that only HCR_EL2 makes pending. */
  readonly physical: InterruptWay | null;
  /** Null where no list register holds it. */
  readonly virtual: InterruptWay | null;
  /** What asks for it. */
  readonly source: readonly StationRow[];
  readonly distributor: readonly StationRow[];
  readonly cpuInterface: readonly StationRow[];
  readonly routing: readonly StationRow[];
  readonly virtualInterface: readonly StationRow[];
  readonly guest: readonly StationRow[];
  readonly interrupts: readonly InterruptState[];
  readonly listRegisters: readonly ListRegister[];
  /** The list register that is tied to the chosen physical interrupt by HW = 1. */
  readonly tied: number | null;
  readonly timers: readonly TimerState[];
  readonly registers: readonly DecodedRegister[];
  /** What set the bit of PSTATE that holds the chosen one; null where none does, and where that is not known. */
  readonly maskedBy: MaskOrigin | null;
  /** Null while the machine runs. */
  readonly history: InterruptHistory | null;
}
