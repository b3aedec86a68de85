import { VA } from '../../../base/addresses.ts';
import { hex } from '../../../base/hex.ts';
import { decode } from '../../../isa/index.ts';
import { nothingWatched } from '../../../machine/watches.ts';
import type { Machine } from '../../../machine/machine.ts';
import { outcomeOf } from '../../outcome.ts';
import type { Rule } from '../rule.ts';

/** Instructions in which the branch of a loop lies behind its read, and those that are followed behind the loop. */
const [NEAR, MOST_FOLLOWED] = [6, 24];
const tests = /^TBN?Z$/;
/** Bits of UARTFR (Arm DDI 0183, 3.3.3). */
const flags: Readonly<Record<number, string>> = { 4: 'RXFE', 6: 'RXFF' };

/** A program that polls a flag of the receiver before it sends: the flag for that is TXFF. */
export const waitsForInput: Rule = {
  id: 'uart-wrong-flag',
  kind: 'broken',
  title: 'The program waits for input where it wants to send',
  looksAt: 'a loop that tests RXFE or RXFF of UARTFR, and whether the code behind it reads UARTDR or writes it',
  find(exam) {
    const { ending, machine, subject } = exam;
    if (ending.kind !== 'input' || machine.cpu.waiting) return [];
    const found = exam.look(exam.at, 'what follows its wait', () => pollOf(machine));
    if (!found) return [];
    const sends = subject.timeline.excursion(exam.at, () => sendsAt(machine, found.exit), { key: 'behind its wait', moves: true });
    if (sends === undefined) return [];
    const flag = flags[found.bit];
    const isMute = subject.timeline.output.length === 0;
    return [
      {
        kind: isMute ? 'broken' : 'suspicious',
        sentence: `The loop at ${exam.name(found.pc)} waits until UARTFR.${flag} is ${found.until}, which only somebody who types can bring about, and the code behind it sends: it writes UARTDR at ${exam.name(sends)}.${isMute ? ' Nothing was printed so far.' : ''}`,
        fix: 'Before a character is sent, wait until UARTFR.TXFF (bit 5, the transmit FIFO is full) is 0.',
        pc: found.pc,
        at: exam.at,
        evidence: [
          exam.step(exam.at, found.pc, `tests UARTFR.${flag}`, { register: 'UARTFR', field: flag }),
          { text: 'writes UARTDR behind the loop', address: hex(sends), register: 'UARTDR', ...exam.source(sends) },
        ],
        links: [{ panel: 'code', subject: hex(found.pc) }],
      },
    ];
  },
};

interface Poll {
  /** The branch, the bit that it tests, and what the program waits for it to be. */
  readonly pc: VA;
  readonly bit: number;
  readonly until: 0 | 1;
  readonly exit: VA;
}

/** The loop around PC that tests one bit of what it has read. */
function pollOf(machine: Machine): Poll | undefined {
  const { pc } = machine.cpu;
  for (let i = 0; i < NEAR; i++) {
    const at = VA(pc + BigInt(4 * i));
    const decoded = decode(machine.fetchWord(at) ?? 0);
    if (!decoded || !tests.test(decoded.definition.name)) continue;
    const bit = decoded.derived['bit'] as number;
    const target = at + (BigInt.asIntN(14, BigInt(decoded.fields.imm14 ?? 0)) << 2n);
    if (!(bit in flags) || target > at || target < at - BigInt(4 * NEAR)) return undefined;
    return { pc: at, bit, until: decoded.definition.name === 'TBZ' ? 1 : 0, exit: VA(at + 4n) };
  }
  return undefined;
}

/** Where the code from an address on writes UARTDR; undefined where it reads that first, and where that is not plain. Moves the machine. */
function sendsAt(machine: Machine, from: VA): VA | undefined {
  const { cpu, board, mmu } = machine;
  cpu.pc = from;
  for (let i = 0; i < MOST_FOLLOWED; i++) {
    const { exception, saying } = outcomeOf(machine);
    const accesses = saying?.effects?.accesses ?? [];
    if (exception) return undefined;
    for (const { address, kind } of accesses) {
      const at = mmu.probe(address, kind, cpu.el);
      if (!at.ok) return undefined;
      const register = board.bus.registerAt(at.pa);
      if (register === 'UARTDR') return kind === 'write' ? cpu.pc : undefined;
      if (register !== undefined) return undefined;
    }
    if (machine.run({ steps: 1, untilEvent: false, breakpoints: new Set(), watched: nothingWatched }) !== 'budget') return undefined;
  }
  return undefined;
}
