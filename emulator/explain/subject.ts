/** What explanations are about: a machine with its recording, and what is known of the program in it. */
import type { PA, VA } from '../base/addresses.ts';
import type { Machine } from '../machine/machine.ts';
import type { Timeline } from '../time/timeline.ts';
import { hex } from '../base/hex.ts';
import type { Level, Place } from './views.ts';

/** What VAs of one address space are called. */
export interface Names {
  /** "main+0x10"; undefined where no known symbol covers the address. */
  symbol(address: VA): string | undefined;
  line(address: VA): { readonly file: string; readonly line: number } | undefined;
  /** The function that the address lies in, and how far behind its start. */
  function(address: VA): { readonly name: string; readonly offset: bigint } | undefined;
}
export interface RecordedNames {
  /** Another number: files with names were added or removed. */
  readonly version: number;
  /** Code of a level that the run met at step `n`: at an exception, a return or a write that was looked for. */
  met(el: Level, vmid: number, n: number): Names;
}
export interface ProgramNames extends RecordedNames {
  /** VAs of a level, as the machine translates them at its instant. */
  of(el: Level): Names;
  /** Addresses as the files have them, wherever in memory they lie. */
  readonly linked: Names;
  /** What was loaded at a PA. */
  physical(pa: PA): string | undefined;
}

export interface Subject {
  readonly machine: Machine;
  readonly timeline: Timeline;
  readonly names: ProgramNames;
  /** File name of the image. */
  readonly name: string;
}

export function placeOf(names: Names, address: VA): Place {
  const symbol = names.symbol(address);
  const line = names.line(address);
  return { address: hex(address), ...(symbol === undefined ? {} : { symbol }), ...(line && { file: line.file, line: line.line }) };
}
