/** Programs that a person writes in the app: assembled here, run like any other, with their source inside. */
import { assembleProgram, directiveNames, elfOf, type Problem, type Program as AssembledProgram } from '../assembler/index.ts';
import { hex } from '../base/hex.ts';
import { findRegisterTyped, peekRegister, systemRegisterTable } from '../cpu/index.ts';
import { decodedRegister } from '../explain/decoded-register.ts';
import { mnemonics, systemOperations } from '../isa/index.ts';
import type { CommandResult, SourceProblem, SourceWord } from './contract.ts';
import { sourceOf } from './own-source.ts';
import type { Program } from './program.ts';
import { rebuilt } from './rebuilt.ts';
import { limits } from './limits.ts';
import type { Session } from './session.ts';

/** Instructions of a source that a person is told about: beyond these, it repeats something. */
const MOST_WORDS = 10_000;

export function assembleSource(text: string): CommandResult<'assemble'> {
  const { program, problems } = assembleProgram(text);
  return { problems: shown(problems), words: program ? wordsOf(program, text) : [] };
}

const shown = (problems: readonly Problem[]): SourceProblem[] =>
  problems.slice(0, limits.problems).map(({ repair, ...problem }) => ({ ...problem, ...(repair && { repair: { ...repair } }) }));

/** The instructions of all lines, without those that only fill up to an alignment. */
function wordsOf({ sections }: AssembledProgram, text: string): SourceWord[] {
  const words: SourceWord[] = [];
  const isFilling = text.split(/\r\n|\n|\r/).map((line) => /^\s*(?:[\w.$]+\s*:\s*)*\.(b|p2)?align\b/i.test(line));
  for (const { bytes, base, lines, mappings, size } of sections) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const isCode = (offset: number): boolean => mappings.findLast((mapping) => mapping.offset <= offset)?.kind === 'code';
    lines.forEach(({ offset: from, line }, i) => {
      if (isFilling[line - 1]) return;
      const to = Math.min(lines[i + 1]?.offset ?? size, bytes.length);
      for (let offset = Math.ceil(from / 4) * 4; offset + 4 <= to && words.length < MOST_WORDS && isCode(offset); offset += 4)
        words.push({ line, address: hex(base + BigInt(offset)), word: hex(BigInt(view.getUint32(offset, true))) });
    });
  }
  return words;
}

/** Throws InputError for a program that the machine cannot hold. */
export async function runSource(session: Session, name: string, text: string): Promise<CommandResult<'runSource'>> {
  const { program, problems } = assembleProgram(text);
  if (!program) return { problems: shown(problems), words: [], text: '', comparison: false };
  const bytes = elfOf(program, name, text);
  const file = `${name.replace(/\.(s|asm)$/i, '')}.elf`;
  const words = wordsOf(program, text);
  const open = session.program;
  if (open?.name !== file || sourceOf(open) === undefined) {
    await session.openFile(file, bytes);
    return { problems: [], words, text: '', comparison: false };
  }
  if (open.bytes.length === bytes.length && open.bytes.every((byte, i) => byte === bytes[i])) {
    session.reset();
    session.movement.run();
    return { problems: [], words, text: `${name} runs again from its first instruction.`, comparison: false };
  }
  let told: readonly [text: string, comparison: boolean] = ['', false];
  await rebuilt(session, file, bytes, (...said) => (told = said));
  return { problems: [], words, text: told[0], comparison: told[1] };
}

export const vocabulary = (): CommandResult<'vocabulary'> => ({
  mnemonics: [...mnemonics()],
  directives: [...directiveNames],
  registers: systemRegisterTable.map(({ name, title }) => ({ name, title })),
  operations: Object.keys(systemOperations),
});

/** By its name as a person types it. Without a program, all its bits are shown as 0. */
export function systemRegister(program: Program | undefined, typed: string): CommandResult<'systemRegister'> {
  const name = findRegisterTyped(typed)?.name;
  if (name === undefined) return { register: null, isValue: false };
  const { cpu, environment } = program?.machine ?? {};
  const value = cpu && environment ? peekRegister(cpu, environment, name) : undefined;
  return { register: decodedRegister(name, value ?? 0n, cpu && ((other) => cpu.get(other))), isValue: value !== undefined };
}
