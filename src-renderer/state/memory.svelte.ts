/** What the memory panel looks at, shared with the panel that describes the selected bytes. */
import type { Hex, Level, MemoryPlace, MemorySpace, MemoryView } from '../../emulator/session/views.ts';
import type { LineBytes, WordBytes } from '../geometry/memory-rows.ts';

const LAST = (1n << 64n) - 1n;
const hexOf = (value: bigint): Hex => `0x${(value < 0n ? 0n : value > LAST ? LAST : value).toString(16)}`;

export class MemoryBrowser {
  space = $state<MemorySpace>('va');
  /** Null: the level that runs. */
  el = $state<Level | null>(null);
  /** Where it looks: a register that it follows, or an address. */
  follow = $state<string | null>('sp');
  /** The register that was followed last, to go back to. */
  private followed = 'sp';
  address = $state<Hex>('0x40000000');
  width = $state<WordBytes>(8);
  /** Bytes of a line: as many as there is room for. */
  line = $state<LineBytes>(16);
  view = $state.raw<MemoryView | undefined>();
  /** The bytes chosen: from one address on. Null: the word at the register that is followed. */
  chosen = $state.raw<{ readonly address: Hex; readonly bytes: number } | null>(null);

  /** Looks at an address of a space; `el`: of the VAs of a level. */
  goTo(address: Hex, space: MemorySpace = this.space, el: Level | null = this.el): void {
    this.address = address;
    if (this.follow !== null) this.followed = this.follow;
    this.follow = null;
    this.space = space;
    this.el = el;
  }

  /** Another program is open: back to the stack of the level that runs. */
  forget(): void {
    this.space = 'va';
    this.el = this.chosen = null;
    this.follow = this.followed = 'sp';
  }
  /** Moves what is shown by whole lines. */
  scroll(lines: number): void {
    const at = BigInt(this.view?.address ?? this.address) + BigInt(lines * this.line);
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

  /** Back to the register that was followed. */
  release(): void {
    this.chosen = null;
    this.follow ??= this.followed;
  }

  /** The bytes looked at, as commands name them: those chosen, else the word at the register that is followed. */
  get place(): MemoryPlace | null {
    const { chosen, space, view, width } = this;
    if (!view || (!chosen && view.follows === null)) return null;
    const at = BigInt(view.address);
    const bytes = chosen ?? { address: hexOf(at - (at % BigInt(width))), bytes: width };
    return { space, ...bytes, ...(space === 'va' ? { el: view.el } : {}) };
  }
}
