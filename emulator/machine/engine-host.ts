/** What the engine asks of the machine (engine/host.ts), answered by the MMU, the bus and the CPU's exceptions. */
import { branchTo, checksStackAlignment, executeSystem, takeAbort, takeUndefined } from '../cpu/index.ts';
import type { EngineHost } from '../engine/index.ts';
import type { Decoded } from '../isa/index.ts';
import type { Machine } from './machine.ts';
import { MemoryAccess } from './memory-access.ts';

export class MachineEngineHost implements EngineHost {
  readonly access: MemoryAccess;

  constructor(private readonly machine: Machine) {
    const { cpu, mmu, board, pages, watches, memory } = machine;
    this.access = new MemoryAccess({ cpu, mmu, bus: board.bus, pages, watches, bytes: memory.u8 });
  }

  dataMiss(vaLow: number, vaHigh: number, kind: number, storeAllowed: boolean): number {
    return this.access.dataMiss(vaLow, vaHigh, kind, storeAllowed);
  }
  finishStore(): void {
    this.access.finishStore();
  }

  misalignedStackPointer(): boolean {
    const { cpu } = this.machine;
    if (!checksStackAlignment(cpu, cpu.el)) return false;
    const [vaLow, vaHigh] = [Number(cpu.sp & 0xffff_ffffn), Number(cpu.sp >> 32n)];
    this.access.lastFault = { kind: 'spAlignment', stage: 1, level: 0, onStage1Walk: false, ipa: undefined, access: 'read', vaLow, vaHigh };
    return true;
  }

  fetchPage(low: number, high: number): number {
    const { mmu, board, cpu } = this.machine;
    branchTo(cpu, low, high);
    const { pcLow: vaLow, pcHigh: vaHigh } = cpu;
    if (!mmu.translate(vaLow, vaHigh, 'execute', cpu.el, 4, true)) {
      this.access.lastFault = mmu.fault;
      return -1;
    }
    const host = board.bus.hostAddress(mmu.pa);
    if (host >= 0) return host - (host % 4096);
    // Code runs from memory only; a fetch from a device is an external abort, as on the bus of the board.
    this.access.lastFault = { kind: 'external', stage: 1, level: 0, onStage1Walk: false, ipa: undefined, access: 'execute', vaLow, vaHigh };
    return -1;
  }

  fault(word: number | undefined): void {
    const { machine } = this;
    const { cpu, environment, clock, step } = machine;
    const fault = this.access.lastFault!;
    if (fault.kind !== 'pcAlignment' && fault.kind !== 'spAlignment') clock.abortStep(step);
    machine.watches.aroundSystem(() => takeAbort(cpu, environment, fault, word));
  }
  system(instruction: Decoded): void {
    const { cpu, environment, watches } = this.machine;
    watches.aroundSystem(() => executeSystem(cpu, instruction, environment), instruction);
  }
  undefined(): void {
    const { cpu, environment, watches } = this.machine;
    watches.aroundSystem(() => takeUndefined(cpu, environment));
  }
}
