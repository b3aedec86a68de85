/** What is known of bytes of memory, for the margin of the memory panel. Nothing is guessed: every label can be looked up. */
import { PA, VA } from '../base/addresses.ts';
import type { MemorySymbol } from '../debug/address-names.ts';
import { placesOf, type RegisterDescription } from '../devices/device.ts';
import { readTables, type Mmu, type TableNode } from '../mmu/index.ts';
import { translates } from './compared.ts';
import { sectionsIn, type SectionPlace } from './place-names.ts';
import type { Program } from './program.ts';
import { tableRegisters, type Level, type MemoryLabel, type MemorySpace, type MemorySpan } from './views.ts';

/** The bytes that a view shows. */
export interface SeenMemory {
  readonly program: Program;
  readonly mmu: Mmu;
  /** VMID of the guest whose memory it is, where that does not run: no register is its own. */
  readonly waiting: number | undefined;
  readonly space: MemorySpace;
  /** The level whose VAs they are. */
  readonly el: Level;
  /** Address of the first byte. */
  readonly start: bigint;
  readonly bytes: Uint8Array;
  readonly spans: readonly MemorySpan[];
  /** Bytes of a line. */
  readonly line: number;
}

/** Symbols, sections, registers of devices, registers of the CPU that point there, and words that are the address of a symbol. */
export function memoryLabels(seen: SeenMemory): MemoryLabel[] {
  const { program, waiting, space, el, start, bytes, spans } = seen;
  const { machine, names } = program;
  const places = spans.flatMap((span): MemoryLabel[] => {
    if (span.pa === null) return [];
    const pa = PA(Number(span.pa));
    if (span.kind === 'device') return registersIn(machine.board.bus.deviceAt(pa), span, bytes.length);
    if (span.kind !== 'memory') return [];
    const address = VA(start + BigInt(span.offset));
    const sections = sectionsIn(program, address, pa, span.bytes);
    const symbols = names.within(pa, span.bytes, space === 'va' && waiting === undefined ? { va: address, el } : undefined);
    return [...sectionLabels(sections, span), ...symbols.map((one) => symbolLabel(one, span)), ...valuesIn(seen, span)];
  });
  return [...pointers(seen), ...places];
}

/** Entries of the page tables that translate at this instant, line by line. */
export function tableLabels({ mmu, spans, line }: SeenMemory): MemoryLabel[] {
  const labels: MemoryLabel[] = [];
  for (const register of tableRegisters) {
    if (!translates(mmu, register)) continue;
    const { root } = readTables(mmu, register);
    const look = (node: TableNode): void => {
      for (const span of spans) if (span.kind === 'memory') labels.push(...entriesIn(node, register, span, line));
      for (const run of node.runs) if (run.table) look(run.table);
    };
    if (root) look(root);
  }
  return labels;
}

function entriesIn(
  { pa: table, entries, level }: TableNode,
  register: string,
  { pa, offset, bytes }: MemorySpan,
  line: number,
): MemoryLabel[] {
  if (table === undefined) return [];
  const from = Number(pa);
  const first = Math.max(table, from);
  const end = Math.min(table + 8 * entries, from + bytes);
  const labels: MemoryLabel[] = [];
  for (let at = first; at < end; at += line) {
    const index = (at - table) / 8;
    const last = Math.min((end - table) / 8, index + line / 8) - 1;
    const name = `${register} level ${level} [${index}..${last}]`;
    labels.push({ kind: 'table', offset: offset + at - from, bytes: (last - index + 1) * 8, name, text: '' });
  }
  return labels;
}

/** Registers of the CPU whose value is the VA of one of the bytes. */
function pointers({ program, waiting, space, el, start, bytes }: SeenMemory): MemoryLabel[] {
  if (space !== 'va' || waiting !== undefined) return [];
  const { cpu } = program.machine;
  const isRunning = (cpu.el === 2) === (el === 2);
  const registers: (readonly [string, bigint])[] = isRunning
    ? [['pc', cpu.pc], ['sp', cpu.sp], ...Array.from({ length: 31 }, (_, i) => [`x${i}`, cpu.x(i)] as const)]
    : [[`SP_EL${el}`, cpu.stackPointer(el)]];
  if (el !== 0) registers.push([`VBAR_EL${el}`, cpu.get(`VBAR_EL${el}`)]);
  return (
    registers
      // Zero is no pointer, but a stack pointer may be there.
      .filter(([name, value]) => value !== 0n || !name.startsWith('x'))
      .filter(([, value]) => value >= start && value < start + BigInt(bytes.length))
      .map(([name, value]) => ({ kind: 'register', offset: Number(value - start), bytes: 1, name, text: `${name} points here` }))
  );
}

function sectionLabels(sections: readonly SectionPlace[], span: MemorySpan): MemoryLabel[] {
  return sections.map(({ name, offset }) => ({
    kind: 'section',
    offset: span.offset + Math.max(0, offset),
    bytes: 1,
    name,
    text: offset < 0 ? 'section, which began before' : 'section begins',
  }));
}

/** A symbol in a span, or the one that goes on at its beginning. */
function symbolLabel({ symbol: { name, bytes }, offset }: MemorySymbol, span: MemorySpan): MemoryLabel {
  const label = { kind: 'symbol', text: '' } as const;
  return offset < 0
    ? { ...label, offset: span.offset, bytes: 1, name: `${name}+0x${(-offset).toString(16)}` }
    : { ...label, offset: span.offset + offset, bytes: Math.max(1, Number(bytes)), name };
}

/** Doublewords that are a VA of code or data, to the level whose memory is shown. */
function valuesIn(
  { program: { names, timeline }, waiting, el, start, bytes }: SeenMemory,
  { offset, bytes: length }: MemorySpan,
): MemoryLabel[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const here = waiting === undefined ? names.of(el) : names.met(el, waiting, timeline.at);
  const labels: MemoryLabel[] = [];
  const first = offset + Number(-(start + BigInt(offset)) & 7n);
  for (let at = first; at + 8 <= offset + length; at += 8) {
    const value = VA(view.getBigUint64(at, true));
    const name = value === 0n ? undefined : here.symbol(value);
    if (name !== undefined) labels.push({ kind: 'value', offset: at, bytes: 8, name, text: 'the address that the word holds' });
  }
  return labels;
}

function registersIn(
  place: { readonly registers: readonly RegisterDescription[]; readonly offset: number } | undefined,
  { offset, bytes }: MemorySpan,
  length: number,
): MemoryLabel[] {
  const labels: MemoryLabel[] = [];
  for (const register of place?.registers ?? [])
    for (const { name, offset: at, bytes: size } of placesOf(register)) {
      const from = offset + at - place!.offset;
      if (from >= offset && from < Math.min(offset + bytes, length))
        labels.push({ kind: 'device', offset: from, bytes: size, name, text: register.title });
    }
  return labels;
}
