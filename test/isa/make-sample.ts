/**
 * Takes a sample of the recorded vectors for sample/: a few of each instruction and outcome, and of the words that are UNDEFINED in each
 * group, leaving out what the machine executes and what is not built.
 *
 *   npx tsx test/isa/make-sample.ts <folder with the full set>
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { decode } from '../../emulator/isa/index.ts';
import { loadVectors, readVectors, SAMPLE_STATE_BYTES } from './vectors.ts';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: npx tsx test/isa/make-sample.ts <folder with vectors.bin.gz>');
const FULL_STATE_BYTES = 816;
/** One state in so many is kept, and of each instruction and outcome so many vectors, of UNDEFINED words in each group so many. */
const [STATES, EACH, UNDEFINED] = [8, 16, 40];

const set = loadVectors(folder, FULL_STATE_BYTES);
const counts = new Map<string, number>();
const records: Buffer[] = [];
for (const { word, state, group, ec, from, to } of readVectors(set)) {
  const definition = decode(word)?.definition;
  if (state % STATES || (definition && !definition.emit)) continue;
  const key = definition ? `${definition.name} ${ec}` : `undefined in ${group}`,
    count = counts.get(key) ?? 0;
  if (count === (definition ? EACH : UNDEFINED)) continue;
  counts.set(key, count + 1);
  const record = Buffer.from(set.vectors.subarray(from, to));
  record.writeUInt16LE(state / STATES, 4);
  records.push(record);
}
const states: Buffer[] = [];
for (let at = 0; at < set.states.length; at += STATES * FULL_STATE_BYTES) states.push(set.states.subarray(at, at + SAMPLE_STATE_BYTES));

const sample = join(import.meta.dirname, 'sample');
mkdirSync(sample, { recursive: true });
writeFileSync(join(sample, 'vectors.bin.gz'), gzipSync(Buffer.concat(records), { level: 9 }));
writeFileSync(join(sample, 'states.bin.gz'), gzipSync(Buffer.concat(states), { level: 9 }));
writeFileSync(join(sample, 'scratch.bin'), set.scratch);
writeFileSync(join(sample, 'groups.json'), `${JSON.stringify({ groups: set.groups })}\n`);
console.log(`${records.length} vectors of ${counts.size} kinds, ${states.length} states`);
