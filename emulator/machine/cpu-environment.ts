/** What the CPU asks of the machine (cpu/environment.ts), answered by the clock, the MMU, the board and the firmware behind SMC. */
import { VA } from '../base/addresses.ts';
import { join64 } from '../base/bits.ts';
import {
  currentVmid,
  maintenanceAccess,
  type CpuEvent,
  type CpuState,
  type Environment,
  type GicCpuInterface,
  type MemoryFault,
  type SignalledInterrupt,
} from '../cpu/index.ts';
import { HCR_EL2 } from '../cpu/registers/bits.ts';
import type { GicOutputs } from '../devices/gic/index.ts';
import type { SystemOperationName } from '../isa/index.ts';
import type { AtOperation, Mmu, TlbiOperation } from '../mmu/index.ts';
import type { Board } from './board.ts';
import { NS_PER_TICK, type Clock } from './clock.ts';
import { ZERO_BLOCK, zeroAccess, type MemoryAccess } from './memory-access.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import type { Power } from './power.ts';
import { callPsci } from './psci.ts';
import type { Semihosting } from './semihosting.ts';
import type { Turns } from './turns.ts';

/** What is around a CPU, and the core that it is part of. */
export interface Surroundings {
  /** Which CPU it is, from 0. */
  readonly index: number;
  readonly hasEl2: boolean;
  readonly cpu: CpuState;
  readonly mmu: Mmu;
  readonly board: Board;
  readonly clock: Clock;
  readonly physical: PhysicalMemory;
  readonly access: MemoryAccess;
  readonly power: Power;
  readonly turns: Turns;
  /** Undefined where it is off. */
  readonly semihosting: Semihosting | undefined;
  /** Which translations and byte order data accesses go by has changed. */
  selectBank(): void;
  debugChanged(): void;
  noteEvent(event: CpuEvent): void;
}

export class MachineEnvironment implements Environment {
  readonly gic: GicCpuInterface | undefined;
  /** Sub-steps are told while somebody steps; a machine that runs flat out does without. */
  wantsSteps = false;
  /**
   * How often the CPU has asked for what neither its own state nor memory decides (the time, the levels of the interrupt lines, the
   * firmware), or has set a timer.
   */
  asked = 0;

  constructor(private readonly core: Surroundings) {
    const systemRegisters = core.board.systemRegistersOf(core.index);
    this.gic = systemRegisters && {
      // An acknowledgement may be another one each time.
      read: (name) => (this.asked++, systemRegisters.read(name)),
      peek: (name) => systemRegisters.peek(name),
      write: (name, low, high) => systemRegisters.write(name, low, high),
    };
  }

  get index(): number {
    return this.core.index;
  }
  get hasEl2(): boolean {
    return this.core.hasEl2;
  }
  get lines(): Environment['lines'] {
    this.asked++;
    return this.core.board.linesOf[this.index];
  }

  signalled(line: keyof GicOutputs): SignalledInterrupt | undefined {
    return this.core.board.gic.signalled(line);
  }

  step(): number {
    return this.core.clock.step;
  }
  nanoseconds(): number {
    this.asked++;
    return this.core.clock.ns;
  }
  instructions(): number {
    this.asked++;
    return this.core.clock.instructions;
  }
  counter(): number {
    return Math.floor(this.nanoseconds() / NS_PER_TICK);
  }
  counterRead(): number {
    return Math.floor((this.nanoseconds() + 1) / NS_PER_TICK);
  }

  translationChanged(): void {
    this.core.mmu.contextChanged();
    this.core.selectBank();
  }
  levelChanged(): void {
    this.core.selectBank();
  }
  // The machine looks at timers and interrupts after every instruction that could change them: such an instruction ends `engine.run`.
  timersChanged(): void {
    this.asked++;
    this.core.board.timersChanged(this.index);
  }
  interruptsChanged(): void {
    this.core.board.pmuChanged(this.index);
  }
  debugChanged(): void {
    this.core.debugChanged();
  }

  invalidate(operation: SystemOperationName, low: number, high: number): void {
    const { mmu, cpu, turns } = this.core;
    const named = mmu.invalidation(operation as TlbiOperation, low, high);
    // HCR_EL2.FB makes those of EL1 reach all CPUs too.
    const isForAll = operation.endsWith('IS') || (cpu.el === 1 && (cpu.low('HCR_EL2') & HCR_EL2.FB) !== 0);
    for (const core of isForAll ? turns.cores : [this.core]) core.mmu.carryOut(named);
  }
  sendEvent(): void {
    for (const { cpu } of this.core.turns.cores) cpu.event = true;
  }
  giveWay(): void {
    this.core.turns.giveWay();
  }

  addressTranslate(operation: SystemOperationName, low: number, high: number): MemoryFault | undefined {
    const { mmu, cpu } = this.core;
    const result = mmu.addressTranslate(operation as AtOperation, low, high);
    if ('fault' in result) return result.fault;
    cpu.set('PAR_EL1', result.par);
    return undefined;
  }

  cacheMaintenance(operation: SystemOperationName, low: number, high: number): MemoryFault | undefined {
    // There are no caches to maintain; what is left of an operation by VA is that its address must translate (Arm ARM D7.5.8).
    const intent = maintenanceAccess(operation);
    if (!intent) return undefined;
    const { mmu, cpu } = this.core;
    return mmu.translate(low, high, intent, cpu.el, 1, false) ? undefined : mmu.fault;
  }

  zeroBlock(low: number, high: number): MemoryFault | undefined {
    const { access, physical } = this.core;
    const pieces = access.resolve(low, high, zeroAccess);
    if (!pieces) return access.lastFault;
    physical.zero(pieces[0].pa, ZERO_BLOCK, VA(join64((low & -ZERO_BLOCK) >>> 0, high)));
    return undefined;
  }

  callFirmware(): void {
    this.asked++;
    const { cpu, power, turns } = this.core;
    const id = cpu.x(0);
    const from = cpu.el;
    const { result, effect } = callPsci(id, [cpu.x(1), cpu.x(2), cpu.x(3)], (affinity) => turns.powerState(affinity));
    if (result !== undefined) cpu.setX(0, result);
    this.onEvent({
      kind: 'psci',
      cpu: this.index,
      n: this.step(),
      from,
      vmid: currentVmid(cpu),
      function: id,
      result: result ?? 0n,
    });
    switch (effect.kind) {
      case 'systemOff':
        power.stop = { kind: 'off', by: from };
        break;
      case 'systemReset':
        power.restart();
        break;
      case 'cpuSuspend':
        cpu.waiting = true;
        break;
      case 'cpuOff':
        turns.switchOff(this.index);
        break;
      case 'cpuOn':
        turns.switchOn(Number(effect.affinity), VA(effect.entry), effect.context);
        break;
      case 'none':
        break;
    }
  }

  get hasSemihosting(): boolean {
    return this.core.semihosting !== undefined;
  }
  callDebugger(): boolean {
    this.asked++;
    return this.core.semihosting!.call();
  }

  readonly onEvent = (event: CpuEvent): void => this.core.noteEvent(event);
}
