/** Recorded instructions from a folder: vectors.bin.gz, states.bin.gz, scratch.bin, groups.json. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readIsaVectors, type IsaVectorSet } from '../../emulator/machine/verify/isa-vectors.ts';

export function loadVectors(folder: string): IsaVectorSet {
  const zipped = (name: string): Buffer => gunzipSync(readFileSync(join(folder, name)));
  return {
    vectors: zipped('vectors.bin.gz'),
    states: zipped('states.bin.gz'),
    scratch: readFileSync(join(folder, 'scratch.bin')),
    groups: (JSON.parse(readFileSync(join(folder, 'groups.json'), 'utf8')) as { groups: string[] }).groups,
    file: 'vectors.bin.gz',
  };
}

/** The set with one bit of one recorded register of a group the other way, and the word of that record in hexadecimal. */
export function flipped(set: IsaVectorSet, inGroup: string): { readonly set: IsaVectorSet; readonly word: string } {
  const vectors = Uint8Array.from(set.vectors);
  for (const { registers, word, esr } of readIsaVectors(set, (group) => group === inGroup)) {
    if (esr !== undefined || registers.length === 0) continue;
    vectors[registers[0].at] ^= 1;
    return { set: { ...set, vectors }, word: word.toString(16).padStart(8, '0') };
  }
  throw new Error('no record changes a register');
}
