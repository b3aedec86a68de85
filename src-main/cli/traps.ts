/** `elscope traps`: the exceptions, returns and PSCI calls of a run, in several forms. */
import { laneSpans, trapRow, type Program } from '../../emulator/index.ts';
import { lanesPicture } from '../../src-renderer/geometry/lanes-picture.ts';
import type { Picture } from '../../src-renderer/geometry/picture.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, oneOf, parseWords } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write } from './output.ts';
import { pictureFormats, writePicture, type PictureFormat } from './pictures.ts';
import { csvForm, jsonLinesForm, mermaidForm, perfettoForm, textForm, trapLines } from './trap-forms.ts';

const forms: Readonly<Record<string, (program: Program) => string>> = {
  text: textForm,
  jsonl: jsonLinesForm,
  json: (program) => `${JSON.stringify(trapLines(program))}\n`,
  csv: csvForm,
  mermaid: mermaidForm,
  perfetto: perfettoForm,
};

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { ...machineFlags, ...instantFlags, format: { type: 'string' } });
  const format = oneOf('--format', values.format ?? 'text', [...Object.keys(forms), ...pictureFormats]);
  const program = await openRun(atMostOne(positionals, 'image or recording'), values);
  const form = forms[format];
  if (form) await write(form(program));
  else await writePicture(picture(program), format as PictureFormat);
  return exitCode.done;
}

/** Traps that may get their names in the picture, and places in it for them. */
const MOST_NAMES = 2000;
const WIDTH = 2048;

function picture(program: Program): Picture {
  const { timeline, name } = program;
  const { traps, at, startLevel } = timeline;
  const rows = [];
  // Of many, the first in each stretch of the time: more could not be told apart.
  for (let i = 0, next = 0; i < traps.length; i++) {
    if (traps.length > MOST_NAMES && traps.step(i) < next) continue;
    rows.push(trapRow(program, i));
    next = traps.step(i) + at / MOST_NAMES;
  }
  const view = { from: 0, to: at, spans: laneSpans(traps, startLevel, 0, at, WIDTH) };
  return lanesPicture(view, rows, traps.length, name, at);
}
