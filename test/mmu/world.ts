/** A CPU, a small RAM and tables written into it: what the tests of the MMU are made of. */
import { CPU_BLOCK } from '../../emulator/cpu/layout.ts';
import { CpuState } from '../../emulator/cpu/state.ts';
import type { StoredRegister } from '../../emulator/cpu/stored-registers.ts';
import { Mmu, type PhysicalReader } from '../../emulator/mmu/index.ts';

export const RAM = 0x4000_0000;
export const RAM_BYTES = 0x1000_0000;

export class Ram implements PhysicalReader {
  low = 0;
  high = 0;
  reads = 0;
  readonly words = new Map<number, bigint>();

  read(pa: number): boolean {
    this.reads++;
    if (pa < RAM || pa >= RAM + RAM_BYTES) return false;
    const value = this.words.get(pa) ?? 0n;
    this.low = Number(value & 0xffff_ffffn);
    this.high = Number(value >> 32n);
    return true;
  }
  set(pa: number, value: bigint): void {
    this.words.set(pa, value);
  }
  get(pa: number): bigint {
    return this.words.get(pa) ?? 0n;
  }
}

/** Descriptor bits. */
export const d = {
  table: 3n,
  page: 3n,
  block: 1n,
  af: 1n << 10n,
  inner: 3n << 8n,
  /** Stage 1. */
  user: 1n << 6n,
  readOnly: 1n << 7n,
  notGlobal: 1n << 11n,
  pxn: 1n << 53n,
  uxn: 1n << 54n,
  attr: (index: number): bigint => BigInt(index) << 2n,
  apTable: (ap: number): bigint => BigInt(ap) << 61n,
  uxnTable: 1n << 60n,
  pxnTable: 1n << 59n,
  /** Stage 2. */
  s2r: 1n << 6n,
  s2w: 1n << 7n,
  s2normal: 0xfn << 2n,
  s2xn: 1n << 54n,
} as const;

/** A usual leaf: stage 1 EL1 read and write, Normal; stage 2 read and write, Normal. */
export const s1leaf = d.af | d.inner;
export const s2leaf = d.af | d.inner | d.s2r | d.s2w | d.s2normal;

export const HCR = { VM: 1n, PTW: 4n, DC: 1n << 12n, TGE: 1n << 27n, RW: 1n << 31n, CD: 1n << 32n, ID: 1n << 33n };
export const SCTLR = { M: 1n, A: 2n, C: 4n, I: 1n << 12n, WXN: 1n << 19n, EE: 1n << 25n };

export class World {
  readonly ram = new Ram();
  readonly cpu = new CpuState(new ArrayBuffer(CPU_BLOCK));
  readonly mmu: Mmu;
  readonly drops: string[] = [];
  private nextTable = RAM + 0x10_0000;

  /** 39-bit VAs for both halves, 4 KiB; MAIR: 0 Write-Back, 1 Device-nGnRE, 2 Non-cacheable. Stage 2: 39-bit IPAs from level 1, off. */
  constructor(el: 0 | 1 | 2 = 1) {
    this.cpu.setLevel(el, 1);
    this.mmu = new Mmu(this.cpu, this.ram);
    this.registers({
      TTBR0_EL1: BigInt(this.newTable()) | (5n << 48n),
      TTBR1_EL1: BigInt(this.newTable()),
      TCR_EL1: 25n | (25n << 16n) | (2n << 30n) | (2n << 32n) | (1n << 36n),
      MAIR_EL1: 0x44_04_ffn,
      SCTLR_EL1: SCTLR.M | SCTLR.C | SCTLR.I,
      TTBR0_EL2: BigInt(this.newTable()),
      TCR_EL2: 25n | (2n << 16n) | (1n << 31n) | (1n << 23n),
      MAIR_EL2: 0x44_04_ffn,
      SCTLR_EL2: SCTLR.C | SCTLR.I,
      VTTBR_EL2: BigInt(this.newTable()) | (1n << 48n),
      VTCR_EL2: 25n | (1n << 6n) | (2n << 16n) | (1n << 31n),
      HCR_EL2: HCR.RW,
    });
    this.mmu.onDrop = (low, high) => this.drops.push(`${high.toString(16)}:${low.toString(16)}`);
    this.mmu.onDropAll = (regime) => this.drops.push(`all ${regime}`);
  }

  registers(values: Partial<Record<StoredRegister, bigint>>): this {
    for (const [name, value] of Object.entries(values)) this.cpu.set(name as StoredRegister, value);
    this.mmu.contextChanged();
    return this;
  }
  /** Sets bits of a register. */
  enable(name: StoredRegister, bits: bigint): this {
    return this.registers({ [name]: this.cpu.get(name) | bits });
  }
  disable(name: StoredRegister, bits: bigint): this {
    return this.registers({ [name]: this.cpu.get(name) & ~bits });
  }
  stage2On(): this {
    return this.enable('HCR_EL2', HCR.VM);
  }

  newTable(): number {
    this.nextTable += 0x1000;
    return this.nextTable;
  }

  /** Maps `address` to `output` by a leaf at `level` with these bits, making tables (4 KiB granule) on the way. Returns where the leaf is. */
  map(root: 'TTBR0_EL1' | 'TTBR1_EL1' | 'TTBR0_EL2' | 'VTTBR_EL2', address: bigint, output: number, bits: bigint, level = 3): number {
    let table = Number(this.cpu.get(root) & 0xffff_ffff_f000n);
    for (let l = 1; ; l++) {
      const at = table + Number((address >> BigInt(39 - 9 * l)) & 0x1ffn) * 8;
      if (l === level) {
        this.ram.set(at, BigInt(output) | bits | (level === 3 ? d.page : d.block));
        return at;
      }
      if ((this.ram.get(at) & 3n) !== 3n) this.ram.set(at, BigInt(this.newTable()) | d.table);
      table = Number(this.ram.get(at) & 0xffff_ffff_f000n);
    }
  }
  /** The same for TTBR0_EL1, to go on from. */
  map1(address: bigint, output: number, bits: bigint, level = 3): this {
    this.map('TTBR0_EL1', address, output, bits, level);
    return this;
  }
  /** Sets bits of all entries of the first table of TTBR0_EL1 that lead on. */
  table1(bits: bigint): this {
    const table = Number(this.cpu.get('TTBR0_EL1') & 0xffff_ffff_f000n);
    for (let at = table; at < table + 4096; at += 8) if (this.ram.get(at)) this.ram.set(at, this.ram.get(at) | bits);
    return this;
  }
  /** Stage 2 maps all RAM to itself. */
  identityStage2(bits = s2leaf): this {
    this.map('VTTBR_EL2', BigInt(RAM), RAM, bits, 1);
    return this;
  }

  /** PA of an access, or the fault in short: "translation 1.3" is kind, stage, level; with "walk" for the address of a stage-1 descriptor. */
  access(
    va: bigint,
    intent: 'read' | 'write' | 'execute' = 'read',
    el: 0 | 1 | 2 = 1,
    bytes = 1,
    aligned = false,
    zero = false,
  ): number | string {
    const [low, high] = halves(va);
    if (this.mmu.translate(low, high, intent, el, bytes, aligned, zero)) return this.mmu.pa;
    const { kind, stage, level, onStage1Walk } = this.mmu.fault!;
    return `${kind} ${stage}.${level}${onStage1Walk ? ' walk' : ''}`;
  }
}

export const halves = (value: bigint): [number, number] => [Number(value & 0xffff_ffffn), Number(value >> 32n)];
