/**
 * What is reported about every exception, exception return and PSCI call: enough to write a line of a trap file and to say why it went
 * where it went. This is the one shape of an event; the line of a trap file (time/trap-line.ts) is its text for scripts, and records,
 * rows and stories are made from it. Objects, but small ones: a hypervisor makes hundreds of thousands of them a second.
 */
import { IPA, type VA } from '../base/addresses.ts';
import { reportsIpa } from './faults.ts';
import { ESR, HPFAR_EL2, ISS_DATA, valueIn, wideValueAt, wideValueIn } from './registers/bits.ts';
import type { ExceptionLevel } from './state.ts';

export const exceptionTypes = [
  'SVC',
  'HVC',
  'SMC',
  'Trap',
  'DataAbort',
  'InstructionAbort',
  'Undefined',
  'PCAlignment',
  'SPAlignment',
  'IllegalState',
  'Breakpoint',
  'Watchpoint',
  'Step',
  'BRK',
  'FP',
  'IRQ',
  'FIQ',
  'SError',
  'vIRQ',
  'vFIQ',
  'vSError',
] as const;
export type ExceptionType = (typeof exceptionTypes)[number];

/** Whether it is signalled by the GIC, or as if it were: IRQ and FIQ, virtual or not. */
export const isInterrupt = (type: ExceptionType): boolean => type === 'IRQ' || type === 'FIQ' || type === 'vIRQ' || type === 'vFIQ';

/** A control bit and the value it has: `HCR_EL2`, `HCD`, `0`. */
export interface RuleBit {
  readonly register: string;
  readonly field: string;
  readonly value: string;
}

/** The rule of the architecture that decided, in words for a beginner, and the control bits it looked at (none where it has none). */
export interface Rule {
  readonly text: string;
  readonly bits: readonly RuleBit[];
}

/**
 * One part of an exception entry or return. They are listed one by one, but the architecture makes them all at once: no instruction sees
 * some of them done and others not. Values are text: hexadecimal for registers, names for PSTATE fields.
 */
export interface SubStep {
  readonly title: string;
  /** What it writes: `SPSR_EL2`, `PSTATE.DAIF`, `PC` ... */
  readonly target: string;
  readonly before: string;
  readonly after: string;
  readonly text: string;
}

interface EventOfCpu {
  /** Which CPU, from 0. */
  readonly cpu: number;
  /** The step that attempted the instruction, or, for an interrupt, that took it instead of an instruction. */
  readonly n: number;
  readonly from: ExceptionLevel;
  /** VTTBR_EL2.VMID. */
  readonly vmid: number;
}

export interface ExceptionEvent extends EventOfCpu {
  readonly kind: 'exception';
  readonly type: ExceptionType;
  readonly to: ExceptionLevel;
  /** ESR_ELx as written, 32 bits; null for interrupts, which write none. */
  readonly esr: number | null;
  /** FAR_ELx and HPFAR_EL2 where this exception wrote them. */
  readonly far: VA | null;
  readonly hpfar: bigint | null;
  readonly elr: VA;
  /** X0 at an HVC, SMC or SVC: what is asked for, in the SMC Calling Convention (Arm DEN 0028). Null for everything else. */
  readonly x0: bigint | null;
  /** Of an IRQ or FIQ: what the GIC's interface, physical or virtual, signalled. Null where it signalled nothing, and for all others. */
  readonly intid: number | null;
  /** Of a virtual interrupt that the GIC signalled: the list register that holds it. */
  readonly listRegister: number | null;
  readonly spsr: number;
  /** The vector entered. */
  readonly pc: VA;
  /** Why it went to that level. */
  readonly rule: Rule;
  /** Why the instruction is UNDEFINED; null for everything else. */
  readonly reason: Rule | null;
  /** Only where the environment asks for them. */
  readonly steps: readonly SubStep[] | undefined;
}

export interface ReturnEvent extends EventOfCpu {
  /** `illegal-return`: PSTATE.IL was set and the level stayed; `rule` says what was wrong. */
  readonly kind: 'return' | 'illegal-return';
  readonly to: ExceptionLevel;
  /** Where it went on. */
  readonly pc: VA;
  readonly spsr: number;
  readonly rule: Rule;
  readonly steps: readonly SubStep[] | undefined;
}

/** A call of the firmware that stands in for EL3, by SMC (or by HVC where EL2 is absent). */
export interface PsciEvent extends EventOfCpu {
  readonly kind: 'psci';
  /** The function identifier, all 64 bits of X0 as the firmware compares them, and what X0 returned. */
  readonly function: bigint;
  readonly result: bigint;
}

export type CpuEvent = ExceptionEvent | ReturnEvent | PsciEvent;

/** Fields of ESR_ELx, as trap files show them. */
export const exceptionClass = (esr: number): number => valueIn(esr, ESR.EC);
export const instructionLength = (esr: number): 0 | 1 => valueIn(esr, ESR.IL) as 0 | 1;
export const instructionSpecificSyndrome = (esr: number): number => esr & ESR.ISS;

/** Of an abort: what the fault was, DFSC or IFSC, which lie in the same bits. */
export const faultStatus = (esr: number): number => esr & ISS_DATA.DFSC;
/** Of a data abort: the access would have written (ISS.WnR). */
export const isOfWrite = (esr: number): boolean => (esr & ISS_DATA.WnR) !== 0;
/** Of an abort: stage 2 refused the fetch of a stage 1 descriptor (ISS.S1PTW). */
export const isOnTableWalk = (esr: number): boolean => (esr & ISS_DATA.S1PTW) !== 0;
/**
 * Of a stage 2 abort: software may use HPFAR_EL2. After some, of permissions for example, it is UNKNOWN if they are not on a walk of
 * stage 1; this machine writes the IPA there all the same.
 */
export const hasHpfar = (esr: number): boolean => isOnTableWalk(esr) || reportsIpa(faultStatus(esr));
/** HPFAR_EL2 for an IPA: FIPA is IPA<47:12>. */
export const hpfarOf = (ipa: IPA): bigint => wideValueAt(HPFAR_EL2.FIPA, BigInt(Math.floor(ipa / 4096)));
/** The page that HPFAR_EL2 names, as an address. */
export const ipaPage = (hpfar: bigint): IPA => IPA(Number(wideValueIn(hpfar, HPFAR_EL2.FIPA)) * 4096);
/**
 * The IPA that stage 2 refused: HPFAR_EL2 gives the page, FAR_EL2 the offset in it. On a table walk, FAR_EL2 is the VA that was walked and
 * nothing tells the offset of the descriptor: it is the IPA of the page.
 */
export const refusedIpa = (esr: number, hpfar: bigint, far: VA): IPA =>
  IPA(ipaPage(hpfar) + (isOnTableWalk(esr) ? 0 : Number(far & 0xfffn)));
