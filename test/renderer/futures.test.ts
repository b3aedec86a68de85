/** Two futures in one picture: both are readable, beside or below each other, and what differs is marked, and nothing else. */
import { expect, test } from 'vitest';
import { futurePictures, stretchAfter, type FutureData } from '../../src-renderer/geometry/futures/forms.ts';
import { leastPair, pairScene, type Sides } from '../../src-renderer/geometry/futures/index.ts';
import { futuresPicture } from '../../src-renderer/geometry/futures/picture.ts';
import { slideScenes } from '../../src-renderer/geometry/slide.ts';
import { walkNodes, type Scene } from '../../src-renderer/geometry/scene.ts';
import { levelsFixtures } from './fixtures/levels.ts';
import { expectReadable, sceneTexts } from './scene-checks.ts';

const { hvc } = levelsFixtures;
const other = { ...hvc, floors: hvc.floors.map((floor) => ({ ...floor, registers: floor.registers.map(changed) })) };
function changed(register: (typeof hvc)['floors'][number]['registers'][number]): typeof register {
  return register.name === 'HCR_EL2' ? { ...register, value: '0x80000000' } : register;
}
const data = (levels: FutureData['levels']): FutureData => ({
  at: 0,
  levels,
  walk: undefined,
  maps: undefined,
  lanes: undefined,
  rows: [],
});
const sidesOf = (one: FutureData['levels'], two: FutureData['levels']): Sides => [
  futurePictures.levels(data(one), { title: 'As it was', context: 'instant 1' })!,
  futurePictures.levels(data(two), { title: 'Other future', context: 'instant 1, with HCR_EL2.TWI=0' })!,
];
const marks = (scene: Scene): number =>
  [...walkNodes(scene.nodes)].filter((node) => node.kind === 'rect' && node.class.includes('f-mark')).length;

test.each([1440, 1024, 360])('both are readable in a place of %i pixels', (width) => {
  const sides = sidesOf(hvc, other);
  const room = leastPair(sides, width);
  const scene = pairScene(sides, { width: Math.max(width, room.width), height: Math.max(470, room.height) });
  expectReadable(scene);
  expect(sceneTexts(scene)).toContain('Other future');
});

test('what differs is marked in both; what the last step wrote is not', () => {
  const sides = sidesOf(hvc, other);
  const room = { width: 1440, height: leastPair(sides, 1440).height };
  const scene = pairScene(sides, room);
  expect(marks(scene)).toBe(2);
  expect(sceneTexts(scene)).toContain('0x80000000');
  expect(marks(pairScene(sidesOf(hvc, hvc), room))).toBe(0);
});

test('a slide has both where they can be read beside each other, else two slides have one each', () => {
  const sides = sidesOf(hvc, other);
  const page = { name: 'futures-levels', title: 'What if HCR_EL2.TWI=0', subtitle: '', key: [], image: 'a.elf', at: 1, data: null };
  const texts = slideScenes(futuresPicture(sides, page)).map(sceneTexts);
  expect(texts.flat().filter((text) => text === 'As it was' || text === 'Other future')).toEqual(['As it was', 'Other future']);
});

test('the stretch of the lanes holds the change and where both are', () => {
  for (const [was, two] of [
    [100, 100],
    [164, 150],
    [40_100, 3_000],
  ]) {
    const { from, to } = stretchAfter(100, { was, other: two }, 50_000);
    expect([from <= 100, to > was, to > two]).toEqual([true, true, true]);
  }
});
