/**
 * Which instruction of one build of a program is which of another. Addresses move whenever something before them grows; an instruction stays
 * in its function, between the same neighbours.
 */
import { VA } from '../base/addresses.ts';
import { align } from '../base/align.ts';
import { hex } from '../base/hex.ts';
import type { Symbol, Symbols } from './symbols.ts';

/** A build, as far as its file tells. */
export interface Build {
  readonly symbols: Symbols;
  /** What is at the VAs that symbols are linked for. */
  readonly sections: readonly { readonly address: VA; readonly data: Uint8Array }[];
}

/** Instructions of a function beyond these are taken to be where they were. */
const MOST_WORDS = 1 << 16;

export class CodeMap {
  /** For each function of the newer build, the offset in the older one for each of its instructions; -1: it is not there. */
  private readonly moved = new Map<Symbol, Int32Array | undefined>();
  private readonly counterparts: ReadonlyMap<string, Symbol>;

  constructor(
    private readonly older: Build,
    private readonly newer: Build,
  ) {
    this.counterparts = numbered(older.symbols);
  }

  /** A text that is the same for the same place in both builds: function and offset in the older one, or the bare address. */
  inOlder(address: VA): string {
    const found = this.older.symbols.at(address);
    return found ? `${keyOf(this.older.symbols, found.symbol)}+${found.offset}` : hex(address);
  }
  inNewer(address: VA): string {
    const found = this.newer.symbols.at(address);
    if (!found) return hex(address);
    const { symbol, offset } = found;
    const old = this.movesOf(symbol)?.[Number(offset >> 2n)];
    // What is new has a name that nothing in the older build has.
    const name = keyOf(this.newer.symbols, symbol);
    return old === -1 ? `${name}+new ${offset}` : `${name}+${old ?? offset}`;
  }

  /** Where an instruction of the older build is in the newer one; undefined where it is not there any more. */
  toNewer(address: VA): VA | undefined {
    const found = this.older.symbols.at(address);
    if (!found) return undefined;
    const symbol = numbered(this.newer.symbols).get(keyOf(this.older.symbols, found.symbol));
    if (!symbol) return undefined;
    const moves = this.movesOf(symbol);
    if (!moves) return VA(symbol.address + found.offset);
    const index = moves.indexOf(Number(found.offset & ~3n));
    return index < 0 ? undefined : VA(symbol.address + BigInt(4 * index));
  }

  private movesOf(symbol: Symbol): Int32Array | undefined {
    if (this.moved.has(symbol)) return this.moved.get(symbol);
    const old = this.counterparts.get(keyOf(this.newer.symbols, symbol));
    const moves = old && movesBetween(wordsOf(this.older, old), wordsOf(this.newer, symbol));
    this.moved.set(symbol, moves);
    return moves;
  }
}

/** Symbols by name; files have static functions of the same name, told apart by their order. */
const byName = new WeakMap<Symbols, { readonly all: ReadonlyMap<string, Symbol>; readonly keys: ReadonlyMap<Symbol, string> }>();
function named(symbols: Symbols): { readonly all: ReadonlyMap<string, Symbol>; readonly keys: ReadonlyMap<Symbol, string> } {
  let known = byName.get(symbols);
  if (!known) {
    const counts = new Map<string, number>();
    const all = new Map<string, Symbol>();
    const keys = new Map<Symbol, string>();
    for (const symbol of symbols.all) {
      const count = counts.get(symbol.name) ?? 0;
      counts.set(symbol.name, count + 1);
      const key = count === 0 ? symbol.name : `${symbol.name}#${count}`;
      all.set(key, symbol);
      keys.set(symbol, key);
    }
    byName.set(symbols, (known = { all, keys }));
  }
  return known;
}
const numbered = (symbols: Symbols): ReadonlyMap<string, Symbol> => named(symbols).all;
const keyOf = (symbols: Symbols, symbol: Symbol): string => named(symbols).keys.get(symbol) ?? symbol.name;

/** Empty where the file has nothing there: zeros, or no code at all. */
function wordsOf({ sections }: Build, { address, bytes, kind }: Symbol): Uint32Array {
  if (kind === 'data') return new Uint32Array(0);
  const section = sections.find(({ address: first, data }) => address >= first && address < first + BigInt(data.length));
  if (!section) return new Uint32Array(0);
  const from = Number(address - section.address);
  const count = Math.min(MOST_WORDS, Number(bytes >> 2n), (section.data.length - from) >> 2);
  const view = new DataView(section.data.buffer, section.data.byteOffset + from);
  return Uint32Array.from({ length: Math.max(0, count) }, (_, i) => view.getUint32(4 * i, true));
}

/** Of each word of the newer function, the offset in the older one. */
function movesBetween(older: Uint32Array, newer: Uint32Array): Int32Array | undefined {
  if (older.length === 0 || newer.length === 0) return undefined;
  const work = align(older, newer);
  let step = work.next();
  while (!step.done) step = work.next();
  const moves = new Int32Array(newer.length).fill(-1);
  let [a, b] = [0, 0];
  const same = (until: number): void => {
    while (b < until) moves[b++] = 4 * a++;
  };
  for (const hunk of step.value) {
    same(hunk.b);
    // As many instructions in place of others are those with another operand: a branch to what has moved.
    if (hunk.aEnd - hunk.a === hunk.bEnd - hunk.b) same(hunk.bEnd);
    [a, b] = [hunk.aEnd, hunk.bEnd];
  }
  same(newer.length);
  return moves;
}
