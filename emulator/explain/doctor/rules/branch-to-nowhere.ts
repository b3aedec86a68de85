import { hex } from '../../../base/hex.ts';
import { decode } from '../../../isa/index.ts';
import { disassembled } from '../../instruction-text.ts';
import { isStage2, statusText, syndromeOf, taken, whatBecame } from '../fault-words.ts';
import type { Rule } from '../rule.ts';
import { switchedOn, walkEvidence } from './mmu-switched-on.ts';

/** A fetch that faults right after a branch to a register: the address is wrong, or not yet there. */
export const branchToNowhere: Rule = {
  id: 'P11',
  kind: 'broken',
  title: 'A branch to where no code is',
  looksAt: 'instruction aborts and PC alignment faults, and the branch before them',
  find(exam) {
    const event = exam.root;
    if (
      !event ||
      event.n === 0 ||
      !(event.type === 'InstructionAbort' || event.type === 'PCAlignment' || event.type === 'Undefined') ||
      isStage2(event)
    )
      return [];
    const branch = exam.look(event.n - 1, 'branch before', () => {
      const { cpu } = exam.machine;
      const word = exam.machine.fetchWord(cpu.pc);
      const decoded = word === undefined ? undefined : decode(word);
      return decoded && word !== undefined
        ? {
            pc: cpu.pc,
            name: decoded.definition.name,
            text: disassembled(word, cpu.pc),
            register: decoded.definition.name === 'ERET' ? `ELR_EL${cpu.el}` : `X${decoded.fields.Rn}`,
            value: decoded.definition.name === 'ERET' ? cpu.get(`ELR_EL${cpu.el as 1 | 2}`) : cpu.x(decoded.fields.Rn),
          }
        : undefined;
    });
    if (!branch || !/^(BR|BLR|RET|ERET)$/.test(branch.name)) return [];
    // Whether the code of another level is mapped is not a matter of the branch.
    if (branch.name === 'ERET' && event.type === 'InstructionAbort') return [];
    const write = branch.name === 'ERET' ? exam.writer(branch.register, event.n) : undefined;
    const word = exam.look(event.n, 'word fetched', () => exam.machine.fetchWord(event.elr));
    // An instruction that is merely wrong is another matter than memory without code.
    if (event.type === 'Undefined' && word !== 0) return [];
    const walk = event.type === 'InstructionAbort' ? exam.walkOf(event) : undefined;
    const decided = walk?.result.ok === false ? ` ${walk.result.decidedBy.text}` : '';
    const isOn = switchedOn(exam, event) !== undefined;
    const isHigh = event.elr >> 48n !== 0n;
    const what =
      event.type === 'Undefined'
        ? 'there are only zeros'
        : event.type === 'PCAlignment'
          ? 'which is not a multiple of 4'
          : statusText(event);
    return [
      {
        sentence: `The branch ${branch.text} at ${exam.name(branch.pc)} goes to ${hex(event.elr)}: ${what}.${decided} ${capital(whatBecame(exam))}.`,
        fix:
          isHigh && !isOn
            ? 'Branch to an address of the upper half only after the MMU has been switched on with tables that map it.'
            : branch.name === 'RET'
              ? 'Keep the return address: save x30 in every function that calls another, and restore it before RET.'
              : `Correct the address in ${branch.register} before the branch.`,
        pc: branch.pc,
        at: event.n - 1,
        about: event.n,
        evidence: [
          exam.step(event.n - 1, branch.pc, `branches to ${hex(branch.value)}`, {
            register: branch.register,
            value: hex(branch.value),
          }),
          ...(write
            ? [
                exam.step(write.n, write.pc, `writes ${hex(write.operand)} to ${branch.register}`, {
                  register: branch.register,
                  value: hex(write.operand),
                }),
              ]
            : []),
          taken(exam, event),
          ...walkEvidence(walk, event.n),
          ...syndromeOf(event),
        ],
        links: [
          { panel: 'code', subject: hex(branch.pc) },
          { panel: 'traps', subject: String(event.index) },
        ],
      },
    ];
  },
};
const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);
