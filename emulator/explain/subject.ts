/** What explanations are about: a machine with its recording, and what is known of the program in it. */
import type { VA } from '../base/addresses.ts';
import type { Machine } from '../machine/machine.ts';
import type { Timeline } from '../time/timeline.ts';
import { hex } from '../base/hex.ts';
import type { Place } from './views.ts';

export interface ProgramNames {
  /** "main+0x10" for an address as the program sees it; undefined outside known functions. */
  symbol(address: VA): string | undefined;
  line(address: VA): { readonly file: string; readonly line: number } | undefined;
}

export interface Subject {
  readonly machine: Machine;
  readonly timeline: Timeline;
  readonly names: ProgramNames;
  /** File name of the image. */
  readonly name: string;
}

export function placeOf(names: ProgramNames, address: VA): Place {
  const symbol = names.symbol(address);
  const line = names.line(address);
  return { address: hex(address), ...(symbol === undefined ? {} : { symbol }), ...(line ?? {}) };
}
