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
  title: 'No ISB between a control register and what it controls',
  looksAt: 'ISB between writes of TTBR, TCR and MAIR and the MSR that sets SCTLR_ELx.M, after it, and after CPACR_EL1 and CPTR_EL2',
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
    const used = floatingPoint(exam);
    if (used) found.push(used);
    return found;
  },
};

/** What lets floating point run, as the level that writes it is concerned. */
const enables: Readonly<Record<string, { readonly el: number; readonly isOn: (value: bigint) => boolean }>> = {
  CPACR_EL1: { el: 1, isOn: (value) => ((value >> 20n) & 1n) === 1n },
  CPTR_EL2: { el: 2, isOn: (value) => ((value >> 10n) & 1n) === 0n },
};
/** A floating-point instruction so soon after it was enabled that it may still trap. */
function floatingPoint(exam: Examination): Found | undefined {
  const { timeline, machine } = exam.subject;
  for (const on of exam.history.system) {
    const enable = on.name === 'MSR (register)' ? enables[on.register ?? ''] : undefined;
    if (enable?.el !== on.el || !enable.isOn(on.operand) || enable.isOn(on.before ?? 0n)) continue;
    const use = timeline.excursion(
      on.n + 1,
      () => {
        for (; timeline.at < Math.min(on.n + 1 + NEAR, exam.at); timeline.forward(1)) {
          if (timeline.lastStepEvent()) return undefined;
          const instruction = machine.currentInstruction();
          if (instruction?.definition.name === 'ISB') return undefined;
          if (instruction && ['Vd', 'Vn', 'Vt'].some((name) => name in instruction.fields)) return { n: timeline.at, pc: machine.cpu.pc };
        }
        return undefined;
      },
      { key: 'floating point', moves: true },
    );
    if (!use) continue;
    return {
      title: 'No ISB between enabling floating point and using it',
      sentence: `The code at ${exam.name(on.pc)} enables floating point, and ${exam.name(use.pc)} uses it with no ISB in between: on a Cortex-A53 it may still trap. This machine and QEMU do everything in order.`,
      fix: `Put an ISB directly behind the MSR of ${on.register}.`,
      patch: [`  msr  ${on.register!.toLowerCase()}, x0`, '+ isb'],
      pc: on.pc,
      at: on.n,
      evidence: [
        exam.step(on.n, on.pc, `writes ${hex(on.operand)}`, { register: on.register!, value: hex(on.operand) }),
        { text: `no ISB from instant ${on.n} to ${use.n}` },
        exam.step(use.n, use.pc, 'uses a SIMD and floating-point register'),
      ],
      links: [{ panel: 'code', subject: hex(on.pc) }],
    };
  }
  return undefined;
}

const before = (exam: Examination, on: SystemStep, last: SystemStep): Found => ({
  title: 'No ISB between the registers of the MMU and the MMU',
  sentence: `The code at ${exam.name(on.pc)} switches the MMU on with no ISB after ${last.register} was written: a Cortex-A53 may use the tables before the new ${last.register} has taken effect. This machine and QEMU do everything in order.`,
  fix: `Put an ISB between the last of TTBR, TCR and MAIR and the MSR of ${on.register}.`,
  patch: ['+ isb', `  msr  ${on.register!.toLowerCase()}, x0`],
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
  patch: [`  msr  ${on.register!.toLowerCase()}, x0`, '+ isb'],
  pc: on.pc,
  at: on.n,
  evidence: [
    exam.step(on.n, on.pc, 'switches the MMU on', { register: on.register!, field: 'M', value: hex(on.operand) }),
    { text: `no ISB in the ${NEAR} instructions after it` },
  ],
  links: [{ panel: 'code', subject: hex(on.pc) }],
});
