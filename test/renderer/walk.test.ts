import { describe, expect, test } from 'vitest';
import { sceneTexts, toSvg } from '../../src-renderer/geometry/svg.ts';
import { walkScene } from '../../src-renderer/geometry/walk/index.ts';
import { walkReads, walkRows } from '../../src-renderer/geometry/walk/rows.ts';
import { walkFixtures } from './fixtures/walks.ts';
import { expectReadable, rounded } from './scene-checks.ts';

const walks = walkFixtures();
const rooms = [
  [1065, 575],
  [1024, 440],
  [1500, 900],
] as const;

describe.each(Object.entries(walks))('the walk, %s', (name, walk) => {
  test.each(rooms)('is readable in %i x %i', (width, height) => {
    for (let done = 0; done <= walk.reads; done++) expectReadable(walkScene(walk, { width, height, done }));
  });

  test('is drawn as before', async () => {
    await expect(rounded(toSvg(walkScene(walk, { width: 1065, height: 575 })))).toMatchFileSnapshot(`snapshots/walk-${name}.svg`);
  });

  test('numbers its reads without a gap', () => {
    expect(walkReads(walk).map((read) => read.number)).toEqual(Array.from({ length: walk.reads }, (_, i) => i + 1));
  });

  test('shows no value before its read', () => {
    const reads = walkReads(walk);
    reads.forEach((read) => {
      const texts = sceneTexts(walkScene(walk, { width: 1065, height: 575, done: read.number - 1 }));
      const known = reads.filter((other) => other.number < read.number).map((other) => other.step.value);
      if (read.step.value && read.step.value !== '0x0' && !known.includes(read.step.value)) expect(texts).not.toContain(read.step.value);
    });
    const texts = sceneTexts(walkScene(walk, { width: 1065, height: 575, done: 0 }));
    if (walk.result.ok && walk.reads > 0) expect(texts).not.toContain(walk.result.pa);
  });
});

test('a nested walk of three levels is fifteen reads in four rows', () => {
  expect(walks.nested.reads).toBe(15);
  expect(walkRows(walks.nested).map((row) => row.stage2.length)).toEqual([3, 3, 3, 3]);
});

test('the field that refused is named in the picture', () => {
  expect(sceneTexts(walkScene(walks.write, { width: 1065, height: 575 })).join(' ')).toContain('S2AP = 01: decides');
});
