import type { VA } from '../../../base/addresses.ts';
import { hex } from '../../../base/hex.ts';
import type { ExceptionEvent } from '../../../cpu/index.ts';
import { capital, interruptCondition, interruptName } from '../../interrupt-words.ts';
import type { Examination } from '../examination.ts';
import { meansToGoOn } from '../intent.ts';
import type { Found, Rule } from '../rule.ts';
import { unrouted } from './interrupt-not-taken.ts';

const MOST_LOOKED_AT = 10_000;
/** GICC_EOIR.EOIINTID; ICC_EOIR1_EL1 has more bits, which no INTID of this board needs. */
const INTID = 0x3ffn;

interface Handled {
  readonly event: ExceptionEvent;
  /** The step of the return, and its instruction. */
  readonly n: number;
  readonly pc: ExceptionEvent['pc'];
}
/** The interrupts that were handled, the last one first. */
function* handled(exam: Examination): Generator<Handled & { readonly index: number }> {
  const { traps } = exam.subject.timeline;
  for (let index = traps.firstAt(exam.at) - 1, looked = 0; index >= traps.first && looked < MOST_LOOKED_AT; index--, looked++) {
    if (traps.kind(index) !== 'exception' || !/^v?(IRQ|FIQ)$/.test(traps.type(index))) continue;
    const back = traps.returnOf(index);
    if (back === undefined || traps.step(back) >= exam.at) continue;
    const n = traps.step(back);
    yield { event: traps.get(index) as ExceptionEvent, n, index, pc: exam.look(n, 'pc of return', () => exam.machine.cpu.pc) };
  }
}

/** The writes between two instants that end an interrupt, which the GICv2 takes as stores and the GICv3 by MSR. */
function endsBetween(exam: Examination, from: number, to: number): { readonly n: number; readonly pc: VA; readonly value: bigint }[] {
  const { bus, gic } = exam.machine.board;
  const { stores } = exam.history;
  const all =
    gic.version === 2
      ? stores.filter(({ pa }) => bus.registerAt(pa) === gic.names.end).map(({ n, pc, after }) => ({ n, pc, value: after }))
      : exam.history.writesOf(gic.names.end).map(({ n, pc, operand }) => ({ n, pc, value: operand }));
  return all.filter(({ n }) => n > from && n < to);
}

/** An interrupt stays active until its handler ends it (IHI 0048B 3.2.1, 4.4.5). */
export const interruptNotEnded: Rule = {
  id: 'no-eoi',
  kind: 'broken',
  title: 'An interrupt was handled but not ended',
  looksAt: 'interrupts that are still active after their handlers have returned, while the program waits for more',
  find(exam) {
    const { gic, regions } = exam.machine.board;
    if (!exam.isStuck || exam.root || !meansToGoOn(exam)) return [];
    for (const { event, n, pc, index } of handled(exam)) {
      if (event.intid === null) continue;
      if (event.type.startsWith('v')) {
        const listed = gic.virtualControl.inUse().find((one) => one.intid === event.intid && one.active);
        if (listed) return [guestNotEnded(exam, { event, n, pc }, index, gic.names.listRegister(listed.listRegister))];
        continue;
      }
      const why = gic.stillActive(event.intid);
      // The guest ends it, by its list register (IHI 0048B 5.2.2).
      if (!why || gic.virtualControl.inUse().some(({ physical }) => physical === event.intid)) continue;
      const name = interruptName(event.intid, regions);
      const { names } = gic;
      const other = endsBetween(exam, event.n, n).findLast(({ value }) => Number(value & INTID) !== event.intid);
      const register = why === 'noEnd' || other ? names.end : names.deactivate;
      return [
        {
          sentence: `The handler of ${name}, returns at ${exam.name(pc)} ${other ? `with ${hex(other.value)} written to ${register}, which is not its INTID` : `with no write to ${register}`}${register === names.deactivate ? ` (${names.endMode} is 1)` : ''}: the interrupt stays active, and the GIC signals neither it nor any of lower priority again. EL${exam.machine.cpu.el} waits for the next one.`,
          fix: `Write the value that was read from ${names.acknowledge} to ${register} at the end of the handler.`,
          pc: other?.pc ?? pc,
          at: other?.n ?? n,
          evidence: [
            exam.step(event.n, event.elr, `${event.type} taken: ${name}`),
            ...(other
              ? [exam.step(other.n, other.pc, `writes ${hex(other.value)} to ${register}`, { register, value: hex(other.value) })]
              : []),
            exam.step(n, pc, 'returns from the handler'),
            { text: `INTID ${event.intid} is still active`, register: names.active(event.intid), at: exam.at },
          ],
          links: [{ panel: 'traps', subject: String(index) }],
        },
      ];
    }
    return [];
  },
};

/** The same of a virtual interrupt: its list register stays active (IHI 0048B 5.2.2). */
function guestNotEnded(exam: Examination, { event, n, pc }: Handled, index: number, listRegister: string): Found {
  const { gic, regions } = exam.machine.board;
  const name = interruptName(event.intid!, regions);
  return {
    sentence: `The guest's handler of ${name}, returns at ${exam.name(pc)} with no write to ${gic.names.end}: ${listRegister} stays active, and the guest gets neither this virtual interrupt nor any of lower priority again. EL${exam.machine.cpu.el} waits for the next one.`,
    fix: `Write the value that was read from ${gic.names.acknowledge} to ${gic.names.end} at the end of the guest's handler.`,
    pc,
    at: n,
    evidence: [
      exam.step(event.n, event.elr, `${event.type} taken: ${name}`),
      exam.step(n, pc, 'returns from the handler'),
      { text: `${listRegister} is still active`, register: listRegister, field: 'State', at: exam.at },
    ],
    links: [
      { panel: 'traps', subject: String(index) },
      { panel: 'registers', subject: listRegister },
    ],
  };
}

/** A level-sensitive interrupt comes again for as long as its source asks for it (IHI 0048B 1.4.1). */
export const interruptStorm: Rule = {
  id: 'interrupt-storm',
  kind: 'broken',
  title: 'The same interrupt comes again and again',
  looksAt: 'interrupts taken again right after the return of their handler, and what still asks for them',
  find(exam) {
    if (exam.ending.kind !== 'loop') return [];
    const { traps } = exam.subject.timeline;
    for (const { event, n, pc, index } of handled(exam)) {
      if (index < exam.ending.first) return [];
      const next = traps.indexOfStep(n + 1);
      if (next === undefined || traps.type(next) !== event.type) continue;
      const { board } = exam.machine;
      const isByHcr = event.intid === null;
      // The handler of a guest, which asks another CPU interface than the one that EL2 has set up.
      const isEl2s = event.type === 'IRQ' && event.to === 1 && exam.machine.options.el2 && exam.history.stores.some(({ el, pa }) => el === 2 && board.bus.registerAt(pa) === 'GICC_CTLR'); // prettier-ignore
      if (
        isEl2s &&
        event.intid !== null &&
        exam.history.stores.every(({ el, pa }) => el === 2 || !board.bus.registerAt(pa)?.startsWith('GICC_'))
      )
        return [
          {
            ...unrouted(exam, event.intid, `it goes to EL1, whose handler at ${exam.name(event.pc)} cannot end it`),
            id: 'P32',
            title: 'Interrupts do not go to EL2',
            about: event.n,
          },
        ];
      const name = isByHcr
        ? `the ${event.type} that HCR_EL2 makes`
        : event.intid > 1019
          ? `an ${event.type}`
          : interruptName(event.intid, board.regions);
      const why = isByHcr
        ? `HCR_EL2.${event.type === 'vFIQ' ? 'VF' : 'VI'} is still 1`
        : (exam.look(n, 'why it is asserted', () => interruptCondition(exam.machine, event.intid!)) ?? 'its source still asks for it');
      return [
        {
          sentence: `${capital(name)}, is taken again at once whenever its handler has returned, at ${exam.name(pc)}, so the interrupted program at ${exam.name(event.elr)} does nothing more: ${why}.`,
          fix: isByHcr
            ? 'Let the hypervisor clear HCR_EL2.VI (or VF) when the guest has taken the interrupt.'
            : `Read ${board.gic.names.acknowledge}, take away the reason at its source (set the timer anew, or mask it; read the data of the device), then write ${board.gic.names.end}, all before the ERET.`,
          pc,
          at: n,
          about: event.n,
          evidence: [
            exam.step(event.n, event.elr, `${event.type} from EL${event.from} to EL${event.to}`),
            exam.step(n, pc, 'returns from the handler'),
            { text: why, at: n },
          ],
          links: [{ panel: 'traps', subject: String(index) }],
        },
      ];
    }
    return [];
  },
};
