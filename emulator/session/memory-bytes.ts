/** Bytes of an address space as those see them who look on: by peeks alone, so that no device notices and nothing is translated for the machine. */
import { PA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import type { Machine } from '../machine/machine.ts';
import { reach } from '../mmu/index.ts';
import type { Level, MemorySpan, MemoryView } from './views.ts';

const PAGE = 4096;

/** A stretch of an address space cut where the translation or what answers may change: at pages, and at the regions of the board. `mmu`: that of a guest that does not run. */
export function spansOf(
  machine: Machine,
  space: MemoryView['space'],
  start: bigint,
  length: number,
  el: Level,
  mmu = machine.mmu,
): MemorySpan[] {
  const spans: MemorySpan[] = [];
  for (let offset = 0; offset < length;) {
    const at = start + BigInt(offset);
    const inPage = Math.min(length - offset, PAGE - Number(at % BigInt(PAGE)));
    const reached = reach(mmu, space, at, el);
    if (!reached.ok) {
      spans.push({ offset, bytes: inPage, kind: 'fault', pa: null, ipa: null, permissions: {}, memory: '', name: reached.text });
      offset += inPage;
      continue;
    }
    const { pa, ipa, permissions, memory } = reached;
    const { bus } = machine.board;
    const region = machine.board.regions.find(({ base, bytes }) => pa >= base && pa < base + bytes);
    const next = machine.board.regions.find(({ base }) => base > pa);
    const bytes = Math.min(inPage, region ? region.base + region.bytes - pa : next ? next.base - pa : inPage);
    const kind = bus.nameAt(pa) === undefined ? 'nothing' : bus.hostAddress(pa) >= 0 ? 'memory' : 'device';
    const name = region && kind !== 'nothing' ? region.title : 'Nothing responds here: an access causes an external abort';
    spans.push({ offset, bytes, kind, pa: hex(pa), ipa: ipa === undefined ? null : hex(ipa), permissions, memory, name });
    offset += bytes;
  }
  return spans;
}

/** What such a part holds. */
export function readSpan(machine: Machine, { pa, bytes, kind }: MemorySpan): Uint8Array {
  const { bus } = machine.board;
  if (pa === null || kind === 'nothing') return new Uint8Array();
  const from = PA(Number(pa));
  if (kind === 'memory') return bus.peekBytes(from, bytes) ?? new Uint8Array();
  // Registers are as wide as a word, and are asked for as such.
  const out = new Uint8Array(bytes);
  for (let at = from - (from % 4); at < from + bytes; at += 4) {
    if (!bus.peek(PA(at), 4)) continue;
    for (let i = 0; i < 4; i++) if (at + i >= from && at + i < from + bytes) out[at + i - from] = bus.low >>> (8 * i);
  }
  return out;
}
