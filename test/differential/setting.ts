/** The setting that cases start from: every register that one of them may change has a value here. */
import { place } from './cases.ts';
import type { Recorder } from './run.ts';

/** HCR_EL2.RW: EL1 is AArch64. */
export const RW = 1n << 31n;
/** HCR_EL2.IMO: the timer that ends a case that loops interrupts it at EL0 and EL1 whatever is masked. */
export const IMO = 1n << 4n;
/** SCTLR_ELx with the MMU and alignment checks off, and RES1 bits. */
export const SCTLR_EL1_OFF = 0x30d0_0800n;
export const SCTLR_EL2_OFF = 0x30c5_0830n;

export type Registers = Record<string, bigint>;

export function baseline({ el1Vectors }: Recorder): Registers {
  const registers: Registers = {
    HCR_EL2: RW | IMO,
    VBAR_EL1: el1Vectors,
    SCTLR_EL1: SCTLR_EL1_OFF,
    CPACR_EL1: 3n << 20n,
    CPTR_EL2: 0x33ffn,
    MDCR_EL2: 6n,
    CNTHCTL_EL2: 3n,
    VTCR_EL2: RW,
    OSLAR_EL1: 0n,
  };
  const zero = ['ESR', 'FAR', 'ELR', 'SPSR'].flatMap((name) => [`${name}_EL1`, `${name}_EL2`]);
  zero.push('HPFAR_EL2', 'PAR_EL1', 'HSTR_EL2', 'CNTKCTL_EL1', 'MDSCR_EL1', 'CONTEXTIDR_EL1', 'VTTBR_EL2', 'PMUSERENR_EL0');
  zero.push('TCR_EL1', 'TTBR0_EL1', 'TTBR1_EL1', 'MAIR_EL1', 'TCR_EL2', 'TTBR0_EL2', 'MAIR_EL2');
  for (let n = 0; n < 6; n++) zero.push(`DBGBCR${n}_EL1`);
  for (let n = 0; n < 4; n++) zero.push(`DBGWCR${n}_EL1`);
  for (const name of zero) registers[name] = 0n;
  return registers;
}

/** Where the tables of `flatMap` are. */
const TABLES = 0x4900_0000;
const L2 = TABLES + 0x1000;
/** Descriptor bits: a block or a table; AF, inner shareable; AP: EL0 may read and write, or all may only read (so EL1 may execute). */
const [BLOCK, TABLE, NORMAL, READ_WRITE, READ_ONLY] = [1n, 3n, 0x700n, 1n << 6n, 3n << 6n];

/**
 * Stage 1 of both regimes maps, each to itself and as Normal memory, what cases need: the recorder and EL1's vectors, and the code of the
 * cases, which nobody may write; the data, which everybody may read and write. Everything else is not mapped.
 */
export const flatMap: Registers = {
  MAIR_EL1: 0xffn,
  MAIR_EL2: 0xffn,
  TTBR0_EL1: BigInt(TABLES),
  TTBR0_EL2: BigInt(TABLES),
  // T0SZ = 25, 4 KiB granule, EPD1, 40-bit physical addresses.
  TCR_EL1: 25n | (1n << 23n) | (2n << 32n),
  TCR_EL2: 25n | (2n << 16n) | 0x8080_0000n,
};
/** VA of the same in the upper range of `flatMap`'s tables, for TTBR1_EL1 with T1SZ = 25. */
export const upper = (pa: bigint): bigint => 0xffff_ff80_0000_0000n + pa;

/** Stage 2 maps what cases need to itself, with pages for the data: tables of level 2 from here on, for IPA 0 and 0x40000000 ... */
export const STAGE2_L2 = 0x4a81_0000;
/** ... and one of level 1, and one of level 3 for the data. */
export const STAGE2_L1 = 0x4a80_0000;
export const STAGE2_L3 = 0x4a82_0000;

interface Memory {
  readonly pa: number;
  readonly bytes: Uint8Array;
}
const memory = (pa: number, words: BigUint64Array): Memory => ({ pa, bytes: new Uint8Array(words.buffer) });

/** The tables of `flatMap` and of stage 2. */
export function flatTables(): Memory[] {
  const stage1 = new BigUint64Array(1024);
  stage1[1] = BigInt(L2) | TABLE;
  const map = (pa: number, blocks: number, rights: bigint): void => {
    for (let n = 0; n < blocks; n++)
      stage1[512 + (pa - 0x4000_0000) / 0x20_0000 + n] = BigInt(pa + n * 0x20_0000) | NORMAL | rights | BLOCK;
  };
  map(0x4020_0000, 1, READ_ONLY);
  map(place.code, 4, READ_ONLY);
  map(place.data, 1, READ_WRITE);

  const level1 = new BigUint64Array(512);
  const level2 = new BigUint64Array(1024);
  const level3 = new BigUint64Array(512);
  level1[1] = BigInt(STAGE2_L2 + 0x1000) | TABLE;
  // AF, inner shareable, S2AP read and write, MemAttr Normal write-back.
  const all = 0x7fcn;
  for (const pa of [0x4020_0000, 0x4900_0000, 0x4a40_0000, 0x4a60_0000, ...[0, 1, 2, 3].map((n) => place.code + n * 0x20_0000)])
    level2[512 + (pa - 0x4000_0000) / 0x20_0000] = BigInt(pa) | all | BLOCK;
  level2[512 + (place.data - 0x4000_0000) / 0x20_0000] = BigInt(STAGE2_L3) | TABLE;
  for (let n = 0; n < 4; n++) level3[n] = BigInt(place.data + n * 0x1000) | all | 3n;
  return [memory(TABLES, stage1), memory(STAGE2_L1, level1), memory(STAGE2_L2, level2), memory(STAGE2_L3, level3)];
}
