/** Kinds of addresses: what may not be mixed up is refused by the compiler, which `npm test` asks about this file too. */
import { expect, test } from 'vitest';
import { HostOffset, IPA, PA, VA } from '../../emulator/base/addresses.ts';
import type { FastTlb } from '../../emulator/engine/fast-tlb.ts';
import type { EngineHost } from '../../emulator/engine/index.ts';
import type { ProgramNames } from '../../emulator/explain/subject.ts';
import type { Bus } from '../../emulator/machine/bus.ts';
import type { PageTracker } from '../../emulator/machine/pages.ts';
import type { WatchedRange } from '../../emulator/machine/watches.ts';
import { aliasesOf, explainWalk, type Mmu, type PhysicalReader } from '../../emulator/mmu/index.ts';

test('an address is a plain value when the program runs', () => {
  expect([VA(0xffff_8000_0000_0000n), IPA(0x4000_0000), PA(0x4000_0000), HostOffset(-1)]).toEqual([
    0xffff_8000_0000_0000n,
    0x4000_0000,
    0x4000_0000,
    -1,
  ]);
});

/** Never called: each line under a comment must be an error, or the comment is one. */
export function refused(
  bus: Bus,
  pages: PageTracker,
  fastTlb: FastTlb,
  mmu: Mmu,
  memory: PhysicalReader,
  host: EngineHost,
  names: ProgramNames,
): void {
  pages.mark(bus.hostAddress(mmu.pa));
  // @ts-expect-error a number is no PA
  bus.hostAddress(0x4000_0000);
  // @ts-expect-error an IPA is no PA
  bus.hostAddress(mmu.walker.ipa);
  // @ts-expect-error an offset in the host's memory is no PA
  bus.isWritable(bus.hostAddress(mmu.pa));
  // @ts-expect-error a sum is no PA until it is called one
  memory.read(mmu.pa + 8);
  // @ts-expect-error a PA is no offset in the host's memory
  pages.mark(mmu.pa);
  // @ts-expect-error a PA is no offset in the host's memory
  fastTlb.fill(1, 0, 0, mmu.pa, true, true, false);
  // @ts-expect-error a PA is no IPA
  mmu.walker.stage2(mmu.context('el1'), mmu.pa, false);
  // @ts-expect-error a number is no VA
  VA(0x4000_0000);
  mmu.probe(mmu.cpu.pc, 'execute', 1);
  // @ts-expect-error a sum is no VA until it is called one
  mmu.probe(mmu.cpu.pc + 4n, 'execute', 1);
  // @ts-expect-error the value of a register is no VA until it is called one
  explainWalk(mmu, mmu.cpu.x(0), { regime: 'el1', el: 1, access: 'r' });
  // @ts-expect-error an IPA is no PA
  aliasesOf(mmu, 'el1', mmu.fault!.ipa!);
  // @ts-expect-error where a table lies is known as a PA by its stage only
  memory.read(mmu.describe('el1').stage1.roots[0].table);
  // @ts-expect-error where the host has it is no PA
  const watched: WatchedRange = { pa: host.fetchPage(0, 0), bytes: 4, access: 'r' };
  // @ts-expect-error a PA is no offset in the host's memory
  const fetched: ReturnType<EngineHost['dataMiss']> = watched.pa;
  // @ts-expect-error a PA is no VA
  names.of(1).symbol(BigInt(watched.pa));
  void fetched;
}
