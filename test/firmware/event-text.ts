/** Exceptions, returns and PSCI calls in one form, whether our machine or QEMU tells of them. */
import type { CpuEvent } from '../../emulator/cpu/index.ts';
import { trapLine, type Program } from '../../emulator/index.ts';
import type { QemuEvent, QemuException } from './qemu.ts';

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

export function ourText(event: CpuEvent): string {
  const line = trapLine(event);
  if (line.kind === 'exception') return `${line.type} EL${line.from} to EL${line.to}, EC ${line.ec}, ISS ${line.iss}, ELR ${line.elr}`;
  return line.kind === 'psci' ? `PSCI from EL${line.from}` : `${line.kind} EL${line.from} to EL${line.to}, PC ${line.pc}`;
}
/** All that a program has taken. */
export const ourTexts = ({ timeline: { traps } }: Program): string[] =>
  Array.from({ length: traps.length }, (_, i) => ourText(traps.get(i)));

const DATA_ABORT_SAME_EL = 0x25;

/** ISS<24:14> describes the access of a stage 2 fault, and is RES0 for EL2's own data aborts, where QEMU 7.2 gives it too. */
const syndromeOf = ({ ec, iss, to }: QemuException): number | null =>
  iss !== null && ec === DATA_ABORT_SAME_EL && to === 2 ? iss & 0x3fff : iss;

export function qemuText(event: QemuEvent): string {
  if (event.kind === 'psci') return `PSCI from EL${event.from}`;
  if (event.kind !== 'exception') return `${event.kind} EL${event.from} to EL${event.to}, PC ${hex(event.pc)}`;
  const syndrome = syndromeOf(event);
  const iss = syndrome === null ? 'null' : hex(syndrome);
  return `${event.type} EL${event.from} to EL${event.to}, EC ${event.ec}, ISS ${iss}, ELR ${hex(event.elr)}`;
}
