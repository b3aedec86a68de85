/** Views of code, of what stops a run in it, and of the bytes of memory. */
import type { Guest } from './address-views.ts';
import type { BreakpointSpec, Hex, Level, MemorySpace, Place, RichText } from '../explain/views.ts';

// ---- code

export interface CodeLine {
  readonly address: Hex;
  readonly word: Hex | null;
  readonly mnemonic: string;
  readonly operands: string;
  /** Present on the first line of a function. */
  readonly label?: string;
  readonly file?: string;
  readonly line?: number;
  /** Number of the source file, for the command `source`. */
  readonly source?: number;
  /** Who sees this instruction here, where the running level cannot fetch it: another level, or nobody and it is only in the file. */
  readonly seenBy?: Level | 'file';
  readonly current: boolean;
  /** The breakpoint in front of this instruction, set at its address or by a symbol. */
  readonly breakpoint: { readonly id: number; readonly enabled: boolean } | null;
}

export interface CodeView {
  readonly at: number;
  readonly level: Level;
  readonly place: Place;
  readonly lines: readonly CodeLine[];
  /** The code that the lines are part of: a section of the program, the end not included. Null outside of it. */
  readonly section: { readonly name: string; readonly from: Hex; readonly to: Hex } | null;
  /** The instruction at pc in words, with its operand values. */
  readonly explanation: RichText;
  /** When the step before came from another level: where it came from. */
  readonly cameFrom: { readonly level: Level; readonly place: Place; readonly lines: readonly CodeLine[] } | null;
}

// ---- the call stack

export interface StackFrame {
  /** The instant whose state it is part of: below an exception, that of the exception. */
  readonly at: number;
  readonly level: Level;
  /** Of the guest; 0 of EL2. */
  readonly vmid: number;
  /** Of the function, or its address. */
  readonly name: string;
  readonly pc: Hex;
  /** The instruction at which it stands: the call, or the one that comes next. */
  readonly code: Hex;
  /** Null where nobody knows it any more. */
  readonly sp: Hex | null;
  /** X0 to X30; null where nobody knows it any more. */
  readonly registers: readonly (Hex | null)[];
  readonly isInlined: boolean;
  readonly file?: string;
  readonly line?: number;
  /** Number of the source file, for the command `source`. */
  readonly source?: number;
  /** The exception that took the machine from here to the frame above. */
  readonly interruptedBy: string | null;
  /** Whether the function's variables are known by name. */
  readonly hasVariables: boolean;
  /** How it was found from the frame above. */
  readonly by: 'running' | 'exception' | 'inlined' | 'call-frame information' | 'frame record' | 'return address';
}
export interface StackView {
  readonly at: number;
  /** The running function first. */
  readonly frames: readonly StackFrame[];
}

export interface ValueRow {
  readonly name: string;
  /** The expression that means it in its frame. */
  readonly path: string;
  readonly kind: 'argument' | 'local' | 'part';
  readonly type: string;
  /** As gdb writes it; `<optimized out>` where the compiler did not keep it. */
  readonly value: string;
  /** There is something to open. */
  readonly hasParts: boolean;
  /** VA, where it is in memory. */
  readonly address: Hex | null;
  readonly bytes: number;
  /** Where it is a whole register: 0 to 30 for X0 to X30, 31 for SP, 64 to 95 for V0 to V31. */
  readonly register: number | null;
}
export interface ValuesView {
  /** The instant whose values they are. */
  readonly at: number;
  readonly rows: readonly ValueRow[];
}

// ---- files with names beside the program's own

export interface SymbolFilesView {
  readonly files: readonly {
    readonly name: string;
    /** "61204 names for EL1 and EL0 of VMID 1". */
    readonly text: string;
  }[];
}

// ---- breakpoints

export interface BreakpointRow {
  readonly id: number;
  readonly spec: BreakpointSpec;
  readonly enabled: boolean;
  /** What it does, as a sentence. */
  readonly text: string;
  /** How many times it has stopped the machine. */
  readonly hits: number;
  /** Where it is in the program: for the kinds `address` and `symbol`. */
  readonly place?: Place;
  /** The physical memory that is watched, with the board's name for it: of kind `memory`. */
  readonly ranges?: readonly { readonly pa: Hex; readonly bytes: number; readonly name: string }[];
  /** Why it cannot stop anything in this program, as a sentence. */
  readonly problem?: string;
}

/** In the order in which they were set. */
export interface BreakpointsView {
  readonly breakpoints: readonly BreakpointRow[];
}

// ---- memory: bytes of an address space

/** Bytes that one translation and one thing on the board stand behind. */
export interface MemorySpan {
  /** Of its first byte from `MemoryView.start`, and how many it has. */
  readonly offset: number;
  readonly bytes: number;
  /** `fault`: the address leads nowhere, `name` says why. `nothing`: it leads to a PA where nothing answers. */
  readonly kind: 'memory' | 'device' | 'nothing' | 'fault';
  readonly pa: Hex | null;
  readonly ipa: Hex | null;
  /** "rw-" by level; empty where no stage decides it. */
  readonly permissions: { readonly '0'?: string; readonly '1'?: string; readonly '2'?: string };
  /** Memory type: "Normal, Write-Back"; empty where no stage decides it. */
  readonly memory: string;
  /** What a person calls the region of the board, or the fault. */
  readonly name: string;
}

/** What is known of a place in memory, from a byte on. */
export interface MemoryLabel {
  /**
   * `symbol` of the program, `device`: register of a device, `section` of the program that begins or goes on there, `register` of the CPU
   * that points there, `table`: entries of a page table in use, `value`: the word is the address of a symbol.
   */
  readonly kind: 'symbol' | 'device' | 'section' | 'register' | 'table' | 'value';
  readonly offset: number;
  readonly bytes: number;
  readonly name: string;
  /** What a register is for. */
  readonly text: string;
}

export interface MemoryView {
  readonly at: number;
  readonly space: MemorySpace;
  readonly el: Level;
  /** The level that runs. */
  readonly running: Level;
  readonly guests: readonly Guest[];
  /** VMID of the guest that was asked for; null for what translates now. */
  readonly vmid: number | null;
  /** Address of the first byte, a multiple of the bytes of a line. */
  readonly start: Hex;
  /** The address asked for, and the register it comes from, in words. */
  readonly address: Hex;
  readonly follows: string | null;
  /** Zeros where there is nothing to read. Of devices what a read would give, without its effects. */
  readonly bytes: Uint8Array;
  /** Offsets of bytes that were others when the machine stood still before; empty while it runs. */
  readonly changed: readonly number[];
  readonly spans: readonly MemorySpan[];
  readonly labels: readonly MemoryLabel[];
}
