/** What the memory panel looks at, shared with the panel that tells of the bytes chosen in it. */
import type { Hex, Level, MemoryPlace, MemorySpace, MemoryView } from '../../emulator/session/views.ts';
import { LINE_BYTES, type WordBytes } from '../geometry/memory-rows.ts';

const LAST = (1n << 64n) - 1n;
export const hexOf = (value: bigint): Hex => `0x${(value < 0n ? 0n : value > LAST ? LAST : value).toString(16)}`;

export class MemoryBrowser {
  space = $state<MemorySpace>('va');
  /** Null: the level that runs. */
  el = $state<Level | null>(null);
  /** Where it looks: a register that it follows, or an address. */
  follow = $state<string | null>('sp');
  address = $state<Hex>('0x40000000');
  width = $state<WordBytes>(8);
  view = $state.raw<MemoryView | undefined>();
  /** The bytes chosen: from one address on. */
  chosen = $state.raw<{ readonly address: Hex; readonly bytes: number } | null>(null);

  /** Looks at an address of a space; `el`: of the VAs of a level. */
  goTo(address: Hex, space: MemorySpace = this.space, el: Level | null = this.el): void {
    this.address = address;
    this.follow = null;
    this.space = space;
    this.el = el;
  }

  /** Moves what is shown by whole lines. */
  scroll(lines: number): void {
    const at = BigInt(this.view?.address ?? this.address) + BigInt(lines * LINE_BYTES);
    this.goTo(hexOf(at));
  }

  /** Chooses the word at an address; `extend`: all from the first that was chosen to it. */
  choose(address: bigint, extend = false): void {
    const width = BigInt(this.width);
    const word = address - (address % width);
    const first = extend && this.chosen ? BigInt(this.chosen.address) : word;
    const from = word < first ? word : first;
    const end = (word < first ? first : word) + width;
    this.chosen = { address: hexOf(from), bytes: Math.min(64, Number(end - from)) };
  }

  /** The chosen bytes as commands name them. */
  get place(): MemoryPlace | null {
    const { chosen, space, view } = this;
    return chosen && view ? { space, ...chosen, ...(space === 'va' ? { el: view.el } : {}) } : null;
  }
}
