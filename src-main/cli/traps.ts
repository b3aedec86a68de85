/** `elscope traps`: the exceptions, returns and PSCI calls of a run, in several forms. */
import {
  allTraps,
  isOneDiagram,
  lanesBetween,
  missingTraps,
  trapFormats,
  trapRow,
  trapText,
  type Program,
  type TrapFormat,
} from '../../emulator/index.ts';
import { lanesPicture } from '../../src-renderer/geometry/lanes-picture.ts';
import type { Picture } from '../../src-renderer/geometry/picture.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, oneOf, parseWords } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write } from './output.ts';
import { pictureFormats, writePicture, type PictureFormat } from './pictures.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { ...machineFlags, ...instantFlags, format: { type: 'string' } });
  const format = oneOf('--format', values.format ?? 'text', [...trapFormats, ...pictureFormats]);
  const program = await openRun(atMostOne(positionals, 'image or recording'), values);
  const missing = missingTraps(program.timeline.traps);
  if (missing) console.error(`elscope: ${missing}`);
  if (pictureFormats.includes(format)) await writePicture(picture(program), format as PictureFormat);
  else await writeTraps(program, format as TrapFormat);
  return exitCode.done;
}

async function writeTraps(program: Program, format: TrapFormat): Promise<void> {
  let isFirst = true;
  for (const text of trapText(format, program, allTraps(program))) {
    if (format === 'mermaid' && isFirst && !isOneDiagram(text))
      console.error('elscope traps: too long for one Mermaid diagram: this is a Markdown document with numbered parts');
    isFirst = false;
    await write(text);
  }
}

/** Traps that may get their names in the picture, and places in it for them. */
const MOST_NAMES = 2000;
const WIDTH = 2048;

function picture(program: Program): Picture {
  const { timeline, name } = program;
  const { traps, at, startLevel } = timeline;
  const rows = [];
  // Of many, the first in each stretch of the time: more could not be told apart.
  for (let i = traps.first, next = 0; i < traps.length; i++) {
    if (traps.length - traps.first > MOST_NAMES && traps.step(i) < next) continue;
    rows.push(trapRow(program, i));
    next = traps.step(i) + at / MOST_NAMES;
  }
  return lanesPicture(lanesBetween(traps, startLevel, 0, at, WIDTH), rows, name, at);
}
