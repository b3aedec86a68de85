/** A CPU's registers and memory as a vector file describes them, enough for an MMU. */
import { CPU_BLOCK } from '../cpu/layout.ts';
import { CpuState } from '../cpu/state.ts';
import type { StoredRegister } from '../cpu/stored-registers.ts';
import { Mmu } from './mmu.ts';
import type { PhysicalReader } from './physical.ts';

/** Doublewords by address, zero where memory exists and nothing is said. */
export class VectorMemory implements PhysicalReader {
  low = 0;
  high = 0;
  readonly words = new Map<number, bigint>();

  /** `elsewhere`: what lies at an address without a word of its own, or undefined where nothing answers. */
  constructor(private readonly elsewhere: (pa: number) => bigint | undefined) {}

  read(pa: number): boolean {
    const value = this.words.get(pa) ?? this.elsewhere(pa);
    if (value === undefined) return false;
    this.low = Number(value & 0xffff_ffffn);
    this.high = Number(value >> 32n);
    return true;
  }
}

export function vectorMmu(memory: VectorMemory, registers: Readonly<Partial<Record<StoredRegister, bigint>>>, el: 0 | 1 | 2): Mmu {
  const cpu = new CpuState(new ArrayBuffer(CPU_BLOCK));
  for (const [name, value] of Object.entries(registers)) cpu.set(name as StoredRegister, value);
  cpu.setLevel(el, 1);
  return new Mmu(cpu, memory);
}

/** What came of verifying a file. */
export interface VerifyResult {
  passed: number;
  failed: number;
  /** The first failures, one sentence each. */
  readonly failures: string[];
  /** Differences where the architecture leaves the choice, by reason: they inform and do not fail. */
  readonly informational: Record<string, number>;
}

export const emptyResult = (): VerifyResult => ({ passed: 0, failed: 0, failures: [], informational: {} });

const FAILURES_KEPT = 100;

export function addFailure(result: VerifyResult, sentence: string): void {
  result.failed++;
  if (result.failures.length < FAILURES_KEPT) result.failures.push(sentence);
}

export function addInformational(result: VerifyResult, reason: string): void {
  result.informational[reason] = (result.informational[reason] ?? 0) + 1;
}
