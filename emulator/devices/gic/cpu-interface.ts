/**
 * What every CPU interface does, physical or virtual, of a GICv2 or a GICv3: it decides which pending interrupt is signalled, and says what
 * keeps another from it.
 */
import { RegisterDevice, type RegisterTable } from '../registers.ts';
import { IDLE, type ActivePriorities } from './active-priorities.ts';
import type { Group, InterruptSource, Obstacle, PendingInterrupt } from './pending.ts';

/** What its registers and fields are called. */
export interface InterfaceNames {
  readonly at: 'cpuInterface' | 'virtualInterface';
  /** The field that enables a group. */
  enable(this: void, group: Group): string;
  readonly mask: string;
  readonly running: string;
  highest(this: void, group: Group): string;
  readonly eoiMode: string;
  /** What is read to acknowledge an interrupt of a group, and written to end it. */
  acknowledge(this: void, group: Group): string;
  end(this: void, group: Group): string;
  readonly deactivate: string;
}

/** What there is to ask of one, whatever its registers are. */
export type AnyCpuInterface = Omit<CpuInterface, keyof RegisterDevice<RegisterTable>>;

export abstract class CpuInterface<Table extends RegisterTable = RegisterTable> extends RegisterDevice<Table> {
  abstract readonly activePriorities: ActivePriorities;
  protected abstract readonly source: InterruptSource;
  abstract readonly names: InterfaceNames;

  abstract isEnabled(group: Group): boolean;
  /** The output that interrupts of a group are signalled by. */
  abstract outputOf(group: Group): 'irq' | 'fiq';
  /** Only more urgent interrupts are signalled. */
  abstract get mask(): number;
  /** The end of an interrupt only drops its priority. */
  abstract get splitsEnd(): boolean;
  /** The INTID that HPPIR has; where it has none, one from 1022 on. */
  abstract get highest(): number;
  /** The bits of a priority that decide preemption: they are active while it is handled. */
  abstract groupPriority(interrupt: PendingInterrupt): number;
  /** It is more urgent than the group priority that is running. */
  protected abstract canPreempt(interrupt: PendingInterrupt): boolean;

  /** The output that is asserted now. */
  signal(): 'irq' | 'fiq' | undefined {
    const first = this.signalled();
    return first && this.outputOf(first.group);
  }
  /** The interrupt for which it is. */
  signalled(): PendingInterrupt | undefined {
    const first = this.source.first();
    return this.isForwarded(first) && this.isUnmasked(first) && this.canPreempt(first) ? first : undefined;
  }
  /** What keeps an interrupt from being signalled if the source offered it now; undefined where nothing does. */
  obstacle(interrupt: PendingInterrupt): Obstacle | undefined {
    const { group, priority } = interrupt;
    const { names } = this;
    const { at } = names;
    const barrier = this.source.barrier(group);
    if (barrier) return barrier;
    if (!this.isEnabled(group)) return { kind: 'group', at, field: names.enable(group), group };
    if (!this.isUnmasked(interrupt)) return { kind: 'mask', at, field: names.mask, value: this.mask, priority };
    if (!this.canPreempt(interrupt)) return { kind: 'running', at, field: names.running, value: this.activePriorities.running, priority };
    return undefined;
  }
  /** The same of one that the source holds pending: another may be before it. */
  holds(interrupt: PendingInterrupt): Obstacle | undefined {
    const own = this.obstacle(interrupt);
    if (own) return own;
    const { intid, priority, listRegister, group } = this.source.first();
    const { at, highest } = this.names;
    return intid === interrupt.intid && listRegister === interrupt.listRegister
      ? undefined
      : { kind: 'order', at, field: highest(group), intid, priority };
  }

  /** A priority is active: an interrupt was acknowledged, and its end not written. */
  get isHandling(): boolean {
    return this.activePriorities.running < IDLE;
  }
  /** Its group is enabled on the way here and here. */
  protected isForwarded({ group }: PendingInterrupt): boolean {
    return this.isEnabled(group) && this.source.barrier(group) === undefined;
  }
  protected isUnmasked({ priority }: PendingInterrupt): boolean {
    return priority < this.mask;
  }

  /** The outputs follow when all of the GIC is loaded. */
  protected override loaded(): void {}
}
