import { hex } from '../../../base/hex.ts';
import { syndromeOf, taken, whatBecame } from '../fault-words.ts';
import type { Rule } from '../rule.ts';

/** CPACR_EL1.FPEN and CPTR_EL2.TFP (Arm ARM D17.2.30, D17.2.35). */
export const floatingPointTrapped: Rule = {
  id: 'P23',
  kind: 'broken',
  title: 'Floating point and SIMD are switched off',
  looksAt: 'floating-point traps that are not returned from, CPACR_EL1.FPEN and CPTR_EL2.TFP',
  find(exam) {
    const event = exam.open.find(({ type }) => type === 'FP');
    if (!event) return [];
    const detail = exam.detail(event);
    const [bit] = detail.rule.bits;
    const named = bit ? `${bit.register}.${bit.field} = ${bit.value}` : 'a control bit';
    const register = bit?.register ?? 'CPACR_EL1';
    return [
      {
        sentence: `The code at ${exam.name(detail.causePc)} uses a floating-point or SIMD register, but ${named} traps that, and ${whatBecame(exam)}. Compilers use these registers in functions with a variable number of arguments, such as printf.`,
        fix:
          register === 'CPACR_EL1'
            ? 'Set CPACR_EL1.FPEN (bits 21:20) to 0b11, then ISB, before such code runs; or compile with -mgeneral-regs-only.'
            : 'Clear CPTR_EL2.TFP (bit 10), then ISB, before such code runs; or compile with -mgeneral-regs-only.',
        trial: { at: event.n, set: [register === 'CPACR_EL1' ? 'CPACR_EL1.FPEN=3' : 'CPTR_EL2.TFP=0'] },
        pc: detail.causePc,
        at: event.n,
        about: event.n,
        evidence: [
          taken(exam, event),
          ...detail.rule.bits.map((one) => ({
            text: `${one.register}.${one.field} = ${one.value}`,
            register: one.register,
            field: one.field,
            value: hex(exam.registerAt(event.n, one.register as never)),
            at: event.n,
          })),
          ...syndromeOf(event),
        ],
        links: [{ panel: 'registers', subject: register }],
      },
    ];
  },
};
