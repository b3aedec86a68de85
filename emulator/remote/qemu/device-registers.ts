/**
 * What the devices of a board show, by name. Only registers are read that the definitions of our own devices say hold their state and do not
 * change when they are read: never GICC_IAR or UARTDR.
 */
import type { Board } from '../../machine/board.ts';

interface Place {
  readonly name: string;
  readonly pa: number;
  readonly bytes: number;
}

/**
 * The registers that may be read, by rising PA. QEMU reads eight bytes at once where it can, which the frames of a GICv3 do not answer: their
 * state comes with all the rest of the machine's.
 */
export const registersToRead = ({ telling, gic }: Pick<Board, 'telling' | 'gic'>): readonly Place[] =>
  telling
    .filter(({ name }) => gic.version === 2 || !name.startsWith('gic'))
    .flatMap(({ base, device }) =>
      device.telling.map(({ name, offset, bytes }) => ({ name, pa: base + offset, bytes: Math.max(4, bytes) })),
    )
    .sort((a, b) => a.pa - b.pa);

/** `read`: bytes at a PA; undefined where nobody answers. Neighbours are read together, and what lies between registers never is. */
export async function deviceRegisters(
  board: Pick<Board, 'telling' | 'gic'>,
  read: (pa: number, bytes: number) => Promise<Uint8Array | undefined>,
): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  const places = registersToRead(board);
  for (let first = 0, next = 1; first < places.length; first = next++) {
    while (next < places.length && places[next].pa === places[next - 1].pa + places[next - 1].bytes) next++;
    const group = places.slice(first, next);
    const { pa: start } = group[0];
    const last = group.at(-1)!;
    const bytes = await read(start, last.pa + last.bytes - start);
    if (!bytes) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const { name, pa } of group) found[name] = view.getUint32(pa - start, true);
  }
  return found;
}
