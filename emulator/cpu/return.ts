/** Returning from an exception: ERET, `AArch64.ExceptionReturn` (Arm ARM D1.4.1 "Exception return", D1.4.2 "Illegal return events"). */
import { NotBuilt } from '../base/errors.ts';
import { branchHigh } from './branch.ts';
import type { Environment } from './environment.ts';
import type { Rule } from './events.ts';
import { currentVmid } from './exceptions.ts';
import { HCR_EL2, SPSR } from './registers/bits.ts';
import { pmuCounts, pmuSync } from './pmu.ts';
import { rule } from './rules.ts';
import { stepAfterReturn } from './software-step.ts';
import { daifIn, isAArch32, modeName, nzcvIn } from './spsr.ts';
import type { CpuState, ExceptionLevel } from './state.ts';
import { captureBefore, returnSteps } from './sub-steps.ts';

/** What a return with this SPSR would do. */
export interface ReturnVerdict {
  /** `legal`: goes to `el` in AArch64. `aarch32`: legal, but to an execution state that is not built. */
  readonly kind: 'legal' | 'illegal' | 'aarch32';
  readonly el: ExceptionLevel;
  readonly spsel: 0 | 1;
  readonly rule: Rule;
}

/**
 * `IllegalExceptionReturn` with its reason. `from` is the level that executes ERET, `spsr` the low half of its SPSR.
 * Pure, so that a return can be judged before it happens.
 */
export function judgeReturn(cpu: CpuState, from: 1 | 2, spsr: number): ReturnVerdict {
  return (verdicts[from - 1][verdictIndex(spsr, cpu.low('HCR_EL2'))] ??= judge(from, spsr & SPSR.M, cpu.low('HCR_EL2')));
}

// The verdict depends on SPSR.M, HCR_EL2.RW and HCR_EL2.TGE only: each is made once.
const verdicts: (ReturnVerdict | undefined)[][] = [[], []];
const verdictIndex = (spsr: number, hcr: number): number => (spsr & SPSR.M) | (hcr & HCR_EL2.RW ? 32 : 0) | (hcr & HCR_EL2.TGE ? 64 : 0);

function judge(from: 1 | 2, mode: number, hcr: number): ReturnVerdict {
  const M = `SPSR_EL${from}.M = 0x${mode.toString(16)}`;
  const name = modeName(mode);
  const toAArch32 = isAArch32(mode);
  const el = targetLevel(mode);
  const spsel = (mode & 1) as 0 | 1;
  const illegal = (why: string, ...bits: string[]): ReturnVerdict => ({
    kind: 'illegal',
    el: from,
    spsel,
    rule: rule(`Illegal return: ${why}.`, M, ...bits),
  });
  if (el === undefined) return illegal(`SPSR_EL${from}.M holds a reserved value that names no level`);
  if (el === 3) return illegal('EL3 is not implemented here');
  if (el > from) return illegal(`${name} is a higher level than EL${from}, and a return never goes up`);
  const isEl1Aarch32 = (hcr & HCR_EL2.RW) === 0;
  // The level that executes ERET is in AArch64, and so is EL1 when HCR_EL2.RW = 1.
  if (toAArch32 && el === from) return illegal(`${name} is AArch32, but EL${from} is in AArch64`);
  if (toAArch32 && el === 1 && !isEl1Aarch32)
    return illegal('HCR_EL2.RW = 1 makes EL1 AArch64, but SPSR names an AArch32 mode', 'HCR_EL2.RW = 1');
  if (!toAArch32 && el < 2 && from === 2 && isEl1Aarch32) {
    return illegal(`HCR_EL2.RW = 0 makes the levels below EL2 AArch32, but SPSR names ${name}, which is AArch64`, 'HCR_EL2.RW = 0');
  }
  if (el === 1 && hcr & HCR_EL2.TGE) return illegal('HCR_EL2.TGE = 1 forbids a return to EL1', 'HCR_EL2.TGE = 1');
  return {
    kind: toAArch32 ? 'aarch32' : 'legal',
    el,
    spsel,
    rule: rule(
      `SPSR_EL${from}.M names ${name}: ERET goes to EL${el}${toAArch32 ? ' in AArch32' : stackText(el, spsel)}.`,
      M,
      ...(from === 2 && el < 2 ? [`HCR_EL2.RW = ${isEl1Aarch32 ? 0 : 1}`] : []),
    ),
  };
}

const stackText = (el: ExceptionLevel, spsel: 0 | 1): string => (spsel ? ` with SP_EL${el}` : el === 0 ? '' : ' with SP_EL0');

/** `ELFromSPSR`: undefined for reserved values of M<4:0>. */
function targetLevel(mode: number): ExceptionLevel | 3 | undefined {
  if (!isAArch32(mode)) {
    const el = (mode >> 2) & 3;
    return mode & 2 || mode === 1 ? undefined : (el as ExceptionLevel | 3);
  }
  switch (mode & 15) {
    case 0x0:
      return 0;
    case 0x1:
    case 0x2:
    case 0x3:
    case 0x7:
    case 0xb:
    case 0xf:
      return 1;
    case 0xa:
      return 2;
    case 0x6:
      return 3;
    default:
      return undefined;
  }
}

/** The state that a return leaves behind. Where it is to AArch32 (see `verdict.kind`), nothing of it comes about: that is not built. */
export interface ReturnOutcome {
  readonly verdict: ReturnVerdict;
  readonly el: ExceptionLevel;
  readonly spsel: 0 | 1;
  /** PSTATE.IL: of SPSR after a legal return, 1 after an illegal one. */
  readonly il: 0 | 1;
  readonly ss: 0 | 1;
  readonly nzcv: number;
  readonly daif: number;
  /** ELR without the tag that the level reached ignores. */
  readonly pcLow: number;
  readonly pcHigh: number;
}

/** What ERET at level `from` does now. Pure: `exceptionReturn` does just this. */
export function returnOutcome(cpu: CpuState, from: 1 | 2): ReturnOutcome {
  const spsr = cpu.low(from === 2 ? 'SPSR_EL2' : 'SPSR_EL1');
  const verdict = judgeReturn(cpu, from, spsr);
  const isLegal = verdict.kind === 'legal';
  const pcLow = cpu.low(from === 2 ? 'ELR_EL2' : 'ELR_EL1');
  return {
    verdict,
    el: verdict.el,
    spsel: isLegal ? verdict.spsel : cpu.spsel,
    il: isLegal && !(spsr & SPSR.IL) ? 0 : 1,
    ss: stepAfterReturn(cpu, verdict.el, spsr),
    // Reinstated whether the return is legal or not.
    nzcv: nzcvIn(spsr),
    daif: daifIn(spsr),
    pcLow,
    pcHigh: branchHigh(cpu, verdict.el, cpu.high(from === 2 ? 'ELR_EL2' : 'ELR_EL1')),
  };
}

/** What a return to AArch32 asks for and why it is one; and what to do instead. */
function aarch32State(cpu: CpuState, from: 1 | 2, spsr: number): [what: string, advice: string] {
  const isEl1Aarch32 = from === 2 && (cpu.low('HCR_EL2') & HCR_EL2.RW) === 0;
  const why = isEl1Aarch32 ? ', and HCR_EL2.RW = 0 makes EL1 AArch32' : '';
  return [
    `AArch32 state (SPSR_EL${from} = 0x${spsr.toString(16)} names ${modeName(spsr & SPSR.M)}${why})`,
    isEl1Aarch32 ? 'set HCR_EL2.RW before the eret' : `put an AArch64 mode into SPSR_EL${from}.M (0x5: EL1h, 0x0: EL0t)`,
  ];
}

/** ERET at EL1 or EL2. Throws NotBuilt where it legally enters AArch32. */
export function exceptionReturn(cpu: CpuState, environment: Environment): void {
  const from = cpu.el as 1 | 2;
  const spsr = cpu.low(from === 2 ? 'SPSR_EL2' : 'SPSR_EL1');
  const { verdict, el, spsel, il, ss, nzcv, daif, pcLow, pcHigh } = returnOutcome(cpu, from);
  if (verdict.kind === 'aarch32') throw new NotBuilt(...aarch32State(cpu, from, spsr));
  const before = environment.onEvent && environment.wantsSteps ? captureBefore(cpu, from) : undefined;
  const isLegal = verdict.kind === 'legal';
  if (el !== from && pmuCounts(cpu)) pmuSync(cpu, environment);

  if (isLegal) cpu.setLevel(el, spsel);
  cpu.il = il;
  cpu.ss = ss;
  cpu.nzcv = nzcv;
  cpu.daif = daif;
  cpu.clearExclusive();
  cpu.event = true;
  cpu.setPcHalves(pcLow, pcHigh);
  if (el !== from) environment.levelChanged();
  environment.interruptsChanged();

  environment.onEvent?.({
    kind: isLegal ? 'return' : 'illegal-return',
    cpu: environment.index,
    n: environment.step(),
    from,
    to: cpu.el,
    pc: cpu.pc,
    spsr,
    vmid: currentVmid(cpu),
    rule: verdict.rule,
    steps: before && returnSteps(cpu, before, from, isLegal),
  });
}
