/** What leaves the app is an SVG that any program reads: well-formed, text as text, colours as colours. */
import { execFileSync } from 'node:child_process';
import { Resvg } from '@resvg/resvg-js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mapsPicture } from '../../src-renderer/geometry/maps/picture.ts';
import { pictureScene } from '../../src-renderer/geometry/picture.ts';
import { escapeXml, pictureSvg } from '../../src-renderer/geometry/svg.ts';
import { towerPicture } from '../../src-renderer/geometry/tower/picture.ts';
import { walkPicture } from '../../src-renderer/geometry/walk/picture.ts';
import { levelsFixtures } from './fixtures/levels.ts';
import { maps } from './fixtures/maps.ts';
import { walkFixtures } from './fixtures/walks.ts';
import { expectReadable, sceneTexts } from './scene-checks.ts';

const pictures = {
  ...Object.fromEntries(Object.entries(levelsFixtures).map(([name, view]) => [`tower ${name}`, towerPicture(view, 'hv.elf')])),
  ...Object.fromEntries(Object.entries(walkFixtures()).map(([name, walk]) => [`walk ${name}`, walkPicture(walk, 'hv.elf')])),
  maps: mapsPicture(maps, 'two-vms.elf'),
};

describe.each(Object.entries(pictures))('%s', (_name, picture) => {
  const scene = pictureScene(picture);
  const svg = pictureSvg(picture);

  test('is read by an SVG renderer', () => {
    const { width, height } = new Resvg(svg, { font: { loadSystemFonts: false } });
    expect([width, height]).toEqual([scene.width, scene.height].map((size) => expect.closeTo(size, 0) as number));
  });
  test('keeps its text as text, and no reference to the page it came from', () => {
    for (const content of sceneTexts(scene)) expect(svg).toContain(`>${escapeXml(content)}</text>`);
    expect(svg).not.toMatch(/var\(|class=|<style/);
  });
  test('says what it is, of which program and when', () => {
    expect(svg).toContain(`<title>${escapeXml(scene.label)}</title>`);
    expect(sceneTexts(scene).at(-1)).toMatch(/^ELscope, .*\.elf, instant [\d\u2009]+$/);
  });
  test('is readable', () => expectReadable(scene));
});

test('names from a program, whatever they hold, cannot break the file', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (name) => {
      const view = { ...levelsFixtures.hvc, pc: { ...levelsFixtures.hvc.pc, symbol: name } };
      new Resvg(pictureSvg(towerPicture(view, name)), { font: { loadSystemFonts: false } });
    }),
    { numRuns: 60 },
  );
});

test('geometry and export run in plain Node, without a browser or a bundler', () => {
  const url = new URL('../../src-renderer/geometry/walk/picture.ts', import.meta.url).href;
  const script = `import(${JSON.stringify(url)}).then((module) => console.log(typeof module.walkPicture, typeof document))`;
  const out = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(out.trim()).toBe('function undefined');
});
