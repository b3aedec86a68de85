/** Cases for the recorder (recorder.S): what each sets up, where it starts and with which registers, and the memory that holds them. */
import { assemble } from '../../emulator/isa/index.ts';

/** Where things are, as in recorder.S. RAM is 0x40000000..0x7fffffff. */
export const place = {
  cases: 0x5000_0000,
  /** Set-up code and the code of the cases. */
  code: 0x5800_0000,
  /** Memory that loads and stores of the cases are meant for. */
  data: 0x4800_0000,
  /** What is in it at the start of each case. */
  pristine: 0x4a00_0000,
  log: 0x6000_0000,
  end: 0x8000_0000,
} as const;
export const DATA_BYTES = 0x4000;
/** Bytes of a record. */
export const RECORD = 1024;

/** System registers by name, or X0..X30, SP_EL0, SP_EL1, SP_EL2. */
export interface Case {
  /** Written in this order, at EL2 with its MMU off. */
  readonly system: readonly (readonly [register: string, value: bigint])[];
  /** SCTLR_EL2 while the case runs. */
  readonly sctlrEl2: bigint;
  readonly entry: bigint;
  readonly spsr: bigint;
  readonly x: readonly bigint[];
  readonly sp: readonly [bigint, bigint, bigint];
  /** Floating point at the start; otherwise it is all zero. */
  readonly float?: { readonly fpcr: bigint; readonly fpsr: bigint; readonly v: readonly bigint[] };
  /** Doublewords of memory; afterwards they are what they were. */
  readonly memory: readonly (readonly [pa: bigint, value: bigint])[];
  /** Its code: where it is, and how many instructions before those that end it. */
  readonly code: { readonly pa: bigint; readonly length: number };
  /** For the report of a difference. */
  readonly text: string;
}

const words = new Map<string, number>();
/** The word of a line of assembly that does not depend on where it stands. */
export function word(line: string): number {
  let value = words.get(line);
  if (value === undefined) words.set(line, (value = assemble(line, 0n)));
  return value;
}

function constant(register: string, value: bigint): number[] {
  const part = (i: number): bigint => (value >> BigInt(16 * i)) & 0xffffn;
  const code = [word(`movz ${register}, #${part(0)}`)];
  for (const i of [1, 2, 3]) if (part(i) !== 0n) code.push(word(`movk ${register}, #${part(i)}, lsl #${16 * i}`));
  return code;
}

/** Code of the cases and of their set-up, growing from `place.code` on. */
export class CodeArea {
  readonly words: number[] = [];
  /** The PA where `code` lies. Aligned to `alignment` bytes. */
  add(code: readonly number[], alignment = 4): bigint {
    while ((this.words.length * 4) % alignment !== 0) this.words.push(0);
    const at = BigInt(place.code + this.words.length * 4);
    this.words.push(...code);
    return at;
  }
}

const low = (value: bigint): bigint => BigInt.asUintN(64, value);
const noFloat: NonNullable<Case['float']> = { fpcr: 0n, fpsr: 0n, v: Array<bigint>(32).fill(0n) };

/** How many exceptions a case may take, and whether each of their records has a checksum of the data, or only the last. */
export interface Recording {
  readonly limit: number;
  readonly sums: boolean;
}

/** The memory of the cases for `place.cases`; their set-up code goes to `area`. */
export function packCases(cases: readonly Case[], area: CodeArea, { limit, sums }: Recording): BigUint64Array {
  const out: bigint[] = [BigInt(cases.length), BigInt(limit), BigInt(sums), 0n];
  for (const { system, sctlrEl2, entry, spsr, x, sp, float = noFloat, memory } of cases) {
    const setup = system.flatMap(([register, value]) => [...constant('x0', value), word(`msr ${register}, x0`)]);
    const code = area.add([...setup, word('ret')]);
    out.push(code, entry, spsr, sctlrEl2, ...x, ...sp, float.fpcr, float.fpsr);
    for (const value of float.v) out.push(low(value), value >> 64n);
    out.push(BigInt(memory.length), 0n, ...memory.flat());
  }
  return BigUint64Array.from(out, low);
}
