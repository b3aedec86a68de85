import { hex } from '../../../base/hex.ts';
import { modeName } from '../../../cpu/index.ts';
import type { Rule } from '../rule.ts';

/** A return that ends no exception, from EL2 to EL2, in a program that has prepared EL1. */
export const returnStaysAtEl2: Rule = {
  id: 'P01',
  kind: 'broken',
  title: 'ERET stays at EL2',
  looksAt: 'SPSR_EL2.M at a return from EL2 that ends no handler, in a program that has prepared EL1 and never reaches it',
  find(exam) {
    const { traps } = exam.subject.timeline;
    const n = traps.firstReturn(2, 2);
    if (n === undefined || n >= exam.at || traps.hasReached(1, exam.at)) return [];
    const index = traps.indexOfStep(n);
    if (index === undefined || traps.endedBy(index) !== undefined) return [];
    const prepared = ['SP_EL1', 'VBAR_EL1', 'SCTLR_EL1', 'HCR_EL2'].map((name) => exam.writer(name, n)).filter((one) => one !== undefined);
    const event = traps.get(index);
    if (prepared.length === 0 || event.kind !== 'return') return [];
    const { spsr } = event;
    const pc = exam.look(n, 'pc of return', () => exam.machine.cpu.pc);
    const write = exam.writer('SPSR_EL2', n);
    return [
      {
        sentence: `SPSR_EL2.M is ${hex(spsr & 0x1f)}, ${modeName(spsr & 0x1f)}, so the ERET stays at EL2: the code that was meant for EL1 runs at EL2.`,
        fix: 'Write 0x3c5 to SPSR_EL2: M = 0b0101 is EL1h.',
        pc: write?.pc ?? pc,
        at: write?.n ?? n,
        evidence: [
          exam.step(n, pc, 'a return from EL2 to EL2', { register: 'SPSR_EL2', field: 'M', value: hex(spsr) }),
          ...(write
            ? [
                exam.step(write.n, write.pc, `writes ${hex(write.operand)} to SPSR_EL2`, {
                  register: 'SPSR_EL2',
                  value: hex(write.operand),
                }),
              ]
            : []),
          ...prepared.map((one) => exam.step(one.n, one.pc, `prepares EL1: writes ${one.register}`, { register: one.register! })),
        ],
        links: [{ panel: 'levels' }, { panel: 'registers', subject: 'SPSR_EL2' }],
      },
    ];
  },
};
