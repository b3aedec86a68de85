import { hex } from '../../../base/hex.ts';
import { decode } from '../../../isa/index.ts';
import { causeOf, registerNamed, syndromeOf, taken, whatBecame } from '../fault-words.ts';
import type { Examination, OpenException } from '../examination.ts';
import type { Rule } from '../rule.ts';

/** RET is a branch and leaves the level as it is; only an exception goes up (Arm ARM D1.3). */
export const returnWithoutException: Rule = {
  id: 'P07',
  kind: 'broken',
  title: 'RET does not change the exception level',
  looksAt: 'how a lower level came to code that uses registers of EL2',
  find(exam) {
    const event = exam.open.find(
      (one) => one.type === 'Undefined' && one.from < 2 && /_EL2$/.test(registerNamed(causeOf(exam.detail(one))) ?? ''),
    );
    if (!event || !exam.machine.options.el2) return [];
    const leaving = returnOut(exam, event);
    if (!leaving) return [];
    const register = registerNamed(causeOf(exam.detail(event)))!;
    return [
      {
        sentence: `The ret at ${exam.name(leaving.pc)} ends a function that nothing at EL${event.from} has called, so it goes to code of EL2, but RET does not change the level: that code runs at EL${event.from}, where ${register} is not accessible, and ${whatBecame(exam)}.`,
        fix: 'Go up with an exception: hvc #0 at EL1 enters the vector VBAR_EL2 + 0x400 at EL2.',
        pc: leaving.pc,
        at: leaving.n,
        about: event.n,
        evidence: [
          exam.step(leaving.n, leaving.pc, `returns to ${hex(leaving.to)} at EL${event.from}`, { register: 'X30', value: hex(leaving.to) }),
          taken(exam, event),
          ...syndromeOf(event),
        ],
        links: [{ panel: 'levels' }, { panel: 'code', subject: hex(leaving.pc) }],
      },
    ];
  },
};

const MOST_STEPS = 5_000;

/** The RET that has no call since the level was entered. */
function returnOut(
  exam: Examination,
  { index, n }: OpenException,
): { readonly n: number; readonly pc: OpenException['pc']; readonly to: bigint } | undefined {
  const { timeline } = exam.subject;
  const { machine } = exam;
  const entered = index > timeline.traps.first ? timeline.traps.step(index - 1) + 1 : 0;
  if (n - entered > MOST_STEPS) return undefined;
  return timeline.excursion(
    entered,
    () => {
      for (let depth = 0; timeline.at < n;) {
        const { cpu } = machine;
        const { pc } = cpu;
        const at = timeline.at;
        const name = decode(machine.fetchWord(pc) ?? 0)?.definition.name;
        if (name === 'BL' || name === 'BLR') depth++;
        else if (name === 'RET' && depth-- === 0) return { n: at, pc, to: cpu.x(30) };
        timeline.forward(1);
        if (timeline.at === at) return undefined;
      }
      return undefined;
    },
    { key: 'return without a call', moves: true },
  );
}
