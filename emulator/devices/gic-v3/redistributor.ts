/**
 * The redistributor of the one CPU (IHI 0069H sections 12.10 and 12.11): a frame for the CPU and for LPIs, and a frame with the states of its
 * private interrupts. As in QEMU, a CPU interface whose redistributor sleeps (GICR_WAKER) gets interrupts all the same. LPIs can be enabled,
 * but nothing makes one pending: there is no ITS, and GICR_PENDBASER is not looked at.
 */
import { bit, field } from '../fields.ts';
import { component, implementer, peripheralIdentification } from '../gic/identification.ts';
import type { Interrupts, InterruptStates } from '../gic/interrupts.ts';
import { registersOf } from '../registers.ts';
import { words } from '../state.ts';
import { configurationRegister, Frame, priorityRegister, stateRegister, type HoldsStates, type StateRegisterName } from './frame.ts';

/** GICR_CTLR.CES, which is always 1. */
const FIXED_CONTROL = 0x2;
/** GICR_WAKER.ProcessorSleep, and ChildrenAsleep, which follows it at once. */
const SLEEP = 0x2;
const ASLEEP = 0x4;
/** GICR_TYPER.Last. */
const LAST = 0x10;
/** The second frame. */
const SGI = 0x1_0000;

const own = (gic: Redistributor): HoldsStates => gic;
const bits = (name: StateRegisterName, offset: number) => stateRegister(own, name, { offset: SGI + offset });

/** Of a table of LPIs in memory. */
const table = (addressFrom: number) => [
  field('OuterCache', 58, 56, 'outer cacheability of the table'),
  field('Physical_Address', 51, addressFrom, `address of the table, bits 51..${addressFrom}`),
  field('Shareability', 11, 10, 'shareability of the table', { 0: 'non-shareable', 1: 'inner', 2: 'outer' }),
  field('InnerCache', 9, 7, 'inner cacheability of the table'),
];

const gicr = registersOf<Redistributor>({ prefix: 'GICR_' })(
  {
    CTLR: {
      offset: 0x0000,
      width: 32,
      access: 'rw',
      title: 'Redistributor control',
      fields: [
        bit('UWP', 31, 'a write of an upstream register is still taking effect'),
        bit('RWP', 3, 'a write is still taking effect'),
        bit('CES', 1, 'EnableLPIs can be cleared again'),
        bit('EnableLPIs', 0, 'LPIs are enabled'),
      ],
      reset: FIXED_CONTROL,
      stored: (value: number): number => (value & 1) | FIXED_CONTROL,
    },
    IIDR: implementer(0x0004, 'Identifies who made the redistributor'),
    TYPER: {
      offset: 0x0008,
      width: 64,
      access: 'r',
      title: 'Which CPU it is for, and what it can do',
      fields: [
        field('Affinity_Value', 63, 32, 'affinity of the CPU, a byte for each level', {
          0: '0.0.0.0',
          1: '0.0.0.1',
          2: '0.0.0.2',
          3: '0.0.0.3',
        }),
        field('CommonLPIAff', 25, 24, 'which redistributors share their table of LPIs'),
        field('Processor_Number', 23, 8, 'number of the CPU'),
        bit('DPGS', 5, 'GICR_CTLR can keep SPIs with a choice of CPUs away'),
        bit('Last', 4, 'the last redistributor of this region'),
        bit('DirectLPI', 3, 'LPIs can be set by its registers'),
        bit('VLPIS', 1, 'virtual LPIs are supported'),
        bit('PLPIS', 0, 'LPIs are supported'),
      ],
      peek: (gic, half): number => (half === 0 ? 0x0100_0001 | (gic.cpu << 8) | (gic.isLast ? LAST : 0) : gic.cpu),
    },
    WAKER: {
      offset: 0x0014,
      width: 32,
      access: 'rw',
      title: 'Power: whether the CPU interface sleeps',
      fields: [bit('ChildrenAsleep', 2, 'the CPU interface sleeps'), bit('ProcessorSleep', 1, 'the CPU interface is to sleep')],
      reset: SLEEP | ASLEEP,
      stored: (value: number): number => (value & SLEEP ? SLEEP | ASLEEP : 0),
    },
    PROPBASER: {
      offset: 0x0070,
      width: 64,
      access: 'rw',
      title: 'Where the configuration of LPIs is in memory',
      fields: [...table(12), field('IDbits', 4, 0, 'bits of an INTID, less one')],
      peek: (gic, half): number => gic.state.propbaser[half],
      write: (gic, value, half): void => void (gic.state.propbaser[half] = value),
      adopt: (gic, value, half): void => void (gic.state.propbaser[half] = value),
    },
    PENDBASER: {
      offset: 0x0078,
      width: 64,
      access: 'rw',
      title: 'Where the pending LPIs are in memory',
      fields: [bit('PTZ', 62, 'the table is zero'), ...table(16)],
      peek: (gic, half): number => gic.state.pendbaser[half],
      write: (gic, value, half): void => void (gic.state.pendbaser[half] = value),
      adopt: (gic, value, half): void => void (gic.state.pendbaser[half] = value),
    },
    ...peripheralIdentification({ base: 0xffd0, size: 0x44, part: 0x93, architecture: 3 }),
    ...component(0xfff0),
    IGROUPR0: bits('IGROUPR', 0x080),
    ISENABLER0: bits('ISENABLER', 0x100),
    ICENABLER0: bits('ICENABLER', 0x180),
    ISPENDR0: bits('ISPENDR', 0x200),
    ICPENDR0: bits('ICPENDR', 0x280),
    ISACTIVER0: bits('ISACTIVER', 0x300),
    ICACTIVER0: bits('ICACTIVER', 0x380),
    IPRIORITYR: priorityRegister(own, { offset: SGI + 0x400 }),
    ICFGR: configurationRegister(own, { offset: SGI + 0xc00 }),
  },
  { propbaser: words(2), pendbaser: words(2) },
);

export class Redistributor extends Frame<typeof gicr> implements HoldsStates {
  readonly states: InterruptStates;
  readonly interrupts: Interrupts;
  private readonly onChange: () => void;

  constructor(
    { states, interrupts }: HoldsStates,
    /** Whose it is, and whether those of all others come before it. */
    readonly cpu: number,
    readonly isLast: boolean,
    onChange: () => void,
  ) {
    super('gicr', gicr);
    this.states = states;
    this.interrupts = interrupts;
    this.onChange = onChange;
  }

  protected override changed(): void {
    this.onChange();
  }
}
