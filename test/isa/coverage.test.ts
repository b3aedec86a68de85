/** What emulator/isa/README.md says of each class of instructions. */
import { expect, test } from 'vitest';
import { classes, classOf, decode, definitions } from '../../emulator/isa/index.ts';
import { coverageTable } from './coverage.ts';
import { randomNumbers, randomWordOf } from './random-words.ts';

test('the README counts the definitions of each class', () => {
  const stated = coverageTable().map(({ name, definitions }) => [name, definitions]);
  expect(stated).toEqual(classes.map((name) => [name, definitions.filter(({ pattern }) => classOf(pattern.value) === name).length]));
});

test('all words of a definition are of its class', () => {
  const random = randomNumbers(4);
  for (const definition of definitions)
    for (let n = 0; n < 200; n++) {
      const word = randomWordOf(definition, random);
      if (decode(word)?.definition === definition) expect(classOf(word), definition.name).toBe(classOf(definition.pattern.value));
    }
});
