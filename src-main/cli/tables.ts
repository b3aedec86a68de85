/**
 * `elscope tables`: whole trees of page tables, of every stage that translates at the instant, or of one register; what of them matches a
 * filter, has changed since another instant, or reaches a physical address.
 */
import {
  allRows,
  entryTraitNames,
  locate,
  reachText,
  tableRegisters,
  tablesText,
  translatingTables,
  views,
  type EntryFilter,
  type EntryTrait,
  type Program,
  type ReachView,
  type TableRegister,
  type TablesParams,
  type TablesView,
} from '../../emulator/index.ts';
import { changesCsv, reachCsv, tablesCsv } from '../../src-renderer/geometry/tables/csv.ts';
import { pageRows, tablesPicture } from '../../src-renderer/geometry/tables/picture.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, oneOf, parseWords, UsageError, wholeNumber } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';
import { pictureFormats, slideFlags, writePicture, type PictureFormat } from './pictures.ts';

const flags = {
  ...machineFlags,
  ...instantFlags,
  ...slideFlags,
  format: { type: 'string' },
  register: { type: 'string' },
  vmid: { type: 'string' },
  filter: { type: 'string', multiple: true },
  compare: { type: 'string' },
  pa: { type: 'string' },
} as const;

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, flags);
  const format = oneOf('--format', values.format ?? 'text', ['text', 'json', 'csv', ...pictureFormats]);
  if (values.pa !== undefined && pictureFormats.includes(format))
    throw new UsageError(`--pa has no picture: expected --format text, json or csv, not ${format}`);
  const register = values.register && (oneOf('--register', values.register, tableRegisters) as TableRegister);
  const vmid = values.vmid === undefined ? undefined : wholeNumber('--vmid', values.vmid, 0, 255);
  const compare = values.compare === undefined ? undefined : compareWith(values.compare);
  const asked: TablesParams = {
    ...(register ? { register } : {}),
    ...(vmid === undefined ? {} : { vmid }),
    ...(compare === undefined ? {} : { compare }),
    ...(values.filter ? { filter: filterOf(values.filter) } : {}),
  };
  const program = await openRun(atMostOne(positionals, 'image or recording'), values);
  if (values.pa !== undefined) await writeReach(views.reach.of(program, { pa: locate(program, { text: values.pa, space: 'pa' }) }), format);
  else if (pictureFormats.includes(format))
    await writePicture(
      tablesPicture(views.tables.of(program, { ...asked, rows: pageRows }), program.name),
      format as PictureFormat,
      values,
    );
  else await writeTables(program, asked, format);
  return exitCode.done;
}

async function writeCsv(tables: readonly TablesView[], isCompared: boolean): Promise<void> {
  if (!isCompared) return write(tablesCsv(...tables));
  const { added, removed, changed, list } = tables[0].changes!;
  const told = list.reduce((sum, { count }) => sum + count, 0);
  if (told < added + removed + changed) console.error(`elscope tables: these are the first ${list.length} changes`);
  return write(changesCsv(tables[0]));
}

async function writeReach(reach: ReachView, format: string): Promise<void> {
  if (format === 'json') return writeJson(reach);
  if (format === 'text') return write(`${reachText(reach)}\n`);
  const isCut = reach.spaces.filter((space) => space.isCut).map(({ title }) => title);
  if (isCut.length > 0) console.error(`elscope tables: more addresses than these reach it: ${isCut.join(', ')}`);
  return write(reachCsv(reach));
}

/** An instant, or "trap" for the one after the trap before. */
const compareWith = (text: string): number | 'trap' =>
  text === 'trap' ? 'trap' : wholeNumber('--compare', text, 0, Number.MAX_SAFE_INTEGER);

/** Names of traits, and what else entries must say. */
function filterOf(words: readonly string[]): EntryFilter {
  const isTrait = (word: string): word is EntryTrait => (entryTraitNames as readonly string[]).includes(word);
  return { traits: words.filter(isTrait), text: words.filter((word) => !isTrait(word)).join(' ') };
}

async function writeTables(program: Program, asked: TablesParams, format: string): Promise<void> {
  const isOne = Object.keys(asked).length > 0;
  const tables = isOne ? [views.tables.of(program, { ...asked, rows: allRows })] : translatingTables(program);
  if (format === 'csv') return writeCsv(tables, asked.compare !== undefined);
  if (format === 'json') return writeJson(isOne ? tables[0] : { at: program.timeline.at, tables });
  return write(`${tablesText(tables)}\n`);
}
