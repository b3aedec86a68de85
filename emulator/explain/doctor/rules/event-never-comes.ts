import { hex } from '../../../base/hex.ts';
import type { Examination } from '../examination.ts';
import type { SystemStep } from '../history.ts';
import type { Rule } from '../rule.ts';

/** CNTKCTL_EL1.EVNTEN, CNTHCTL_EL2.EVNTEN: the counter sends events. */
const EVNTEN = 4n;
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
  looksAt: 'WFE twice with no SEV, exception or event stream in between, in a loop that the program leaves',
  find(exam) {
    const { history } = exam;
    const waits = history.system.filter(({ name }) => name === 'WFE');
    const wait = waits.slice(1, 64).find((step, i) => isAsleep(exam, waits[i], step) && goesOn(exam, step));
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

/** Whether no event can have come between two WFEs, nor come by itself. */
function isAsleep(exam: Examination, before: SystemStep, { n, el }: SystemStep): boolean {
  const { traps } = exam.subject.timeline;
  if (traps.firstAt(before.n) !== traps.firstAt(n)) return false;
  if (((exam.registerAt(n, 'CNTKCTL_EL1') | (el === 2 ? exam.registerAt(n, 'CNTHCTL_EL2') : 0n)) & EVNTEN) !== 0n) return false;
  return !exam.holdsBetween(before.n + 1, n, /^sevl?$/);
}

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
