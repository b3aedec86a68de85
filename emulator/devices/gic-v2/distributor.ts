/**
 * The distributor (IHI 0048B section 4.3): keeps the states of all interrupts, and offers the most urgent one to the CPU interface.
 * One CPU, no Security Extensions.
 */
import { bit, extract, field } from '../fields.ts';
import type { AnyDistributor, GicNames } from '../gic/gic.ts';
import { bitmap, CONFIGURATION, configurationFields, PRIORITIES, priorityFields } from '../gic/arrays.ts';
import { component, implementer, peripheralIdentification } from '../gic/identification.ts';
import { INTERRUPTS, Interrupts, SGI_BITS, SGIS, WORDS } from '../gic/interrupts.ts';
import type { Group, Obstacle, PendingInterrupt } from '../gic/pending.ts';
import { RegisterDevice, registersOf } from '../registers.ts';
import { words } from '../state.ts';
import type { EndedSource } from './cpu-interface.ts';

/** A byte for each of four SGIs, with a bit for each CPU. */
const sgiBytes = (meaning: string) => [3, 2, 1, 0].map((i) => field(`SGI${i}`, 8 * i + 7, 8 * i, `SGI 4n + ${i}: ${meaning}`));

const gicd = registersOf<Distributor>({ prefix: 'GICD_', inside: 'bytes' })(
  {
    CTLR: {
      offset: 0x000,
      width: 32,
      access: 'rw',
      title: 'Distributor control: which groups are forwarded to the CPU interface',
      fields: [bit('EnableGrp1', 1, 'forward interrupts of group 1'), bit('EnableGrp0', 0, 'forward interrupts of group 0')],
    },
    TYPER: {
      offset: 0x004,
      width: 32,
      access: 'r',
      title: 'How many interrupts and CPUs there are',
      fields: [
        field('LSPI', 15, 11, 'lockable SPIs (with Security Extensions)'),
        bit('SecurityExtn', 10, 'Security Extensions', { 0: 'absent', 1: 'present' }),
        field('CPUNumber', 7, 5, 'CPU interfaces, less one', { 0: 'one CPU interface' }),
        field('ITLinesNumber', 4, 0, 'a number N for up to 32(N + 1) interrupts', { [WORDS - 1]: `${INTERRUPTS} interrupts` }),
      ],
      value: WORDS - 1,
    },
    IIDR: implementer(0x008, 'Identifies who made the distributor'),
    IGROUPR: bitmap(0x080, 'Group of each interrupt', 'group 0', 'group 1', { count: WORDS }),
    // SGIs are always enabled (section 4.3.5).
    ISENABLER: bitmap(0x100, 'Enables; reads which are enabled', 'no effect', 'enable', {
      count: WORDS,
      reset: [SGI_BITS],
      write: (gic: Distributor, value: number, n: number): void => void (gic.state.ISENABLER[n] |= value),
    }),
    ICENABLER: bitmap(0x180, 'Disables; reads which are enabled', 'no effect', 'disable, but not an SGI', {
      count: WORDS,
      peek: (gic: Distributor, n: number): number => gic.state.ISENABLER[n],
      write: (gic: Distributor, value: number, n: number): void => void (gic.state.ISENABLER[n] &= ~withoutSgis(value, n)),
    }),
    ISPENDR: bitmap(0x200, 'Makes pending; reads which are pending', 'no effect', 'make pending, but not an SGI', {
      count: WORDS,
      peek: (gic: Distributor, n: number): number => gic.interrupts.pending(n),
      write: (gic: Distributor, value: number, n: number): void => void (gic.state.latched[n] |= withoutSgis(value, n)),
      adopt: (gic: Distributor, value: number, n: number): void => void (gic.state.latched[n] = value),
    }),
    ICPENDR: bitmap(
      0x280,
      'Clears pending; reads which are pending',
      'no effect',
      'clear, but not an SGI, nor a level-sensitive interrupt whose line is high',
      {
        count: WORDS,
        peek: (gic: Distributor, n: number): number => gic.interrupts.pending(n),
        write: (gic: Distributor, value: number, n: number): void => void (gic.state.latched[n] &= ~withoutSgis(value, n)),
      },
    ),
    ISACTIVER: bitmap(0x300, 'Makes active; reads which are active', 'no effect', 'make active', {
      count: WORDS,
      write: (gic: Distributor, value: number, n: number): void => void (gic.state.ISACTIVER[n] |= value),
    }),
    ICACTIVER: bitmap(0x380, 'Makes inactive; reads which are active', 'no effect', 'make inactive', {
      count: WORDS,
      peek: (gic: Distributor, n: number): number => gic.state.ISACTIVER[n],
      write: (gic: Distributor, value: number, n: number): void => void (gic.state.ISACTIVER[n] &= ~value),
    }),
    IPRIORITYR: {
      offset: 0x400,
      width: 32,
      access: 'rw',
      count: INTERRUPTS / 4,
      title: PRIORITIES,
      fields: priorityFields,
    },
    // RAZ/WI with a single CPU (section 4.3.12).
    ITARGETSR: {
      offset: 0x800,
      width: 32,
      access: 'rw',
      count: INTERRUPTS / 4,
      title: 'Target CPUs, a byte each; reads as zero with a single CPU, which all interrupts target',
      fields: [3, 2, 1, 0].map((i) => field(`Targets${i}`, 8 * i + 7, 8 * i, `targets of INTID 4n + ${i}: a bit for each CPU`)),
      value: 0,
    },
    ICFGR: {
      offset: 0xc00,
      width: 32,
      access: 'rw',
      count: INTERRUPTS / 16,
      title: CONFIGURATION,
      fields: configurationFields,
      peek: (gic, n): number => gic.interrupts.configuration(n),
      write: (gic, value, n, mask): void => gic.interrupts.configure(n, value, mask),
      adopt: (gic, value, n): void => gic.interrupts.configure(n, value, 0xffff_ffff),
    },
    SGIR: {
      offset: 0xf00,
      width: 32,
      access: 'w',
      title: 'Sends a software-generated interrupt',
      fields: [
        field('TargetListFilter', 25, 24, 'to whom', {
          0: 'the CPUs of CPUTargetList',
          1: 'all other CPUs',
          2: 'the CPU itself',
          3: 'reserved',
        }),
        field('CPUTargetList', 23, 16, 'a bit for each CPU'),
        bit('NSATT', 15, 'the group it must have (with Security Extensions)', { 0: 'group 0', 1: 'group 1' }),
        field('SGIINTID', 3, 0, 'INTID, 0 to 15'),
      ],
      // Of the registers with bytes it alone must be written as a word (section 4.1.4).
      write: (gic, value, _, mask): void => (mask === 0xffff_ffff ? gic.softwareInterrupt(value) : undefined),
    },
    CPENDSGIR: {
      offset: 0xf10,
      width: 32,
      access: 'rw',
      count: SGIS / 4,
      title: 'Clears pending SGIs: byte i of register n is SGI 4n + i',
      fields: sgiBytes('a bit for each CPU that sent it; writing 1 clears'),
      peek: (gic, n): number => gic.pendingSgis(n),
      write: (gic, value, n): void => void (gic.state.latched[0] &= ~(gather(value) << (4 * n))),
    },
    SPENDSGIR: {
      offset: 0xf20,
      width: 32,
      access: 'rw',
      count: SGIS / 4,
      title: 'Makes SGIs pending: byte i of register n is SGI 4n + i',
      fields: sgiBytes('a bit for each CPU that sent it; writing 1 makes pending'),
      peek: (gic, n): number => gic.pendingSgis(n),
      write: (gic, value, n): void => void (gic.state.latched[0] |= gather(value) << (4 * n)),
    },
    ...peripheralIdentification({ base: 0xfd0, size: 0x04, part: 0x90, architecture: 2 }),
    ...component(0xff0),
  },
  {
    /** Made pending by an edge, an SGI or software: stays until acknowledged or cleared. */
    latched: words(WORDS),
    /** Edge-triggered, where GICD_ICFGR says so; otherwise level-sensitive. SGIs are edge-triggered (section 4.3.13). */
    edge: words(WORDS, { reset: [SGI_BITS] }),
    /** Levels of the input lines. */
    level: words(WORDS, { survivesReset: true }),
  },
);
const { CTLR, SGIR } = gicd.bits;

export class Distributor extends RegisterDevice<typeof gicd> implements AnyDistributor, EndedSource {
  readonly interrupts: Interrupts;
  private readonly names: GicNames;
  private readonly onChange: () => void;

  /** `onChange`: called after anything that may have changed what `first` answers. */
  constructor(names: GicNames, onChange: () => void) {
    super('gicd', gicd);
    this.names = names;
    this.onChange = onChange;
    this.interrupts = new Interrupts(this.state);
  }

  /** The level of an input line: a PPI (INTID 16..31) or an SPI (32..287). */
  setLevel(intid: number, high: boolean): void {
    if (this.interrupts.setLevel(intid, high)) this.onChange();
  }

  withheldBy(intid: number): Obstacle | undefined {
    const { interrupts, names } = this;
    if (!interrupts.isEnabled(intid)) return { kind: 'disabled', at: 'distributor', field: names.enable(intid) };
    return interrupts.isActive(intid) ? { kind: 'active', at: 'distributor', field: names.active(intid) } : undefined;
  }

  // ---- source of the CPU interface

  first(): PendingInterrupt {
    return this.interrupts.first();
  }
  forwards(group: Group): boolean {
    return (this.state.CTLR & (group === 0 ? CTLR.EnableGrp0 : CTLR.EnableGrp1)) !== 0;
  }
  barrier(group: Group): Obstacle | undefined {
    return this.forwards(group) ? undefined : { kind: 'group', at: 'distributor', field: `GICD_CTLR.EnableGrp${group}`, group };
  }
  acknowledge({ intid }: PendingInterrupt): void {
    this.interrupts.activate(intid);
  }
  groupOf(intid: number): Group | undefined {
    return intid < INTERRUPTS ? this.interrupts.group(intid) : undefined;
  }
  deactivate(intid: number, dropped?: boolean): void {
    // An end of interrupt while no priority is active does not match any acknowledgement: UNPREDICTABLE, ignored.
    if (dropped !== false) this.interrupts.deactivate(intid);
  }
  /** What the end of a virtual interrupt with HW = 1 does to its physical one (section 5.2.1). SGIs cannot be named there. */
  deactivatePhysical(intid: number): void {
    if (intid >= SGIS && intid < INTERRUPTS) this.interrupts.deactivate(intid);
  }

  // ---- registers

  /** TargetListFilter 3 is reserved and means everybody here. */
  softwareInterrupt(value: number): void {
    const filter = extract(value, SGIR.TargetListFilter);
    const isNamed = (extract(value, SGIR.CPUTargetList) & 1) !== 0;
    if (filter === 1 || (filter === 0 && !isNamed)) return;
    this.state.latched[0] |= 1 << extract(value, SGIR.SGIINTID);
  }
  /** Four of them, a byte each, with a bit for the only CPU. */
  pendingSgis(n: number): number {
    return spread((this.state.latched[0] & SGI_BITS) >>> (4 * n));
  }

  protected override changed(): void {
    this.onChange();
  }
  /** The outputs follow when all of the GIC is loaded. */
  protected override loaded(): void {}
}

/** SGIs stay enabled, and GICD_CPENDSGIR and GICD_SPENDSGIR are for their pending states. */
const withoutSgis = (value: number, n: number): number => (n === 0 ? value & ~SGI_BITS : value);

/** Bits 3..0 to bit 0 of the four bytes, and back. */
const spread = (bits: number): number => (bits & 1) | ((bits & 2) << 7) | ((bits & 4) << 14) | ((bits & 8) << 21);
const gather = (word: number): number => (word & 1) | ((word >>> 7) & 2) | ((word >>> 14) & 4) | ((word >>> 21) & 8);
