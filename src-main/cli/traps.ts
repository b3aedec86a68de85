/** `elscope traps`: the exceptions, returns and PSCI calls of a run, in several forms. */
import { allTraps, isOneDiagram, missingTraps, trapFormats, trapText, type Program, type TrapFormat } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, oneOf, parseWords } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write } from './output.ts';
import { runPicture } from './picture-kinds.ts';
import { pictureFormats, slideFlags, writePicture, type PictureFormat } from './pictures.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { ...machineFlags, ...instantFlags, ...slideFlags, format: { type: 'string' } });
  const format = oneOf('--format', values.format ?? 'text', [...trapFormats, ...pictureFormats]);
  const program = await openRun(atMostOne(positionals, 'image or recording'), values);
  const missing = missingTraps(program.timeline.traps);
  if (missing) console.error(`elscope: ${missing}`);
  if (pictureFormats.includes(format)) await writePicture(runPicture(program), format as PictureFormat, values);
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
