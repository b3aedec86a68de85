/**
 * A GIC of either version, joined: the input lines, the interrupt lines of the CPUs as its outputs, and what is asked about interrupts.
 * Each CPU has a side of its own. Questions and accesses are about that of one CPU, the current one: it is the CPU that executes, or that
 * somebody looks at.
 */
import type { Device, InterruptLine } from '../device.ts';
import type { AnyCpuInterface } from './cpu-interface.ts';
import type { Interrupts } from './interrupts.ts';
import type { Group, ListedInterrupt, Obstacle, PendingInterrupt } from './pending.ts';

/** The levels of a CPU's interrupt inputs, which the GIC keeps up to date. */
export interface GicOutputs {
  irq: boolean;
  fiq: boolean;
  virq: boolean;
  vfiq: boolean;
}

export interface GicOptions {
  /** Of each CPU. */
  readonly outputs: readonly GicOutputs[];
  /** INTID of the maintenance interrupt, which the GIC sends to itself. */
  readonly maintenanceIntid: number;
}

export interface AnyDistributor extends Device {
  /** The CPU that accesses. */
  current: number;
  /** As it sees them. */
  readonly interrupts: Interrupts;
  forwards(group: Group): boolean;
  /** `cpu`: whose line it is, of a PPI. */
  setLevel(intid: number, high: boolean, cpu: number): void;
  /** Why `first` would not offer an interrupt although it was pending. */
  withheldBy(intid: number): Obstacle | undefined;
}

/** The list registers. */
export interface AnyVirtualControl {
  forwards(): boolean;
  /** What they hold that is in use. */
  inUse(): readonly ListedInterrupt[];
  first(): PendingInterrupt;
  /** Those in which a virtual interrupt is pending, or active and pending. */
  pendingIn(intid: number): readonly number[];
  /** The maintenance interrupt is asserted. */
  readonly maintenance: boolean;
  /** The register that controls it, and the one that says why there is a maintenance interrupt. */
  readonly control: number;
  readonly maintenanceStatus: number;
}

/** What each CPU has for itself. */
export interface GicSide {
  /** As it sees them. */
  readonly interrupts: Interrupts;
  readonly cpuInterface: AnyCpuInterface;
  readonly virtualControl: AnyVirtualControl;
  readonly virtualCpuInterface: AnyCpuInterface;
}

/** What the registers are called beside those of the CPU interfaces. */
export interface GicNames {
  listRegister(this: void, n: number): string;
  readonly control: string;
  readonly maintenanceStatus: string;
  /** Where software sends an SGI of a group, and where one is pending: a field, or a bit of a register. */
  sendSgi(this: void, group: Group): string;
  pendingSgi(this: void, intid: number): string;
  /** The registers that make an interrupt pending, enable it and make it active. */
  setPending(this: void, intid: number): string;
  enable(this: void, intid: number): string;
  active(this: void, intid: number): string;
  /** Where the CPU acknowledges an interrupt (of group 1), ends it, and with EOImode = 1 deactivates it; the register of that bit; the priority mask. */
  readonly acknowledge: string;
  readonly end: string;
  readonly deactivate: string;
  readonly endMode: string;
  readonly priorityMask: string;
}

/** Where an interrupt is pending: in the distributor, or in the list register of this number, and for which CPU. */
interface Place {
  readonly cpu: number;
  readonly listRegister: number | undefined;
}

/** `Side`: what a version has of each CPU. */
export abstract class Gic<Side extends GicSide = GicSide> {
  abstract readonly version: 2 | 3;
  abstract readonly names: GicNames;
  abstract readonly distributor: AnyDistributor;
  abstract readonly sides: readonly Side[];
  /** The parts that keep state, of each CPU's those of the current one, in the order in which it is saved. After loading them, call `update`. */
  abstract readonly devices: readonly Device[];
  /** Those of all CPUs that are not on the bus. */
  abstract readonly inCpu: readonly Device[];
  /** Called whenever something has changed that an output may depend on, for who looks on. */
  onChanged: (() => void) | undefined;
  /** Called when an interrupt that is watched becomes pending, in the distributor or in a list register. */
  onPended: (intid: number, listRegister: number | undefined) => void = () => undefined;
  private readonly outputs: readonly GicOutputs[];
  private readonly maintenanceIntid: number;
  /** Of each that is watched, the places where it is pending. */
  private readonly watched = new Map<number, readonly Place[]>();

  constructor({ outputs, maintenanceIntid }: GicOptions) {
    this.outputs = outputs;
    this.maintenanceIntid = maintenanceIntid;
  }

  /** The input line of a PPI (INTID 16..31), of which each CPU has one, or an SPI (32..287). */
  line(intid: number, cpu = 0): InterruptLine {
    return { setLevel: (high) => this.distributor.setLevel(intid, high, cpu) };
  }

  protected get side(): Side {
    return this.sides[this.distributor.current];
  }
  get cpuInterface(): Side['cpuInterface'] {
    return this.side.cpuInterface;
  }
  get virtualControl(): Side['virtualControl'] {
    return this.side.virtualControl;
  }
  get virtualCpuInterface(): Side['virtualCpuInterface'] {
    return this.side.virtualCpuInterface;
  }

  /** From now on this is the current CPU. */
  select(cpu: number): void {
    this.distributor.current = cpu;
  }

  /** The interrupt that an output is asserted for, if it is, and of a virtual one the list register that holds it. */
  signalled(output: keyof GicOutputs): { readonly intid: number; readonly listRegister: number | null } | undefined {
    if (!this.outputs[this.distributor.current][output]) return undefined;
    const first = (output === 'virq' || output === 'vfiq' ? this.virtualCpuInterface : this.cpuInterface).signalled();
    return first && { intid: first.intid, listRegister: first.listRegister ?? null };
  }

  /** What would keep an interrupt from the CPU if it became pending now, before anything more urgent; undefined: it would be signalled. */
  obstacle(intid: number): Obstacle | undefined {
    const { distributor } = this;
    return distributor.withheldBy(intid) ?? this.cpuInterface.obstacle(distributor.interrupts.asPending(intid));
  }

  /** What keeps a pending interrupt from being signalled at this instant. */
  heldBy(intid: number): Obstacle | undefined {
    const { distributor } = this;
    return distributor.withheldBy(intid) ?? this.cpuInterface.holds(distributor.interrupts.asPending(intid));
  }
  /** The same of a virtual one that its list register holds pending. */
  listedHeldBy(listed: ListedInterrupt): Obstacle | undefined {
    return this.virtualCpuInterface.holds(listed);
  }

  /** The enabled interrupts that are pending and do not get to the CPU. One that is being handled is none of them, though its line is still high. */
  held(): { readonly intid: number; readonly obstacle: Obstacle }[] {
    return this.distributor.interrupts.allPending().flatMap((intid) => {
      const obstacle = this.obstacle(intid);
      return obstacle && !(obstacle.kind === 'active' && this.cpuInterface.isHandling) ? [{ intid, obstacle }] : [];
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
    return this.sides.flatMap(({ interrupts, virtualControl }, cpu) => {
      // An SPI is pending for all CPUs alike.
      const isHere = (cpu === 0 || intid < 32) && interrupts.isPending(intid);
      return [...(isHere ? [undefined] : []), ...virtualControl.pendingIn(intid)].map((listRegister) => ({ cpu, listRegister }));
    });
  }
  private tellPended(): void {
    for (const [intid, before] of this.watched) {
      const now = this.placesOf(intid);
      this.watched.set(intid, now);
      for (const { cpu, listRegister } of now)
        if (!before.some((place) => place.cpu === cpu && place.listRegister === listRegister)) this.onPended(intid, listRegister);
    }
  }

  /** Brings the outputs up to date. */
  update(): void {
    if (this.watched.size > 0) this.tellPended();
    const { sides } = this;
    for (let cpu = 0; cpu < sides.length; cpu++) {
      const { cpuInterface, virtualCpuInterface, virtualControl } = sides[cpu];
      const outputs = this.outputs[cpu];
      const virtual = virtualCpuInterface.signal();
      outputs.virq = virtual === 'irq';
      outputs.vfiq = virtual === 'fiq';
      // Where this changes the line, it calls `update` again, which then finds no change.
      this.distributor.setLevel(this.maintenanceIntid, virtualControl.maintenance, cpu);
      const physical = cpuInterface.signal();
      outputs.irq = physical === 'irq';
      outputs.fiq = physical === 'fiq';
    }
    this.onChanged?.();
  }
}
