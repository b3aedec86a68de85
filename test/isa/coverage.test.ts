/** What emulator/isa/README.md says of each class of instructions. */
import { expect, test } from 'vitest';
import { classes, classOf, definitions } from '../../emulator/isa/index.ts';
import { coverageTable } from './coverage.ts';
import { randomNumbers, randomWordOf } from './random-words.ts';

test('the README counts the definitions of each class', () => {
  const stated = coverageTable().map(({ name, definitions }) => [name, definitions]);
  expect(stated).toEqual(classes.map((name) => [name, definitions.filter(({ pattern }) => classOf(pattern.value) === name).length]));
});

test('all words of a definition are of its class', () => {
  const random = randomNumbers(4);
  const strays = definitions.filter((definition) => {
    const words = Array.from({ length: 50 }, () => randomWordOf(definition, random));
    return words.some((word) => classOf(word) !== classOf(definition.pattern.value));
  });
  expect(strays.map(({ name }) => name)).toEqual([]);
});
