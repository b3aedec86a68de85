/** An exception, return or PSCI call as a line of a trap file: the form that scripts read. */
import { hex } from '../base/hex.ts';
import {
  exceptionClass,
  instructionLength,
  instructionSpecificSyndrome,
  isInterrupt,
  type CpuEvent,
  type ExceptionType,
} from '../cpu/events.ts';

/** A line of a trap file by its fields, whatever they are. */
export type TrapFields = Readonly<Record<string, string | number | null>>;

interface Where {
  /** Only where there are several. */
  readonly cpu?: number;
  readonly n: number;
}
/** One line of a trap file, as scripts read it. Values without a meaning for the event are null. */
export type TrapLine =
  | (Where & {
      readonly kind: 'exception';
      readonly type: ExceptionType;
      readonly from: number;
      readonly to: number;
      readonly ec: number | null;
      readonly il: number | null;
      readonly iss: string | null;
      readonly esr: string | null;
      readonly far: string | null;
      readonly hpfar: string | null;
      readonly elr: string;
      readonly spsr: string;
      readonly pc: string;
      readonly vmid: number;
      /** Of interrupts only. */
      readonly intid?: number | null;
      readonly why: string;
    })
  | (Where & {
      readonly kind: 'return' | 'illegal-return';
      readonly from: number;
      readonly to: number;
      readonly pc: string;
      readonly spsr: string;
    })
  | (Where & { readonly kind: 'psci'; readonly from: number; readonly function: string; readonly result: string });

/** An event as a line of a trap file. */
export function trapLine(event: CpuEvent, isOneOfSeveralCpus = false): TrapLine {
  const { kind, from } = event;
  const where = isOneOfSeveralCpus ? { cpu: event.cpu, n: event.n } : { n: event.n };
  if (kind === 'psci') return { ...where, kind, from, function: hex(event.function), result: hex(event.result) };
  const { to, rule } = event;
  const pc = hex(event.pc);
  const spsr = hex(event.spsr);
  if (kind !== 'exception') return { ...where, kind, from, to, pc, spsr };
  const { type, esr, far, hpfar, elr, vmid } = event;
  return {
    ...where,
    kind,
    type,
    from,
    to,
    ec: esr === null ? null : exceptionClass(esr),
    il: esr === null ? null : instructionLength(esr),
    iss: esr === null ? null : hex(instructionSpecificSyndrome(esr)),
    esr: esr === null ? null : hex(esr),
    far: far === null ? null : hex(far),
    hpfar: hpfar === null ? null : hex(hpfar),
    elr: hex(elr),
    spsr,
    pc,
    vmid,
    ...(isInterrupt(type) ? { intid: event.intid } : {}),
    why: rule.text,
  };
}
