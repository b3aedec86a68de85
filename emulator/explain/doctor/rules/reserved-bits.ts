import { hex } from '../../../base/hex.ts';
import { systemRegisterTable } from '../../../cpu/registers/index.ts';
import type { Rule } from '../rule.ts';

/** Registers whose RES1 bits later processors give a meaning, in which 0 switches something off or on. */
const watched: ReadonlySet<string> = new Set(['SCTLR_EL1', 'SCTLR_EL2', 'TCR_EL2', 'VTCR_EL2']);

/** Software writes 1 to a RES1 bit (Arm ARM, Glossary, "RES1"); on a later processor 0 means something. */
export const reservedBits: Rule = {
  id: 'reserved-bits',
  kind: 'hardware',
  title: 'Bits that must be 1 are written as 0',
  looksAt: 'RES1 bits in the operands of MSR SCTLR_ELx, TCR_EL2 and VTCR_EL2',
  find(exam) {
    const step = exam.history.system.find(
      ({ name, register, operand }) => name === 'MSR (register)' && watched.has(register ?? '') && missingOf(register!, operand) !== 0n,
    );
    if (!step) return [];
    const register = step.register!;
    const missing = missingOf(register, step.operand);
    const bits = [...missing.toString(2)].reverse().flatMap((bit, i) => (bit === '1' ? [i] : []));
    return [
      {
        sentence: `The code at ${exam.name(step.pc)} writes ${hex(step.operand)} to ${register}, where ${bits.length === 1 ? `bit ${bits[0]} is` : `bits ${bits.slice(0, -1).join(', ')} and ${bits.at(-1)} are`} RES1: a later processor gives them a meaning, and 0 would not be what a Cortex-A53 does.`,
        fix: `Write the RES1 bits of ${register} as 1: OR ${hex(missing)} into the value.`,
        pc: step.pc,
        at: step.n,
        evidence: [
          exam.step(step.n, step.pc, `writes ${hex(step.operand)}`, { register, value: hex(step.operand) }),
          { text: `${hex(missing)} of its RES1 bits are 0`, register, value: hex(missing), at: step.n },
        ],
        links: [{ panel: 'registers', subject: register }],
      },
    ];
  },
};
const missingOf = (register: string, value: bigint): bigint =>
  (systemRegisterTable.find(({ name }) => name === register)?.res1 ?? 0n) & ~value;
