/** What the Doctor says: plain data for any user interface. */
import type { Hex, Place } from '../views.ts';

/**
 * `broken`: this is why the program hangs or faults. `suspicious`: it works by luck. `hardware`: this machine and QEMU forgive it, a
 * Cortex-A53 would not. `departs`: QEMU 7.2 does something else here.
 */
export const findingKinds = ['broken', 'suspicious', 'hardware', 'departs'] as const;
export type FindingKind = (typeof findingKinds)[number];

/** One fact, as far as it is about a register, an address, an instruction or an instant. */
export interface Evidence {
  /** The fact in a few words. */
  readonly text: string;
  readonly register?: string;
  readonly field?: string;
  readonly value?: Hex;
  readonly address?: Hex;
  readonly descriptorAddress?: Hex;
  /** "msr scr_el3, x0". */
  readonly instruction?: string;
  /** "boot.S:18", or the function where there is no line. */
  readonly source?: string;
  /** The step that did it. */
  readonly at?: number;
}

/** Where a panel shows more: a register, an address, or nothing where the instant is enough. */
export interface FindingLink {
  readonly panel: 'levels' | 'walk' | 'tables' | 'maps' | 'traps' | 'code' | 'registers' | 'memory';
  readonly subject?: string;
}

export interface Trial {
  readonly at: number;
  readonly set: readonly string[];
}

export interface Finding {
  readonly id: string;
  readonly kind: FindingKind;
  readonly title: string;
  /** What is wrong and what came of it, for a beginner. */
  readonly sentence: string;
  readonly fix: string;
  /** The same as lines to add ("+ ") and to take away ("- "), where it is that simple. */
  readonly patch?: readonly string[];
  /** The fix as a change by hand that can be tried: what to set, "HCR_EL2.RW=1", at which instant. */
  readonly trial?: Trial;
  /** The instruction that is wrong, and the step that executed it; null where nothing was executed that should have been. */
  readonly place: Place | null;
  readonly at: number | null;
  readonly evidence: readonly Evidence[];
  readonly links: readonly FindingLink[];
}

export interface Diagnosis {
  /** Most likely cause first. */
  readonly findings: readonly Finding[];
  /** How the program stands, in a sentence. */
  readonly standing: string;
  /** Whether it is proved that it stands so, and for ever. */
  readonly certainty: 'certain' | 'likely';
  /** The instant that it is about. */
  readonly at: number;
  /** Instructions before `looked.until` were looked at one by one; all that tell anything lie before `looked.end`. */
  readonly looked: { readonly until: number; readonly end: number };
}
