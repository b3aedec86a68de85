import { hex } from '../../../base/hex.ts';
import type { Store } from '../history.ts';
import type { Rule } from '../rule.ts';

/** UARTCR.UARTEN and TXE. */
const ENABLED = 0x101n;

/** A PL011 sends only when it is enabled and has a divisor (Arm DDI 0183, 3.3.6 to 3.3.8). */
export const uartNotEnabled: Rule = {
  id: 'uart-not-enabled',
  kind: 'hardware',
  title: 'The UART is written to before it is enabled',
  looksAt: 'the first store to UARTDR, and UARTCR and UARTIBRD before it',
  find(exam) {
    const { bus } = exam.machine.board;
    const named = exam.history.stores.flatMap((store) => {
      const register = bus.registerAt(store.pa);
      return register?.startsWith('UART') === true ? [{ store, register }] : [];
    });
    const first = named.find(({ register }) => register === 'UARTDR')?.store;
    if (!first) return [];
    const last = (name: string): Store | undefined =>
      named.findLast(({ register, store }) => register === name && store.n < first.n)?.store;
    const control = last('UARTCR')?.after ?? 0x300n;
    const divisor = last('UARTIBRD')?.after ?? 0n;
    const isEnabled = (control & ENABLED) === ENABLED;
    if (isEnabled && divisor !== 0n) return [];
    const why = isEnabled
      ? 'UARTIBRD is 0, so it has no baud rate'
      : `UARTCR is ${hex(control)}: ${(control & 1n) === 0n ? 'UARTEN' : 'TXE'} is 0`;
    return [
      {
        sentence: `The code at ${exam.name(first.pc)} sends the first character, but ${why}: a real PL011 would print nothing. This machine and QEMU print all the same.`,
        fix: 'Write UARTIBRD and UARTFBRD, then UARTLCR_H, then 0x301 to UARTCR (UARTEN, TXE, RXE), before the first character.',
        pc: first.pc,
        at: first.n,
        evidence: [
          exam.step(first.n, first.pc, `writes ${hex(first.after)} to UARTDR`, { register: 'UARTDR', value: hex(first.after) }),
          { text: why, register: isEnabled ? 'UARTIBRD' : 'UARTCR', value: hex(isEnabled ? divisor : control), at: first.n },
        ],
        links: [{ panel: 'code', subject: hex(first.pc) }],
      },
    ];
  },
};
