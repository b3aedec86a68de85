import { hex } from '../../../base/hex.ts';
import { VA } from '../../../base/addresses.ts';
import { decode } from '../../../isa/index.ts';
import type { Rule } from '../rule.ts';

/** Whether exclusives work on Device memory is IMPLEMENTATION DEFINED (Arm ARM B2.9.2). */
export const exclusiveOnDevice: Rule = {
  id: 'P20',
  kind: 'hardware',
  title: 'Exclusive accesses to Device memory',
  looksAt: 'the memory type of load-exclusive instructions',
  find(exam) {
    const load = exam.history.exclusives.find(({ device }) => device);
    if (!load) return [];
    const { n, pc, va } = load;
    const facts = exam.look(n, 'exclusive', () => {
      const { machine } = exam;
      const store = [4, 8, 12, 16, 20, 24, 28, 32]
        .map((offset) => VA(pc + BigInt(offset)))
        .find((at) => /^STL?X/.test(decode(machine.fetchWord(at) ?? 0)?.definition.name ?? ''));
      return { store, isOn: machine.mmu.describe(machine.cpu.el === 2 ? 'el2' : 'el1').stage1.on };
    });
    const place = facts.store ?? pc;
    return [
      {
        sentence: `The code at ${exam.name(pc)} uses exclusive accesses on ${hex(va)}, which is Device memory${facts.isOn ? '' : ', as all data is while the MMU is off'}: on a Cortex-A53 the store-exclusive may fail for ever, or abort. This machine and QEMU do not distinguish.`,
        fix: facts.isOn
          ? 'Keep locks in Normal, cacheable memory.'
          : 'Switch the MMU and the data cache on before the first lock is taken, with its memory Normal.',
        pc: place,
        at: n,
        evidence: [
          exam.step(n, pc, `load-exclusive of ${hex(va)}`, { value: hex(va) }),
          ...(facts.store ? [exam.step(n, facts.store, 'its store-exclusive')] : []),
          {
            text: facts.isOn ? 'the tables map it as Device memory' : 'stage 1 is off',
            register: `SCTLR_EL${exam.look(n, 'level', () => exam.machine.cpu.el) || 1}`,
            field: 'M',
            at: n,
          },
        ],
        links: [{ panel: 'walk', subject: hex(va) }],
      },
    ];
  },
};
