/**
 * Cases of loads, stores, fetches, AT and TLBI through random page tables of stage 1, of stage 2, and of EL2. The code runs through
 * TTBR1_EL1, whose tables are always good; what is random is what TTBR0_ELx leads to, and what stage 2 makes of it.
 */
import { DATA_BYTES, place, type Case, type CodeArea, word } from './cases.ts';
import type { Choices } from '../isa/choices.ts';
import type { Recorder } from './run.ts';
import {
  baseline,
  flatMap,
  IMO,
  RW,
  SCTLR_EL1_OFF,
  SCTLR_EL2_OFF,
  STAGE2_L1,
  STAGE2_L2,
  STAGE2_L3,
  upper,
  type Registers,
} from './setting.ts';

type Words = Map<bigint, bigint>;

/** Where random tables are: 64 KiB apart, so that they serve both granules. */
const POOL = 0x4a40_0000n;
const POOL_TABLES = 24;
const bit = (position: number): bigint => 1n << BigInt(position);

/** A physical (or intermediate physical) address for a descriptor: mostly of the data. */
function target(choose: Choices): bigint {
  const data = BigInt(place.data) + BigInt(choose.below(DATA_BYTES / 0x1000)) * 0x1000n;
  if (!choose.once(6)) return data;
  // Nothing there, beyond 40 bits, a device, RAM that stage 2 does not map.
  return choose.of([0x1_2345_6000n, bit(44) | data, bit(40) | data, 0x0903_0000n, 0x4860_0000n, 0xff_ffff_f000n]);
}

/** Attributes of a block or page of stage 1: bits 11..2 and 63..50. */
function leafBits(choose: Choices, isEl2: boolean): bigint {
  const low =
    (BigInt(choose.below(8)) << 2n) | (isEl2 ? bit(6) | choose.some(bit(7)) : choose.some(3n << 6n)) | choose.some(bit(5) | bit(11));
  const never = choose.once(3) ? choose.some(isEl2 ? bit(54) : bit(53) | bit(54)) : 0n;
  return (
    low | (choose.some(3n << 8n) & ~(2n << 8n)) | (choose.once(8) ? 0n : bit(10)) | never | (choose.once(4) ? choose.some(0xfn << 55n) : 0n)
  );
}
/** Hierarchical controls of a table descriptor; those of EL0 and PXN do not exist at EL2. */
const tableBits = (choose: Choices, isEl2: boolean): bigint =>
  choose.once(4) ? choose.some(isEl2 ? bit(62) | bit(60) | bit(63) : 31n << 59n) : 0n;

interface Shape {
  readonly granuleBits: 12 | 16;
  readonly inputBits: number;
  readonly isEl2: boolean;
}

/** A VA and the tables that lead to it, as far as they lead: adds to `words`, where other VAs may have put theirs. */
function mapped(choose: Choices, { granuleBits, inputBits, isEl2 }: Shape, root: bigint, near: bigint, words: Words): bigint {
  const stride = granuleBits - 3;
  let level = 3 - Math.floor((inputBits - granuleBits - 1) / stride);
  // An address that shares some of its upper indices with the one before.
  const shared = granuleBits + stride * choose.below(4 - level);
  let va = choose.once(3) ? near : ((near >> BigInt(shared)) << BigInt(shared)) | choose.bits(Math.min(shared, inputBits));
  va = (va & (bit(inputBits) - 1n) & ~0xfffn) | BigInt(choose.below(0x7f0));
  for (let table = root; ; level++) {
    const width = granuleBits + stride * (3 - level);
    const index = (va >> BigInt(width)) & (bit(Math.min(stride, inputBits - width)) - 1n);
    const at = table + index * 8n;
    let descriptor = words.get(at);
    if (descriptor === undefined) {
      const mayBlock = granuleBits === 12 ? level === 1 || level === 2 : level === 2;
      const leaf = ((target(choose) >> BigInt(width)) << BigInt(width)) | leafBits(choose, isEl2);
      if (choose.once(16)) descriptor = choose.bits(62) << 2n;
      else if (level === 3) descriptor = leaf | (choose.once(12) ? 1n : 3n);
      else if (mayBlock && choose.once(5)) descriptor = leaf | 1n;
      else {
        const next = choose.once(24) ? choose.of([0x1_0000_0000n, bit(41)]) : POOL + BigInt(1 + choose.below(POOL_TABLES - 1)) * 0x1_0000n;
        descriptor = next | tableBits(choose, isEl2) | 3n;
      }
      words.set(at, descriptor);
    }
    // In a block: where the data is.
    if ((descriptor & 3n) === 1n)
      return ((va >> BigInt(width)) << BigInt(width)) | (BigInt(place.data) & (bit(width) - 1n)) | (va & 0x3fffn);
    if (level === 3 || (descriptor & 3n) === 0n) return va;
    table = descriptor & 0xffff_ffff_f000n;
    if (table < POOL || table >= POOL + 0x20_0000n) return va;
  }
}

/** MAIR_ELx with attributes that the architecture defines. */
const mair = (choose: Choices): bigint =>
  Array.from({ length: 8 }, () => BigInt(choose.of([0xff, 0xff, 0xff, 0x44, 0x00, 0x04, 0x08, 0x0c, 0xbb, 0xee, 0x4f]))).reduce(
    (all, one) => (all << 8n) | one,
  );

/** Random pages of the data in stage 2, and sometimes of the stage 1 tables. */
function stage2(choose: Choices, words: Words): Registers {
  const attributes = (): bigint =>
    (BigInt(choose.of([15, 15, 15, 0, 1, 5, 10])) << 2n) |
    (choose.once(3) ? choose.some(3n << 6n) : 3n << 6n) |
    (choose.once(8) ? 0n : bit(10)) |
    (choose.once(4) ? bit(54) : 0n);
  for (let n = 0; n < DATA_BYTES / 0x1000; n++) {
    if (choose.once(2)) continue;
    words.set(
      BigInt(STAGE2_L3 + 8 * n),
      choose.once(8) ? choose.bits(62) << 2n : target(choose) | attributes() | (choose.once(12) ? 1n : 3n),
    );
  }
  const block = BigInt(STAGE2_L2 + 0x1000 + 8 * ((0x4a40_0000 - 0x4000_0000) / 0x20_0000));
  if (choose.once(6)) words.set(block, choose.once(3) ? 0n : POOL | attributes() | 1n);
  const fromLevel1 = choose.once(2);
  const T0SZ = fromLevel1 ? choose.of([24, 25, 28, 31, 32, 33]) : choose.of([30, 31, 32, 33]);
  // With level 2 as the start, 2^(34 - T0SZ) tables are concatenated; the third of them and on are zero.
  return {
    VTCR_EL2: RW | (2n << 16n) | (fromLevel1 ? 1n << 6n : 0n) | BigInt(T0SZ) | choose.some(0x3f00n),
    VTTBR_EL2: BigInt(fromLevel1 ? STAGE2_L1 : STAGE2_L2) | (choose.bits(8) << 48n),
  };
}

/** Whether stage 2 of a case says Normal Non-cacheable of a page, by its PA: MemAttr = 0b0101, or HCR_EL2.CD (bit 32) of all Normal memory. */
export function isStage2NonCacheable({ system, memory }: Case, pa: bigint): boolean {
  const hcr = system.find(([name]) => name === 'HCR_EL2')![1];
  if ((hcr & 1n) === 0n) return false;
  if ((hcr & bit(32)) !== 0n) return true;
  return memory.some(([at, descriptor]) => {
    const [isPage, isBlock] = [STAGE2_L3, STAGE2_L2 + 0x1000].map((table) => at >> 12n === BigInt(table) >> 12n);
    const isLeaf = (isPage && (descriptor & 3n) === 3n) || (isBlock && (descriptor & 3n) === 1n);
    const width = isPage ? 12n : 21n;
    return isLeaf && ((descriptor >> 2n) & 15n) === 5n && (descriptor & 0xffff_ffff_f000n) >> width === pa >> width;
  });
}

const atEl1 = [
  'at s1e1r, x1',
  'at s1e1w, x1',
  'at s1e0r, x2',
  'at s1e0w, x2',
  'at s1e1r, x3',
  'tlbi vae1, x1',
  'tlbi vmalle1',
  'tlbi vaae1is, x2',
];
const atEl2 = [
  'at s1e2r, x1',
  'at s1e2w, x2',
  'at s12e1r, x1',
  'at s12e1w, x1',
  'at s12e0r, x2',
  'at s12e0w, x3',
  'at s1e1r, x3',
  'at s1e0w, x1',
  'tlbi alle1',
  'tlbi vmalls12e1',
];
const accesses = [
  ...[
    'ldr x10, [x1]',
    'ldr w10, [x2]',
    'ldrb w10, [x3]',
    'ldrsh x10, [x1]',
    'ldp x10, x11, [x2]',
    'ldtr x10, [x1]',
    'ldtrb w10, [x3]',
    'ldar w10, [x4]',
  ],
  ...[
    'str x20, [x1]',
    'str w20, [x2]',
    'strb w20, [x3]',
    'strh w20, [x1]',
    'stp x20, x21, [x4]',
    'sttr x20, [x2]',
    'stlr w20, [x4]',
    'ldxr x10, [x4]',
  ],
  ...['ldr x10, [x1, #8]!', 'str x20, [x2], #8', 'ldr x10, [x5]', 'str x20, [x5]', 'ldr x10, [x6]', 'str w20, [x6]', 'ldxp x10, x11, [x4]'],
];

export function mmuCase(choose: Choices, recorder: Recorder, area: CodeArea): Case {
  const el = choose.below(3);
  const words: Words = new Map();
  const isEl2Regime = el === 2 && choose.once(2);
  const granuleBits = isEl2Regime ? 12 : choose.of([12, 12, 16] as const);
  const inputBits = isEl2Regime ? 39 : 64 - (16 + choose.below(24));
  const shape: Shape = { granuleBits, inputBits, isEl2: isEl2Regime };
  // EL2's own table also holds what the recorder needs: it is the one of the flat map.
  const root = isEl2Regime ? 0x4900_0000n : POOL;
  const vas: bigint[] = [];
  for (let n = 0; n < 3; n++) {
    const va = mapped(choose, shape, root, vas.at(-1) ?? choose.bits(inputBits), words);
    vas.push(isEl2Regime && va >> 30n === 1n ? va | bit(31) : va);
  }
  // The entry of the flat map for 0x40000000 stays.
  if (isEl2Regime) words.delete(0x4900_0008n);
  const stage2Registers = isEl2Regime || choose.once(3) ? {} : stage2(choose, words);
  const hasStage2 = 'VTTBR_EL2' in stage2Registers;

  const at = el === 2 ? atEl2 : el === 1 ? atEl1 : [];
  const some = (): string[] => {
    if (at.length === 0 || choose.once(2)) return el === 2 && !isEl2Regime ? [] : [choose.of(accesses)];
    const line = choose.of(at);
    return line.startsWith('at ') ? [line, `mrs x${12 + choose.below(4)}, par_el1`] : [line];
  };
  const lines = Array.from({ length: 12 }, some).flat();
  // A jump at the end: what is there is not allocated, or ends the case.
  if (el < 2 || isEl2Regime) lines.push(`br x${choose.of([1, 2, 3, 7])}`);
  const code = area.add([...lines, 'svc #1', 'hvc #1', 'nop'].map(word), 64);

  const tagged = (va: bigint): bigint =>
    choose.once(8) ? va | (choose.bits(8) << 56n) : choose.once(12) ? va | bit(choose.below(64)) : va;
  const x = Array.from({ length: 31 }, () => choose.bits(12));
  vas.forEach((va, i) => (x[1 + i] = tagged(va)));
  x[4] = (vas[0] & ~15n) | 16n;
  // Across the end of a page.
  x[5] = (vas[1] & ~0xfffn) | 0xffcn;
  x[6] = (vas[2] & ~0xfffn) | 0xffen;
  x[7] = (vas[0] & ~0xfffn) | 0x900n;
  for (const n of [1, 2, 3]) if (choose.once(2)) x[n] &= ~15n;

  const TG0 = granuleBits === 16 ? 1n << 14n : 0n;
  const IPS = choose.of([2n, 2n, 2n, 2n, 5n, 1n]);
  const T1SZ = (25n << 16n) | (2n << 30n);
  const tcr =
    BigInt(64 - inputBits) |
    T1SZ |
    TG0 |
    (IPS << 32n) |
    choose.some(0x3f00n) |
    (choose.once(6) ? bit(37) : 0n) |
    (choose.once(20) ? bit(7) : 0n);
  const sctlr = SCTLR_EL1_OFF | 0x1005n | (choose.once(4) ? bit(19) : 0n) | (choose.once(6) ? bit(1) : 0n);
  const hcr =
    RW | IMO | (hasStage2 ? 1n : 0n) | (choose.once(8) ? choose.some(bit(32) | bit(33)) : 0n) | (hasStage2 && choose.once(6) ? 4n : 0n);
  const system: Registers = {
    ...baseline(recorder),
    ...flatMap,
    ...stage2Registers,
    VBAR_EL1: upper(recorder.el1Vectors),
    // No floating point, should data be executed.
    CPACR_EL1: 0n,
    HCR_EL2: hcr,
    SCTLR_EL1: sctlr,
    TCR_EL1: isEl2Regime ? flatMap['TCR_EL1'] : tcr,
    TTBR0_EL1: isEl2Regime ? flatMap['TTBR0_EL1'] : root | (choose.bits(16) << 48n),
    TTBR1_EL1: 0x4900_0000n | (choose.bits(16) << 48n),
    MAIR_EL1: (mair(choose) & ~0xffn) | 0xffn,
    TCR_EL2: 25n | (choose.of([2n, 2n, 1n]) << 16n) | 0x8080_0000n | (choose.once(6) ? bit(20) : 0n),
    MAIR_EL2: (mair(choose) & ~0xffn) | 0xffn,
  };
  const sctlrEl2 = isEl2Regime ? SCTLR_EL2_OFF | 0x1005n | (choose.once(4) ? bit(19) : 0n) : SCTLR_EL2_OFF;
  return {
    system: Object.entries(system),
    sctlrEl2,
    entry: el === 2 ? code : upper(code),
    spsr: (15n << 6n) | (el === 0 ? 0n : BigInt(el * 4 + 1)),
    x,
    sp: [BigInt(place.data + 0x1000), BigInt(place.data + 0x2000), BigInt(place.data + 0x3000)],
    memory: [...words],
    code: { pa: code, length: lines.length },
    text: `${isEl2Regime ? 'EL2' : 'EL1&0'} ${granuleBits === 12 ? 4 : 64} KiB, ${inputBits} bits${hasStage2 ? ', stage 2' : ''}: ${lines.join('; ')}`,
  };
}
