/** Writes as the machine's watches reported them, with the places of the program that made them. */
import type { PA } from '../base/addresses.ts';
import { hex, wideHex } from '../base/hex.ts';
import { disassemble } from '../isa/index.ts';
import type { WatchReport } from '../machine/watches.ts';
import { placeOf, type Subject } from './subject.ts';
import type { Write } from './views.ts';

export interface ByteRange {
  readonly pa: PA;
  readonly bytes: number;
}

/** The report of an access or a write that is in the recording; of memory only the part within `range`, where one is given. */
export function writeOf(subject: Subject, report: WatchReport, range?: ByteRange): Write {
  const { address: pc, ...place } = placeOf(subject.names.met(report.el, report.vmid, report.n), report.pc);
  const common = { at: report.n, pc, ...place, by: writerOf(subject, report) };
  if (report.kind === 'register') {
    const { before, after } = report;
    return { ...common, before: before === undefined ? null : wideHex(before), after: after === undefined ? null : wideHex(after) };
  }
  const { pa, before, after } = report;
  const from = Math.max(pa, range?.pa ?? pa);
  const to = Math.min(pa + after.length, range ? range.pa + range.bytes : Infinity);
  const part = (bytes: Uint8Array): string => littleEndian(bytes.subarray(from - pa, to - pa));
  return { ...common, pa: hex(from), bytes: to - from, before: before ? part(before) : null, after: part(after) };
}

function writerOf({ machine, timeline }: Subject, report: WatchReport): Write['by'] {
  const by = report.kind === 'register' ? report.by : 'instruction';
  if (by === 'hand' || (report.kind === 'memory' && report.device === 'debugger')) return { kind: 'hand', name: 'changed by hand' };
  if (by !== 'instruction') return { kind: 'exception', name: by.exception };
  if (report.kind === 'memory' && report.device !== undefined) return { kind: 'device', name: report.device };
  // As it was then: the step may have changed how the address translates, or the instruction itself.
  const word = timeline.excursion(report.n, () => machine.fetchWord(report.pc), { key: `word at ${report.pc}` });
  return { kind: 'instruction', name: (word === undefined ? undefined : disassemble(word, report.pc)?.mnemonic) ?? 'an instruction' };
}

/** Bytes as a number, the last one first; wide values keep all their digits. */
function littleEndian(bytes: Uint8Array): string {
  return wideHex(bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n));
}
