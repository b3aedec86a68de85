/**
 * Checks the MMU against recorded set-ups of the EL1&0 regime: PAR_EL1 after each AT instruction, and what real loads, stores and branches
 * did (the exception with its syndrome and addresses, or none). The recorded program ran at fixed addresses, which this file knows.
 */
import { PA, VA } from '../base/addresses.ts';
import * as v from 'valibot';
import { low32 } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import { addFailure, addInformational, emptyResult, type VerifyResult } from '../base/verify-result.ts';
import { abortSyndrome } from '../cpu/aborts.ts';
import { faultStatus, hpfarOf } from '../cpu/events.ts';
import { ISS_DATA, PAR_FAILED, PAR_SUCCEEDED_WIDE, valueIn, wideValueIn } from '../cpu/registers/bits.ts';
import type { ExceptionLevel } from '../cpu/state.ts';
import { exceptionClasses, syndrome } from '../cpu/syndrome.ts';
import { faultStatusCode, faultStatuses, type AccessIntent, type MemoryFault } from '../cpu/faults.ts';
import type { AtOperation } from './address-translate.ts';
import { attr, isDevice } from './attributes.ts';
import { explainWalk } from './explain.ts';
import type { Mmu } from './mmu.ts';
import { recordedLines } from './verify-lines.ts';
import { VectorMachine } from './verify-machine.ts';

const hexText = v.pipe(v.string(), v.regex(/^0x[0-9a-f]+$/i));
/** PAR_EL1, or the abort that the AT instruction took to EL2. */
const atOutcome = v.pipe(v.string(), v.regex(/^(EL2 abort ESR )?0x[0-9a-f]+$/i));
/** "executed": the fetch worked, and the zero word there was taken as UNDEFINED, to EL1. Else an exception: level, ESR, FAR, HPFAR, ELR. */
const outcome = v.union([
  v.tuple([v.literal('ok')]),
  v.tuple([v.literal('executed'), v.literal('EL1')]),
  v.tuple([v.picklist(['EL1', 'EL2']), hexText, hexText, hexText, v.union([v.literal(0), v.literal('target')])]),
]);
type Outcome = v.InferOutput<typeof outcome>;
const accesses = ['el1r', 'el1w', 'el1x', 'el0r', 'el0w', 'el0x'] as const;
type AccessName = (typeof accesses)[number];

const setup = v.object({
  n: v.number(),
  va: hexText,
  tcr_el1: hexText,
  ttbr0_el1: hexText,
  mair_el1: hexText,
  sctlr_el1: hexText,
  hcr_el2: hexText,
  vtcr_el2: hexText,
  vttbr_el2: hexText,
  words: v.record(hexText, hexText),
  fixed_l2_identity: v.optional(v.number()),
  at: v.record(v.picklist(['s1e0r', 's1e0w', 's1e1r', 's1e1w', 's12e0r', 's12e0w', 's12e1r', 's12e1w']), atOutcome),
  access: v.record(v.picklist(accesses), outcome),
});
type Setup = v.InferOutput<typeof setup>;

/** Where the recorded program lay: its TTBR1 table, and in it 1 GiB blocks that map its code at 0x40000000, for EL1 and for EL0. */
const program = {
  table: 0x4008_6000,
  el1Block: { index: 1, descriptor: 0x4000_0781n },
  el0Block: { index: 5, descriptor: 0x4000_07c1n },
  el1Base: 0xffff_ff80_4000_0000n,
  el0Base: 0xffff_ff81_4000_0000n,
  physicalBase: 0x4000_0000n,
  offset: 0x8_1800n,
} as const;

/** Instructions of the accesses: LDRB W1, [X0]; STRB WZR, [X0]. */
const words: Record<'read' | 'write', number> = { read: 0x3940_0001, write: 0x3900_001f };

export function verifyMmu(lines: Iterable<string>, file = 'mmu'): VerifyResult {
  const result = emptyResult();
  const machine = new VectorMachine(contentAt);
  for (const one of recordedLines(lines, setup, 'a recorded MMU set-up', file)) verifySetup(machine, one, result);
  return result;
}

function verifySetup(machine: VectorMachine, s: Setup, result: VerifyResult): void {
  const registers = {
    TCR_EL1: BigInt(s.tcr_el1),
    TTBR0_EL1: BigInt(s.ttbr0_el1),
    TTBR1_EL1: BigInt(program.table),
    MAIR_EL1: BigInt(s.mair_el1),
    SCTLR_EL1: BigInt(s.sctlr_el1),
    HCR_EL2: BigInt(s.hcr_el2),
    VTCR_EL2: BigInt(s.vtcr_el2),
    VTTBR_EL2: BigInt(s.vttbr_el2),
  };
  machine.load(registers, wordsOf(s));
  const va = BigInt(s.va);
  machine.cpu.setLevel(2, 1);
  for (const [operation, expected] of Object.entries(s.at)) {
    const actual = translate(machine.mmu, operation, va);
    judge(machine, s, operation, actual, expected, result);
  }
  for (const name of accesses) {
    const expected = s.access[name];
    if (!expected) continue;
    machine.emptyTlb();
    judge(machine, s, name, access(machine, name, va).join(' '), expected.join(' '), result);
  }
}

function judge(machine: VectorMachine, s: Setup, name: string, actual: string, expected: string, result: VerifyResult): void {
  if (actual === expected) result.passed++;
  else {
    const reason = recordedOtherwise(machine, s, name, actual, expected);
    if (reason) addInformational(result, reason);
    else addFailure(result, `set-up ${s.n}, ${name}: ${actual}, expected ${expected}`);
  }
}

function* wordsOf(s: Setup): Iterable<readonly [PA, bigint]> {
  for (const { index, descriptor } of [program.el1Block, program.el0Block]) yield [PA(program.table + index * 8), descriptor];
  if (s.fixed_l2_identity) for (let i = 0; i < 128; i++) yield [PA(0x4600_1000 + 8 * i), BigInt(0x4000_0000 + i * 0x20_0000) | 0x7fdn];
  for (const [pa, value] of Object.entries(s.words)) yield [PA(Number(pa)), BigInt(value)];
}
/** What lies on the recording machine where a set-up gives no word: from, to, content. PCIe windows without a device read as ones. */
const ONES = 0xffff_ffff_ffff_ffffn;
const memoryMap: readonly (readonly [from: number, to: number, content: bigint])[] = [
  [0x0000_0000, 0x0800_0000, 0n], // flash
  [0x0800_0000, 0x0802_1000, 0n], // GIC
  [0x0803_0000, 0x0805_0000, 0n],
  [0x0900_0000, 0x0900_1000, 0n], // PL011
  [0x0901_0000, 0x0901_1000, 0n], // RTC
  [0x0903_0000, 0x0903_1000, 0n], // GPIO
  [0x0a00_0000, 0x0a00_4000, 0n], // virtio
  [0x1000_0000, 0x3f00_0000, ONES], // PCIe
  [0x4000_0000, 0x1_0000_0000, 0n], // RAM
  [0x40_1000_0000, 0x40_2000_0000, ONES], // PCIe configuration space
  [0x80_0000_0000, 0x100_0000_0000, ONES], // PCIe
];
const contentAt = (pa: PA): bigint | undefined => memoryMap.find(([from, to]) => pa >= from && pa < to)?.[2];

/** PAR_EL1, or the instruction's own abort: EC 0x25, CM and WnR set. */
function translate(mmu: Mmu, operation: string, va: bigint): string {
  const { par, fault } = mmu.addressTranslate(`AT ${operation.toUpperCase()}` as AtOperation, Number(va & 0xffff_ffffn), Number(va >> 32n));
  if (!fault) return hex(par);
  const status = ISS_DATA.CM | ISS_DATA.WnR | (fault.onStage1Walk ? ISS_DATA.S1PTW : 0) | faultStatusCode(fault);
  return `EL2 abort ESR ${hex(syndrome(exceptionClasses.dataAbortSame, status))}`;
}

/** What happens when the program makes the access: fetches its instruction, then translates `va`. */
function access(machine: VectorMachine, name: AccessName, va: bigint): Outcome {
  const el = name.startsWith('el1') ? 1 : 0;
  const context = machine.mmu.context('el1');
  machine.cpu.setLevel(el, 1);
  const base = context.stage1 ? (el === 1 ? program.el1Base : program.el0Base) : program.physicalBase;
  const pc = base + program.offset + BigInt(accesses.indexOf(name) * 8);
  const fetch = attempt(machine, pc, 'execute', el);
  if (fetch) return report(el, fetch, 0);
  if (name.endsWith('x')) {
    // A branch leaves the tag behind (AArch64.BranchAddr).
    const root = context.rootFor(Number(va >> 32n));
    const target = root.topByteIgnored ? BigInt.asUintN(64, BigInt.asIntN(56, va)) : va;
    const fault = attempt(machine, target, 'execute', el);
    return fault ? report(el, fault, 'target') : ['executed', 'EL1'];
  }
  const fault = attempt(machine, va, name.endsWith('w') ? 'write' : 'read', el);
  return fault ? report(el, fault, 0) : ['ok'];
}

function attempt(machine: VectorMachine, va: bigint, intent: AccessIntent, el: 0 | 1): MemoryFault | undefined {
  const vaLow = Number(va & 0xffff_ffffn);
  const vaHigh = Number(va >> 32n);
  const { mmu } = machine;
  if (!mmu.translate(vaLow, vaHigh, intent, el, 1, false)) return mmu.fault;
  return machine.answers(mmu.pa)
    ? undefined
    : { kind: 'external', stage: 1, level: 0, onStage1Walk: false, ipa: undefined, access: intent, vaLow, vaHigh };
}

function report(el: 0 | 1, fault: MemoryFault, returnsTo: 0 | 'target'): Outcome {
  const target = fault.stage === 2 ? 2 : 1;
  const esr =
    fault.kind === 'pcAlignment'
      ? syndrome(exceptionClasses.pcAlignment)
      : abortSyndrome(el, target, fault, fault.access === 'execute' ? undefined : words[fault.access]);
  const far = (BigInt(fault.vaHigh) << 32n) | BigInt(fault.vaLow);
  const hpfar = fault.ipa === undefined ? 0n : hpfarOf(fault.ipa);
  return [`EL${target}`, hex(esr), hex(far), hex(hpfar), returnsTo];
}

/**
 * Where the recording machine is known to depart from the architecture (or chose where the architecture leaves a choice), and did so here:
 * the name of the case. Undefined where the difference is not explained.
 */
function recordedOtherwise({ mmu, cpu }: VectorMachine, s: Setup, name: string, actual: string, expected: string): string | undefined {
  const context = mmu.context('el1');
  // It refuses a stage 2 whose input size exceeds VTCR_EL2.PS; the architecture compares with the implemented size only.
  if (context.stage2 && context.stage2Root.inputBits > context.stage2OutputBits && isStage2Translation(expected)) return 's2-ps';
  // It reports the level of the stage-1 lookup for a stage-2 fault on the fetch of a stage-1 descriptor.
  const raw = isRawShareability(mmu, actual, expected);
  const level = levelOfRefusedFetch(mmu, cpu.el, s, name, actual);
  if (level !== undefined && withLevel(actual, level) === expected) return 's2-level-on-s1-walk';
  // It reports the shareability of the descriptor also for Device and Non-cacheable memory, which is always Outer Shareable.
  if (raw) return 'sh-raw';
  // It gives nGnRE for some combinations of Device types.
  if (isOtherDevice(actual, expected)) return 'device-combine-nibbles';
  // It finds an instruction abort before a PC alignment fault, which goes first (Arm ARM D1.3.5.5).
  const [, actualEsr, actualFar] = actual.split(' ');
  const [, expectedEsr, expectedFar] = expected.split(' ');
  if (name.endsWith('x') && actualEsr === '0x8a000000' && actualFar === expectedFar && /^0x8[26]/.test(expectedEsr ?? ''))
    return 'pc-alignment-priority';
  return undefined;
}

const isTranslation = (code: number): boolean => (code & ~3) === faultStatuses.translation.code;
/** PAR_EL1 or an exception row that says: translation fault of stage 2. */
function isStage2Translation(expected: string): boolean {
  const [first, esr] = expected.split(' ');
  if (esr !== undefined) return first === 'EL2' && isTranslation(faultStatus(Number(esr)));
  const par = low32(BigInt(expected));
  return (par & PAR_FAILED.F) !== 0 && (par & PAR_FAILED.S) !== 0 && isTranslation(valueIn(par, PAR_FAILED.FST));
}

/** Level of the stage-1 lookup whose descriptor address stage 2 refuses in the access or AT instruction `name`; undefined where none is. */
function levelOfRefusedFetch(mmu: Mmu, el: ExceptionLevel, s: Setup, name: string, actual: string): number | undefined {
  const [, , far] = actual.split(' ');
  const operation = /^s12?e(\d)([rw])$/.exec(name);
  // An access that raises no exception here was not refused.
  if (!operation && far === undefined) return undefined;
  const isFetch = !operation && /^EL\d 0x8/.test(actual);
  const walk = explainWalk(mmu, VA(BigInt(far ?? s.va)), {
    regime: 'el1',
    el: operation ? (Number(operation[1]) as 0 | 1) : el,
    access: isFetch ? 'x' : name.endsWith('w') ? 'w' : 'r',
  });
  return !walk.result.ok && walk.result.fault.onStage1Walk ? walk.steps.at(-1)!.level : undefined;
}

/** The result with another level in its fault status code. */
function withLevel(actual: string, level: number): string {
  const parts = actual.split(' ');
  const isPar = parts.length === 1;
  const value = BigInt(isPar ? parts[0] : parts[1]);
  parts[isPar ? 0 : 1] = hex(isPar ? (value & ~6n) | BigInt(level << 1) : (value & ~3n) | BigInt(level));
  return parts.join(' ');
}

/** Two values of PAR_EL1 that differ in SH alone: that of the stage-1 descriptor (0 with stage 1 off) against Outer Shareable. */
function isRawShareability(mmu: Mmu, actual: string, expected: string): boolean {
  if (actual.includes(' ') || expected.includes(' ')) return false;
  const { SH, ATTR } = PAR_SUCCEEDED_WIDE;
  const [a, e] = [BigInt(actual), BigInt(expected)];
  const attribute = Number(wideValueIn(a, ATTR));
  const raw = mmu.context('el1').stage1 ? mmu.walker.stage1Leaf.shareability : 0;
  return (a & ~SH) === (e & ~SH) && (isDevice(attribute) || attribute === attr.nonCacheable) && Number(wideValueIn(e, SH)) === raw;
}

/** Two values of PAR_EL1 that differ in the type of Device memory alone, the recorded one being nGnRE. */
function isOtherDevice(actual: string, expected: string): boolean {
  if (actual.includes(' ') || expected.includes(' ')) return false;
  const [a, e] = [BigInt(actual), BigInt(expected)];
  const { ATTR } = PAR_SUCCEEDED_WIDE;
  const own = wideValueIn(a, ATTR);
  return own > 0x04n && own <= 0x0cn && wideValueIn(e, ATTR) === 0x04n && (a & ~ATTR) === (e & ~ATTR);
}
