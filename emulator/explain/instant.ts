/** An instant in words: where the machine stands, what led here, and what its next step does. */
import { hex } from '../base/hex.ts';
import { explainInstruction } from './instruction.ts';
import { disassembled } from './instruction-text.ts';
import { levelsView } from './levels.ts';
import { eventText, placeText } from './levels-text.ts';
import { nowView } from './now.ts';
import { placeOf, type Subject } from './subject.ts';
import type { Hex, Level, LevelEvent, Place } from './views.ts';
import { plain } from './words.ts';

export interface Instant {
  readonly at: number;
  readonly level: Level;
  readonly pc: Place;
  /** What a newcomer reads first. */
  readonly sentence: string;
  /** The instruction that comes next; null where it cannot be fetched. */
  readonly instruction: { readonly word: Hex; readonly text: string; readonly explanation: string } | null;
  /** The exception or return that led here, if the step before was one. */
  readonly before: LevelEvent | null;
  /** The exception or return that step `at` is; null where it is none. */
  readonly happens: LevelEvent | null;
}

/** Does the step at this instant: the machine stands one instant later afterwards. */
export function explainInstant(subject: Subject): Instant {
  const { machine, timeline, names } = subject;
  const { cpu } = machine;
  const word = machine.fetchWord(cpu.pc);
  const told = {
    at: timeline.at,
    level: cpu.el,
    pc: placeOf(names, cpu.pc),
    sentence: plain(nowView(subject).sentence),
    instruction:
      word === undefined
        ? null
        : {
            word: hex(word),
            text: disassembled(word, cpu.pc),
            explanation: plain(explainInstruction(subject)),
          },
    before: levelsView(subject).event,
  };
  timeline.forward(1);
  return { ...told, happens: timeline.at > told.at ? levelsView(subject).event : null };
}

export function instantText({ at, level, pc, sentence, instruction, before, happens }: Instant): string {
  const next = instruction ? [`next: ${instruction.text}  ${instruction.explanation}`] : ['next: an instruction that cannot be fetched'];
  return [
    `instant ${at}, EL${level}, PC ${placeText(pc)}`,
    sentence,
    ...next,
    ...(before ? ['', 'what led here:', ...eventText(before)] : []),
    ...(happens ? ['', 'what this step does:', ...eventText(happens)] : []),
  ].join('\n');
}
