import { describe, expect, test } from 'vitest';
import { toSvg } from '../../src-renderer/geometry/svg.ts';
import { walkScene } from '../../src-renderer/geometry/walk/index.ts';
import { walkReads, walkRows, type WalkStep } from '../../src-renderer/geometry/walk/rows.ts';
import { walkFixtures } from './fixtures/walks.ts';
import { expectReadable, rounded, sceneTexts } from './scene-checks.ts';

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

describe('what the TLB holds', () => {
  const texts = (name: string): string => sceneTexts(walkScene(walks[name], { width: 1065, height: 575 })).join('\n');
  test('is said: nothing, the same as the tables, something else', () => {
    expect(texts('nested')).toMatch(/TLB: miss\n.*VMID 1: the tables are read/);
    expect(texts('hit')).toMatch(/TLB: hit\n.*is at PA 0x44157000/);
    expect(walks.stale.tlb).toMatchObject({ hit: true, stale: true });
    expect(texts('stale')).toContain('PA 0x44157000');
    expect(texts('stale')).toContain('PA 0x44160000');
    expect(walks.stale.result).toMatchObject({ ok: true, pa: '0x44160c40' });
    expect(texts('staleGone')).toMatch(/if read now: a fault/);
  });
  test('is not asked while translation is off', () => {
    expect(texts('bothOff')).not.toContain('TLB');
  });
});

test('faults of either stage at any level end the walk where they happen', () => {
  const fault = (name: string): string => {
    const { result } = walks[name];
    return result.ok
      ? 'none'
      : `${result.fault.kind} ${result.fault.stage}.${result.fault.level}${result.fault.onStage1Walk ? ' walk' : ''}`;
  };
  expect(fault('stage1Level1')).toBe('translation 1.1');
  expect(fault('stage1Fault')).toBe('translation 1.3');
  expect(fault('accessFlag')).toBe('accessFlag 1.3');
  expect(fault('stage2Level1')).toBe('translation 2.1 walk');
  expect(fault('walkRefused')).toBe('translation 2.3 walk');
  expect(fault('stage2Fault')).toBe('translation 2.1');
});

test('an address that no table covers stays a VA', () => {
  const texts = sceneTexts(walkScene(walks.outOfRange, { width: 1065, height: 575 }));
  expect(texts).toContain('VA 0x123456789000');
  expect(texts.filter((text) => /^IPA |output of stage 1/.test(text))).toEqual([]);
});

test('the 64 KiB granule has two levels and a large page', () => {
  expect(walks.large.reads).toBe(2);
  expect(walks.large.result).toMatchObject({ ok: true, pa: '0x44071234', stage1Bytes: 65536 });
});

/** Four levels in both stages: more than a Cortex-A53 can have, and still a picture. */
test('twenty-four reads fit', () => {
  const deep = walks.deep;
  const first = (step: WalkStep): WalkStep[] => [
    { ...step, level: 0, index: 0 },
    { ...step, level: 1 },
  ];
  const widen = (steps: readonly WalkStep[]): WalkStep[] => steps.flatMap((step) => (step.level === 1 ? first(step) : [step]));
  let number = 0;
  const numbered = (step: WalkStep): WalkStep => ({ ...step, read: ++number });
  const steps = [
    ...deep.steps.filter(({ stage }) => stage === 1).map((step) => ({ ...step, steps: widen(step.steps!).map(numbered), read: ++number })),
    ...widen(deep.steps.filter(({ stage }) => stage === 2)).map(numbered),
  ];
  const walk = { ...deep, steps, reads: number };
  expect(number).toBe(24);
  for (const [width, height] of [
    [1065, 575],
    [1024, 440],
  ] as const)
    for (const done of [0, 7, 24]) {
      const scene = walkScene(walk, { width, height, done });
      expectReadable(scene);
      // Nothing is made smaller to fit.
      expect(scene.height).toBeLessThanOrEqual(height);
    }
});
