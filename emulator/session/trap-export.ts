/** Traps as a file: made in pieces, so that a million of them neither hold up the machine nor need a text of that length. */
import { InputError } from '../base/errors.ts';
import type { TrapFormat } from '../explain/trap-formats.ts';
import { isOneDiagram, missingTraps, trapFileEndings, trapText } from '../explain/trap-forms.ts';
import { concatenate } from '../time/chunks.ts';
import type { Program } from './program.ts';
import { TrapSelection } from './trap-selection.ts';
import type { TrapChoice } from './views.ts';
import { yieldToMessages } from './yield.ts';

/** A larger file does not go through a message. */
const MOST_BYTES = 1 << 30;
/** Milliseconds of work between looks at messages. */
const PORTION_MS = 12;

/** Throws InputError for a filter that makes no sense and for what gets too large; undefined when it was cancelled. */
export async function exportTraps(
  program: Program,
  format: TrapFormat,
  choice: TrapChoice,
  progress: (fraction: number, text: string) => void,
  isWanted: () => boolean,
): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer>; missing: string } | undefined> {
  const { name, timeline } = program;
  const { traps } = timeline;
  const { filter = '', type, returns = true, from = 0, to } = choice;
  const selection = TrapSelection.of(traps, program, choice);
  while (!selection.advance(PORTION_MS)) {
    progress(selection.searched / 2, `looking for traps: ${Math.floor(selection.searched * 100)} %`);
    await yieldToMessages();
    if (!isWanted()) return undefined;
  }
  const indices = selection.indices(type);
  const until = Math.min(to ?? timeline.end, timeline.end);
  const first = indices.lowerBound(traps.firstAt(from));
  const length = indices.lowerBound(traps.firstAt(until)) - first;
  const isAll = filter === '' && type === undefined && returns;
  let done = 0;
  const chosen = {
    length,
    get: (place: number) => indices.get(first + (done = place)),
    from,
    to: until,
    isAll,
  };
  const source = {
    name,
    names: program.names.recorded,
    machine: program.machine,
    timeline: { traps, startLevel: timeline.startLevel, at: timeline.end },
  };
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  let told = performance.now();
  let ending = trapFileEndings[format];
  for (const text of trapText(format, source, chosen)) {
    const part = encoder.encode(text);
    if (format === 'mermaid' && parts.length === 0 && !isOneDiagram(text)) ending = 'md';
    bytes += part.length;
    if (bytes > MOST_BYTES)
      throw new InputError(`the file would be larger than ${MOST_BYTES >> 20} MiB`, {}, 'narrow the filter or the range');
    parts.push(part);
    if (performance.now() - told < PORTION_MS) continue;
    progress(0.5 + done / Math.max(1, length) / 2, `writing trap ${done} of ${length}`);
    await yieldToMessages();
    if (!isWanted()) return undefined;
    told = performance.now();
  }
  const missing = from < traps.keptFrom ? missingTraps(traps) : '';
  return { name: `${name.replace(/\.[^.]*$/, '')}-traps.${ending}`, bytes: concatenate(parts), missing };
}
