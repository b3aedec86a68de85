/**
 * The GICv3, joined: the windows of registers of the distributor and of each CPU's redistributor, and the system registers of each CPU
 * interface (cpu/environment.ts asks for them by name).
 */
import { ICC_SGI, ICC_SGI_HIGH, valueIn } from '../../cpu/registers/bits.ts';
import type { GicCpuInterface } from '../../cpu/index.ts';
import type { Device } from '../device.ts';
import { Gic, type GicNames, type GicOptions, type GicSide } from '../gic/gic.ts';
import { LIST_REGISTERS, type Group } from '../gic/pending.ts';
import { CpuInterface, interfaceRegisters } from './cpu-interface.ts';
import { Distributor, Port } from './distributor.ts';
import { Redistributor } from './redistributor.ts';
import { VIRTUAL_TYPE, VirtualControl, type VirtualControlRegister } from './virtual-control.ts';

/** Of the registers with a bit for each interrupt the one that has it: the redistributor's for private ones. */
const bitmap =
  (register: string) =>
  (intid: number): string =>
    `${intid < 32 ? 'GICR' : 'GICD'}_${register}${intid >>> 5}`;

const names: GicNames = {
  listRegister: (n) => `ICH_LR${n}_EL2`,
  control: 'ICH_HCR_EL2',
  maintenanceStatus: 'ICH_MISR_EL2',
  sendSgi: (group) => `ICC_SGI${group}R_EL1`,
  pendingSgi: (intid) => `GICR_ISPENDR0 bit ${intid}`,
  setPending: bitmap('ISPENDR'),
  enable: bitmap('ISENABLER'),
  active: bitmap('ISACTIVER'),
  acknowledge: 'ICC_IAR1_EL1',
  end: 'ICC_EOIR1_EL1',
  deactivate: 'ICC_DIR_EL1',
  endMode: 'ICC_CTLR_EL1.EOImode',
  priorityMask: 'ICC_PMR_EL1',
};

/** The binary points come before CBPR, with which the one of group 1 cannot be written. */
const adopted = [
  ...['BPR0', 'BPR1', 'CTLR', 'PMR', 'AP0R0', 'AP1R0', 'IGRPEN0', 'IGRPEN1'].map((name) => `ICC_${name}_EL1`),
  ...['VMCR', 'AP0R0', 'AP1R0', ...Array.from({ length: LIST_REGISTERS }, (_, i) => `LR${i}`)].map((name) => `ICH_${name}_EL2`),
];

export interface GicV3Options extends GicOptions {
  /** Of each CPU. */
  readonly hcr: readonly VirtualControlRegister[];
}

type Value = number | bigint;
interface RegisterByName {
  /** Its value, changing nothing; absent where it is write-only. */
  readonly peek?: () => Value;
  /** Where reading has an effect: its value, with that effect. */
  readonly read?: () => Value;
  readonly write?: (low: number, high: number) => void;
}

interface Side extends GicSide {
  readonly cpuInterface: CpuInterface;
  readonly virtualControl: VirtualControl;
  readonly virtualCpuInterface: CpuInterface;
  readonly redistributor: Redistributor;
  /** What the CPU reaches by MRS and MSR. */
  readonly registers: SystemRegisters;
}

export class GicV3 extends Gic<Side> {
  readonly version = 3;
  readonly names = names;
  readonly distributor: Distributor;
  readonly sides: readonly Side[];
  readonly inCpu: readonly Device[];

  constructor({ hcr, ...options }: GicV3Options) {
    super(options);
    const onChange = (): void => this.update();
    const distributor = new Distributor(names, options.outputs.length, onChange);
    this.distributor = distributor;
    this.sides = distributor.views.map((interrupts, cpu) => {
      const holds = { states: distributor.banks[cpu], interrupts };
      const redistributor = new Redistributor(holds, cpu, cpu === distributor.cpus - 1, onChange);
      const port = new Port(distributor, cpu);
      const cpuInterface = new CpuInterface({ kind: 'physical', source: port, onChange });
      const virtualControl = new VirtualControl(hcr[cpu], (intid) => port.deactivate(intid), onChange);
      const virtualCpuInterface = new CpuInterface({ kind: 'virtual', source: virtualControl, onChange });
      virtualControl.cpuInterface = virtualCpuInterface;
      const byName = new Map([
        ...interfaceEntries('ICC', cpuInterface),
        ...interfaceEntries('ICV', virtualCpuInterface),
        ...sgiEntries(distributor, cpu),
        ...virtualEntries(virtualControl, virtualCpuInterface, hcr[cpu]),
      ]);
      const registers = new SystemRegisters(byName, onChange);
      return { interrupts, cpuInterface, virtualControl, virtualCpuInterface, redistributor, registers };
    });
    this.inCpu = [...this.sides.flatMap((_, cpu) => this.inCpuOf(cpu)), ...distributor.otherBanks];
  }

  get redistributor(): Redistributor {
    return this.side.redistributor;
  }
  get registers(): SystemRegisters {
    return this.side.registers;
  }
  get devices(): readonly Device[] {
    const { distributor } = this;
    return [distributor, this.redistributor, ...this.inCpuOf(distributor.current), ...distributor.otherBanks];
  }
  /** What a CPU reaches by system registers. */
  inCpuOf(cpu: number): readonly Device[] {
    const { cpuInterface, virtualControl, virtualCpuInterface } = this.sides[cpu];
    return [cpuInterface, virtualControl, virtualCpuInterface];
  }
}

/** The system registers of one CPU. */
export class SystemRegisters implements GicCpuInterface {
  /** `onChange`: called after what may have changed the outputs. */
  constructor(
    private readonly byName: ReadonlyMap<string, RegisterByName>,
    private readonly onChange: () => void,
  ) {}

  /** Those that tell its state, as another machine has them. Its HCR is kept by the CPU. */
  adopt(value: (name: string) => bigint | undefined): void {
    for (const name of adopted) {
      const shown = value(name);
      if (shown !== undefined) this.write(name, Number(shown & 0xffff_ffffn), Number((shown >> 32n) & 0xffff_ffffn));
    }
  }

  read(name: string): Value {
    const register = this.byName.get(name)!;
    if (!register.read) return register.peek!();
    const value = register.read();
    this.onChange();
    return value;
  }
  peek(name: string): Value | undefined {
    return this.byName.get(name)?.peek?.();
  }
  write(name: string, low: number, high: number): void {
    this.byName.get(name)?.write?.(low, high);
    this.onChange();
  }
}

/** The CPUs that an SGI goes to, a bit each: those of the list, all of which have affinity 0.0.0.n, or all but the sender. */
function targetsOf(low: number, high: number, sender: number): number {
  if (high & ICC_SGI_HIGH.IRM) return ~(1 << sender);
  const isNear = ((low & ICC_SGI.Aff1) | (high & (ICC_SGI_HIGH.Aff2 | ICC_SGI_HIGH.Aff3))) === 0;
  return isNear ? low & ICC_SGI.TargetList : 0;
}

type Entry = readonly [name: string, register: RegisterByName];

const interfaceEntries = (prefix: 'ICC' | 'ICV', cpu: CpuInterface): Entry[] =>
  Object.entries(interfaceRegisters).map(([name, { peek, read, write }]) => [
    `${prefix}_${name}_EL1`,
    {
      ...(peek && { peek: () => peek(cpu) >>> 0 }),
      ...(read && { read: () => read(cpu) }),
      ...(write && { write: (low) => write(cpu, low) }),
    },
  ]);

/** ICC_ASGI1R_EL1 is for group 1 of the other Security state, which is group 0 where there is only one. */
const sgiEntries = (distributor: Distributor, sender: number): Entry[] =>
  Object.entries({ ICC_SGI0R_EL1: 0, ICC_SGI1R_EL1: 1, ICC_ASGI1R_EL1: 0 } satisfies Record<string, Group>).map(([name, group]) => [
    name,
    {
      write: (low, high) => distributor.sendSgi(valueIn(low, ICC_SGI.INTID), group, targetsOf(low, high, sender)),
    },
  ]);

const virtualEntries = (control: VirtualControl, cpu: CpuInterface, hcr: VirtualControlRegister): Entry[] => [
  ['ICH_HCR_EL2', { peek: () => hcr.read() }],
  ['ICH_VTR_EL2', { peek: () => VIRTUAL_TYPE }],
  ['ICH_MISR_EL2', { peek: () => control.maintenanceStatus }],
  ['ICH_EISR_EL2', { peek: () => control.ended }],
  ['ICH_ELRSR_EL2', { peek: () => control.free }],
  ['ICH_VMCR_EL2', { peek: () => control.guestSettings, write: (low) => control.setGuestSettings(low) }],
  ...([0, 1] as const).map((group): Entry => [
    `ICH_AP${group}R0_EL2`,
    { peek: () => cpu.activeWords(group)[0], write: (low) => void (cpu.activeWords(group)[0] = low) },
  ]),
  ...Array.from({ length: LIST_REGISTERS }, (_, i): Entry => [
    `ICH_LR${i}_EL2`,
    { peek: () => control.listRegister(i), write: (low, high) => control.setListRegister(i, low, high) },
  ]),
];
