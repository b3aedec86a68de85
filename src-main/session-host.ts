/** What the shells on this computer lend to sessions: the firmware that comes with the app, and source files. */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { labsOf, noTeaching, type Scenario, type SessionHost, type Teaching } from '../emulator/index.ts';
import type { KeptRuns } from './kept-runs.ts';
import { paths } from './paths.ts';
import { readProgramFile } from './program-file.ts';
import { readSourceText } from './source-text.ts';
import { symbolFile } from './symbol-files.ts';

const scenarios = readScenarios();

/** `sources`: folders, named by the person, in which sources may be read. */
export const fileHost = (sources: readonly string[], kept: KeptRuns): Omit<SessionHost, 'attach'> => ({
  scenarios,
  // Only a name from the list is ever asked for; another folder in it leads nowhere all the same.
  scenarioImage: async (file) =>
    new Uint8Array(await readFile(join(paths.firmware, 'prebuilt', file.startsWith('labs/') ? 'labs' : '', basename(file)))),
  teaching: () => Promise.resolve(teaching()),
  bundledSource: (name) => {
    if (!/^[\w-]+(\/[\w-]+)*\.[chS]$/.test(name)) return Promise.resolve(undefined);
    return readFile(join(paths.firmware, name), 'utf8').catch(() => undefined);
  },
  sourceText: ({ path }, program) => readSourceText(path, program, sources),
  symbolFile: async (path) => (await readProgramFile(path, symbolFile)).bytes,
  keptRun: () => kept.last(),
  keptRecording: (id) => kept.bytes(id),
  discardKept: (id) => Promise.resolve(kept.discard(id)),
});

/** None where the app came without them. */
function teaching(): Teaching {
  try {
    const folder = join(paths.firmware, 'lessons');
    const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
    return {
      lessons: names.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') })),
      labs: labsOf(JSON.parse(readFileSync(join(paths.firmware, 'labs/labs.json'), 'utf8'))),
    };
  } catch {
    return noTeaching;
  }
}

/** None where the app came without its firmware. */
function readScenarios(): readonly Scenario[] {
  try {
    const list = JSON.parse(readFileSync(join(paths.firmware, 'scenarios.json'), 'utf8')) as readonly Scenario[];
    return list.map(({ id, file, title, sentence }) => ({ id, file, title, sentence }));
  } catch {
    return [];
  }
}
