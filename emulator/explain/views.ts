/**
 * What explanations are made of: plain data about one instant, for any user interface. 64-bit values are hex strings (`0x...`), instants
 * are step numbers (below 2^53): "at n" is the state before step n.
 */
import type { FieldWords } from '../base/field-text.ts';
import type { Hex } from '../base/hex.ts';
import type { CpuEvent, ExceptionEvent, ReturnEvent, Rule, SubStep } from '../cpu/events.ts';
import type { ExceptionLevel as Level } from '../cpu/state.ts';
import type { Access, Regime } from '../mmu/walk-types.ts';
import type { TrapType } from '../time/trap-log.ts';

export type { Hex, Level, Rule, SubStep };

/** Text with parts to set in the code face: plain strings and `{code}` parts. */
export type RichText = readonly (string | { readonly code: string })[];

/** A place in the program, as far as the image's symbols and line table know it. */
export interface Place {
  readonly address: Hex;
  /** `function+0x10`; absent outside known functions. */
  readonly symbol?: string;
  readonly file?: string;
  readonly line?: number;
}

// ---- the bits of an instruction

/** An instruction word by the fields of its definition. */
export interface Encoding {
  readonly word: Hex;
  /** Of the definition: "ADD (immediate)". */
  readonly name: string;
  /** As it is written. */
  readonly text: string;
  readonly says: RichText;
  /** From bit 31 down; the bits between them are fixed. Empty: it is no instruction. */
  readonly fields: readonly FieldValue[];
  /** The system register that some of the fields name together. */
  readonly names: { readonly register: string; readonly high: number; readonly low: number } | null;
}

// ---- now: one sentence about this instant

/** An access that an abort refused, at the instant before it: what its walk is asked for. */
export interface RefusedAccess {
  readonly at: number;
  readonly va: Hex;
  readonly regime: Regime;
  readonly el: Level;
  readonly access: Access;
}

export interface NowView {
  readonly at: number;
  /** Level before and after when something moved between levels, else only `level`. */
  readonly from?: Level;
  readonly level: Level;
  readonly sentence: RichText;
  /** Where the sentence tells of an abort: the access that it refused. */
  readonly refused: RefusedAccess | null;
  readonly pc: Hex;
  readonly vmid: number | null;
  readonly asid: number | null;
}

// ---- levels: the tower of exception levels

export interface RegisterValue {
  readonly name: string;
  readonly value: Hex;
  /** The value in a few words: "EL1h, DAIF masked". Empty where there is nothing to say. */
  readonly text: string;
  /** Set when the event shown wrote it: the number of the sub-step (from 1) and the value before. */
  readonly step?: number;
  readonly before?: Hex;
}

export interface Pstate {
  readonly el: Level;
  readonly sp: 0 | 1;
  /** Letters for flags that are set, for example "ZC"; and D, A, I, F as bits. */
  readonly n: boolean;
  readonly z: boolean;
  readonly c: boolean;
  readonly v: boolean;
  readonly d: boolean;
  readonly a: boolean;
  readonly i: boolean;
  readonly f: boolean;
  readonly il: boolean;
}

export interface Floor {
  readonly el: Level | 3;
  readonly present: boolean;
  readonly running: boolean;
  /** It has run by now, or runs. */
  readonly ran: boolean;
  /** "Hypervisor", "Guest 1", "User", "Secure monitor". */
  readonly title: string;
  /** Second and third line: image name, VMID, "stopped at the hvc". */
  readonly notes: readonly string[];
  readonly registers: readonly RegisterValue[];
}

/** An exception or return as the CPU reported it, with what the tower shows beside it. */
export interface LevelEvent extends Pick<ExceptionEvent | ReturnEvent, 'n' | 'kind' | 'from' | 'to' | 'rule'> {
  readonly type: TrapType;
  /** The instruction that caused it (for interrupts: the one that did not run). */
  readonly cause: { readonly text: string; readonly place: Place; readonly operands: string };
  readonly target: Place;
  /** For exceptions: offset of the vector slot from VBAR, 0x000..0x780. */
  readonly vectorOffset: number | null;
  readonly rule: Rule;
  readonly steps: readonly SubStep[];
}

export interface PreflightCheck {
  readonly title: string;
  readonly value: string;
  readonly text: string;
  readonly verdict: 'ok' | 'warning' | 'error';
}

/** What an ERET that is the next instruction will do. */
export interface Preflight {
  readonly from: Level;
  /** Null: the return is illegal, and the level stays. */
  readonly to: Level | null;
  readonly rule: Rule;
  readonly cause: { readonly text: string; readonly place: Place };
  readonly lands: { readonly place: Place; readonly text: string; readonly note: string };
  /** PSTATE as it will be: masks and flags as letters, and which stack pointer is in use. */
  readonly pstate: { readonly daif: string; readonly nzcv: string; readonly il: boolean; readonly ss: boolean; readonly sp: 0 | 1 };
  readonly checks: readonly PreflightCheck[];
}

export interface LevelsView {
  readonly at: number;
  readonly pc: Place;
  readonly pstate: Pstate;
  /** From EL3 down to EL0. */
  readonly floors: readonly Floor[];
  /** Vector table of the level that takes exceptions from here: EL2's, or EL1's when the event goes there. */
  readonly vectors: { readonly el: 1 | 2; readonly base: Hex; readonly note: string };
  readonly stage2: boolean;
  readonly vmid: number | null;
  /** The machine has been switched off, or cannot go on: no level runs. */
  readonly stopped?: true;
  /** The exception or return done by the step before this instant. */
  readonly event: LevelEvent | null;
  /** When the next instruction is an ERET. */
  readonly preflight: Preflight | null;
}

// ---- checklist: the six steps from EL2 to EL1

export interface ChecklistStep {
  /** 1..6. */
  readonly number: number;
  readonly title: string;
  /** Register or barrier it is about. */
  readonly target: string;
  /** Null where not known yet or nothing of the kind. */
  readonly before: Hex | null;
  readonly after: Hex | null;
  readonly text: string;
  /** The step that did it; null: not yet. */
  readonly n: number | null;
}

export interface ChecklistView {
  readonly at: number;
  readonly steps: readonly ChecklistStep[];
  /** Facts to check before and after: SP_EL2, CurrentEL, PC, SP_EL1. */
  readonly before: readonly RegisterValue[];
  readonly after: readonly RegisterValue[];
  /** The past is still being searched for who wrote the registers: the next view knows more. */
  readonly isSearching: boolean;
  readonly sentence: string;
}

// ---- traps

/** One line of the recording: an exception, a return or a PSCI call. */
export interface TrapRow extends Pick<CpuEvent, 'n' | 'kind' | 'from' | 'vmid'> {
  readonly index: number;
  /** Which trap of the run it is, from 1 on; of a return the trap that it ends, null where it ends none. */
  readonly number: number | null;
  readonly type: TrapType;
  /** "HVC", "Data abort", "WFI", "Return": what it is, as short as a label. */
  readonly name: string;
  readonly to: Level;
  /** "hvc #0x1, in hv_putc", "write UARTDR, 4 bytes": what happened in a few words. */
  readonly text: string;
  /** Steps until the matching return; null where there is none (yet). */
  readonly steps: number | null;
}

export interface FieldValue extends FieldWords {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  /** Binary for narrow fields, hex for wide ones. */
  readonly value: string;
  /** Bits that should be 0 are set. */
  readonly note?: 'warning';
}

export interface DecodedRegister {
  readonly name: string;
  readonly value: Hex;
  readonly width: 32 | 64;
  /** The whole register in a sentence. */
  readonly text: string;
  readonly fields: readonly FieldValue[];
}

/** One trap told as a story. */
export interface TrapStoryView {
  readonly row: TrapRow;
  readonly sentence: RichText;
  readonly cause: {
    readonly text: string;
    readonly place: Place;
    /** X0 to X3 of a call, each with what it is: the name of a PSCI function, a symbol, or nothing. */
    readonly args: readonly { readonly name: string; readonly value: Hex; readonly text: string }[];
  };
  readonly rule: Rule;
  readonly steps: readonly SubStep[];
  /** ESR_ELx of an exception; of a return SPSR_ELx, which says where it goes. */
  readonly syndrome: DecodedRegister | null;
  /** Of an abort. */
  readonly refused: RefusedAccess | null;
  /** FAR, HPFAR, IPA when they mean something. */
  readonly addresses: readonly { readonly name: string; readonly value: Hex; readonly text: string }[];
  /**
   * The handler that the trap begins, or that the return ends: null where no trap began it. `place` is where it begins, `calls` are the
   * functions from the first that it called down to the last one to which the address of the saved registers was passed.
   */
  readonly handler: {
    readonly place: Place;
    readonly steps: number | null;
    readonly returnsAt: number | null;
    readonly calls: readonly Place[];
  } | null;
  /** The trap that a return ends. */
  readonly ends: TrapRow | null;
  /** Where it goes on after the handler: `text` says which place that is, `instruction` what comes next there. */
  readonly returned: {
    readonly place: Place;
    readonly to: Level;
    readonly vmid: number;
    readonly text: string;
    readonly instruction: string;
  } | null;
  /** Traps, returns and calls while the handler ran: the first of them, and how many more. */
  readonly nested: { readonly rows: readonly TrapRow[]; readonly more: number };
  /** What the handler changed; null where it has not returned (yet), or no trap began it. */
  readonly changes: HandlerChanges | null;
}

/** What differs between the exception entry and the return. */
export interface HandlerChanges {
  readonly registers: readonly ChangedValue[];
  /** Null where the handler ran too long to be repeated store by store. */
  readonly memory: ChangedMemory | null;
  /** What was written to devices, in order. */
  readonly devices: { readonly writes: readonly DeviceWrite[]; readonly more: number } | null;
}
export interface ChangedValue {
  readonly name: string;
  readonly before: Hex;
  readonly after: Hex;
  readonly text: string;
}
export interface ChangedMemory {
  readonly bytes: number;
  readonly pages: number;
  /** Bytes in a row that changed, values as little-endian numbers. */
  readonly runs: readonly ChangedBytes[];
  readonly more: number;
  /** The same below the stack pointer, as it was left: nothing reads them any more. */
  readonly leftOver: readonly ChangedBytes[];
  readonly moreLeftOver: number;
}
export interface ChangedBytes {
  readonly pa: Hex;
  readonly before: string;
  readonly after: string;
  readonly text: string;
}
export interface DeviceWrite {
  readonly n: number;
  readonly register: string;
  readonly value: string;
  readonly text: string;
}

// ---- registers

export interface RegisterGroup {
  readonly title: string;
  readonly registers: readonly (RegisterValue & {
    /** It has another value than one step earlier. */
    readonly changed: boolean;
    /** A person gave it its value, at this instant. */
    readonly byHand: boolean;
    /** The bits that a person can change (the command `setRegister`); absent where none can be. */
    readonly changeable?: Hex;
    readonly decoded?: DecodedRegister;
    /** Something can write it: `lastWriter` and breakpoints know it by its name. */
    readonly writable: boolean;
  })[];
}

export interface RegistersView {
  readonly at: number;
  readonly groups: readonly RegisterGroup[];
  /** The register that tells most about this instant. */
  readonly telling: string;
}

// ---- breakpoints and what was written

export type MemorySpace = 'va' | 'ipa' | 'pa';
/** Bytes of memory by a VA (of the regime of `el`), an IPA of EL1&0, or a PA. Without `el`: the level that runs. */
export interface MemoryPlace {
  readonly space: MemorySpace;
  readonly address: Hex;
  readonly bytes: number;
  readonly el?: Level | undefined;
}

/** What a breakpoint waits for, and what else it takes for it to stop the machine. */
export type BreakpointSpec = BreakpointKind & {
  /** An expression that holds at the instant: "x0 == 3 && [sp + 8] != 0". */
  readonly when?: string | undefined;
  /** Only the time of this number, counted from the start of the run, or every so many times. */
  readonly nth?: number | undefined;
  readonly every?: number | undefined;
};
export type BreakpointKind =
  /** Before the instruction at a VA, whatever level runs it. */
  | { readonly kind: 'address'; readonly va: Hex }
  /** Before the instruction at a symbol of the program; the symbol is looked up again when the program is reloaded. */
  | { readonly kind: 'symbol'; readonly name: string }
  /** After a change of exception level: to `to`, or to any. */
  | { readonly kind: 'level-change'; readonly to?: Level | undefined }
  /** After an exception: of one of these types (those of the trap events), and with this class (EC) in ESR_ELx. Without both: any. */
  | { readonly kind: 'exception'; readonly types?: readonly string[] | undefined; readonly ec?: number | undefined }
  /** After a write to a system register, x0..x30 or sp. Of general registers only a changed value counts, and the machine runs step by step. */
  | { readonly kind: 'register-write'; readonly register: string }
  /** After an access to memory. A VA or IPA is translated once, when the breakpoint is set: it is the physical memory that is watched. */
  | (MemoryPlace & { readonly kind: 'memory'; readonly access: 'r' | 'w' | 'rw' })
  /** After stage 2 has refused an access, a fetch or a table walk of the guest. */
  | { readonly kind: 'stage2-fault' }
  /** After a load or store of the guest to these IPAs, also one that stage 2 refuses: wherever they lead, now or later. */
  | { readonly kind: 'guest-access'; readonly ipa: Hex; readonly bytes: number; readonly access: 'r' | 'w' | 'rw' }
  /** After an IRQ or FIQ is taken, physical or virtual, for which the GIC signals this INTID. */
  | { readonly kind: 'intid'; readonly intid: number }
  /** After the GIC has made this INTID pending: in its distributor, or in a list register for a guest. */
  | { readonly kind: 'pended'; readonly intid: number };

/** One write to memory or to a register. */
export interface Write {
  /** The step that wrote: at this instant the value is still `before`, one later it is `after`. By hand it is `after` at this instant. */
  readonly at: number;
  /** The instruction that wrote; of an interrupt, the one that it came before. */
  readonly pc: Hex;
  readonly symbol?: string;
  readonly file?: string;
  readonly line?: number;
  /** What was written: the PA and bytes of the part that was asked for; absent for registers. */
  readonly pa?: Hex;
  readonly bytes?: number;
  /** Memory as a little-endian number. Null where it cannot be known: registers that cannot be read, devices. */
  readonly before: Hex | null;
  readonly after: Hex | null;
  /** What wrote: an instruction ("str"), the entry to an exception ("HVC"), a device by itself ("fw-cfg"), a person. */
  readonly by: { readonly kind: 'instruction' | 'exception' | 'device' | 'hand'; readonly name: string };
}
