/** What the memory panel looks at, shared with the panel that describes the selected bytes. */
import type { Hex, Level, MemoryPlace, MemorySpace, MemoryView } from '../../emulator/session/views.ts';
import type { LineBytes, WordBytes } from '../geometry/memory-rows.ts';

const LAST = (1n << 64n) - 1n;
const hexOf = (value: bigint): Hex => `0x${(value < 0n ? 0n : value > LAST ? LAST : value).toString(16)}`;

export class MemoryBrowser {
  space = $state<MemorySpace>('va');
  /** Null: the level that runs. */
  el = $state<Level | null>(null);
  /** The guest whose VAs and IPAs they are; null: the current one. */
  vmid = $state<number | null>(null);
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
  /** Registers are those of what runs. */
  followRegister(name: string): void {
    this.follow = name;
    this.vmid = null;
  }
  /** A guest's memory stays where it is looked at: its registers are not here. */
  showGuest(vmid: number): void {
    this.goTo(this.view?.address ?? this.address, this.space, this.el === 0 ? 0 : 1);
    this.vmid = vmid;
  }
  showLevel(el: Level | null): void {
    this.el = el;
    if (el === null || el === 2) this.vmid = null;
  }

  /** Another program is open: back to the stack of the level that runs. */
  forget(): void {
    this.space = 'va';
    this.el = this.vmid = this.chosen = null;
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
    this.chosen = this.vmid = null;
    this.follow ??= this.followed;
  }

  /** The bytes looked at, as commands name them: those chosen, else the word at the register that is followed. */
  get place(): MemoryPlace | null {
    const { chosen, space, view, width } = this;
    if (!view || (!chosen && view.follows === null)) return null;
    const at = BigInt(view.address);
    const bytes = chosen ?? { address: hexOf(at - (at % BigInt(width))), bytes: width };
    return view.vmid === null ? { space, ...bytes, ...(space === 'va' ? { el: view.el } : {}) } : physical(view, bytes);
  }
}

/** The physical memory behind bytes that are shown: what a guest that waits means by an address, nobody else does. */
function physical({ spans, start }: MemoryView, { address, bytes }: { readonly address: Hex; readonly bytes: number }): MemoryPlace | null {
  const offset = Number(BigInt(address) - BigInt(start));
  const span = spans.find((one) => offset >= one.offset && offset < one.offset + one.bytes);
  if (!span || span.pa === null) return null;
  const skipped = offset - span.offset;
  return { space: 'pa', address: hexOf(BigInt(span.pa) + BigInt(skipped)), bytes: Math.min(bytes, span.bytes - skipped) };
}
