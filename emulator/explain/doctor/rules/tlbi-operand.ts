import { VA } from '../../../base/addresses.ts';
import { hex } from '../../../base/hex.ts';
import { explainWalk } from '../../../mmu/index.ts';
import type { Examination } from '../examination.ts';
import type { SystemStep } from '../history.ts';
import type { Rule } from '../rule.ts';

const byAddress = /^TLBI V(A|AL)E([12])(IS)?$/;
/** Steps from the change of an entry to its TLBI. */
const NEAR = 400;
/** Bits 43:0 of the operand are VA[55:12] (Arm ARM C5.5, "TLBI VAE1"). */
const PAGE = 0xfff_ffff_ffffn;

/** The operand of TLBI by address is the address divided by 4096. */
export const tlbiOperand: Rule = {
  id: 'P22',
  kind: 'hardware',
  title: 'TLBI is given an address that is not shifted',
  looksAt: 'operands of TLBI by VA that name a page that is not mapped, though the operand itself is a mapped address',
  find(exam) {
    const step = exam.history.system
      .filter(({ operation }) => byAddress.test(operation ?? ''))
      .slice(0, 64)
      .find((one) => isAddress(exam, one));
    if (!step) return [];
    const named = hex((step.operand & PAGE) << 12n);
    return [
      {
        sentence: `The code at ${exam.name(step.pc)} gives ${step.operation} the address ${hex(step.operand)} as it is: it invalidates VA ${named}, which is not mapped, and a Cortex-A53 keeps the old translation of ${hex(step.operand)} for as long as it likes.`,
        fix: 'Shift the address right by 12 first, and put the ASID into bits 63:48.',
        patch: ['+ lsr  x0, x0, #12', `  ${step.operation!.toLowerCase()}, x0`],
        pc: step.pc,
        at: step.n,
        evidence: [
          exam.step(step.n, step.pc, `invalidates VA ${named}`, { value: hex(step.operand) }),
          { text: `${hex(step.operand)} is mapped`, address: hex(step.operand), at: step.n },
          { text: `${named} is not`, at: step.n },
        ],
        links: [{ panel: 'walk', subject: hex(step.operand) }],
      },
    ];
  },
};

function isAddress(exam: Examination, { n, operand, operation }: SystemStep): boolean {
  if (operand === 0n || (operand & 0xfffn) !== 0n || operand >> 48n) return false;
  const el = Number(byAddress.exec(operation!)![2]) as 1 | 2;
  const named = (operand & PAGE) << 12n;
  const descriptors = exam.look(n, `mapped ${operand}`, () => {
    const { mmu } = exam.machine;
    const regime = el === 2 ? 'el2' : 'el1';
    if (!mmu.describe(regime).stage1.on) return undefined;
    const [meant, said] = [operand, named].map((va) => explainWalk(mmu, VA(va), { regime, el, access: 'r' }));
    return meant.result.ok && !said.result.ok ? [meant, said].map(({ steps }) => steps.at(-1)?.pa) : undefined;
  });
  if (!descriptors) return false;
  // The entry of one of the two was changed just before: that is the one that is meant.
  const changed = exam.history.stores.findLast((store) => store.n < n && n - store.n < NEAR && descriptors.includes(hex(store.pa)));
  return changed !== undefined && hex(changed.pa) === descriptors[0] && descriptors[0] !== descriptors[1];
}
