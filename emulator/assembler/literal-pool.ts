/** `ldr x0, =value`: constants that are placed at `.ltorg` or at the end of their section, each once. */
import type { Value } from './expression.ts';
import type { Section } from './section.ts';

/** Bytes of a literal: those of the register that it is loaded into. */
export type LiteralSize = 4 | 8 | 16;

interface Literal {
  readonly size: LiteralSize;
  readonly value: Value;
  /** The VA that the pass before found for it. */
  readonly address: bigint;
}

export class LiteralPool {
  private waiting: Literal[] = [];
  private count = 0;
  /** VAs of all literals of the section, in the order of their first use. */
  readonly addresses: bigint[] = [];

  /** `known`: the addresses that the pass before found. */
  constructor(private readonly known: readonly bigint[]) {}

  /** The VA of the literal, as far as the pass before knows. */
  add(value: Value, size: LiteralSize): bigint {
    const same = this.waiting.find((l) => l.size === size && l.value.number === value.number && l.value.section === value.section);
    if (same) return same.address;
    const literal = { size, value, address: this.known[this.count] ?? 0n };
    this.waiting.push(literal);
    this.count++;
    return literal.address;
  }

  /** Writes what waits: by size, the smallest first, as the GNU assembler does. */
  place(section: Section): void {
    const from = this.addresses.length;
    for (const size of [4, 8, 16] as const) {
      const literals = this.waiting.filter((literal) => literal.size === size);
      if (literals.length === 0) continue;
      section.align(size, 0);
      for (const literal of literals) {
        this.addresses[from + this.waiting.indexOf(literal)] = section.here;
        section.append(bytesOf(literal.value.number, size), 'data');
      }
    }
    this.waiting = [];
  }
}

/** A number's low `size` bytes, the lowest first. */
export function bytesOf(number: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = Number((number >> BigInt(8 * i)) & 0xffn);
  return bytes;
}
