/**
 * The distributor of a GICv3 (IHI 0069H section 12.9): keeps the states of all interrupts, and offers the most urgent one to the CPU
 * interfaces. One Security state, affinity routing always on; CPU n has affinity 0.0.0.n.
 */
import { bit, field, insert } from '../fields.ts';
import { Bank } from '../gic/bank.ts';
import type { AnyDistributor, GicNames } from '../gic/gic.ts';
import { component, implementer, peripheralIdentification } from '../gic/identification.ts';
import { INTERRUPTS, Interrupts, SGI_BITS, WORDS, type InterruptStates } from '../gic/interrupts.ts';
import { NO_INTERRUPT, type Group, type Obstacle, type PendingInterrupt } from '../gic/pending.ts';
import { registersOf, type StateOf } from '../registers.ts';
import { words } from '../state.ts';
import type { Ended, EndedSource } from './cpu-interface.ts';
import { configurationRegister, Frame, priorityRegister, stateRegister, type HoldsStates, type StateRegisterName } from './frame.ts';

const LOWEST_PRIORITY = 0xff;
/** GICD_CTLR.DS and ARE, which are always 1. */
const FIXED_CONTROL = 0x50;
/** Of GICD_IROUTER: Aff2, Aff1 and Aff0 in the lower half, Aff3 in the upper one. */
const AFFINITY = [0x00ff_ffff, 0xff];
/** GICD_TYPER.CPUNumber. */
const CPU_NUMBER = 0xe0;

const own = (gic: Distributor): HoldsStates => gic;
const bits = (name: StateRegisterName, offset: number) => stateRegister(own, name, { offset, count: WORDS });

const gicd = registersOf<Distributor>({ prefix: 'GICD_' })(
  {
    CTLR: {
      offset: 0x000,
      width: 32,
      access: 'rw',
      title: 'Distributor control: which groups are forwarded to the CPU interface',
      fields: [
        bit('RWP', 31, 'a write is still taking effect'),
        bit('E1NWF', 7, 'interrupts with a choice of CPUs wake one that sleeps'),
        bit('DS', 6, 'one Security state only'),
        bit('ARE', 4, 'affinity routing: interrupts are routed by GICD_IROUTER'),
        bit('EnableGrp1', 1, 'forward interrupts of group 1'),
        bit('EnableGrp0', 0, 'forward interrupts of group 0'),
      ],
      reset: FIXED_CONTROL,
      stored: (value: number): number => (value & 3) | FIXED_CONTROL,
    },
    TYPER: {
      offset: 0x004,
      width: 32,
      access: 'r',
      title: 'How many interrupts there are, and what the GIC can do',
      fields: [
        bit('No1N', 25, 'an SPI cannot have a choice of CPUs'),
        bit('A3V', 24, 'affinity level 3 may be other than 0'),
        field('IDbits', 23, 19, 'bits of an INTID, less one'),
        bit('DVIS', 18, 'virtual LPIs can be injected directly'),
        bit('LPIS', 17, 'LPIs are supported'),
        bit('MBIS', 16, 'SPIs can be signalled by messages'),
        field('num_LPIs', 15, 11, 'LPIs, where IDbits does not say it'),
        bit('SecurityExtn', 10, 'two Security states'),
        bit('ESPI', 8, 'extended range of SPIs'),
        field('CPUNumber', 7, 5, 'CPUs without affinity routing, less one'),
        field('ITLinesNumber', 4, 0, 'a number N for INTIDs below 32(N + 1)'),
      ],
      // QEMU leaves the private interrupts out of ITLinesNumber: there are SPIs up to INTID 287.
      peek: (gic): number => 0x037a_0007 | insert(gic.cpus - 1, CPU_NUMBER),
    },
    IIDR: implementer(0x008, 'Identifies who made the distributor'),
    IGROUPR: bits('IGROUPR', 0x080),
    ISENABLER: bits('ISENABLER', 0x100),
    ICENABLER: bits('ICENABLER', 0x180),
    ISPENDR: bits('ISPENDR', 0x200),
    ICPENDR: bits('ICPENDR', 0x280),
    ISACTIVER: bits('ISACTIVER', 0x300),
    ICACTIVER: bits('ICACTIVER', 0x380),
    IPRIORITYR: priorityRegister(own, { offset: 0x400, count: INTERRUPTS / 4 }),
    ICFGR: configurationRegister(own, { offset: 0xc00, count: INTERRUPTS / 16 }),
    IROUTER: {
      offset: 0x6000,
      width: 64,
      access: 'rw',
      count: INTERRUPTS,
      title: 'Routing: register n has the CPU that INTID n goes to, an SPI',
      fields: [
        field('Aff3', 39, 32, 'affinity level 3'),
        bit('Interrupt_Routing_Mode', 31, 'any CPU', { 0: 'the CPU of this affinity', 1: 'any CPU (not supported)' }),
        field('Aff2', 23, 16, 'affinity level 2'),
        field('Aff1', 15, 8, 'affinity level 1'),
        field('Aff0', 7, 0, 'affinity level 0'),
      ],
      peek: (gic, half): number => gic.state.router[half],
      write: (gic, value, half): void => gic.route(value, half),
      adopt: (gic, value, half): void => gic.route(value, half),
    },
    ...peripheralIdentification({ base: 0xffd0, size: 0x44, part: 0x92, architecture: 3 }),
    ...component(0xfff0),
  },
  {
    ISENABLER: words(WORDS),
    /** Made pending by an edge, an SGI or software: stays until acknowledged or cleared. */
    latched: words(WORDS),
    ISACTIVER: words(WORDS),
    IGROUPR: words(WORDS),
    IPRIORITYR: words(INTERRUPTS / 4),
    /** Edge-triggered, where GICD_ICFGR and GICR_ICFGR1 say so; otherwise level-sensitive. SGIs are edge-triggered. */
    edge: words(WORDS, { reset: [SGI_BITS] }),
    /** Two words for each interrupt. */
    router: words(2 * INTERRUPTS),
    /** Levels of the input lines. */
    level: words(WORDS, { survivesReset: true }),
  },
);
const { CTLR } = gicd.bits;

export class Distributor extends Frame<typeof gicd> implements AnyDistributor, HoldsStates {
  current = 0;
  readonly cpus: number;
  readonly states: InterruptStates;
  /** The states of the private interrupts of each CPU, which its redistributor shows. */
  readonly banks: readonly InterruptStates[];
  /** The devices that hold those of all CPUs but the first. */
  readonly otherBanks: readonly Bank[];
  /** Interrupts as each CPU sees them. */
  readonly views: readonly Interrupts[];
  private readonly names: GicNames;
  private readonly onChange: () => void;
  /** For each CPU a bit for each interrupt that is routed to it. It follows from GICD_IROUTER. */
  readonly routed: readonly Uint32Array[];

  /** `onChange`: called after anything that may have changed what a port offers. */
  constructor(names: GicNames, cpus: number, onChange: () => void) {
    super('gicd', gicd);
    this.names = names;
    this.cpus = cpus;
    this.onChange = onChange;
    const state: StateOf<typeof gicd> = this.state;
    this.states = state;
    this.otherBanks = Array.from({ length: cpus - 1 }, () => new Bank('disabled'));
    this.banks = [state, ...this.otherBanks.map((bank) => bank.state)];
    this.views = this.banks.map((bank) => new Interrupts(state, bank));
    this.routed = this.banks.map(() => new Uint32Array(WORDS));
    this.followRoutes();
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
    return this.isRouted(intid) ? undefined : { kind: 'route', at: 'distributor', field: `GICD_IROUTER${intid}` };
  }
  private isRouted(intid: number): boolean {
    return ((this.routed[this.current][intid >>> 5] >>> (intid & 31)) & 1) === 1;
  }
  forwards(group: Group): boolean {
    return (this.state.CTLR & (group === 0 ? CTLR.EnableGrp0 : CTLR.EnableGrp1)) !== 0;
  }

  /** An SGI for the CPUs of a mask, at each of which it has an effect if it is of this group there. */
  sendSgi(intid: number, group: Group, targets: number): void {
    for (const [cpu, interrupts] of this.views.entries())
      if ((targets >> cpu) & 1 && interrupts.group(intid) === group) interrupts.latch(intid);
  }

  // ---- registers

  /** One half of GICD_IROUTER. */
  route(value: number, half: number): void {
    if (half < 2 * 32) return;
    this.state.router[half] = value;
    this.followRoute(half >> 1);
  }
  /** An SPI that names a CPU which is not there has no target. */
  private followRoute(intid: number): void {
    const { router } = this.state;
    const isNear = (router[2 * intid + 1] & AFFINITY[1]) === 0;
    const bit = 1 << (intid & 31);
    for (const [cpu, routed] of this.routed.entries()) {
      const isHere = isNear && (router[2 * intid] & AFFINITY[0]) === cpu;
      routed[intid >>> 5] = isHere ? routed[intid >>> 5] | bit : routed[intid >>> 5] & ~bit;
    }
  }
  private followRoutes(): void {
    // Private interrupts go to the CPU itself.
    for (const routed of this.routed) routed[0] = 0xffff_ffff;
    for (let intid = 32; intid < INTERRUPTS; intid++) this.followRoute(intid);
  }

  protected override changed(): void {
    this.onChange();
  }
  protected override clear(): void {
    super.clear();
    this.followRoutes();
  }
  protected override loaded(): void {
    this.followRoutes();
  }
}

/** The distributor as the source of the interrupts of one CPU. */
export class Port implements EndedSource {
  private readonly interrupts: Interrupts;
  private readonly candidates = new Uint32Array(WORDS);

  constructor(
    private readonly distributor: Distributor,
    private readonly cpu: number,
  ) {
    this.interrupts = distributor.views[cpu];
  }

  /** Of those in groups that are enabled here. One of the lowest priority is never signalled. */
  first(): PendingInterrupt {
    const { candidates, distributor, cpu } = this;
    const routed = distributor.routed[cpu];
    const [group0, group1] = [distributor.forwards(0) ? -1 : 0, distributor.forwards(1) ? -1 : 0];
    for (let n = 0; n < WORDS; n++) {
      const { IGROUPR } = n === 0 ? distributor.banks[cpu] : distributor.states;
      candidates[n] = routed[n] & ((IGROUPR[n] & group1) | (~IGROUPR[n] & group0));
    }
    const first = this.interrupts.first(candidates);
    return first.priority < LOWEST_PRIORITY ? first : NO_INTERRUPT;
  }
  barrier(group: Group): Obstacle | undefined {
    return this.distributor.forwards(group) ? undefined : { kind: 'group', at: 'distributor', field: `GICD_CTLR.EnableGrp${group}`, group };
  }
  acknowledge({ intid }: PendingInterrupt): void {
    this.interrupts.activate(intid);
  }
  has(intid: number): boolean {
    return intid < INTERRUPTS;
  }
  end({ intid, isSplit }: Ended): void {
    if (!isSplit) this.interrupts.deactivate(intid);
  }
  deactivate(intid: number): void {
    if (this.has(intid)) this.interrupts.deactivate(intid);
  }
}
