import { hex } from '../../../base/hex.ts';
import type { Rule } from '../rule.ts';

/** Their fields reset to architecturally UNKNOWN values (Arm ARM D17.2, "On a Warm reset"). */
const unknown: ReadonlySet<string> = new Set([
  ...['TCR_EL1', 'TCR_EL2', 'VTCR_EL2', 'MAIR_EL1', 'MAIR_EL2', 'TTBR0_EL1', 'TTBR1_EL1', 'TTBR0_EL2', 'VTTBR_EL2', 'CNTKCTL_EL1'],
]);
/** Steps from reading a register to writing it again with something changed in it. */
const NEAR = 12;

/** A register that was never written holds anything after a reset on hardware: here and in QEMU it is 0. */
export const unknownValue: Rule = {
  id: 'unknown-value',
  kind: 'hardware',
  title: 'A register is changed that was never set',
  looksAt: 'MRS of a register that resets to an UNKNOWN value, and an MSR that writes it back changed',
  find(exam) {
    const { system } = exam.history;
    const written = new Set<string>();
    for (const [i, read] of system.entries()) {
      if (read.name === 'MSR (register)') written.add(read.register ?? '');
      if (read.name !== 'MRS' || !unknown.has(read.register ?? '')) continue;
      const register = read.register!;
      if (written.has(register)) continue;
      const write = system.slice(i + 1, i + 1 + NEAR).find((step) => step.name === 'MSR (register)' && step.register === register);
      if (!write || write.n - read.n > NEAR || write.operand === (write.before ?? 0n)) continue;
      return [
        {
          sentence: `The code at ${exam.name(read.pc)} reads ${register}, which nobody has written, and that at ${exam.name(write.pc)} writes it back with some bits changed: after a reset of a real processor the others are UNKNOWN. Here and in QEMU they are 0.`,
          fix: `Write ${register} whole, with a value for each field.`,
          pc: read.pc,
          at: read.n,
          evidence: [
            { text: `no instruction wrote ${register} before`, register },
            exam.step(read.n, read.pc, `reads ${register}`, { register }),
            exam.step(write.n, write.pc, `writes ${hex(write.operand)}`, { register, value: hex(write.operand) }),
          ],
          links: [{ panel: 'registers', subject: register }],
        },
      ];
    }
    return [];
  },
};
