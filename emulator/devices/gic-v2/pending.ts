/** What a CPU interface, physical or virtual, asks of the place where its interrupts come from: the distributor, or the list registers. */

/** Group 0 may be signalled as FIQ (CTLR.FIQEn), group 1 is always an IRQ. */
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

/** The field of a register that would keep a pending interrupt from the CPU; the last: another one is more urgent. */
export type Obstacle =
  | { readonly field: 'GICD_ISENABLER' | 'GICD_ISACTIVER' | 'GICH_HCR' }
  | { readonly field: 'GICD_CTLR' | 'GICC_CTLR' | 'GICV_CTLR'; readonly group: Group }
  | { readonly field: `GIC${'C' | 'V'}_${'PMR' | 'RPR'}`; readonly value: number; readonly priority: number }
  | { readonly field: `GIC${'C' | 'V'}_HPPIR`; readonly intid: number; readonly priority: number };

/** Read from IAR or HPPIR where nothing is pending, or not for this reader: spurious (IHI 0048B section 3.2.5). */
export const SPURIOUS = 1023;
/** Read from IAR or HPPIR where what is pending is of group 1 and CTLR.AckCtl = 0. */
export const OTHER_GROUP = 1022;

/** Lower than any priority. */
const NO_PRIORITY = 0x100;
export const NO_INTERRUPT: PendingInterrupt = { intid: SPURIOUS, priority: NO_PRIORITY, group: 0, source: 0 };

export interface InterruptSource {
  /** The pending interrupt with the highest priority, or `NO_INTERRUPT`. */
  first(): PendingInterrupt;
  /** Whether interrupts of a group are forwarded to the CPU interface at all. */
  forwards(group: Group): boolean;
  /** What keeps them from being, where they are not. */
  barrier(group: Group): Obstacle;
  /** The interrupt that `first` gave becomes active. */
  acknowledge(interrupt: PendingInterrupt): void;
  /** Group of an interrupt that software names at its end; undefined for one that is not there. */
  groupOf(intid: number): Group | undefined;
  /**
   * Software ended an interrupt: it becomes inactive. `dropped`: this is a write of EOIR with EOImode = 0 that dropped a priority;
   * undefined: a write of DIR.
   */
  deactivate(intid: number, dropped?: boolean): void;
}
