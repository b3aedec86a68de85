/** An instant in words: where the machine is, what led here, and what its next step does. */
import { VA } from '../base/addresses.ts';
import { encodingLines, encodingOf } from '../explain/encoding.ts';
import { eventText, placeText } from '../explain/levels-text.ts';
import { plain } from '../explain/words.ts';
import type { Program } from './program.ts';
import type { Encoding, Hex, Level, LevelEvent, Place, StackFrame } from './views.ts';
import { views } from './views/index.ts';

export interface Instant {
  readonly at: number;
  readonly level: Level;
  readonly pc: Place;
  /** What a newcomer reads first. */
  readonly sentence: string;
  /** The instruction that comes next; null where it cannot be fetched. */
  readonly instruction: { readonly word: Hex; readonly text: string; readonly explanation: string } | null;
  /** Its 32 bits by field. */
  readonly encoding: Encoding | null;
  /** The exception or return that led here, if the step before was one. */
  readonly before: LevelEvent | null;
  /** The exception or return that step `at` is; null where it is none. */
  readonly happens: LevelEvent | null;
  /** Which functions wait for which, the running one first, through exceptions. */
  readonly stack: readonly StackFrame[];
}

/** Where the machine is and what led here. */
export function instantNow(program: Program): Instant {
  const { at, level, place, lines, explanation } = views.code.of(program, { before: 0, after: 0 });
  const [{ word, seenBy, mnemonic, operands }] = lines;
  const isFetched = word !== null && seenBy === undefined;
  return {
    at,
    level,
    pc: place,
    sentence: plain(views.now.of(program, {}).sentence),
    instruction: isFetched ? { word, text: `${mnemonic} ${operands}`.trim(), explanation: plain(explanation) } : null,
    encoding: isFetched ? encodingOf(Number(word), VA(BigInt(place.address))) : null,
    before: eventBefore(program),
    happens: null,
    stack: views.stack.of(program, {}).frames,
  };
}

/** The same, and what happens: executes the step at this instant, so that the machine is one instant later afterwards. */
export function explainInstant(program: Program): Instant {
  const { timeline } = program;
  const told = instantNow(program);
  timeline.forward(1);
  return { ...told, happens: timeline.at > told.at ? eventBefore(program) : null };
}

/** The exception or return that the step before was. */
const eventBefore = (program: Program): LevelEvent | null => views.levels.of(program, {}).event;

export function instantText({ at, level, pc, sentence, instruction, encoding, before, happens, stack }: Instant): string {
  const next = instruction ? [`next: ${instruction.text}  ${instruction.explanation}`] : ['next: an instruction that cannot be fetched'];
  return [
    `instant ${at}, EL${level}, PC ${placeText(pc)}`,
    sentence,
    ...next,
    ...(encoding ? encodingLines(encoding) : []),
    ...(before ? ['', 'what led here:', ...eventText(before)] : []),
    ...(happens ? ['', 'what this step does:', ...eventText(happens)] : []),
    ...(stack.length > 1 ? ['', 'call stack:', ...stack.map(frameText)] : []),
  ].join('\n');
}

/** "#2  try_write at guest/exception.c:34, EL1 of VMID 1, left by Data abort at instant 49013". */
function frameText({ name, file, line, level, vmid, isInlined, interruptedBy, at }: StackFrame, number: number): string {
  const place = file === undefined ? '' : ` at ${file}:${line}`;
  const owner = level < 2 && vmid > 0 ? ` of VMID ${vmid}` : '';
  const trap = interruptedBy === null ? '' : `, left by ${interruptedBy} at instant ${at}`;
  return `#${number}  ${name}${isInlined ? ' (inlined)' : ''}${place}, EL${level}${owner}${trap}`;
}
