import { hex } from '../../../base/hex.ts';
import type { Examination } from '../examination.ts';
import type { SystemStep } from '../history.ts';
import type { Found, Rule } from '../rule.ts';

/** Steps between writes that belong together, and after a write within which its ISB must come. */
const [FAR, NEAR] = [2_000, 8];

/** Registers take effect at a context synchronization event, in any order before it (Arm ARM D17.1.2, "Synchronization requirements"). */
export const missingIsb: Rule = {
  id: 'P16',
  kind: 'hardware',
  title: 'No ISB between the registers of the MMU and the MMU',
  looksAt: 'ISB between writes of TTBR, TCR and MAIR and the MSR that sets SCTLR_ELx.M, and after it',
  find(exam) {
    const { history } = exam;
    const found: Found[] = [];
    for (const el of [1, 2] as const) {
      const sctlr = `SCTLR_EL${el}`;
      const on = history.writesOf(sctlr).find((step) => step.el === el && (step.operand & 1n) === 1n && ((step.before ?? 0n) & 1n) === 0n);
      if (!on) continue;
      const controls = [`TTBR0_EL${el}`, `TTBR1_EL${el}`, `TCR_EL${el}`, `MAIR_EL${el}`];
      const last = history.system.findLast(
        (step) => step.n < on.n && step.name === 'MSR (register)' && step.el === el && controls.includes(step.register ?? ''),
      );
      if (last && on.n - last.n <= FAR && !exam.barriersBetween(last.n + 1, on.n).has('ISB')) found.push(before(exam, on, last));
      else if (!exam.barriersBetween(on.n + 1, on.n + 1 + NEAR).has('ISB')) found.push(after(exam, on));
    }
    return found;
  },
};

const before = (exam: Examination, on: SystemStep, last: SystemStep): Found => ({
  sentence: `The code at ${exam.name(on.pc)} switches the MMU on with no ISB after ${last.register} was written: a Cortex-A53 may use the tables before the new ${last.register} has taken effect. This machine and QEMU do everything in order.`,
  fix: `Put an ISB between the last of TTBR, TCR and MAIR and the MSR of ${on.register}.`,
  pc: on.pc,
  at: on.n,
  evidence: [
    exam.step(last.n, last.pc, `writes ${last.register}`, { register: last.register!, value: hex(last.operand) }),
    { text: `no ISB from instant ${last.n} to ${on.n}` },
    exam.step(on.n, on.pc, 'switches the MMU on', { register: on.register!, field: 'M', value: hex(on.operand) }),
  ],
  links: [{ panel: 'code', subject: hex(on.pc) }],
});
const after = (exam: Examination, on: SystemStep): Found => ({
  title: 'No ISB after the MMU was switched on',
  sentence: `The code at ${exam.name(on.pc)} switches the MMU on, and no ISB follows: a Cortex-A53 may execute some more instructions as if it were off. This machine and QEMU do everything in order.`,
  fix: `Put an ISB directly behind the MSR of ${on.register}.`,
  pc: on.pc,
  at: on.n,
  evidence: [
    exam.step(on.n, on.pc, 'switches the MMU on', { register: on.register!, field: 'M', value: hex(on.operand) }),
    { text: `no ISB in the ${NEAR} instructions after it` },
  ],
  links: [{ panel: 'code', subject: hex(on.pc) }],
});
