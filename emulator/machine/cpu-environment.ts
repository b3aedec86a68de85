/** What the CPU asks of the machine (cpu/environment.ts), answered by the clock, the MMU, the board and the firmware behind SMC. */
import { join64 } from '../base/bits.ts';
import { NotBuilt } from '../base/errors.ts';
import {
  currentVmid,
  type CpuEvent,
  type Environment,
  type GicCpuInterface,
  type MemoryFault,
  type SignalledInterrupt,
} from '../cpu/index.ts';
import type { GicOutputs } from '../devices/gic-v2/index.ts';
import type { SystemOperationName } from '../isa/index.ts';
import type { AtOperation, TlbiOperation } from '../mmu/index.ts';
import { NS_PER_TICK } from './clock.ts';
import type { Machine } from './machine.ts';
import { callPsci } from './psci.ts';

/** Bytes of the block that DC ZVA zeroes: DCZID_EL0.BS = 4 on Cortex-A53. */
const ZERO_BLOCK = 64;

export class MachineEnvironment implements Environment {
  readonly index = 0;
  readonly gic: GicCpuInterface | undefined = undefined;
  /** Sub-steps are told while somebody steps; a machine that runs flat out does without. */
  wantsSteps = false;

  constructor(private readonly machine: Machine) {}

  get hasEl2(): boolean {
    return this.machine.options.el2;
  }
  get lines(): Environment['lines'] {
    return this.machine.board.lines;
  }

  signalled(line: keyof GicOutputs): SignalledInterrupt | undefined {
    return this.machine.board.gic?.signalled(line);
  }

  step(): number {
    return this.machine.step;
  }
  nanoseconds(): number {
    return this.machine.clock.skipped + this.machine.step;
  }
  instructions(): number {
    return this.nanoseconds() - this.machine.clock.waited;
  }
  counter(): number {
    return Math.floor(this.nanoseconds() / NS_PER_TICK);
  }

  translationChanged(): void {
    this.machine.mmu.contextChanged();
    this.machine.selectBank();
  }
  levelChanged(): void {
    this.machine.selectBank();
  }
  // The machine looks at timers and interrupts after every instruction that could change them: such an instruction ends `engine.run`.
  timersChanged(): void {
    this.machine.board.timersChanged();
  }
  interruptsChanged(): void {
    this.machine.board.pmuChanged();
  }
  debugChanged(): void {
    this.machine.debugChanged();
  }

  invalidate(operation: SystemOperationName, low: number, high: number): void {
    this.machine.mmu.invalidate(operation as TlbiOperation, low, high);
  }

  addressTranslate(operation: SystemOperationName, low: number, high: number): MemoryFault | undefined {
    const { mmu, cpu } = this.machine;
    const result = mmu.addressTranslate(operation as AtOperation, low, high);
    if ('fault' in result) return result.fault;
    cpu.set('PAR_EL1', result.par);
    return undefined;
  }

  cacheMaintenance(operation: SystemOperationName, low: number, high: number): MemoryFault | undefined {
    // There are no caches to maintain; what is left of an operation by VA is that its address must translate (Arm ARM D7.5.8).
    const byAddress = /^(DC (IVAC|CVAC|CVAU|CIVAC)|IC IVAU)$/.exec(operation);
    if (!byAddress) return undefined;
    const { mmu, cpu } = this.machine;
    const intent = byAddress[2] === 'IVAC' ? 'write' : 'read';
    return mmu.translate(low, high, intent, cpu.el, 1, false) ? undefined : mmu.fault;
  }

  zeroBlock(low: number, high: number): MemoryFault | undefined {
    const { mmu, cpu } = this.machine;
    const start = (low & -ZERO_BLOCK) >>> 0;
    if (!mmu.translate(start, high, 'write', cpu.el, 1, false, true)) return mmu.fault;
    const watchpoint = this.machine.watchpointAt(start, high, ZERO_BLOCK);
    if (watchpoint) return watchpoint;
    return this.machine.zero(mmu.pa, ZERO_BLOCK, join64(start, high))
      ? undefined
      : { kind: 'external', stage: 1, level: 0, onStage1Walk: false, ipa: undefined, access: 'write', vaLow: low, vaHigh: high };
  }

  callFirmware(): void {
    const { machine } = this;
    const { cpu } = machine;
    const id = cpu.x(0);
    const from = cpu.el;
    // The one CPU has affinity 0; bits beside the affinity fields name none (as in QEMU).
    const { result, effect } = callPsci(id, [cpu.x(1), cpu.x(2), cpu.x(3)], (affinity) => (affinity === 0n ? 'on' : undefined));
    if (result !== undefined) cpu.setX(0, result);
    this.onEvent({
      kind: 'psci',
      cpu: this.index,
      n: this.step(),
      from,
      vmid: currentVmid(cpu),
      function: Number(id & 0xffff_ffffn),
      result: result ?? 0n,
    });
    switch (effect.kind) {
      case 'systemOff':
        machine.stop = { kind: 'off', by: from };
        break;
      case 'systemReset':
        machine.restart();
        break;
      case 'cpuSuspend':
        cpu.waiting = true;
        break;
      case 'cpuOff':
        machine.stop = { kind: 'cpu-off', by: from };
        break;
      case 'cpuOn':
        throw new NotBuilt('a second CPU (PSCI CPU_ON)');
      case 'none':
        break;
    }
  }

  readonly onEvent = (event: CpuEvent): void => this.machine.noteEvent(event);
}
