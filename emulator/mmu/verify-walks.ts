/**
 * Checks the MMU against recorded results of AT instructions: one set-up per line with control registers, table words and addresses, and
 * PAR_EL1 (or the abort) for each operation. Where a line says how the recording departs from the architecture, the architecture's answer counts.
 */
import { PA } from '../base/addresses.ts';
import * as v from 'valibot';
import { low32 } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import { addFailure, addInformational, emptyResult, type VerifyResult } from '../base/verify-result.ts';
import { ISS_DATA, PAR_FAILED, PAR_SUCCEEDED_WIDE } from '../cpu/registers/bits.ts';
import { exceptionClasses, syndrome } from '../cpu/syndrome.ts';
import { faultStatusCode } from '../cpu/faults.ts';
import { storedRegisters } from '../cpu/stored-registers.ts';
import type { AtResult } from './address-translate.ts';
import { recordedLines } from './verify-lines.ts';
import { VectorMachine } from './verify-machine.ts';

const hexText = v.pipe(v.string(), v.regex(/^0x[0-9a-f]+$/i));
const abort = v.object({ esr: hexText, far: hexText });
const setup = v.object({
  id: v.number(),
  cat: v.array(v.string()),
  regs: v.record(v.picklist(storedRegisters), hexText),
  ops: v.array(v.picklist(['S1E0R', 'S1E0W', 'S1E1R', 'S1E1W', 'S1E2R', 'S1E2W', 'S12E0R', 'S12E0W', 'S12E1R', 'S12E1W'])),
  mem: v.array(v.tuple([hexText, hexText])),
  cases: v.array(
    v.object({
      va: hexText,
      r: v.array(v.nullable(v.union([hexText, abort]))),
      alt: v.optional(
        v.record(
          v.string(),
          v.object({ arch: v.union([hexText, v.object({ dfsc: v.union([v.number(), hexText]) })]), why: v.array(v.string()) }),
        ),
      ),
    }),
  ),
});
type Setup = v.InferOutput<typeof setup>;

/** Set-ups that the architecture leaves open (CONSTRAINED UNPREDICTABLE, or an implementation's choice). */
const openTags = new Set(['tsz-out-of-range', 'tg-unsupported', 'odd-mair', 'ttbr-low-bits', 's2-illegal-start', 's2-ps']);

/** PAR_EL1.NS is UNKNOWN in Non-secure state; it only exists where F = 0. */
const comparable = (par: bigint): bigint => (low32(par) & PAR_FAILED.F ? par : par & ~PAR_SUCCEEDED_WIDE.NS);

export function verifyWalks(lines: Iterable<string>, file = 'walks'): VerifyResult {
  const result = emptyResult();
  // RAM is 0x40000000..0x47ffffff; from there to 0x3fffffffff nothing answers.
  const machine = new VectorMachine((pa) => (pa >= 0x4800_0000 && pa < 0x40_0000_0000 ? undefined : 0n));
  machine.cpu.setLevel(2, 1);
  for (const one of recordedLines(lines, setup, 'a set-up of recorded AT instructions', file)) verifySetup(machine, one, result);
  return result;
}

function verifySetup(machine: VectorMachine, s: Setup, result: VerifyResult): void {
  const registers = Object.fromEntries(Object.entries(s.regs).map(([name, value]) => [name, BigInt(value)]));
  machine.load(
    registers,
    s.mem.map(([pa, value]) => [PA(Number(pa)), BigInt(value)]),
  );
  const open = s.cat.find((tag) => openTags.has(tag));
  for (const { va, r, alt } of s.cases) {
    const address = BigInt(va);
    s.ops.forEach((op, i) => {
      const recorded = r[i];
      const other = alt?.[String(i)]?.arch;
      if (recorded === null || recorded === undefined) return;
      const actual = machine.mmu.addressTranslate(`AT ${op}`, Number(address & 0xffff_ffffn), Number(address >> 32n));
      if (agrees(actual, other ?? recorded)) {
        result.passed++;
        return;
      }
      if (open) addInformational(result, open);
      else addFailure(result, `set-up ${s.id}, AT ${op}, ${va}: ${describe(actual)}, expected ${JSON.stringify(other ?? recorded)}`);
    });
  }
}

function agrees(actual: AtResult, expected: string | { esr: string; far: string } | { dfsc: number | string }): boolean {
  if (typeof expected === 'string') return actual.par !== undefined && comparable(actual.par) === comparable(BigInt(expected));
  if (!actual.fault) return false;
  const { fault } = actual;
  if ('dfsc' in expected) return faultStatusCode(fault) === Number(expected.dfsc);
  return atSyndrome(fault) === Number(expected.esr) && ((BigInt(fault.vaHigh) << 32n) | BigInt(fault.vaLow)) === BigInt(expected.far);
}

/** ESR_EL2 of an AT executed at EL2 that takes a data abort: EC 0x25, CM and WnR set. */
const atSyndrome = (fault: NonNullable<AtResult['fault']>): number =>
  syndrome(exceptionClasses.dataAbortSame, ISS_DATA.CM | ISS_DATA.WnR | (fault.onStage1Walk ? ISS_DATA.S1PTW : 0) | faultStatusCode(fault));

const describe = ({ par, fault }: AtResult): string =>
  fault
    ? `${fault.kind} fault, stage ${fault.stage}, level ${fault.level}${fault.onStage1Walk ? ' on a stage-1 walk' : ''}`
    : `PAR_EL1 ${hex(par)}`;
