/** `elscope interrupts`: the way of an interrupt at an instant, the field that holds it, what happened to it, and the timers. */
import { interruptIdOf, interruptsText, views } from '../../emulator/index.ts';
import { interruptsPicture } from '../../src-renderer/geometry/interrupts/picture.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, oneOf, parseWords, UsageError } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';
import { pictureFormats, slideFlags, writePicture, type PictureFormat } from './pictures.ts';

/** Milliseconds for what happened before the instant. */
const SEARCH_MS = 10_000;

/** What `--intid` names; `ms`: how long the past is searched. Throws UsageError. */
export function interruptAsked(intid: string | undefined, ms = SEARCH_MS): Parameters<typeof views.interrupts.of>[1] {
  if (intid === undefined) return { ms };
  const id = interruptIdOf(intid);
  if (id === undefined) throw new UsageError(`--intid ${intid}: expected an INTID from 0 to 287, or VI, VF or VSE`);
  return { id, ms };
}

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    ...machineFlags,
    ...instantFlags,
    ...slideFlags,
    intid: { type: 'string' },
    format: { type: 'string' },
    json: { type: 'boolean' },
  });
  const format = values.json ? 'json' : oneOf('--format', values.format ?? 'text', ['text', 'json', ...pictureFormats]);
  const asked = interruptAsked(values.intid);
  const program = await openRun(atMostOne(positionals, 'image or recording'), values);
  const view = views.interrupts.of(program, asked);
  if (format === 'json') await writeJson(view);
  else if (format === 'text') await write(`${interruptsText(view)}\n`);
  else await writePicture(interruptsPicture(view, program.name), format as PictureFormat, values);
  return exitCode.done;
}
