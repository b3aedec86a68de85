/** The text of the source line that two runs are compared by: of the place where each of them did something else first. */
import type { RecordedNames } from '../debug/address-names.ts';
import type { Place } from './views.ts';

/** The text of a source file, by its number among those of the program's symbol files. */
export type ReadSource = (number: number) => Promise<{ readonly text: string | null; readonly isNewer?: boolean | undefined }>;

/** As it was when the program was built; undefined where it is not to be had, or has changed since. */
export async function sourceLine(names: RecordedNames, { file, line }: Place, read: ReadSource): Promise<string | undefined> {
  if (file === undefined || line === undefined) return undefined;
  const holder = names.files.find(({ lines }) => lines.files.some(({ name }) => name === file));
  if (!holder) return undefined;
  const number = names.firstSource(holder) + holder.lines.files.findIndex(({ name }) => name === file);
  const { text, isNewer } = await read(number);
  return text === null || isNewer ? undefined : text.split('\n')[line - 1]?.trim() || undefined;
}
