/** Taking an exception: `AArch64.TakeException` (Arm ARM J1.1.2; D1.3 "Exceptions"). */
import { type IPA, VA } from '../base/addresses.ts';
import { branchTo } from './branch.ts';
import type { Environment, SignalledInterrupt } from './environment.ts';
import type { ExceptionType, Rule, SubStep } from './events.ts';
import { pmuCounts, pmuSync } from './pmu.ts';
import type { CpuState } from './state.ts';
import { HPFAR_EL2, valueIn, VBAR, VTTBR_EL2_HIGH } from './registers/bits.ts';
import { packSpsr } from './spsr.ts';
import { captureBefore, entrySteps } from './sub-steps.ts';

/** Offsets within a group of four vectors. */
export const vectorOffsets = { synchronous: 0x000, irq: 0x080, fiq: 0x100, serror: 0x180 } as const;

/** ESR_ELx is not written: IRQ and FIQ. */
export const NO_SYNDROME = -1;

export interface Exception {
  readonly type: ExceptionType;
  readonly target: 1 | 2;
  readonly rule: Rule;
  /** ESR_ELx, unsigned 32 bits, or NO_SYNDROME. */
  readonly esr: number;
  /** One of `vectorOffsets`; synchronous where absent. */
  readonly vector?: number;
  /** Bytes from pc to the preferred return address: 4 for SVC, HVC and SMC. */
  readonly after?: 0 | 4;
  /** The VA for FAR_ELx, in halves; absent: FAR_ELx stays. */
  readonly far?: { readonly low: number; readonly high: number } | undefined;
  /** The IPA for HPFAR_EL2, below 2^48; absent: HPFAR_EL2 stays. */
  readonly ipa?: IPA | undefined;
  /** Of an interrupt: what the GIC signalled. */
  readonly interrupt?: SignalledInterrupt | undefined;
  /** Why an instruction is UNDEFINED. */
  readonly reason?: Rule;
}

/** VTTBR_EL2.VMID: 8 bits on Cortex-A53. */
export const currentVmid = (cpu: CpuState): number => valueIn(cpu.high('VTTBR_EL2'), VTTBR_EL2_HIGH.VMID);

/** Of the slot in the vector table: its group is by where the exception comes from (D1.3.4). */
export const vectorOffset = (cpu: CpuState, target: 1 | 2, vector: number): number =>
  vector + (cpu.el < target ? 0x400 : cpu.spsel ? 0x200 : 0);

/** Takes the exception: afterwards pc is the vector at the target level. The exclusive monitor stays: only a return must clear it. */
export function takeException(cpu: CpuState, environment: Environment, exception: Exception): void {
  const { target, esr, far, ipa, after = 0, vector = vectorOffsets.synchronous } = exception;
  const from = cpu.el;
  const before = environment.onEvent && environment.wantsSteps ? captureBefore(cpu, target) : undefined;

  if (from !== target && pmuCounts(cpu)) pmuSync(cpu, environment);
  const spsr = packSpsr(cpu);
  const returnLow = (cpu.pcLow + after) >>> 0;
  const returnHigh = after && returnLow < 4 ? cpu.pcHigh + 1 : cpu.pcHigh;
  const offset = vectorOffset(cpu, target, vector);
  let vbarLow: number;
  let vbarHigh: number;
  if (target === 2) {
    cpu.setHalves('SPSR_EL2', spsr, 0);
    cpu.setHalves('ELR_EL2', returnLow, returnHigh);
    if (esr >= 0) cpu.setHalves('ESR_EL2', esr, 0);
    if (far) cpu.setHalves('FAR_EL2', far.low, far.high);
    if (ipa !== undefined) setHpfar(cpu, ipa);
    vbarLow = cpu.low('VBAR_EL2');
    vbarHigh = cpu.high('VBAR_EL2');
  } else {
    cpu.setHalves('SPSR_EL1', spsr, 0);
    cpu.setHalves('ELR_EL1', returnLow, returnHigh);
    if (esr >= 0) cpu.setHalves('ESR_EL1', esr, 0);
    if (far) cpu.setHalves('FAR_EL1', far.low, far.high);
    vbarLow = cpu.low('VBAR_EL1');
    vbarHigh = cpu.high('VBAR_EL1');
  }
  cpu.setLevel(target, 1);
  cpu.daif = 15;
  cpu.il = 0;
  cpu.ss = 0;
  branchTo(cpu, ((vbarLow & VECTOR_BASE) | offset) >>> 0, vbarHigh);
  if (from !== target) environment.levelChanged();

  const { onEvent } = environment;
  if (!onEvent) return;
  let steps: SubStep[] | undefined;
  if (before) {
    const wrote = { wroteEsr: esr >= 0, wroteFar: far !== undefined, wroteHpfar: ipa !== undefined };
    steps = entrySteps(cpu, before, { target, vector: offset, after, type: exception.type, esr, ...wrote });
  }
  onEvent({
    kind: 'exception',
    cpu: environment.index,
    n: environment.step(),
    type: exception.type,
    from,
    to: target,
    esr: esr < 0 ? null : esr,
    far: far ? VA(cpu.get(target === 2 ? 'FAR_EL2' : 'FAR_EL1')) : null,
    hpfar: ipa === undefined ? null : cpu.get('HPFAR_EL2'),
    elr: VA(cpu.get(target === 2 ? 'ELR_EL2' : 'ELR_EL1')),
    x0: isCall(exception.type) ? cpu.x(0) : null,
    intid: exception.interrupt?.intid ?? null,
    listRegister: exception.interrupt?.listRegister ?? null,
    spsr,
    pc: cpu.pc,
    vmid: currentVmid(cpu),
    rule: exception.rule,
    reason: exception.reason ?? null,
    steps,
  });
}

/** VBAR_ELx<10:0> are RES0: the low half without them. */
const VECTOR_BASE = Number(VBAR['Vector base'] & 0xffff_ffffn) | 0;

const isCall = (type: ExceptionType): boolean => type === 'HVC' || type === 'SMC' || type === 'SVC';

/** FIPA is IPA<47:12>. */
const FIPA = Math.log2(Number(HPFAR_EL2.FIPA & -HPFAR_EL2.FIPA));
function setHpfar(cpu: CpuState, ipa: IPA): void {
  const page = Math.floor(ipa / 4096);
  cpu.setHalves('HPFAR_EL2', (page << FIPA) >>> 0, Math.floor(page / 2 ** (32 - FIPA)));
}
