/**
 * The memory map for gdb, which applies it to every address, virtual ones too. RAM, flash as read-only memory, and nothing for the windows of
 * devices, so that gdb does not read what may change by it. Above RAM there is no memory, but programs map virtual addresses there: gdb may
 * ask, and gets an error for those that lead nowhere.
 */
import type { Machine } from '../../machine/machine.ts';

export function memoryMap({ board, memory }: Machine): string {
  const { regions } = board;
  const flash = regions.filter(({ name }) => name.startsWith('flash'));
  const ram = regions.find(({ name }) => memory.regions.has(name) && !name.startsWith('flash'))!;
  const rows = [
    ...flash.map(({ base, bytes }) => ({ type: 'rom', base: BigInt(base), bytes: BigInt(bytes) })),
    { type: 'ram', base: BigInt(ram.base), bytes: (1n << 64n) - BigInt(ram.base) },
  ];
  const lines = rows.map(
    ({ type, base, bytes }) => `<memory type="${type}" start="0x${base.toString(16)}" length="0x${bytes.toString(16)}"/>`,
  );
  return `<?xml version="1.0"?>
<!DOCTYPE memory-map PUBLIC "+//IDN gnu.org//DTD GDB Memory Map V1.0//EN" "http://sourceware.org/gdb/gdb-memory-map.dtd">
<memory-map>
${lines.join('\n')}
</memory-map>
`;
}
