import { hex } from '../../../base/hex.ts';
import { faultStatus, isOnTableWalk, type ExceptionEvent } from '../../../cpu/events.ts';
import { faultStatuses } from '../../../cpu/faults.ts';
import { HCR_EL2 } from '../../../cpu/registers/bits.ts';
import { isRefusedAsDevice } from '../../accesses.ts';
import { outcomeOf } from '../../outcome.ts';
import { descriptorKind } from '../fault-words.ts';
import type { Examination } from '../examination.ts';
import type { SystemStep } from '../history.ts';
import type { Found, Rule } from '../rule.ts';

/** Where QEMU 7.2 does something else than the architecture, and so than this machine: said only of what the program really does. */
interface Departure {
  readonly id: string;
  readonly title: string;
  readonly looksAt: string;
  /** The first time that the program came there. */
  readonly first: (exam: Examination) => Place | undefined;
  /** What happens here and why, and what QEMU does. */
  readonly sentence: string;
  readonly fix: string;
}
interface Place {
  readonly n: number;
  readonly pc: ExceptionEvent['pc'];
  readonly text: string;
  readonly register?: string;
}

/** Exceptions that are looked through, from the first on. */
const MOST_EXCEPTIONS = 2_000;

function exception(exam: Examination, isMeant: (event: ExceptionEvent) => boolean): Place | undefined {
  const { traps } = exam.subject.timeline;
  const end = Math.min(traps.firstAt(exam.at), traps.first + MOST_EXCEPTIONS);
  for (let index = traps.first; index < end; index++) {
    if (traps.kind(index) !== 'exception') continue;
    const event = traps.get(index) as ExceptionEvent;
    if (isMeant(event))
      return { n: event.n, pc: event.elr, text: `${event.type} from EL${event.from} to EL${event.to}`, register: `ESR_EL${event.to}` };
  }
  return undefined;
}
function system(exam: Examination, isMeant: (step: SystemStep) => boolean): Place | undefined {
  const step = exam.history.system.find(isMeant);
  return step && { n: step.n, pc: step.pc, text: `${step.name === 'MRS' ? 'reads' : 'writes'} ${step.register}`, register: step.register! };
}
const isAbort = ({ type }: ExceptionEvent): boolean => type === 'DataAbort' || type === 'InstructionAbort';
const isDataAbort = ({ type, esr }: ExceptionEvent, code: number): boolean =>
  type === 'DataAbort' && esr !== null && faultStatus(esr) === code;

/** ESR_ELx.EC of a trapped WFI or WFE. */
const TRAPPED_WAIT = 1;
/** TCR_EL1.HPD0 and HPD1, TCR_EL2.HPD: RES0 before Armv8.1. */
const hierarchical: Readonly<Record<string, bigint>> = { TCR_EL1: 3n << 41n, TCR_EL2: 1n << 24n };
/** Whether an AT was executed before an instant: until then PAR_EL1 is what the reset made it. */
const hasTranslated = ({ history }: Examination, before: number): boolean =>
  history.system.some(({ n, operation }) => n < before && operation?.startsWith('AT ') === true);
/** PAR_EL1: the translation succeeded; its memory is Device, or Normal Non-cacheable. */
const isDeviceOrNonCacheable = (par: bigint): boolean => (par & 1n) === 0n && (par >> 60n === 0n || par >> 56n === 0x44n);

/** HCR_EL2.PTW without VM. */
const isProtectedWalk = (hcr: bigint): boolean => (hcr & BigInt(HCR_EL2.PTW | HCR_EL2.VM)) === BigInt(HCR_EL2.PTW);

const table: readonly Departure[] = [
  {
    id: 'departs-unaligned',
    title: 'An unaligned access faults here, and not in QEMU',
    looksAt: 'alignment faults of data accesses to Device memory',
    first: (exam) =>
      exception(
        exam,
        (event) =>
          isDataAbort(event, faultStatuses.alignment.code) &&
          exam.look(event.n, 'refused as Device', () => isRefusedAsDevice(exam.machine, outcomeOf(exam.machine))),
      ),
    sentence: 'An unaligned access to Device memory faults, and with stage 1 off all data is Device memory. QEMU 7.2 lets it through.',
    fix: 'Align the access, map memory that is no device as Normal, or compile with -mstrict-align for as long as the MMU is off: a Cortex-A53 faults as this machine does.',
  },
  {
    id: 'departs-sp-alignment',
    title: 'A misaligned SP faults here, and not in QEMU',
    looksAt: 'SP alignment faults',
    first: (exam) => exception(exam, ({ type }) => type === 'SPAlignment'),
    sentence: 'SCTLR_ELx.SA is 1, so an access through an SP that is not a multiple of 16 faults. QEMU 7.2 has no SP alignment check.',
    fix: 'Keep SP a multiple of 16: a Cortex-A53 faults as this machine does.',
  },
  {
    id: 'departs-wfe-trap',
    title: 'WFE traps here, and not in QEMU',
    looksAt: 'trapped WFE',
    // ESR_ELx.ISS<0>: WFE.
    first: (exam) => exception(exam, ({ type, esr }) => type === 'Trap' && (esr ?? 0) >>> 26 === TRAPPED_WAIT && ((esr ?? 0) & 1) === 1),
    sentence: 'HCR_EL2.TWE or SCTLR_EL1.nTWE traps WFE. QEMU 7.2 never traps it.',
    fix: 'Handle it as a trapped WFI, at which the guest gives up its time: a Cortex-A53 traps as this machine does.',
  },
  {
    id: 'departs-top-level-block',
    title: 'A block at the top level faults here, and not in QEMU',
    looksAt: 'stage 1 translation faults whose descriptor is a block at level 0, or with 64 KiB granules at level 1',
    first: (exam) =>
      exception(exam, (event) => {
        if (!isAbort(event) || event.hpfar !== null || event.esr === null) return false;
        const level = faultStatus(event.esr) - faultStatuses.translation.code;
        return (level === 0 || level === 1) && descriptorKind(exam, event) === 'block';
      }),
    sentence:
      'There are no blocks at this level (Arm ARM D8.3.1), so the descriptor is reserved and the access faults. QEMU 7.2 takes it for a block.',
    fix: 'Put a table there, and blocks one level below: a Cortex-A53 faults as this machine does.',
  },
  {
    id: 'departs-s1ptw-level',
    title: 'The level in the syndrome differs from QEMU’s',
    looksAt: 'stage 2 faults on a stage 1 walk (ESR_ELx.S1PTW = 1)',
    first: (exam) => exception(exam, (event) => isAbort(event) && event.esr !== null && isOnTableWalk(event.esr)),
    sentence:
      'Stage 2 refuses the address of a stage 1 table. ESR_EL2.DFSC has the level of stage 2 that refused; QEMU 7.2 reports another level.',
    fix: 'Take the address from HPFAR_EL2, and do not rely on the level.',
  },
  {
    id: 'departs-own-abort-syndrome',
    title: 'The syndrome of EL2’s own data abort has no ISV here',
    looksAt: 'data aborts from EL2 to EL2 whose ESR_EL2 the handler reads',
    first: (exam) =>
      exception(
        exam,
        ({ type, from, to, n }) =>
          type === 'DataAbort' &&
          from === 2 &&
          to === 2 &&
          exam.history.system.some((step) => step.n > n && step.n < n + 500 && step.name === 'MRS' && step.register === 'ESR_EL2'),
      ),
    sentence:
      'Only stage 2 faults describe the instruction in ESR_EL2 (ISV, SAS, SRT). QEMU 7.2 fills them in for EL2’s own data aborts too.',
    fix: 'Decode the instruction at ELR_EL2 instead.',
  },
  {
    id: 'departs-vbar-low-bits',
    title: 'VBAR_ELx loses its low bits here, and not in QEMU',
    looksAt: 'bits 10:5 in the operand of MSR VBAR_ELx',
    first: (exam) =>
      system(
        exam,
        ({ name, register, operand }) => name === 'MSR (register)' && /^VBAR_EL[12]$/.test(register ?? '') && (operand & 0x7e0n) !== 0n,
      ),
    sentence:
      'Bits 10:0 of VBAR_ELx are RES0, so the table begins at the 2 KiB boundary below. QEMU 7.2 keeps bits 10:5 and runs the handlers where they lie.',
    fix: 'Align the table to 2 KiB: a Cortex-A53 does as this machine does.',
  },
  {
    id: 'departs-hpd',
    title: 'TCR_ELx.HPD has no effect here, but in QEMU it has',
    looksAt: 'HPD bits in the operand of MSR TCR_ELx',
    first: (exam) =>
      system(exam, ({ name, register, operand }) => name === 'MSR (register)' && (operand & (hierarchical[register ?? ''] ?? 0n)) !== 0n),
    sentence: 'FEAT_HPDS is not in Armv8.0, so on a Cortex-A53 the table attributes still count. QEMU 7.2 ignores them where HPD is 1.',
    fix: 'Leave APTable, UXNTable and PXNTable 0 in table descriptors instead.',
  },
  {
    id: 'departs-par-sh',
    title: 'PAR_EL1.SH differs from QEMU’s',
    looksAt: 'MRS PAR_EL1 after AT of Device or Non-cacheable memory',
    first: (exam) =>
      system(
        exam,
        ({ name, register, n }) =>
          name === 'MRS' && register === 'PAR_EL1' && hasTranslated(exam, n) && isDeviceOrNonCacheable(exam.registerAt(n, 'PAR_EL1')),
      ),
    sentence:
      'Device and Non-cacheable memory is always Outer Shareable, so PAR_EL1.SH is 0b10. QEMU 7.2 gives SH as the descriptor has it.',
    fix: 'Do not rely on PAR_EL1.SH for such memory.',
  },
  {
    id: 'departs-at-ptw',
    title: 'AT heeds HCR_EL2.PTW in QEMU though stage 2 is off',
    looksAt: 'AT S1E0 and AT S1E1 with HCR_EL2.PTW = 1 and VM = 0',
    first: (exam) => {
      const step = exam.history.system.find(
        ({ operation, n }) =>
          operation?.startsWith('AT S1E') === true && !operation.startsWith('AT S1E2') && isProtectedWalk(exam.registerAt(n, 'HCR_EL2')),
      );
      return step && { n: step.n, pc: step.pc, text: step.operation!, register: 'PAR_EL1' };
    },
    sentence:
      'PTW protects walks by what stage 2 says, and with HCR_EL2.VM = 0 there is no stage 2. QEMU 7.2 heeds PTW all the same, so that PAR_EL1 differs.',
    fix: 'Set HCR_EL2.PTW together with VM only.',
  },
];

export const departures: readonly Rule[] = table.map(({ first, sentence, fix, ...rule }) => ({
  ...rule,
  kind: 'departs',
  find(exam): Found[] {
    const place = first(exam);
    if (!place) return [];
    const { n, pc, text, register } = place;
    return [
      {
        sentence,
        fix,
        pc,
        at: n,
        evidence: [exam.step(n, pc, text, register === undefined ? {} : { register })],
        links: [{ panel: 'code', subject: hex(pc) }],
      },
    ];
  },
}));
