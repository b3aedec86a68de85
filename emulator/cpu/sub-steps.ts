/** The sub-steps of an exception entry or return, with the values before and after. Only built where somebody looks. */
import { VA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import { exceptionClass, hasHpfar, type ExceptionType, type SubStep } from './events.ts';
import { HCR_EL2 } from './registers/bits.ts';
import { modeName } from './spsr.ts';
import type { CpuState, ExceptionLevel } from './state.ts';
import { exceptionClassName } from './syndrome-text.ts';

/** What an entry or return is about to change. */
export interface Before {
  readonly el: ExceptionLevel;
  readonly spsel: 0 | 1;
  readonly daif: number;
  readonly il: 0 | 1;
  readonly ss: 0 | 1;
  readonly pc: VA;
  readonly pstate: string;
  readonly spsr: bigint;
  readonly elr: VA;
  readonly esr: bigint;
  readonly far: VA;
  readonly hpfar: bigint;
}

const bank = (el: 1 | 2) => (el === 2 ? ('EL2' as const) : ('EL1' as const));

/** `el`: the level whose SPSR, ELR ... take part. */
export function captureBefore(cpu: CpuState, el: 1 | 2): Before {
  const name = bank(el);
  return {
    el: cpu.el,
    spsel: cpu.spsel,
    daif: cpu.daif,
    il: cpu.il,
    ss: cpu.ss,
    pc: cpu.pc,
    pstate: pstateText(cpu),
    spsr: cpu.get(`SPSR_${name}`),
    elr: VA(cpu.get(`ELR_${name}`)),
    esr: cpu.get(`ESR_${name}`),
    far: VA(cpu.get(`FAR_${name}`)),
    hpfar: cpu.get('HPFAR_EL2'),
  };
}

/** Masked interrupts as letters: `DAIF`, `--I-`. */
export const daifText = (daif: number): string => ['D', 'A', 'I', 'F'].map((letter, i) => (daif & (8 >> i) ? letter : '-')).join('');
/** NZCV as letters: `N-C-`. */
export const flagsText = (nzcv: number): string => ['N', 'Z', 'C', 'V'].map((letter, i) => (nzcv & (8 >> i) ? letter : '-')).join('');
const pstateText = (cpu: CpuState): string =>
  `${modeName((cpu.el << 2) | cpu.spsel)}, NZCV ${flagsText(cpu.nzcv)}, DAIF ${daifText(cpu.daif)}${cpu.il ? ', IL' : ''}`;
const stackName = (el: ExceptionLevel, spsel: 0 | 1): string => (spsel === 0 ? 'SP_EL0' : `SP_EL${el}`);

export interface Entry {
  readonly target: 1 | 2;
  /** Offset of the vector from VBAR, 0x000..0x780. */
  readonly vector: number;
  /** Bytes from the instruction to the preferred return address. */
  readonly after: 0 | 4;
  readonly type: ExceptionType;
  readonly wroteEsr: boolean;
  readonly wroteFar: boolean;
  readonly wroteHpfar: boolean;
  /** ESR_ELx as written, or negative. */
  readonly esr: number;
}

/** Told after the entry: `cpu` holds the new state. */
export function entrySteps(cpu: CpuState, before: Before, entry: Entry): SubStep[] {
  const name = bank(entry.target);
  const steps: SubStep[] = [];
  const register = (title: string, target: `${'SPSR' | 'ELR' | 'ESR' | 'FAR'}_${'EL1' | 'EL2'}` | 'HPFAR_EL2', old: bigint, text: string) =>
    steps.push({ title, target, before: hex(old), after: hex(cpu.get(target)), text });

  register(
    'Save PSTATE',
    `SPSR_${name}`,
    before.spsr,
    `The state at the exception (${before.pstate}) is saved in SPSR_${name}, for ERET to restore.`,
  );
  register('Save return', `ELR_${name}`, before.elr, returnText(entry, name));
  if (entry.wroteEsr) register('Say why', `ESR_${name}`, before.esr, `The syndrome gives the cause: ${classText(entry.esr)}.`);
  if (entry.wroteFar) register('Say why', `FAR_${name}`, before.far, 'The faulting VA.');
  if (entry.wroteHpfar)
    register(
      'Say why',
      'HPFAR_EL2',
      before.hpfar,
      hasHpfar(entry.esr)
        ? 'The page of the IPA that stage 2 refused: bits 39:4 hold IPA bits 47:12.'
        : 'The page of the IPA that stage 2 refused. The architecture leaves HPFAR_EL2 UNKNOWN after this fault: this machine writes it, but software must find the IPA another way (AT S1E1R, for example).',
    );
  steps.push(
    {
      title: 'Mask',
      target: 'PSTATE.DAIF',
      before: daifText(before.daif),
      after: daifText(cpu.daif),
      text: maskText(cpu),
    },
    ...clearedSteps(before),
    {
      title: 'Switch level',
      target: 'PSTATE.EL, PSTATE.SP',
      before: `EL${before.el}, ${stackName(before.el, before.spsel)}`,
      after: `EL${cpu.el}, ${stackName(cpu.el, cpu.spsel)}`,
      text: `The processor continues at EL${cpu.el} with PSTATE.SP = 1: SP is SP_EL${cpu.el}.`,
    },
    {
      title: 'Jump',
      target: 'PC',
      before: hex(before.pc),
      after: hex(cpu.pc),
      text: `PC = VBAR_${name} + 0x${entry.vector.toString(16)}: ${vectorName(entry.vector)}.`,
    },
  );
  return steps;
}

/** Types that come before the instruction at PC, which has done nothing yet. */
const early: ReadonlySet<ExceptionType> = new Set(['IRQ', 'FIQ', 'SError', 'vIRQ', 'vFIQ', 'vSError', 'Step', 'Breakpoint']);

function returnText({ type, after }: Entry, name: string): string {
  if (early.has(type)) return `ELR_${name} gets the address of the instruction that has not run yet: it runs after the return.`;
  if (type === 'PCAlignment') return `ELR_${name} gets the misaligned PC itself.`;
  return after === 4
    ? `ELR_${name} gets the address of the next instruction: a plain return continues after the call.`
    : `ELR_${name} gets the address of the instruction itself: a plain return retries it.`;
}

const classText = (esr: number): string => `ESR = ${hex(esr)}, class ${hex(exceptionClass(esr))}: ${exceptionClassName(esr)}`;

/** What the masks hold back depends on who takes it: EL2 takes what HCR_EL2 routes there whatever EL1 masks. */
function maskText(cpu: CpuState): string {
  const text = 'Debug exceptions (except BRK), SErrors, IRQs and FIQs are masked until the handler, or ERET, unmasks them.';
  const isRouted = cpu.el === 1 && cpu.hasEl2 && (cpu.low('HCR_EL2') & (HCR_EL2.IMO | HCR_EL2.FMO | HCR_EL2.AMO | HCR_EL2.TGE)) !== 0;
  return isRouted ? `${text} What HCR_EL2 routes to EL2 is still taken there.` : text;
}

/** Bits of PSTATE that were set and that an entry clears. */
function clearedSteps({ il, ss }: Before): SubStep[] {
  const cleared = (bit: 'IL' | 'SS', text: string): SubStep => ({ title: 'Clear', target: `PSTATE.${bit}`, before: '1', after: '0', text });
  return [
    ...(il ? [cleared('IL', 'The Illegal Execution state ends; it is saved in SPSR, so a plain return restores it.')] : []),
    ...(ss ? [cleared('SS', 'The software step state is saved in SPSR.')] : []),
  ];
}

const types = ['synchronous exceptions', 'IRQs', 'FIQs', 'SErrors'];
const groups = [
  'from the same level on SP_EL0',
  'from the same level on its own stack pointer',
  'from a lower level in AArch64',
  'from a lower level in AArch32',
];
/** The slot of the vector table at an offset (Arm ARM D1.3.4 "Exception vectors"). */
export const vectorName = (offset: number): string => `the slot for ${types[(offset >> 7) & 3]} ${groups[(offset >> 9) & 3]}`;

const jumpText = ({ pc }: CpuState, { elr }: Before, name: string): string =>
  pc === elr ? `PC = ELR_${name}.` : `PC = ELR_${name} without the tag in its top byte, because TBI is set there.`;

/** Told after the return from `from`: `cpu` holds the new state. */
export function returnSteps(cpu: CpuState, before: Before, from: 1 | 2, isLegal: boolean): SubStep[] {
  const name = bank(from);
  const steps: SubStep[] = [
    {
      title: 'Restore PSTATE',
      target: 'PSTATE',
      before: before.pstate,
      after: pstateText(cpu),
      text: isLegal
        ? `Flags, masks, level and IL are restored from SPSR_${name} (${hex(before.spsr)}).`
        : `SPSR_${name} (${hex(before.spsr)}) describes an illegal return: flags and masks are restored, level and stack pointer stay the same, and PSTATE.IL is set.`,
    },
  ];
  if (isLegal) {
    steps.push(
      {
        title: 'Switch level',
        target: 'PSTATE.EL',
        before: `EL${before.el}`,
        after: `EL${cpu.el}`,
        text: `SPSR_${name}.M names EL${cpu.el}.`,
      },
      {
        title: 'Choose stack',
        target: 'PSTATE.SP',
        before: stackName(before.el, before.spsel),
        after: stackName(cpu.el, cpu.spsel),
        text:
          cpu.el === 0
            ? 'EL0 always uses SP_EL0.'
            : `SPSR_${name}.M<0> = ${cpu.spsel}: ${cpu.spsel ? `the level's own stack pointer, SP_EL${cpu.el}` : 'SP_EL0'}.`,
      },
    );
  }
  steps.push({ title: 'Jump', target: 'PC', before: hex(before.pc), after: hex(cpu.pc), text: jumpText(cpu, before, name) });
  return steps;
}
