/** Where the machine is at work in an address space: what a panel looks at until a person chooses something. */
import type { VA } from '../base/addresses.ts';
import type { Mmu } from '../mmu/index.ts';
import type { Program } from './program.ts';

export interface AddressInUse {
  readonly va: VA;
  /** "the PC", "SP_EL1". */
  readonly name: string;
}

/**
 * VAs that the regime uses at this instant, the most telling first: the PC where it runs, and its stack pointer. None of a guest that
 * waits, since only its memory controls are known.
 */
export function addressesInUse({ machine }: Program, regime: 'el1' | 'el2', mmu: Mmu): AddressInUse[] {
  if (mmu !== machine.mmu) return [];
  const { cpu } = machine;
  if ((cpu.el === 2) === (regime === 'el2'))
    return [
      { va: cpu.pc, name: 'the PC' },
      { va: cpu.sp, name: 'the stack pointer' },
    ];
  const level = regime === 'el2' ? 2 : 1;
  return [{ va: cpu.stackPointer(level), name: `SP_EL${level}` }];
}
