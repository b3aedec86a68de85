import { hex } from '../../../base/hex.ts';
import type { Examination } from '../examination.ts';
import type { SystemStep } from '../history.ts';
import type { Rule } from '../rule.ts';

/** CNTKCTL_EL1.EVNTEN, CNTHCTL_EL2.EVNTEN: the counter sends events. */
const EVNTEN = 4;
/** Bytes around a WFE that belong to its loop, and steps within which a program that does not wait has left it. */
const [NEAR, SOON] = [32n, 200];

/**
 * WFE waits unless an event is registered: by SEV, SEVL, an exception return, an interrupt or the event stream (Arm ARM D1.6.1). Here, as in
 * QEMU, it goes on at once.
 */
export const eventNeverComes: Rule = {
  id: 'wfe-without-event',
  kind: 'hardware',
  title: 'WFE waits for an event that nobody sends',
  looksAt: 'the event register in front of WFE, the event stream, and whether the program goes on',
  find(exam) {
    const { history } = exam;
    const waits = history.system.filter(({ name }) => name === 'WFE');
    const wait = waits.slice(1, 64).find((step) => isAsleep(exam, step) && goesOn(exam, step));
    if (!wait) return [];
    const before = waits[waits.indexOf(wait) - 1];
    return [
      {
        sentence: `The code at ${exam.name(wait.pc)} executes WFE again with no event since the last one, and goes on: a Cortex-A53 would wait there until an interrupt comes. Here and in QEMU, WFE does not wait.`,
        fix: 'Send the event with SEV from what changes the condition, or poll without WFE.',
        pc: wait.pc,
        at: wait.n,
        evidence: [
          exam.step(before.n, before.pc, 'the WFE before, which used up any event'),
          { text: `no SEV, exception or return from instant ${before.n} to ${wait.n}` },
          exam.step(wait.n, wait.pc, 'waits, on hardware'),
        ],
        links: [{ panel: 'code', subject: hex(wait.pc) }],
      },
    ];
  },
};

/** Whether the event register is clear in front of a WFE, and the counter sends no events. */
const isAsleep = (exam: Examination, { n, el }: SystemStep): boolean =>
  exam.look(n, 'event register', () => {
    const { cpu } = exam.machine;
    const streams = [cpu.low('CNTKCTL_EL1'), el === 2 ? cpu.low('CNTHCTL_EL2') : 0];
    return !cpu.event && streams.every((control) => (control & EVNTEN) === 0);
  });

/** Whether the program leaves the loop of a WFE by itself. */
function goesOn(exam: Examination, { n, pc }: SystemStep): boolean {
  const { timeline, machine } = exam.subject;
  const events = timeline.traps.firstAt(n);
  return timeline.excursion(
    n,
    () => {
      const end = Math.min(n + SOON, exam.at);
      while (timeline.at < end) {
        timeline.forward(1);
        if (timeline.traps.firstAt(timeline.at) !== events) return false;
        const away = machine.cpu.pc - pc;
        if (away > NEAR || away < -NEAR) return true;
      }
      return false;
    },
    { key: 'leaves its WFE', moves: true },
  );
}
