/**
 * The distributor (IHI 0048B section 4.3): keeps the states of all interrupts, and offers the most urgent one to the CPU interfaces.
 * No Security Extensions. Registers for SGIs and PPIs are those of the CPU that accesses.
 */
import { bit, extract, field, insert } from '../fields.ts';
import { Bank } from '../gic/bank.ts';
import type { AnyDistributor, GicNames } from '../gic/gic.ts';
import { bitmap, CONFIGURATION, configurationFields, PRIORITIES, priorityFields } from '../gic/arrays.ts';
import { component, implementer, peripheralIdentification } from '../gic/identification.ts';
import { INTERRUPTS, Interrupts, SGI_BITS, SGIS, WORDS, type InterruptStates } from '../gic/interrupts.ts';
import type { Group, Obstacle, PendingInterrupt } from '../gic/pending.ts';
import { RegisterDevice, registersOf } from '../registers.ts';
import { words } from '../state.ts';
import type { EndedSource } from './cpu-interface.ts';
import { byteOf, Sharing } from './sharing.ts';

/** A byte for each of four SGIs, with a bit for each CPU. */
const sgiBytes = (meaning: string) => [3, 2, 1, 0].map((i) => field(`SGI${i}`, 8 * i + 7, 8 * i, `SGI 4n + ${i}: ${meaning}`));

/** GICD_TYPER.CPUNumber. */
const CPU_NUMBER = 0xe0;

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
      peek: (gic): number => (WORDS - 1) | insert(gic.cpus - 1, CPU_NUMBER),
    },
    IIDR: implementer(0x008, 'Identifies who made the distributor'),
    IGROUPR: bitmap(0x080, 'Group of each interrupt', 'group 0', 'group 1', { count: WORDS, banked: 1 }),
    // SGIs are always enabled (section 4.3.5).
    ISENABLER: bitmap(0x100, 'Enables; reads which are enabled', 'no effect', 'enable', {
      count: WORDS,
      banked: 1,
      reset: [SGI_BITS],
      write: (gic: Distributor, value: number, n: number): void => void (gic.statesOf(n).ISENABLER[n] |= value),
    }),
    ICENABLER: bitmap(0x180, 'Disables; reads which are enabled', 'no effect', 'disable, but not an SGI', {
      count: WORDS,
      peek: (gic: Distributor, n: number): number => gic.statesOf(n).ISENABLER[n],
      write: (gic: Distributor, value: number, n: number): void => void (gic.statesOf(n).ISENABLER[n] &= ~withoutSgis(value, n)),
    }),
    ISPENDR: bitmap(0x200, 'Makes pending; reads which are pending', 'no effect', 'make pending, but not an SGI', {
      count: WORDS,
      peek: (gic: Distributor, n: number): number => gic.interrupts.pending(n),
      write: (gic: Distributor, value: number, n: number): void => void (gic.statesOf(n).latched[n] |= withoutSgis(value, n)),
      adopt: (gic: Distributor, value: number, n: number): void => void (gic.statesOf(n).latched[n] = value),
    }),
    ICPENDR: bitmap(
      0x280,
      'Clears pending; reads which are pending',
      'no effect',
      'clear, but not an SGI, nor a level-sensitive interrupt whose line is high',
      {
        count: WORDS,
        peek: (gic: Distributor, n: number): number => gic.interrupts.pending(n),
        write: (gic: Distributor, value: number, n: number): void => void (gic.statesOf(n).latched[n] &= ~withoutSgis(value, n)),
      },
    ),
    ISACTIVER: bitmap(0x300, 'Makes active; reads which are active', 'no effect', 'make active', {
      count: WORDS,
      banked: 1,
      write: (gic: Distributor, value: number, n: number): void => void (gic.statesOf(n).ISACTIVER[n] |= value),
    }),
    ICACTIVER: bitmap(0x380, 'Makes inactive; reads which are active', 'no effect', 'make inactive', {
      count: WORDS,
      peek: (gic: Distributor, n: number): number => gic.statesOf(n).ISACTIVER[n],
      write: (gic: Distributor, value: number, n: number): void => void (gic.statesOf(n).ISACTIVER[n] &= ~value),
    }),
    IPRIORITYR: {
      offset: 0x400,
      width: 32,
      access: 'rw',
      count: INTERRUPTS / 4,
      banked: 8,
      title: PRIORITIES,
      fields: priorityFields,
    },
    // RAZ/WI with a single CPU; otherwise those of SGIs and PPIs read as the CPU that reads (section 4.3.12).
    ITARGETSR: {
      offset: 0x800,
      width: 32,
      access: 'rw',
      count: INTERRUPTS / 4,
      title: 'Target CPUs, a byte each; reads as zero with a single CPU, which all interrupts target',
      fields: [3, 2, 1, 0].map((i) => field(`Targets${i}`, 8 * i + 7, 8 * i, `targets of INTID 4n + ${i}: a bit for each CPU`)),
      peek: (gic, n): number => gic.targets(n),
      write: (gic, value, n, mask): void => gic.sharing?.setTargets(n, value, mask),
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
      write: (gic, value, n): void => gic.setPendingSgis(n, gic.pendingSgis(n) & ~value),
    },
    SPENDSGIR: {
      offset: 0xf20,
      width: 32,
      access: 'rw',
      count: SGIS / 4,
      title: 'Makes SGIs pending: byte i of register n is SGI 4n + i',
      fields: sgiBytes('a bit for each CPU that sent it; writing 1 makes pending'),
      peek: (gic, n): number => gic.pendingSgis(n),
      write: (gic, value, n): void => gic.setPendingSgis(n, gic.pendingSgis(n) | value),
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

export class Distributor extends RegisterDevice<typeof gicd> implements AnyDistributor {
  current = 0;
  readonly cpus: number;
  /** The states of the private interrupts of each CPU. */
  readonly banks: readonly InterruptStates[];
  /** The devices that hold those of all CPUs but the first. */
  readonly otherBanks: readonly Bank[];
  /** Interrupts as each CPU sees them. */
  readonly views: readonly Interrupts[];
  /** Undefined with a single CPU. */
  readonly sharing: Sharing | undefined;
  private readonly names: GicNames;
  private readonly onChange: () => void;

  /** `onChange`: called after anything that may have changed what a port offers. */
  constructor(names: GicNames, cpus: number, onChange: () => void) {
    super('gicd', gicd);
    this.names = names;
    this.cpus = cpus;
    this.onChange = onChange;
    this.otherBanks = Array.from({ length: cpus - 1 }, () => new Bank('alwaysEnabled'));
    this.banks = [this.state, ...this.otherBanks.map(({ state }) => state)];
    this.views = this.banks.map((bank) => new Interrupts(this.state, bank));
    this.sharing = cpus > 1 ? new Sharing(cpus) : undefined;
  }

  override get bank(): InterruptStates {
    return this.banks[this.current];
  }
  /** Where the CPU that accesses finds the states of the interrupts 32n and following. */
  statesOf(n: number): InterruptStates {
    return n === 0 ? this.bank : this.state;
  }
  get interrupts(): Interrupts {
    return this.views[this.current];
  }

  setLevel(intid: number, high: boolean, cpu: number): void {
    if (this.views[cpu].setLevel(intid, high)) this.onChange();
  }

  withheldBy(intid: number): Obstacle | undefined {
    const { interrupts, names } = this;
    if (!interrupts.isEnabled(intid)) return { kind: 'disabled', at: 'distributor', field: names.enable(intid) };
    if (interrupts.isActive(intid)) return { kind: 'active', at: 'distributor', field: names.active(intid) };
    const isTarget = this.sharing?.isTarget(intid, this.current) ?? true;
    return isTarget ? undefined : { kind: 'route', at: 'distributor', field: `GICD_ITARGETSR${intid >> 2} Targets${intid & 3}` };
  }
  forwards(group: Group): boolean {
    return (this.state.CTLR & (group === 0 ? CTLR.EnableGrp0 : CTLR.EnableGrp1)) !== 0;
  }

  // ---- registers

  /** Of four interrupts, a byte each. */
  targets(n: number): number {
    if (!this.sharing) return 0;
    return n < 8 ? 0x0101_0101 << this.current : this.sharing.targets(n);
  }
  /** TargetListFilter 3 is reserved and means everybody here. */
  softwareInterrupt(value: number): void {
    const everybody = (1 << this.cpus) - 1;
    const self = 1 << this.current;
    const targets = [extract(value, SGIR.CPUTargetList), ~self, self, everybody][extract(value, SGIR.TargetListFilter)];
    const intid = extract(value, SGIR.SGIINTID);
    for (let cpu = 0; cpu < this.cpus; cpu++) {
      if (((targets >> cpu) & 1) === 0) continue;
      this.views[cpu].latch(intid);
      this.sharing?.send(intid, this.current, cpu);
    }
  }
  /** Four of them, a byte each, with a bit for each CPU that sent it. */
  pendingSgis(n: number): number {
    return this.sharing ? this.sharing.senders(this.current, n) : spread((this.bank.latched[0] & SGI_BITS) >>> (4 * n));
  }
  setPendingSgis(n: number, value: number): void {
    this.sharing?.setSenders(this.current, n, value);
    const pending = this.pendingBits(n, value) << (4 * n);
    this.bank.latched[0] = (this.bank.latched[0] & ~(15 << (4 * n))) | pending;
  }
  /** Which of the four have been sent by a CPU that there is. */
  private pendingBits(n: number, value: number): number {
    const senders = this.sharing ? this.sharing.senders(this.current, n) : value & 0x0101_0101;
    return [0, 1, 2, 3].reduce((bits, i) => bits | (byteOf(senders, i) === 0 ? 0 : 1 << i), 0);
  }

  protected override changed(): void {
    this.onChange();
  }
  /** The outputs follow when all of the GIC is loaded. */
  protected override loaded(): void {}
}

/** The distributor as the source of the interrupts of one CPU. */
export class Port implements EndedSource {
  private readonly interrupts: Interrupts;

  constructor(
    private readonly distributor: Distributor,
    private readonly cpu: number,
  ) {
    this.interrupts = distributor.views[cpu];
  }

  first(): PendingInterrupt {
    const { sharing } = this.distributor;
    const first = this.interrupts.first(sharing?.targeting[this.cpu]);
    return sharing && first.intid < SGIS ? { ...first, source: sharing.firstSender(first.intid, this.cpu) } : first;
  }
  barrier(group: Group): Obstacle | undefined {
    return this.distributor.forwards(group) ? undefined : { kind: 'group', at: 'distributor', field: `GICD_CTLR.EnableGrp${group}`, group };
  }
  /** Of an SGI that several CPUs have sent, those of the others stay pending. */
  acknowledge({ intid, source }: PendingInterrupt): void {
    this.interrupts.activate(intid);
    if (intid < SGIS && this.distributor.sharing?.receive(intid, source, this.cpu)) this.interrupts.latch(intid);
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
}

/** SGIs stay enabled, and GICD_CPENDSGIR and GICD_SPENDSGIR are for their pending states. */
const withoutSgis = (value: number, n: number): number => (n === 0 ? value & ~SGI_BITS : value);

/** Bits 3..0 to bit 0 of the four bytes. */
const spread = (bits: number): number => (bits & 1) | ((bits & 2) << 7) | ((bits & 4) << 14) | ((bits & 8) << 21);
