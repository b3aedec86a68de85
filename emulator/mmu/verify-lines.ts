/** Recorded results, one set-up as JSON on each line. */
import * as v from 'valibot';
import { InputError } from '../base/errors.ts';

/** The set-ups of a file, in order; `what` says what a line should be. Throws InputError at a line that is something else. */
export function* recordedLines<S extends v.GenericSchema>(
  lines: Iterable<string>,
  schema: S,
  what: string,
  file: string,
): Generator<v.InferOutput<S>, void> {
  let number = 0;
  for (const line of lines) {
    number++;
    if (line.trim() !== '') yield parse(line, schema, `line ${number} is not ${what}`, file);
  }
}

function parse<S extends v.GenericSchema>(line: string, schema: S, problem: string, file: string): v.InferOutput<S> {
  try {
    return v.parse(schema, JSON.parse(line));
  } catch (error) {
    throw new InputError(problem, { file }, error instanceof Error ? error.message : String(error));
  }
}
