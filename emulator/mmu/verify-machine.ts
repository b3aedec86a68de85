/** A CPU's registers and memory as a vector file describes them, enough for an MMU. */
import { PA } from '../base/addresses.ts';
import { CPU_BLOCK } from '../cpu/layout.ts';
import { CpuState } from '../cpu/state.ts';
import type { StoredRegister } from '../cpu/stored-registers.ts';
import { Mmu } from './mmu.ts';
import type { PhysicalReader } from './physical.ts';

/** Doublewords by address, and what lies where none is given. */
class VectorMemory implements PhysicalReader {
  low = 0;
  high = 0;
  readonly words = new Map<PA, bigint>();

  constructor(private readonly elsewhere: (pa: PA) => bigint | undefined) {}

  read(pa: PA): boolean {
    const value = this.words.get(pa) ?? this.elsewhere(pa);
    if (value === undefined) return false;
    this.low = Number(value & 0xffff_ffffn);
    this.high = Number(value >> 32n);
    return true;
  }
}

export class VectorMachine {
  readonly cpu = new CpuState(new ArrayBuffer(CPU_BLOCK));
  readonly memory: VectorMemory;
  readonly mmu: Mmu;

  /** `elsewhere`: what lies at an address without its own word, or undefined where nothing answers. */
  constructor(elsewhere: (pa: PA) => bigint | undefined) {
    this.memory = new VectorMemory(elsewhere);
    this.mmu = new Mmu(this.cpu, this.memory);
  }

  /** Starts a set-up: these registers, this memory, an empty TLB. */
  load(registers: Readonly<Partial<Record<StoredRegister, bigint>>>, words: Iterable<readonly [PA, bigint]>): void {
    this.memory.words.clear();
    for (const [pa, value] of words) this.memory.words.set(pa, value);
    for (const [name, value] of Object.entries(registers)) this.cpu.set(name as StoredRegister, value);
    this.mmu.contextChanged();
    this.emptyTlb();
  }

  emptyTlb(): void {
    this.mmu.invalidate('TLBI ALLE1', 0, 0);
    this.mmu.invalidate('TLBI ALLE2', 0, 0);
  }

  /** The word at a physical address answers. */
  answers(pa: PA): boolean {
    return this.memory.read(PA(pa - (pa % 8)));
  }
}
