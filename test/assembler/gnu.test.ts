import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assembleProgram, elfOf } from '../../emulator/assembler/index.ts';
import { contents, gnuElf } from './gnu.ts';
import { randomSource } from './random-source.ts';

const folders = ['sources', '../../firmware/assembly'].map((folder) => join(import.meta.dirname, folder));
const sources = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.s'))
    .map((name) => join(folder, name)),
);

/** The image, or what is wrong as text. */
function ours(source: string): Uint8Array | string {
  const { program, problems } = assembleProgram(source);
  return program
    ? elfOf(program, 'source.s')
    : problems.map(({ line, message }) => `${line}: ${message}: ${source.split('\n')[line - 1]}`).join('\n');
}

describe('the bytes are those of the GNU assembler', () => {
  test.each(sources.map((path) => [basename(path), path]))('for %s', (_, path) => {
    const source = readFileSync(path, 'utf8');
    const elf = ours(source);
    if (typeof elf === 'string') throw new Error(elf);
    expect(contents(elf)).toEqual(contents(gnuElf(source)));
  });
  test('for random programs of the supported language', () => {
    const seeds = Number(process.env.PROVE ?? 0) * 100 || 6;
    const from = process.env.PROVE ? Date.now() & 0xffff : 1;
    for (let seed = from; seed < from + seeds; seed++) {
      const source = randomSource(seed, 100);
      const elf = ours(source);
      if (typeof elf === 'string') throw new Error(`seed ${seed}: ${elf}`);
      expect(contents(elf), `seed ${seed}`).toEqual(contents(gnuElf(source)));
    }
  });
});
