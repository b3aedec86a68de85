/** The Doctor: asks every rule about a program at an instant. */
import { plain } from '../words.ts';
import { exceptionLoopSentence } from '../exception-loop.ts';
import { waitingSentence } from '../waiting.ts';
import { LastAnswer } from '../last-answer.ts';
import type { Subject } from '../subject.ts';
import { Examination } from './examination.ts';
import { findingKinds, type Diagnosis, type Finding } from './finding.ts';
import type { Rule } from './rule.ts';
import { lastRules, rules } from './table.ts';

const known = new LastAnswer<Diagnosis>();

/** What is wrong with the program, as its state and its recording up to this instant tell. The machine stays where it is. */
export const diagnose = (subject: Subject): Diagnosis =>
  known.of(subject.timeline.traps, String(subject.timeline.at), () => examined(subject));

function examined(subject: Subject): Diagnosis {
  const exam = new Examination(subject);
  const explained = new Set<number>();
  const found = rules.flatMap((rule) => findingsOf(rule, exam, explained));
  const isExplained = found.some(({ kind }) => kind === 'broken');
  if (!isExplained) found.push(...lastRules.flatMap((rule) => findingsOf(rule, exam, explained)));
  const order = (one: Finding): number => findingKinds.indexOf(one.kind);
  return { findings: found.sort((a, b) => order(a) - order(b)), standing: standingOf(exam) };
}

function findingsOf(rule: Rule, exam: Examination, explained: Set<number>): Finding[] {
  return rule.find(exam).flatMap(({ id = rule.id, kind = rule.kind, title = rule.title, pc, at = null, about, links = [], ...rest }) => {
    if (about !== undefined && explained.has(about)) return [];
    if (about !== undefined && kind === 'broken') explained.add(about);
    return [{ id, kind, title, ...rest, place: pc === undefined ? null : exam.place(pc), at, links }];
  });
}

/** How the program stands, in a sentence. */
function standingOf(exam: Examination): string {
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
      return exam.isHalt
        ? `The processor stays in a branch to itself at ${exam.name(machine.cpu.pc)}.`
        : `The processor waits at ${exam.name(machine.cpu.pc)} for something that never changes.`;
    case 'running':
      return 'The program is running.';
  }
}
