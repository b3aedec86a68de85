import { hex } from '../../../base/hex.ts';
import type { PA } from '../../../base/addresses.ts';
import { isOnTableWalk, refusedIpa } from '../../../cpu/index.ts';
import { ISS_DATA } from '../../../cpu/registers/bits.ts';
import { causeOf, hasStatus, isStage2, syndromeOf, taken, whatBecame } from '../fault-words.ts';
import type { Rule } from '../rule.ts';

/** ISS.ISV is 0 for pairs, SIMD, and accesses that also write their base register (Arm ARM D17.2.37, "ISS encoding for a Data Abort"). */
export const accessNotDescribed: Rule = {
  id: 'P29',
  kind: 'broken',
  title: 'ESR_EL2 does not describe this access',
  looksAt: 'ISS.ISV of the stage 2 data abort that a hypervisor stops at',
  find(exam) {
    const event = exam.open.find(
      (one) =>
        one.type === 'DataAbort' && isStage2(one) && one.to === 2 && ((one.esr ?? 0) & ISS_DATA.ISV) === 0 && !isOnTableWalk(one.esr ?? 0),
    );
    if (!event?.esr || !exam.isOver || !hasStatus(event, 'translation')) return [];
    const ipa = refusedIpa(event.esr, event.hpfar!, event.far!);
    // A hole in the guest's memory is another matter.
    if (exam.machine.board.bus.nameAt(Number(ipa) as PA) === 'ram') return [];
    const detail = exam.detail(event);
    // Nor is the stack a device.
    if (causeOf(detail)?.fields.Rn === 31) return [];
    const evidence = taken(exam, event);
    const instruction = evidence.instruction ?? '';
    return [
      {
        sentence: `The instruction ${instruction} at ${exam.name(detail.causePc)} accesses a device at IPA ${hex(ipa)}, but ESR_EL2.ISV is 0: the syndrome tells neither the register nor the size of such an access, so it cannot be emulated from ESR_EL2, and ${whatBecame(exam)}.`,
        fix: 'Access devices with single loads and stores of a general-purpose register, without writeback (no pairs, no SIMD, no post-index); or decode the instruction in the hypervisor.',
        pc: detail.causePc,
        at: event.n,
        about: event.n,
        evidence: [evidence, ...syndromeOf(event).map((one) => ({ ...one, field: 'ISV', text: `${one.text}: ISV = 0` }))],
        links: [{ panel: 'traps', subject: String(event.index) }],
      },
    ];
  },
};
