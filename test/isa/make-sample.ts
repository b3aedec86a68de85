/**
 * Takes a sample of the recorded vectors for sample/: a few of each instruction and outcome, and of the words that are UNDEFINED in each
 * group.
 *
 *   npx tsx test/isa/make-sample.ts <folder with the full set>
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { decode } from '../../emulator/isa/index.ts';
import { readIsaVectors, STATE_BYTES } from '../../emulator/machine/verify/isa-vectors.ts';
import { loadVectors } from './vectors.ts';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: npx tsx test/isa/make-sample.ts <folder with vectors.bin.gz>');
/** One state in so many is kept, and of each instruction and outcome so many vectors, of UNDEFINED words in each group so many. */
const [STATES, EACH, UNDEFINED] = [8, 4, 10];

const set = loadVectors(folder);
const counts = new Map<string, number>();
const records: Buffer[] = [];
for (const { word, state, group, esr, from, to } of readIsaVectors(set)) {
  const definition = decode(word)?.definition;
  // MRS TPIDR_EL0 reads what a record that is left out may have written.
  if (state % STATES || (word & 0xffff_ffe0) >>> 0 === 0xd53b_d040) continue;
  const key = definition ? `${definition.name} ${esr === undefined ? '' : esr >>> 26}` : `undefined in ${group}`,
    count = counts.get(key) ?? 0;
  if (count === (definition ? EACH : UNDEFINED)) continue;
  counts.set(key, count + 1);
  const record = Buffer.from(set.vectors.subarray(from, to));
  record.writeUInt16LE(state / STATES, 4);
  records.push(record);
}
const states: Buffer[] = [];
for (let at = 0; at < set.states.length; at += STATES * STATE_BYTES) states.push(Buffer.from(set.states.subarray(at, at + STATE_BYTES)));

const sample = join(import.meta.dirname, 'sample');
mkdirSync(sample, { recursive: true });
writeFileSync(join(sample, 'vectors.bin.gz'), gzipSync(Buffer.concat(records), { level: 9 }));
writeFileSync(join(sample, 'states.bin.gz'), gzipSync(Buffer.concat(states), { level: 9 }));
writeFileSync(join(sample, 'scratch.bin'), set.scratch);
writeFileSync(join(sample, 'groups.json'), `${JSON.stringify({ groups: set.groups })}\n`);
console.log(`${records.length} vectors of ${counts.size} kinds, ${states.length} states`);
