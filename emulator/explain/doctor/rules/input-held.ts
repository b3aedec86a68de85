import { hex } from '../../../base/hex.ts';
import { comingInterrupts } from '../../../machine/coming-interrupts.ts';
import { spiIntid } from '../../../machine/board-row.ts';
import { PSTATE } from '../../../cpu/spsr.ts';
import { obstacleWords } from '../../interrupt-words.ts';
import type { Store } from '../history.ts';
import type { Rule } from '../rule.ts';

/** A program that waits for the UART, whose interrupt is masked in the UART itself, or kept by the GIC (Arm DDI 0183, 3.3.10). */
export const inputHeld: Rule = {
  id: 'uart-interrupt',
  kind: 'broken',
  title: 'The interrupt of the UART does not come through',
  looksAt: 'UARTIMSC and what the GIC does with INTID 33, while a program waits that has set up one of them',
  find(exam) {
    const { machine, ending, history } = exam;
    const { board, cpu } = machine;
    const { gic, uart } = board;
    if ((ending.kind !== 'idle' && ending.kind !== 'input') || !cpu.waiting || exam.root) return [];
    // A program that has no interrupts unmasked, or took some, waits for something else.
    if ((cpu.daif & PSTATE.I) !== 0 || exam.subject.timeline.traps.exceptions > 0) return [];
    const intid = spiIntid(1);
    const stores = (name: string): Store[] => history.stores.filter(({ pa }) => board.bus.registerAt(pa) === name);
    const masks = stores('UARTIMSC');
    const enables = stores('GICD_ISENABLER1').filter(({ after, bytes }) => bytes === 4 && (after & BigInt(1 << (intid - 32))) !== 0n);
    const mask = uart.registers.find(({ name }) => name === 'UARTIMSC');
    const value = mask ? uart.peek(mask.offset, 4) : 0;
    const obstacle = comingInterrupts(machine).find((one) => one.from === 'input' && one.intid === intid)?.obstacle;
    const isMasked = value === 0 && enables.length > 0;
    const isHeld = value !== 0 && masks.length > 0 && obstacle !== undefined;
    if (!isMasked && !isHeld) return [];
    const set = isMasked ? enables.at(-1)! : masks.at(-1)!;
    const why = isMasked ? 'UARTIMSC is 0, so the UART raises no interrupt' : `the interrupt is ${obstacleWords(obstacle!)}`;
    return [
      {
        sentence: `The program waits at ${exam.name(exam.waitsAt)} for the interrupt of the UART, INTID ${intid}, but ${why}: what is typed never wakes it.`,
        fix: isMasked
          ? 'Write 0x10 (RXIM), or 0x50 with the receive timeout, to UARTIMSC.'
          : `Enable INTID ${intid} at the GIC (bit 1 of GICD_ISENABLER1), with a priority above ${gic.names.priorityMask}.`,
        pc: set.pc,
        at: set.n,
        evidence: [
          exam.step(set.n, set.pc, isMasked ? 'enables INTID 33 at the GIC' : `writes ${hex(set.after)} to UARTIMSC`, {
            value: hex(set.after),
          }),
          { text: why, register: isMasked ? 'UARTIMSC' : obstacle!.field, at: exam.at },
          exam.step(exam.at, exam.waitsAt, 'waits'),
        ],
        links: [{ panel: 'registers', subject: 'UARTIMSC' }],
      },
    ];
  },
};
