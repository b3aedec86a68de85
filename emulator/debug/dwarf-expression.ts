/** Where a value is: expressions of DWARF (DWARF 5, sections 2.5, 2.6 and 7.7; with the GNU names for what version 4 lacks). */
import type { DwarfReader } from './dwarf-reader.ts';

/** A place, as an expression gives it. */
export type Location =
  | { readonly kind: 'memory'; readonly address: bigint }
  /** By the numbers of the ABI (AADWARF64, section 4.1): 0 to 30, 31 is SP, 64 to 95 are V0 to V31. */
  | { readonly kind: 'register'; readonly register: number }
  | { readonly kind: 'value'; readonly value: bigint }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'pieces'; readonly pieces: readonly Piece[] };
export interface Piece {
  readonly bits: number;
  /** Bits of the place that are left out before it. */
  readonly skip: number;
  readonly location: Location | Missing;
}

/** What the expression is evaluated in: a frame. Each gives undefined for what nobody knows any more. */
export interface ExpressionFrame {
  register(register: number): bigint | undefined;
  /** An unsigned number in memory, little-endian. */
  memory(address: bigint, bytes: number): bigint | undefined;
  frameBase?(): bigint | undefined;
  cfa?(): bigint | undefined;
  /** Of a register when the function was entered. */
  entryValue?(register: number): bigint | undefined;
  /** What is added to an address of the file. */
  readonly offset: bigint;
  addressOf?(index: number): bigint | undefined;
}

/** Why a place or a value is not known: the compiler did not keep it, or a called function has overwritten a register. */
export type Missing = 'optimized out' | 'not saved';
export const isMissing = (found: unknown): found is Missing => found === 'optimized out' || found === 'not saved';

/** The value or place needs something that is not known. */
class Gone extends Error {
  constructor(readonly why: Missing) {
    super(why);
  }
}

/** Operations of one evaluation, which may branch. */
const MOST_OPERATIONS = 10_000;
/** Values on the stack. */
const MOST_VALUES = 256;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const s64 = (value: bigint): bigint => BigInt.asIntN(64, value);

/** The place that an expression describes. `start`: what is on the stack before. Throws InputError for what is no expression. */
export function locate(code: DwarfReader, frame: ExpressionFrame, start: readonly bigint[] = []): Location | Missing {
  try {
    return new Evaluation(code, frame, [...start]).run();
  } catch (error) {
    if (error instanceof Gone) return error.why;
    throw error;
  }
}

/** The number that an expression computes, where it is used for a value and not for a place. */
export function compute(code: DwarfReader, frame: ExpressionFrame, start: readonly bigint[] = []): bigint | undefined {
  const found = locate(code, frame, start);
  if (isMissing(found)) return undefined;
  if (found.kind === 'memory') return found.address;
  if (found.kind === 'register') return frame.register(found.register);
  return found.kind === 'value' ? found.value : undefined;
}

const binary: Readonly<Record<number, (a: bigint, b: bigint) => bigint>> = {
  0x1a: (a, b) => a & b,
  0x1b: (a, b) => s64(a) / s64(b),
  0x1c: (a, b) => a - b,
  0x1d: (a, b) => a % b,
  0x1e: (a, b) => a * b,
  0x21: (a, b) => a | b,
  0x22: (a, b) => a + b,
  0x24: (a, b) => (b > 63n ? 0n : a << b),
  0x25: (a, b) => (b > 63n ? 0n : a >> b),
  0x26: (a, b) => s64(a) >> (b > 63n ? 63n : b),
  0x27: (a, b) => a ^ b,
  0x29: (a, b) => (s64(a) === s64(b) ? 1n : 0n),
  0x2a: (a, b) => (s64(a) >= s64(b) ? 1n : 0n),
  0x2b: (a, b) => (s64(a) > s64(b) ? 1n : 0n),
  0x2c: (a, b) => (s64(a) <= s64(b) ? 1n : 0n),
  0x2d: (a, b) => (s64(a) < s64(b) ? 1n : 0n),
  0x2e: (a, b) => (s64(a) !== s64(b) ? 1n : 0n),
};
const DIVISIONS = new Set([0x1b, 0x1d]);

class Evaluation {
  private readonly pieces: Piece[] = [];
  /** Of the part that is being described, where that is not memory at the address on the stack. */
  private place: Location | undefined;
  private isEmpty = true;

  constructor(
    private readonly code: DwarfReader,
    private readonly frame: ExpressionFrame,
    private readonly stack: bigint[],
  ) {}

  run(): Location | Missing {
    const { code } = this;
    for (let left = MOST_OPERATIONS; code.remaining > 0; left--) {
      if (left === 0) throw code.error('an expression without end');
      this.step(code.u8());
    }
    return this.pieces.length > 0 ? { kind: 'pieces', pieces: this.pieces } : this.described();
  }

  private described(): Location | Missing {
    if (this.place) return this.place;
    return this.isEmpty ? 'optimized out' : { kind: 'memory', address: this.pop() };
  }
  private push(value: bigint): void {
    if (this.stack.length === MOST_VALUES) throw this.code.error('an expression with too many values');
    this.isEmpty = false;
    this.stack.push(u64(value));
  }
  private pop(): bigint {
    const value = this.stack.pop();
    if (value === undefined) throw this.code.error('an expression that takes more than it has');
    return value;
  }
  private pick(depth: number): bigint {
    const value = this.stack.at(-1 - depth);
    if (depth >= this.stack.length || value === undefined) throw this.code.error('an expression that takes more than it has');
    return value;
  }
  private known<T>(value: T | undefined, why: Missing = 'not saved'): T {
    if (value === undefined) throw new Gone(why);
    return value;
  }
  private set(place: Location): void {
    this.isEmpty = false;
    this.place = place;
  }
  private piece(bits: number, skip: number): void {
    if (!(bits >= 0 && bits <= 1 << 20)) throw this.code.error('a piece that is larger than any variable');
    this.pieces.push({ bits, skip, location: this.described() });
    this.place = undefined;
    this.isEmpty = true;
  }
  private branch(by: number): void {
    this.code.goTo(this.code.position + by);
  }

  private step(op: number): void {
    const { code, frame } = this;
    if (op >= 0x30 && op <= 0x4f) return this.push(BigInt(op - 0x30));
    if (op >= 0x50 && op <= 0x6f) return this.set({ kind: 'register', register: op - 0x50 });
    if (op >= 0x70 && op <= 0x8f) return this.push(this.known(frame.register(op - 0x70)) + code.leb64(true));
    const operator = binary[op];
    if (operator) {
      const [b, a] = [this.pop(), this.pop()];
      if (DIVISIONS.has(op) && b === 0n) throw new Gone('optimized out');
      return this.push(operator(a, b));
    }
    switch (op) {
      case 0x03: // addr
        return this.push(code.address() + frame.offset);
      case 0xa1: // addrx
      case 0xfb: // GNU_addr_index
        return this.push(this.known(frame.addressOf?.(code.uleb())) + frame.offset);
      case 0xa2: // constx
      case 0xfc: // GNU_const_index
        return this.push(this.known(frame.addressOf?.(code.uleb())));
      case 0x06: // deref
        return this.push(this.known(frame.memory(this.pop(), 8)));
      case 0x94: // deref_size
        return this.push(this.known(frame.memory(this.pop(), this.size(code.u8()))));
      case 0xa6: // deref_type
      case 0xf6: {
        const bytes = this.size(code.u8());
        code.uleb();
        return this.push(this.known(frame.memory(this.pop(), bytes)));
      }
      case 0x08:
        return this.push(BigInt(code.u8()));
      case 0x09:
        return this.push(BigInt(code.i8()));
      case 0x0a:
        return this.push(BigInt(code.u16()));
      case 0x0b:
        return this.push(BigInt(code.i16()));
      case 0x0c:
        return this.push(BigInt(code.u32()));
      case 0x0d:
        return this.push(BigInt(code.i32()));
      case 0x0e:
      case 0x0f:
        return this.push(code.address());
      case 0x10: // constu
        return this.push(code.leb64(false));
      case 0x11: // consts
        return this.push(code.leb64(true));
      case 0x12: // dup
        return this.push(this.pick(0));
      case 0x13: // drop
        return void this.pop();
      case 0x14: // over
        return this.push(this.pick(1));
      case 0x15: // pick
        return this.push(this.pick(code.u8()));
      case 0x16: {
        // swap
        const [b, a] = [this.pop(), this.pop()];
        this.push(b);
        return this.push(a);
      }
      case 0x17: {
        // rot
        const [c, b, a] = [this.pop(), this.pop(), this.pop()];
        this.push(c);
        this.push(a);
        return this.push(b);
      }
      case 0x19: {
        // abs
        const value = s64(this.pop());
        return this.push(value < 0n ? -value : value);
      }
      case 0x1f: // neg
        return this.push(-this.pop());
      case 0x20: // not
        return this.push(~this.pop());
      case 0x23: // plus_uconst
        return this.push(this.pop() + code.leb64(false));
      case 0x2f: // skip
        return this.branch(code.i16());
      case 0x28: {
        // bra
        const by = code.i16();
        if (this.pop() !== 0n) this.branch(by);
        return;
      }
      case 0x90: // regx
        return this.set({ kind: 'register', register: code.uleb() });
      case 0x91: // fbreg
        return this.push(this.known(frame.frameBase?.()) + code.leb64(true));
      case 0x92: // bregx
        return this.push(this.known(frame.register(code.uleb())) + code.leb64(true));
      case 0xa5: // regval_type
      case 0xf5: {
        const register = code.uleb();
        code.uleb();
        return this.push(this.known(frame.register(register)));
      }
      case 0x93: // piece
        return this.piece(8 * code.uleb(), 0);
      case 0x9d: // bit_piece
        return this.piece(code.uleb(), code.uleb());
      case 0x96: // nop
        return;
      case 0x9c: // call_frame_cfa
        return this.push(this.known(frame.cfa?.()));
      case 0x9e: // implicit_value
        return this.set({ kind: 'bytes', bytes: code.bytes(code.uleb()) });
      case 0x9f: // stack_value
        return this.set({ kind: 'value', value: this.pop() });
      case 0xa0: // implicit_pointer: the object that it points to is not in memory
      case 0xf2:
        throw new Gone('optimized out');
      case 0xa3: // entry_value
      case 0xf3:
        return this.push(this.known(this.entryValue(code.slice(code.uleb())), 'optimized out'));
      case 0xa4: {
        // const_type
        code.uleb();
        const bytes = code.bytes(code.u8());
        return this.push(bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n));
      }
      case 0xa8: // convert
      case 0xa9: // reinterpret
      case 0xf7:
      case 0xf9:
        code.uleb();
        return;
      case 0xfd: // GNU_variable_value
      case 0xe0: // GNU_push_tls_address
      case 0x9b: // form_tls_address
        throw new Gone('optimized out');
      default:
        throw code.error(`operation 0x${op.toString(16)} in an expression`);
    }
  }
  private size(bytes: number): number {
    if (bytes < 1 || bytes > 8) throw this.code.error(`a number of ${bytes} bytes in an expression`);
    return bytes;
  }
  /** Compilers use it for registers alone: what one held when the function was entered. */
  private entryValue(code: DwarfReader): bigint | undefined {
    const op = code.u8();
    if (op < 0x50 || op > 0x6f || code.remaining > 0) return undefined;
    return this.frame.entryValue?.(op - 0x50);
  }
}
