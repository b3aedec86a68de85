/** The GIC, joined: four windows of registers, the input lines, and the interrupt lines of the CPU as its outputs. */
import type { Device, InterruptLine } from '../device.ts';
import { CpuInterface } from './cpu-interface.ts';
import { Distributor } from './distributor.ts';
import type { Obstacle } from './pending.ts';
import { VirtualControl, type ListedInterrupt } from './virtual-control.ts';

export { MsiFrame } from './msi-frame.ts';
export type { Obstacle } from './pending.ts';
export type { ListedInterrupt } from './virtual-control.ts';

/** The levels of the CPU's interrupt inputs, which the GIC keeps up to date. */
export interface GicOutputs {
  irq: boolean;
  fiq: boolean;
  virq: boolean;
  vfiq: boolean;
}

export interface GicV2Options {
  readonly outputs: GicOutputs;
  /** INTID of the maintenance interrupt, which the GIC sends to itself. */
  readonly maintenanceIntid: number;
}

/** Where an interrupt is pending: in the distributor, or in the list register of this number. */
type Place = 'distributor' | number;

export class GicV2 {
  readonly distributor: Distributor;
  readonly cpuInterface: CpuInterface;
  readonly virtualControl: VirtualControl;
  readonly virtualCpuInterface: CpuInterface;
  /** The four windows, in the order in which their states are saved. After loading them, call `update`. */
  readonly devices: readonly Device[];
  /** Called whenever something has changed that an output may depend on, for who looks on. */
  onChanged: (() => void) | undefined;
  private readonly outputs: GicOutputs;
  private readonly maintenanceIntid: number;
  /** Called when an interrupt that is watched becomes pending, in the distributor or in a list register. */
  onPended: (intid: number, listRegister: number | undefined) => void = () => undefined;
  /** Of each that is watched, the places where it is pending. */
  private readonly watched = new Map<number, readonly Place[]>();

  constructor({ outputs, maintenanceIntid }: GicV2Options) {
    this.outputs = outputs;
    this.maintenanceIntid = maintenanceIntid;
    const onChange = (): void => this.update();
    this.distributor = new Distributor(onChange);
    this.cpuInterface = new CpuInterface({ kind: 'physical', source: this.distributor, onChange });
    this.virtualControl = new VirtualControl((intid) => this.distributor.deactivatePhysical(intid), onChange);
    this.virtualCpuInterface = new CpuInterface({ kind: 'virtual', source: this.virtualControl, onChange });
    this.virtualControl.cpuInterface = this.virtualCpuInterface;
    this.devices = [this.distributor, this.cpuInterface, this.virtualControl, this.virtualCpuInterface];
  }

  /** The input line of a PPI (INTID 16..31) or an SPI (32..287). */
  line(intid: number): InterruptLine {
    return { setLevel: (high) => this.distributor.setLevel(intid, high) };
  }

  /** The interrupt that an output is asserted for, if it is, and of a virtual one the list register that holds it. */
  signalled(output: keyof GicOutputs): { readonly intid: number; readonly listRegister: number | null } | undefined {
    if (!this.outputs[output]) return undefined;
    const first = (output === 'virq' || output === 'vfiq' ? this.virtualCpuInterface : this.cpuInterface).signalled();
    return first && { intid: first.intid, listRegister: first.listRegister ?? null };
  }

  /** What would keep an interrupt from the CPU if it became pending now, before anything more urgent; undefined: it would be signalled. */
  obstacle(intid: number): Obstacle | undefined {
    const { interrupts } = this.distributor;
    const field = interrupts.withheldBy(intid);
    return field ? { field } : this.cpuInterface.obstacle(interrupts.asPending(intid));
  }

  /** What keeps a pending interrupt from being signalled at this instant. */
  heldBy(intid: number): Obstacle | undefined {
    const { interrupts } = this.distributor;
    const field = interrupts.withheldBy(intid);
    return field ? { field } : this.cpuInterface.holds(interrupts.asPending(intid));
  }
  /** The same of a virtual one that its list register holds pending. */
  listedHeldBy(listed: ListedInterrupt): Obstacle | undefined {
    return this.virtualCpuInterface.holds(listed);
  }

  /** The enabled interrupts that are pending and do not get to the CPU. One that is being handled is none of them, though its line is still high. */
  held(): { readonly intid: number; readonly obstacle: Obstacle }[] {
    return this.distributor.interrupts.allPending().flatMap((intid) => {
      const obstacle = this.obstacle(intid);
      return obstacle && !(obstacle.field === 'GICD_ISACTIVER' && this.cpuInterface.isHandling) ? [{ intid, obstacle }] : [];
    });
  }
  /** Why an interrupt is still active: its priority is (no end was written), or it was not deactivated. Undefined: it is not active. */
  stillActive(intid: number): 'noEnd' | 'noDeactivation' | undefined {
    if (!this.distributor.interrupts.isActive(intid)) return undefined;
    return this.cpuInterface.isHandling ? 'noEnd' : 'noDeactivation';
  }

  /** From now on `onPended` hears of these INTIDs. */
  watch(intids: readonly number[]): void {
    this.watched.clear();
    for (const intid of intids) this.watched.set(intid, this.placesOf(intid));
  }
  private placesOf(intid: number): readonly Place[] {
    const lists = this.virtualControl.pendingIn(intid);
    return this.distributor.interrupts.isPending(intid) ? ['distributor', ...lists] : lists;
  }
  private tellPended(): void {
    for (const [intid, before] of this.watched) {
      const now = this.placesOf(intid);
      this.watched.set(intid, now);
      for (const place of now) if (!before.includes(place)) this.onPended(intid, place === 'distributor' ? undefined : place);
    }
  }

  /** Brings the outputs up to date. */
  update(): void {
    if (this.watched.size > 0) this.tellPended();
    const { outputs } = this;
    const virtual = this.virtualCpuInterface.signal();
    outputs.virq = virtual === 'irq';
    outputs.vfiq = virtual === 'fiq';
    // Where this changes the line, it calls `update` again, which then finds no change.
    this.distributor.setLevel(this.maintenanceIntid, this.virtualControl.maintenance);
    const physical = this.cpuInterface.signal();
    outputs.irq = physical === 'irq';
    outputs.fiq = physical === 'fiq';
    this.onChanged?.();
  }
}
