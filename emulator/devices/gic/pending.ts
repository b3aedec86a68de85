/** What a CPU interface, physical or virtual, asks of the place where its interrupts come from: the distributor, or the list registers. */

/** Group 0 is signalled as FIQ (in a GICv2 where CTLR.FIQEn = 1), group 1 is always an IRQ. */
export type Group = 0 | 1;

export interface PendingInterrupt {
  readonly intid: number;
  /** Smaller is more urgent. */
  readonly priority: number;
  readonly group: Group;
  /** Of an SGI: the CPU that asked for it. */
  readonly source: number;
  /** Of a virtual interrupt: the list register that holds it. */
  readonly listRegister?: number;
}

/** A GIC of either version has so many. */
export const LIST_REGISTERS = 4;

/** A virtual interrupt in a list register. One that is active is not signalled again before it has ended. */
export interface ListedInterrupt extends PendingInterrupt {
  readonly listRegister: number;
  readonly pending: boolean;
  readonly active: boolean;
  /** The INTID of the physical interrupt that ends with it. */
  readonly physical: number | undefined;
}

/**
 * What would keep a pending interrupt from the CPU: the register or field by its full name, and the part of the GIC that it belongs to.
 * `disabled`, `active`: its bit of the register; `off`: the virtual interface is; `route`: the register names another CPU; `order`: another
 * interrupt is more urgent.
 */
export type Obstacle = { readonly at: 'distributor' | 'cpuInterface' | 'virtualInterface'; readonly field: string } & (
  | { readonly kind: 'disabled' | 'active' | 'off' | 'route' }
  | { readonly kind: 'group'; readonly group: Group }
  | { readonly kind: 'mask' | 'running'; readonly value: number; readonly priority: number }
  | { readonly kind: 'order'; readonly intid: number; readonly priority: number }
);

/** Read from IAR or HPPIR where nothing is pending, or not for this reader: spurious (IHI 0048B section 3.2.5, IHI 0069H section 2.2.1). */
export const SPURIOUS = 1023;

/** Lower than any priority. */
const NO_PRIORITY = 0x100;
export const NO_INTERRUPT: PendingInterrupt = { intid: SPURIOUS, priority: NO_PRIORITY, group: 0, source: 0 };

export interface InterruptSource {
  /** The pending interrupt with the highest priority, or `NO_INTERRUPT`. */
  first(): PendingInterrupt;
  /** What keeps interrupts of a group from the CPU interface altogether; undefined where they are forwarded to it. */
  barrier(group: Group): Obstacle | undefined;
  /** The interrupt that `first` gave becomes active. */
  acknowledge(interrupt: PendingInterrupt): void;
}
