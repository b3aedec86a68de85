/** The Doctor: asks every rule about a program at an instant. */
import { plain } from '../words.ts';
import { exceptionLoopSentence } from '../exception-loop.ts';
import { waitingSentence } from '../waiting.ts';
import { LastAnswer } from '../last-answer.ts';
import type { Subject } from '../subject.ts';
import { Examination } from './examination.ts';
import { findingKinds, type Diagnosis, type Finding } from './finding.ts';
import { observing, quickReach, type Reach } from './history.ts';
import type { Rule } from './rule.ts';
import { lastRules, rules } from './table.ts';

const known = new LastAnswer<Diagnosis>();

/** What is wrong with the program, as its state and its recording up to this instant tell. The machine stays where it is. */
export function diagnose(subject: Subject, reach = quickReach): Diagnosis {
  const work = diagnosing(subject, reach, Infinity);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/**
 * The same in pieces of some ten milliseconds: yields how far it is, from 0 to 1. In between the machine may be moved, but each piece
 * begins at the instant that the diagnosis is about.
 */
export function* diagnosing(subject: Subject, reach: Reach, pieceMs?: number): Generator<number, Diagnosis> {
  const { timeline } = subject;
  const question = `${timeline.at} ${reach.steps} ${reach.reports}`;
  const answer = known.get(timeline.traps, question);
  if (answer) return answer;
  const exam = new Examination(subject);
  yield 0;
  const observation = observing(subject, exam.pastEnd, reach, pieceMs);
  for (;;) {
    const { done, value } = observation.next();
    if (done) {
      exam.history = value;
      break;
    }
    yield value * OBSERVED;
  }
  const explained = new Set<number>();
  const found: Finding[] = [];
  for (const [i, rule] of rules.entries()) {
    found.push(...findingsOf(rule, exam, explained));
    yield OBSERVED + (i / rules.length) * (1 - OBSERVED);
  }
  const isExplained = found.some(({ kind }) => kind === 'broken');
  if (!isExplained) found.push(...lastRules.flatMap((rule) => findingsOf(rule, exam, explained)));
  const order = (one: Finding): number => findingKinds.indexOf(one.kind);
  const diagnosis: Diagnosis = {
    findings: found.sort((a, b) => order(a) - order(b)),
    standing: standingOf(exam),
    certainty: exam.ending.kind === 'loop' && !exam.ending.isProved ? 'likely' : 'certain',
    at: exam.at,
    looked: { until: Math.min(exam.history.until, exam.pastEnd), end: exam.pastEnd },
  };
  known.keep(timeline.traps, question, diagnosis);
  return diagnosis;
}
/** The part of the work that is observing; asking the rules is the rest. */
const OBSERVED = 0.8;

function findingsOf(rule: Rule, exam: Examination, explained: Set<number>): Finding[] {
  return rule.find(exam).flatMap(({ id = rule.id, kind = rule.kind, title = rule.title, pc, at = null, about, links = [], ...rest }) => {
    if (about !== undefined && (explained.has(about) || explained.has(causeOf(exam, about)))) return [];
    if (about !== undefined && kind === 'broken') explained.add(about);
    return [{ id, kind, title, ...rest, place: pc === undefined ? null : exam.place(pc, at ?? undefined), at, links }];
  });
}

/** The exception whose handler faulted at its first instruction, in the exception of a step: that one explains both. */
function causeOf({ open }: Examination, about: number): number {
  const index = open.findIndex(({ n }) => n === about);
  const before = index > 0 ? open[index - 1] : undefined;
  return before && before.n === about - 1 && before.pc === open[index].elr ? before.n : about;
}

/** How the program stands, in a sentence or two. */
function standingOf(exam: Examination): string {
  const isMute = exam.isStuck && exam.subject.timeline.output.length === 0;
  return `${endingSentence(exam)}${isMute ? ' It has printed nothing so far.' : ''}`;
}
/** B with an offset of zero. */
const BRANCH_TO_ITSELF = 0x1400_0000;

function endingSentence(exam: Examination): string {
  const { subject, ending, machine } = exam;
  switch (ending.kind) {
    case 'stopped':
      return `The machine has stopped: ${machine.stopSentence()}.`;
    case 'loop': {
      const sentence = exceptionLoopSentence(subject);
      return sentence ? plain(sentence) : 'The processor takes the same exceptions again and again.';
    }
    case 'idle':
      return plain(waitingSentence(subject));
    case 'input':
      return 'The program waits for input.';
    case 'spin':
      if (exam.isHalt)
        return machine.fetchWord(machine.cpu.pc) === BRANCH_TO_ITSELF
          ? `The processor stays in a branch to itself at ${exam.name(machine.cpu.pc)}.`
          : `The processor repeats the same instructions at ${exam.name(machine.cpu.pc)} for ever, and nothing changes by them.`;
      return `The processor waits at ${exam.name(machine.cpu.pc)} for something that never changes.`;
    case 'running':
      return 'The program is running.';
  }
}
