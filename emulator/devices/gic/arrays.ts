/** The form of registers that have something for each of many interrupts. */
import { field } from '../fields.ts';

/** A bit for each interrupt. */
export const bitmap = <const R extends object>(offset: number, title: string, zero: string, one: string, rest: R) => ({
  offset,
  width: 32 as const,
  access: 'rw' as const,
  title: `${title}: bit i of register n is INTID 32n + i`,
  fields: [field('INTIDs', 31, 0, `a bit each; 0: ${zero}; 1: ${one}`)],
  ...rest,
});

export const priorityFields = [3, 2, 1, 0].map((i) =>
  field(`Priority${i}`, 8 * i + 7, 8 * i, `priority of INTID 4n + ${i}; smaller is more urgent`),
);
export const PRIORITIES = 'Priorities, a byte each: byte i of register n is INTID 4n + i';

export const configurationFields = Array.from({ length: 16 }, (_, i) => 15 - i).map((i) =>
  field(`Int_config${i}`, 2 * i + 1, 2 * i, `how the line of INTID 16n + ${i} is understood`, {
    0: 'level-sensitive',
    2: 'edge-triggered',
  }),
);
export const CONFIGURATION = 'Configuration, two bits each: bits 2i+1..2i of register n are INTID 16n + i';
