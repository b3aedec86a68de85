import { describe, expect, test } from 'vitest';
import { toSvg } from '../../src-renderer/geometry/svg.ts';
import { tower } from '../../src-renderer/geometry/tower/index.ts';
import { levelsFixtures } from './fixtures/levels.ts';
import { expectReadable, rounded, sceneTexts } from './scene-checks.ts';

/** Rooms for the picture: a usual window, a narrow one, the smallest, a wide screen, a slide. */
const rooms = [
  [888, 575],
  [708, 470],
  [628, 466],
  [1200, 800],
  [708, 560],
] as const;

describe.each(Object.entries(levelsFixtures))('the tower, %s', (name, view) => {
  test.each(rooms)('is readable in %i x %i', (width, height) => {
    const steps = view.event?.steps.length ?? 0;
    for (let step = 0; step <= steps; step++) expectReadable(tower(view, { width, height, step }));
    expectReadable(tower(view, { width, height, detail: 'essential' }));
  });

  test('is drawn as before', async () => {
    await expect(rounded(toSvg(tower(view, { width: 888, height: 575 })))).toMatchFileSnapshot(`snapshots/tower-${name}.svg`);
  });
});

test('cards say where they are in the smallest window too', () => {
  const view = levelsFixtures.eret;
  const texts = sceneTexts(tower(view, { width: 628, height: 466 }));
  const { cause, target } = view.event!;
  expect(texts).toContain(cause.text);
  expect(texts).toContain(target.address);
  expect(texts).toContain(`${cause.place.file!.split('/').at(-1)}:${cause.place.line}`);
});

describe('the sub-steps of an exception', () => {
  const at = (step: number): string[] => sceneTexts(tower(levelsFixtures.hvc, { width: 888, height: 575, step }));

  test('show old values until they are written', () => {
    expect(at(0)).toContain('0x80000000');
    expect(at(0)).not.toContain('0xffffff8000000a38');
    expect(at(2)).toContain('0xffffff8000000a38');
    expect(at(2)).not.toContain('0x80000000');
  });
  test('leave the level that runs where it is until PSTATE.EL changes', () => {
    const running = (step: number): number => {
      const scene = tower(levelsFixtures.hvc, { width: 888, height: 575, step });
      const floors = scene.nodes.filter((node) => node.kind === 'group' && node.key?.startsWith('floor'));
      return floors.findIndex((floor) => floor.kind === 'group' && floor.nodes.some((node) => node.key === 'running'));
    };
    // EL3, EL2, EL1, EL0 from the top.
    expect([4, 5].map(running)).toEqual([2, 1]);
  });
  test('name the control bit that decided', () => {
    expect(at(6).join(' ')).toContain('HCR_EL2.HCD = 0');
  });
  test('fill the vector slot only when the PC gets there', () => {
    const filled = (step: number): boolean =>
      toSvg(tower(levelsFixtures.hvc, { width: 888, height: 575, step })).includes('>+400<') &&
      /fill="#be5600"[^>]*\/><text[^>]*>\+400</.test(toSvg(tower(levelsFixtures.hvc, { width: 888, height: 575, step })));
    expect([5, 6].map(filled)).toEqual([false, true]);
  });
});
