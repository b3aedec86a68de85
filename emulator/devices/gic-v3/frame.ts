/** What the distributor and the redistributor have in common: how they are accessed, and the registers with the states of interrupts. */
import { bitmap, CONFIGURATION, configurationFields, PRIORITIES, priorityFields } from '../gic/arrays.ts';
import type { Interrupts, InterruptStates } from '../gic/interrupts.ts';
import type { AccessBytes } from '../device.ts';
import { RegisterDevice, type RegisterTable } from '../registers.ts';

/** Registers are accessed by words, priorities by bytes too; other accesses reach nothing (IHI 0069H section 12.1.3). */
const isReached = (offset: number, bytes: AccessBytes): boolean => bytes === 4 || (bytes === 1 && (offset & 0xfc00) === 0x400);

export abstract class Frame<Table extends RegisterTable> extends RegisterDevice<Table> {
  override read(offset: number, bytes: AccessBytes): number {
    return isReached(offset, bytes) ? super.read(offset, bytes) : 0;
  }
  override peek(offset: number, bytes: AccessBytes): number {
    return isReached(offset, bytes) ? super.peek(offset, bytes) : 0;
  }
  override write(offset: number, bytes: AccessBytes, value: number): void {
    if (isReached(offset, bytes)) super.write(offset, bytes, value);
  }
  /** The outputs follow when all of the GIC is loaded. */
  protected override loaded(): void {}
}

/** The states of all interrupts. Word 0 has the private ones, which the redistributor shows, the others those that the distributor shows. */
export interface HoldsStates {
  readonly states: InterruptStates;
  readonly interrupts: Interrupts;
}

interface Kind {
  readonly title: string;
  readonly zero: string;
  readonly one: string;
  peek(this: void, holder: HoldsStates, n: number): number;
  write(this: void, states: InterruptStates, value: number, n: number): void;
  /** Of one whose value tells the whole state. */
  adopt?(this: void, states: InterruptStates, value: number, n: number): void;
}
const kinds = {
  IGROUPR: {
    title: 'Group of each interrupt',
    zero: 'group 0',
    one: 'group 1',
    peek: ({ states }, n) => states.IGROUPR[n],
    write: (states, value, n) => void (states.IGROUPR[n] = value),
    adopt: (states, value, n) => void (states.IGROUPR[n] = value),
  },
  ISENABLER: {
    title: 'Enables; reads which are enabled',
    zero: 'no effect',
    one: 'enable',
    peek: ({ states }, n) => states.ISENABLER[n],
    write: (states, value, n) => void (states.ISENABLER[n] |= value),
    adopt: (states, value, n) => void (states.ISENABLER[n] = value),
  },
  ICENABLER: {
    title: 'Disables; reads which are enabled',
    zero: 'no effect',
    one: 'disable',
    peek: ({ states }, n) => states.ISENABLER[n],
    write: (states, value, n) => void (states.ISENABLER[n] &= ~value),
  },
  ISPENDR: {
    title: 'Makes pending; reads which are pending',
    zero: 'no effect',
    one: 'make pending',
    peek: ({ interrupts }, n) => interrupts.pending(n),
    write: (states, value, n) => void (states.latched[n] |= value),
    adopt: (states, value, n) => void (states.latched[n] = value),
  },
  ICPENDR: {
    title: 'Clears pending; reads which are pending',
    zero: 'no effect',
    one: 'clear, but not a level-sensitive interrupt whose line is high',
    peek: ({ interrupts }, n) => interrupts.pending(n),
    write: (states, value, n) => void (states.latched[n] &= ~value),
  },
  ISACTIVER: {
    title: 'Makes active; reads which are active',
    zero: 'no effect',
    one: 'make active',
    peek: ({ states }, n) => states.ISACTIVER[n],
    write: (states, value, n) => void (states.ISACTIVER[n] |= value),
    adopt: (states, value, n) => void (states.ISACTIVER[n] = value),
  },
  ICACTIVER: {
    title: 'Makes inactive; reads which are active',
    zero: 'no effect',
    one: 'make inactive',
    peek: ({ states }, n) => states.ISACTIVER[n],
    write: (states, value, n) => void (states.ISACTIVER[n] &= ~value),
  },
} as const satisfies Readonly<Record<string, Kind>>;

export type StateRegisterName = keyof typeof kinds;

/** The device whose table it is, as one that holds states. */
type As<D> = (device: D) => HoldsStates;
/** Where a register has the states of interrupts: in the frame of the redistributor, or among others in the distributor. */
interface Placing {
  readonly offset: number;
  /** How many there are; absent in the redistributor's, where the private ones have one. */
  readonly count?: number;
}
/** How many of an array of registers are for the private interrupts: these read as zero in the distributor (section 12.9.1, "ARE"). */
const hidden = (count: number | undefined, perRegister: number): number => (count === undefined ? 0 : 32 / perRegister);

export const stateRegister = <D>(as: As<D>, name: StateRegisterName, { offset, count }: Placing) => {
  const { title, zero, one, peek, write, adopt }: Kind = kinds[name];
  const first = hidden(count, 32);
  return bitmap(offset, title, zero, one, {
    ...(count !== undefined && { count }),
    peek: (device: D, n: number): number => (n < first ? 0 : peek(as(device), n)),
    write: (device: D, value: number, n: number): void => void (n < first || write(as(device).states, value, n)),
    ...(adopt && { adopt: (device: D, value: number, n: number): void => void (n < first || adopt(as(device).states, value, n)) }),
  });
};

export const priorityRegister = <D>(as: As<D>, { offset, count }: Placing) => {
  const first = hidden(count, 4);
  return {
    offset,
    width: 32 as const,
    access: 'rw' as const,
    count: count ?? 8,
    title: PRIORITIES,
    fields: priorityFields,
    inside: 'bytes' as const,
    peek: (device: D, n: number): number => (n < first ? 0 : as(device).states.IPRIORITYR[n]),
    write: (device: D, value: number, n: number, mask: number): void => {
      const { IPRIORITYR } = as(device).states;
      if (n >= first) IPRIORITYR[n] = (IPRIORITYR[n] & ~mask) | value;
    },
    adopt: (device: D, value: number, n: number): void => void (n < first || (as(device).states.IPRIORITYR[n] = value)),
  };
};

export const configurationRegister = <D>(as: As<D>, { offset, count }: Placing) => {
  const first = hidden(count, 16);
  return {
    offset,
    width: 32 as const,
    access: 'rw' as const,
    count: count ?? 2,
    title: CONFIGURATION,
    fields: configurationFields,
    peek: (device: D, n: number): number => (n < first ? 0 : as(device).interrupts.configuration(n)),
    write: (device: D, value: number, n: number): void => void (n < first || as(device).interrupts.configure(n, value)),
    adopt: (device: D, value: number, n: number): void => void (n < first || as(device).interrupts.configure(n, value)),
  };
};
