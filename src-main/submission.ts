/** One submission of an exercise: read, assembled where it is assembly, run and held against its task. */
import {
  assembleProgram,
  badFile,
  elfOf,
  grade,
  InputError,
  isRecording,
  openProgram,
  visible,
  type Report,
  type Task,
} from '../emulator/index.ts';
import { isOutOfMemory } from './exit.ts';
import { readProgramFile } from './program-file.ts';

/** Whatever is wrong with a submission is part of its report. */
export async function reportOf(path: string, task: Task): Promise<Report> {
  const name = visible(path);
  try {
    const { bytes, name: file } = await readProgramFile(path, 'an ELF, an Image or assembly');
    const program = openProgram(file, /\.s$/i.test(path) ? assembled(bytes, file) : checked(bytes, file));
    return { ...grade(program, task), file: name };
  } catch (error) {
    if (error instanceof InputError) return badFile(name, task, error.message);
    if (isOutOfMemory(error)) return badFile(name, task, 'there is not enough memory to run it');
    throw error;
  }
}

function checked(bytes: Uint8Array, file: string): Uint8Array {
  if (isRecording(bytes)) throw new InputError('this is a recording', { file }, 'expected an ELF, an Image or assembly');
  return bytes;
}

/** Problems that a report repeats. */
const MOST_PROBLEMS = 5;

function assembled(bytes: Uint8Array, file: string): Uint8Array {
  const { program, problems } = assembleProgram(decoded(bytes, file));
  if (program && program.sections.length === 0)
    throw new InputError('there is nothing to run in it', { file }, 'expected at least one instruction, at the label _start');
  if (program) return elfOf(program, file);
  const shown = problems.slice(0, MOST_PROBLEMS).map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  throw new InputError(
    `it does not assemble: ${shown.join('; ')}${problems.length > MOST_PROBLEMS ? `; and ${problems.length - MOST_PROBLEMS} more` : ''}`,
  );
}

/** Text in UTF-8. Throws InputError. */
export function decoded(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError('this is no text', { file }, 'expected UTF-8');
  }
}
