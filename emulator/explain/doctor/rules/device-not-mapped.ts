import { hex } from '../../../base/hex.ts';
import type { VA } from '../../../base/addresses.ts';
import type { Examination } from '../examination.ts';
import { hasStatus, isStage2, syndromeOf, taken, whatBecame } from '../fault-words.ts';
import type { Found, Rule } from '../rule.ts';
import { switchedOn, walkEvidence } from './mmu-switched-on.ts';

/** Devices are reached through the tables too, once the MMU is on. */
export const deviceNotMapped: Rule = {
  id: 'P18',
  kind: 'broken',
  title: 'A device is not mapped',
  looksAt: 'translation faults at the address of a device of the board, and stores to such an address that go elsewhere',
  find(exam) {
    const event = exam.root;
    if (event?.type === 'DataAbort' && !isStage2(event) && event.far !== null && hasStatus(event, 'translation')) {
      const { far } = event;
      const device = deviceAt(exam, far);
      const walk = device && exam.walkOf(event);
      if (!walk || walk.result.ok) return [];
      const on = switchedOn(exam, event);
      return [
        {
          title: `${device.title} is not mapped`,
          sentence: `The tables have no entry for the ${device.title} at ${hex(far)}: the first access after the MMU was switched on is a translation fault, and ${whatBecame(exam)}.`,
          fix: `Map ${hex(device.base)} as Device memory in the tables, before the MMU is switched on.`,
          pc: exam.detail(event).causePc,
          at: event.n,
          about: event.n,
          evidence: [
            taken(exam, event),
            ...walkEvidence(walk, event.n),
            ...(on ? [exam.step(on.n, on.pc, 'switched the MMU on', { register: on.register!, field: 'M' })] : []),
            ...syndromeOf(event),
          ],
          links: [{ panel: 'walk', subject: hex(far) }, { panel: 'tables' }],
        },
      ];
    }
    return elsewhere(exam);
  },
};

/** Of the low 32 bits, in which the board has its devices: a map in the upper half keeps them as a rule. */
function deviceAt({ machine }: Examination, va: VA): { readonly title: string; readonly base: number } | undefined {
  const high = va >> 32n;
  if (high !== 0n && high < 0xffff_0000n) return undefined;
  const low = Number(va & 0xffff_ffffn);
  return machine.board.regions.find(({ kind, base, bytes }) => kind === 'device' && low >= base && low < base + bytes);
}

/** Characters that are meant for the UART and go to memory, or where nothing is. */
function elsewhere(exam: Examination): Found[] {
  const { board } = exam.machine;
  const uart = board.regions.find(({ name }) => name === 'pl011');
  if (!uart) return [];
  const isItsAddress = (va: VA): boolean => va >= uart.base && va < uart.base + uart.bytes;
  const { root } = exam;
  const aborted =
    root?.type === 'DataAbort' && root.far !== null && isItsAddress(root.far)
      ? exam.look(root.n, `probe of ${root.far}`, () => exam.machine.mmu.probe(root.far!, 'write', root.from))
      : undefined;
  const stored = exam.history.stores.find(({ va, pa }) => isItsAddress(va) && board.bus.hostAddress(pa) >= 0);
  const wrong = aborted?.ok
    ? { n: root!.n, pc: root!.elr, va: root!.far!, pa: aborted.pa, what: 'where nothing answers' }
    : stored && { ...stored, what: 'which is memory' };
  if (!wrong || isItsAddress(BigInt(wrong.pa) as VA)) return [];
  const { n, pc, va, pa, what } = wrong;
  return [
    {
      title: 'The UART is mapped to the wrong place',
      sentence: `The code at ${exam.name(pc)} writes to ${hex(va)}, the address of the UART, but the tables lead to PA ${hex(pa)}, ${what}: nothing is printed.`,
      fix: `Let the entry of ${hex(va)} lead to PA ${hex(uart.base)}, as Device memory.`,
      pc,
      at: n,
      evidence: [
        exam.step(n, pc, `stores to VA ${hex(va)}, PA ${hex(pa)}`),
        { text: `the UART is at PA ${hex(uart.base)}`, address: hex(uart.base) },
      ],
      links: [{ panel: 'walk', subject: hex(va) }],
    },
  ];
}
