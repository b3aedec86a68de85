import { hex } from '../../../base/hex.ts';
import { explainWalk } from '../../../mmu/index.ts';
import { hasStatus, syndromeOf, taken, whatBecame } from '../fault-words.ts';
import type { Rule } from '../rule.ts';

/** Device memory takes aligned accesses only (Arm ARM B2.7.2); with stage 1 off, all memory is Device to data accesses (D8.2). */
export const alignment: Rule = {
  id: 'P19',
  kind: 'broken',
  title: 'An unaligned access to Device memory',
  looksAt: 'alignment faults that are not returned from, and the memory type of their address',
  find(exam) {
    const event = exam.open.find((one) => hasStatus(one, 'alignment'));
    if (!event || event.far === null) return [];
    const { far, from, n } = event;
    const facts = exam.look(n, `memory type of ${far}`, () => {
      const { mmu, cpu } = exam.machine;
      const walk = explainWalk(mmu, far, { regime: from === 2 ? 'el2' : 'el1', el: from, access: 'r' });
      return { walk, isOn: walk.stages.stage1.on, sctlr: cpu.get(from === 2 ? 'SCTLR_EL2' : 'SCTLR_EL1') };
    });
    const { walk, isOn } = facts;
    const type = walk.result.ok ? walk.result.attributes : undefined;
    const register = `SCTLR_EL${from || 1}`;
    const checks = (facts.sctlr & 2n) !== 0n;
    const isByStage2 =
      type?.type === 'Device' && isOn && type.stage2?.text.startsWith('Device') === true && !type.stage1.text.startsWith('Device');
    if (isByStage2) return [];
    const why = !isOn
      ? `stage 1 is off (${walk.stages.stage1.decidedBy}), and then all memory is Device memory to loads and stores`
      : type?.type === 'Device'
        ? `${hex(far)} is mapped as ${type.text}`
        : checks
          ? `${register}.A = 1 has every access checked`
          : 'the instruction needs an aligned address';
    const isDevice = !isOn || type?.type === 'Device';
    return [
      {
        id: isDevice ? 'P19' : 'alignment',
        title: !isOn
          ? 'An unaligned access before the MMU is on'
          : isDevice
            ? 'An unaligned access to Device memory'
            : 'An unaligned access',
        sentence: `The access at ${exam.name(event.elr)} to ${hex(far)} is not aligned: ${why}. It takes an alignment fault, and ${whatBecame(exam)}.`,
        fix: !isOn
          ? 'Compile code that runs with the MMU off with -mstrict-align, or align the data; or switch the MMU on first, with this memory Normal.'
          : isDevice
            ? 'Map memory that is no device as Normal, or align the access.'
            : `Align the access${checks ? `, or clear ${register}.A` : ''}.`,
        pc: exam.detail(event).causePc,
        at: n,
        about: n,
        evidence: [
          taken(exam, event),
          { text: why, register, field: isOn ? 'A' : 'M', value: hex(facts.sctlr), address: hex(far), at: n },
          ...syndromeOf(event),
        ],
        links: [
          { panel: 'walk', subject: hex(far) },
          { panel: 'registers', subject: register },
        ],
      },
    ];
  },
};
