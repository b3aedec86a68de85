import { hex } from '../../../base/hex.ts';
import { PA, VA } from '../../../base/addresses.ts';
import { decode } from '../../../isa/index.ts';
import { disassembled } from '../../instruction-text.ts';
import type { Examination } from '../examination.ts';
import { whatBecame } from '../fault-words.ts';
import type { Found, Rule } from '../rule.ts';

/** CurrentEL.EL is in bits 3:2 (Arm ARM C5.2.1): at EL2 it reads as 8. */
export const currentElNotShifted: Rule = {
  id: 'P06',
  kind: 'broken',
  title: 'CurrentEL is compared without its shift',
  looksAt: 'what the program compares after MRS CurrentEL, where it ends in a branch to itself',
  find(exam) {
    if (!exam.isStuck || exam.open.length > 0) return [];
    return exam.subject.timeline.excursion(0, () => compared(exam), { key: 'CurrentEL compared', moves: true });
  },
};

/** Bytes from where the program begins in which it may read CurrentEL, steps in which it does, and instructions up to the comparison. */
const [CODE, STEPS, NEAR] = [0x10_0000, 1_000_000, 12];
/** MRS Xt, CurrentEL, without Rt. */
const READ = 0xd538_4240;

function compared(exam: Examination): Found[] {
  const { machine, subject } = exam;
  const { timeline } = subject;
  const { cpu } = machine;
  const reads = new Set<VA>();
  for (let offset = 0; offset < CODE; offset += 4) {
    const at = Number(cpu.pc) + offset;
    const word = machine.peekWord(PA(at));
    if (word === undefined) break;
    if ((word & ~31) >>> 0 === READ) reads.add(VA(BigInt(at)));
  }
  if (reads.size === 0) return [];
  const end = Math.min(exam.at, STEPS);
  const isRead = (): boolean => reads.has(cpu.pc);
  while (timeline.at < end) {
    if (!isRead()) {
      const { at } = timeline;
      if (timeline.forward(end - at, { stopAt: reads }) !== 'breakpoint' && !isRead()) return [];
    }
    const read = { n: timeline.at, pc: cpu.pc, word: machine.fetchWord(cpu.pc)! };
    const number = read.word & 31;
    const value = BigInt(cpu.el << 2);
    timeline.forward(1);
    for (let i = 0; i < NEAR && timeline.at < end && cpu.x(number) === value; i++) {
      const { pc } = cpu;
      const n = timeline.at;
      const word = machine.fetchWord(pc);
      const decoded = word === undefined ? undefined : decode(word);
      // CMP with an immediate.
      const imm = decoded && /^SUBS \(immediate\)/.test(decoded.definition.name) && decoded.fields.Rn === number ? decoded.fields.imm12 : 0;
      if (imm >= 1 && imm <= 3) return [found(exam, read, { n, pc, imm, el: cpu.el, instruction: disassembled(word!, pc) })];
      timeline.forward(1);
    }
  }
  return [];
}

function found(
  exam: Examination,
  read: { n: number; pc: VA },
  { n, pc, imm, el, instruction }: { n: number; pc: VA; imm: number; el: number; instruction: string },
): Found {
  return {
    sentence: `CurrentEL has the level in bits 3:2, so at EL${el} it reads as ${hex(el << 2)}; ${exam.name(pc)} compares it with ${imm} as it is, which never matches, and ${whatBecame(exam)}.`,
    fix: 'Shift the value right by 2 before it is compared, or compare it with 0x4 (EL1), 0x8 (EL2) or 0xc (EL3).',
    pc,
    at: n,
    evidence: [
      {
        text: `reads CurrentEL: ${hex(el << 2)}`,
        register: 'CurrentEL',
        field: 'EL',
        value: hex(el << 2),
        address: hex(read.pc),
        ...exam.source(read.pc),
        at: read.n,
      },
      { text: `compares it with ${imm}`, instruction, address: hex(pc), ...exam.source(pc), at: n },
    ],
    links: [{ panel: 'code', subject: hex(pc) }],
  };
}
