import type { RegisterField } from '../device.ts';

/** A field of one bit. */
export const bit = (name: string, at: number, meaning: string, values?: RegisterField['values']): RegisterField => ({
  name,
  high: at,
  low: at,
  meaning,
  ...(values ? { values } : {}),
});
