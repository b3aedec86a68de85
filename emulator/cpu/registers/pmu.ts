/** Performance monitors (Arm ARM D13; registers D17.5). What counts is in pmu.ts. */
import type { SystemRegisterName } from '../../isa/index.ts';
import type { Environment } from '../environment.ts';
import {
  COMMON_EVENTS,
  COUNTER_MASK,
  isAccessible,
  PMCR_STORED,
  pmuSync,
  readControl,
  softwareIncrement,
  writeControl,
  type CounterNumber,
} from '../pmu.ts';
import type { CpuState } from '../state.ts';
import type { StoredRegister } from '../stored-registers.ts';
import { PMSELR_EL0 } from './bits.ts';
import { allOf } from './fields/field.ts';
import { counterSet, pmccfiltrEl0, pmceid0El0, pmcrEl0, pmevtyper, pmselrEl0, pmswincEl0, pmuserenrEl0 } from './fields/pmu.ts';
import { registerGroup, type RegisterOptions } from './types.ts';

const { register } = registerGroup('Performance monitors');

const TPM = 'MDCR_EL2.TPM';
const enable = ['PMUSERENR_EL0.EN', TPM] as const;
const COUNTERS = BigInt(COUNTER_MASK);

/** A register of the counters: they are brought up to date before it is read or written, and the interrupt may change after. */
function counting(
  name: SystemRegisterName,
  title: string,
  read: ((cpu: CpuState) => number | bigint) | undefined,
  write: ((cpu: CpuState, low: number, high: number) => void) | undefined,
  options: RegisterOptions,
) {
  return register(name, title, {
    ...options,
    ...(read && {
      compute: (cpu: CpuState, environment: Environment) => {
        pmuSync(cpu, environment);
        return read(cpu);
      },
    }),
    ...(write && {
      assign: (cpu: CpuState, environment: Environment, low: number, high: number) => {
        pmuSync(cpu, environment);
        write(cpu, low, high);
      },
    }),
    effect: 'interrupts',
  });
}

/** A register that sets or clears bits of another when it is written. */
const bits = (name: SystemRegisterName, title: string, of: StoredRegister, isSet: boolean, options: RegisterOptions) =>
  counting(
    name,
    title,
    (cpu) => cpu.low(of),
    (cpu, low) => cpu.setHalves(of, ((isSet ? cpu.low(of) | (low & COUNTER_MASK) : cpu.low(of) & ~low) & COUNTER_MASK) >>> 0, 0),
    {
      writable: COUNTERS,
      fields: counterSet,
      ...options,
    },
  );

const eventCounter = (n: number): StoredRegister => `PMEVCNTR${n as CounterNumber}_EL0`;
const eventType = (n: number): StoredRegister => `PMEVTYPER${n as CounterNumber}_EL0`;
const readCounter = (cpu: CpuState, n: number): number => (isAccessible(cpu, n) ? cpu.low(eventCounter(n)) : 0);
const writeCounter = (cpu: CpuState, n: number, low: number): void => {
  if (isAccessible(cpu, n)) cpu.setHalves(eventCounter(n), low, 0);
};
/** PMSELR_EL0.SEL of the cycle counter. */
const CYCLES = 31;
const TYPE_MASK = Number(allOf(pmevtyper));
const FILTER_MASK = Number(allOf(pmccfiltrEl0));
const readType = (cpu: CpuState, n: number): number =>
  n === CYCLES ? cpu.low('PMCCFILTR_EL0') : isAccessible(cpu, n) ? cpu.low(eventType(n)) : 0;
const writeType = (cpu: CpuState, n: number, low: number): void => {
  if (n === CYCLES) cpu.setHalves('PMCCFILTR_EL0', (low & FILTER_MASK) >>> 0, 0);
  else if (isAccessible(cpu, n)) cpu.setHalves(eventType(n), (low & TYPE_MASK) >>> 0, 0);
};
const selected = (cpu: CpuState): number => cpu.low('PMSELR_EL0') & PMSELR_EL0.SEL;

export const pmuRegisters = [
  counting('PMCR_EL0', 'Control of the performance monitors', readControl, writeControl, {
    traps: [...enable, 'MDCR_EL2.TPMCR'],
    reset: 0x4103_3000n,
    writable: BigInt(PMCR_STORED),
    fields: pmcrEl0,
  }),
  bits('PMCNTENSET_EL0', 'Counters that are on; writing 1 switches on', 'PMCNTENSET_EL0', true, { traps: enable }),
  bits('PMCNTENCLR_EL0', 'Counters that are on; writing 1 switches off', 'PMCNTENSET_EL0', false, { traps: enable }),
  bits('PMOVSCLR_EL0', 'Counters that overflowed; writing 1 clears', 'PMOVSCLR_EL0', false, { traps: enable }),
  bits('PMOVSSET_EL0', 'Counters that overflowed; writing 1 sets', 'PMOVSCLR_EL0', true, { traps: enable }),
  bits('PMINTENSET_EL1', 'Counters whose overflow interrupts; writing 1 switches on', 'PMINTENSET_EL1', true, { traps: [TPM] }),
  bits('PMINTENCLR_EL1', 'Counters whose overflow interrupts; writing 1 switches off', 'PMINTENSET_EL1', false, { traps: [TPM] }),
  counting('PMSWINC_EL0', 'Counts a software increment', undefined, (cpu, low) => softwareIncrement(cpu, low), {
    read: null,
    traps: ['PMUSERENR_EL0.SW, EN', TPM],
    fields: pmswincEl0,
  }),
  register('PMSELR_EL0', 'Which counter PMXEVTYPER_EL0 and PMXEVCNTR_EL0 access', {
    writable: allOf(pmselrEl0),
    traps: ['PMUSERENR_EL0.ER, EN', TPM],
    fields: pmselrEl0,
  }),
  register('PMCEID0_EL0', 'Common events that can be counted', {
    reset: BigInt(COMMON_EVENTS),
    write: null,
    traps: enable,
    fields: pmceid0El0,
  }),
  register('PMCEID1_EL0', 'Common events that can be counted, continued', { write: null, traps: enable }),
  counting(
    'PMCCNTR_EL0',
    'Cycle counter',
    (cpu) => cpu.get('PMCCNTR_EL0'),
    (cpu, low, high) => cpu.setHalves('PMCCNTR_EL0', low, high),
    { traps: ['r:PMUSERENR_EL0.CR, EN', 'w:PMUSERENR_EL0.EN', TPM] },
  ),
  counting(
    'PMXEVTYPER_EL0',
    'What the selected counter counts',
    (cpu) => readType(cpu, selected(cpu)),
    (cpu, low) => writeType(cpu, selected(cpu), low),
    { traps: enable, writable: BigInt(TYPE_MASK), fields: pmevtyper },
  ),
  counting(
    'PMXEVCNTR_EL0',
    'The selected counter',
    (cpu) => readCounter(cpu, selected(cpu)),
    (cpu, low) => writeCounter(cpu, selected(cpu), low),
    { traps: ['r:PMUSERENR_EL0.ER, EN', 'w:PMUSERENR_EL0.EN', TPM], writable: 0xffff_ffffn },
  ),
  register('PMUSERENR_EL0', 'Which performance monitor registers EL0 may use', {
    read: 0,
    write: 1,
    writable: allOf(pmuserenrEl0),
    traps: [TPM],
    fields: pmuserenrEl0,
  }),
  counting(
    'PMCCFILTR_EL0',
    'Levels at which cycles are counted',
    (cpu) => readType(cpu, CYCLES),
    (cpu, low) => writeType(cpu, CYCLES, low),
    { traps: enable, writable: BigInt(FILTER_MASK), fields: pmccfiltrEl0 },
  ),
  ...[0, 1, 2, 3, 4, 5].flatMap((n) => [
    counting(
      eventCounter(n) as SystemRegisterName,
      `Event counter ${n}`,
      (cpu) => readCounter(cpu, n),
      (cpu, low) => writeCounter(cpu, n, low),
      { traps: ['r:PMUSERENR_EL0.ER, EN', 'w:PMUSERENR_EL0.EN', TPM], writable: 0xffff_ffffn },
    ),
    counting(
      eventType(n) as SystemRegisterName,
      `What event counter ${n} counts`,
      (cpu) => readType(cpu, n),
      (cpu, low) => writeType(cpu, n, low),
      { traps: enable, writable: BigInt(TYPE_MASK), fields: pmevtyper },
    ),
  ]),
];
