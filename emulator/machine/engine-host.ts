/** What the engine asks of the machine (engine/host.ts), answered by the MMU, the bus and the CPU's exceptions. */
import { HostOffset } from '../base/addresses.ts';
import {
  branchTo,
  checksStackAlignment,
  executeSystem,
  judgeFp,
  takeAbort,
  takeException,
  takeUndefined,
  type CpuState,
  type Environment,
} from '../cpu/index.ts';
import type { EngineHost } from '../engine/index.ts';
import type { Decoded } from '../isa/index.ts';
import type { Mmu } from '../mmu/index.ts';
import { NOT_MEMORY, type Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import type { MemoryAccess } from './memory-access.ts';
import type { Watches } from './watches.ts';

/** What a core is made of, as its engine's host sees it. */
export interface HostedCore {
  readonly cpu: CpuState;
  readonly mmu: Mmu;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly environment: Environment;
  readonly watches: Watches;
}

export class MachineEngineHost implements EngineHost {
  constructor(
    private readonly core: HostedCore,
    readonly access: MemoryAccess,
  ) {}

  dataMiss(vaLow: number, vaHigh: number, kind: number, storeAllowed: boolean): HostOffset {
    return this.access.dataMiss(vaLow, vaHigh, kind, storeAllowed);
  }
  finishStore(): void {
    this.access.finishStore();
  }

  misalignedStackPointer(): boolean {
    const { cpu } = this.core;
    if (!checksStackAlignment(cpu, cpu.el)) return false;
    const [vaLow, vaHigh] = [Number(cpu.sp & 0xffff_ffffn), Number(cpu.sp >> 32n)];
    this.access.lastFault = { kind: 'spAlignment', stage: 1, level: 0, onStage1Walk: false, ipa: undefined, access: 'read', vaLow, vaHigh };
    return true;
  }

  fetchPage(low: number, high: number): HostOffset {
    const { mmu, bus, cpu } = this.core;
    branchTo(cpu, low, high);
    const { pcLow: vaLow, pcHigh: vaHigh } = cpu;
    if (!mmu.translate(vaLow, vaHigh, 'execute', cpu.el, 4, true)) {
      this.access.lastFault = mmu.fault;
      return NOT_MEMORY;
    }
    const host = bus.hostAddress(mmu.pa);
    if (host >= 0) return HostOffset(host - (host % 4096));
    // Code runs from memory only; a fetch from a device is an external abort, as on the bus of the board.
    this.access.lastFault = { kind: 'external', stage: 1, level: 0, onStage1Walk: false, ipa: undefined, access: 'execute', vaLow, vaHigh };
    return NOT_MEMORY;
  }

  fault(word: number | undefined): void {
    const { cpu, environment, clock, watches } = this.core;
    const fault = this.access.lastFault!;
    if (fault.kind !== 'pcAlignment' && fault.kind !== 'spAlignment') clock.abortStep();
    watches.aroundSystem(() => takeAbort(cpu, environment, fault, word));
  }
  system(instruction: Decoded): void {
    const { cpu, environment, watches } = this.core;
    watches.aroundSystem(() => executeSystem(cpu, instruction, environment), instruction);
  }
  floatingPoint(): boolean {
    return judgeFp(this.core.cpu) === undefined;
  }
  floatingPointTrap(): void {
    const { cpu, environment, watches } = this.core;
    watches.aroundSystem(() => takeException(cpu, environment, judgeFp(cpu)!));
  }
  undefined(): void {
    const { cpu, environment, watches } = this.core;
    watches.aroundSystem(() => takeUndefined(cpu, environment));
  }
}
