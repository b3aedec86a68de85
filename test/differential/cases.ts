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
export const RECORD = 512;

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
  /** Doublewords of memory; afterwards they are what they were. */
  readonly memory: readonly (readonly [pa: bigint, value: bigint])[];
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

/** The memory of the cases for `place.cases`; their set-up code goes to `area`. */
export function packCases(cases: readonly Case[], area: CodeArea): BigUint64Array {
  const out: bigint[] = [BigInt(cases.length)];
  for (const { system, sctlrEl2, entry, spsr, x, sp, memory } of cases) {
    const setup = system.flatMap(([register, value]) => [...constant('x0', value), word(`msr ${register}, x0`)]);
    const code = area.add([...setup, word('ret')]);
    out.push(code, entry, spsr, sctlrEl2, ...x, ...sp, BigInt(memory.length), ...memory.flat());
  }
  return BigUint64Array.from(out, (value) => BigInt.asUintN(64, value));
}
