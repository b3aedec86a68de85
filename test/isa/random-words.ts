/** Instruction words for tests: random, but the same in every run. */
import { definitions, fields, type Definition, type FieldName } from '../../emulator/isa/index.ts';

/** xorshift32: numbers from 0 to 2^32 - 1. */
export function randomNumbers(seed: number): () => number {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

/** A word that matches the pattern. Half of them have fields at their ends, where aliases and special cases are. */
export function randomWordOf({ pattern }: Definition, random: () => number): number {
  let word = pattern.value | (random() & ~pattern.mask);
  if (random() & 1)
    for (const { lsb, width } of pattern.slots) {
      if (random() & 3) continue;
      const all = 2 ** width - 1,
        value = [0, all, 30, 1][random() & 3] & all;
      word = (word & ~(all << lsb)) | (value << lsb);
    }
  return (word | pattern.ones) >>> 0;
}

/** The word with another value in a field; the word itself where the definition has no such field. */
export function withField({ pattern }: Definition, word: number, name: FieldName, value: number): number {
  const slot = pattern.slots.find((one) => one.name === name);
  if (!slot) return word;
  const all = 2 ** slot.width - 1;
  return ((word & ~(all << slot.lsb)) | ((value & all) << slot.lsb)) >>> 0;
}

/** A direct branch with this distance, in instructions; any other word as it is. */
export function branchingBy(definition: Definition, word: number, distance: number): number {
  const offset = definition.flow && definition.pattern.slots.find(({ name }) => fields[name][1] === 'offset');
  return offset ? withField(definition, word, offset.name, distance) : word;
}

/** `each` words of every definition that is built. */
export function randomWords(each: number, seed: number): number[] {
  const random = randomNumbers(seed);
  return definitions.flatMap((definition) => Array.from({ length: each }, () => randomWordOf(definition, random)));
}
