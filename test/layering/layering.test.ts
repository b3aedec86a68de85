/** The import directions of the whole project. */
import { describe, expect, test } from 'vitest';
import { cycles } from './cycles.ts';
import { importsOfFile, importsOfFolder } from './imports.ts';
import { problem } from './rules.ts';

describe.each(['emulator', 'src-renderer', 'src-main'])('%s', (folder) => {
  test('imports only what it may', () => {
    const imports = importsOfFolder(folder);
    expect(imports.length).toBeGreaterThan(0);
    const problems = imports.flatMap((found) => {
      const why = problem(found);
      return why === undefined ? [] : [`${found.from} imports ${found.to}: ${why}`];
    });
    expect(problems).toEqual([]);
  });
});

test('no file needs itself through others', () => {
  expect(cycles(['emulator', 'src-renderer', 'src-main'].flatMap(importsOfFolder))).toEqual([]);
});

describe('the rules can fail', () => {
  test.each([
    ['emulator/isa/a.ts', 'emulator/cpu/b.ts'],
    ['emulator/base/a.ts', 'emulator/isa/b.ts'],
    ['emulator/explain/a.ts', 'emulator/debug/b.ts'],
    ['emulator/session/a.ts', 'emulator/index.ts'],
    ['emulator/machine/a.ts', 'emulator/newcomer/b.ts'],
    ['emulator/cpu/a.ts', 'node:fs'],
    ['emulator/cpu/a.ts', 'electron'],
    ['emulator/cpu/a.ts', 'd3'],
    ['emulator/cpu/a.ts', 'src-main/paths.ts'],
    ['src-renderer/panels/a.ts', 'emulator/mmu/walk.ts'],
    ['src-renderer/panels/a.ts', 'emulator/index.ts'],
    ['src-renderer/panels/a.ts', 'src-main/paths.ts'],
    ['src-renderer/panels/a.ts', 'node:path'],
    ['src-renderer/geometry/a.ts', 'svelte'],
    ['src-renderer/geometry/a.ts', 'src-renderer/panels/Walk.svelte'],
    ['src-renderer/geometry/a.ts', 'src-renderer/state/b.svelte.ts'],
    ['src-renderer/theme/a.ts', 'src-renderer/geometry/style.ts'],
    ['src-renderer/state/a.svelte.ts', 'src-renderer/diagrams/Scene.svelte'],
    ['src-renderer/diagrams/A.svelte', 'src-renderer/widgets/Panel.svelte'],
    ['src-renderer/widgets/A.svelte', 'src-renderer/panels/Walk.svelte'],
    ['src-renderer/panels/A.svelte', 'src-renderer/frame/save.ts'],
    ['src-renderer/frame/A.svelte', 'src-renderer/App.svelte'],
    ['src-renderer/frame/A.svelte', 'src-renderer/newcomer/b.ts'],
    ['src-renderer/worker/main.ts', 'emulator/session/serve.ts'],
    ['src-renderer/state/a.ts', 'src-renderer/worker/main.ts'],
    ['src-main/cli/run.ts', 'emulator/machine/machine.ts'],
    ['src-main/cli/run.ts', 'electron'],
    ['src-main/cli/run.ts', 'src-renderer/state/app.ts'],
    ['scripts/run.mjs', 'emulator/index.ts'],
  ])('%s may not import %s', (from, to) => expect(problem({ from, to })).toBeTypeOf('string'));

  test.each([
    ['emulator/cpu/a.ts', 'emulator/isa/b.ts'],
    ['emulator/session/contract.ts', 'valibot'],
    ['emulator/index.ts', 'emulator/session/serve.ts'],
    ['src-renderer/panels/a.svelte', 'emulator/session/views.ts'],
    ['src-renderer/geometry/a.ts', 'd3'],
    ['src-renderer/geometry/walk/a.ts', 'src-renderer/theme/palette.ts'],
    ['src-renderer/panels/A.svelte', 'src-renderer/widgets/Panel.svelte'],
    ['src-renderer/App.svelte', 'src-renderer/frame/Dock.svelte'],
    ['src-renderer/worker/main.ts', 'emulator/index.ts'],
    ['src-main/electron/main.ts', 'electron'],
  ])('%s may import %s', (from, to) => expect(problem({ from, to })).toBeUndefined());

  test.each([
    ['two files', 'a>b b>a', ['a b']],
    ['a file and itself', 'a>a', ['a']],
    ['many, with others that only lead to them or from them', 'x>a a>b b>c c>a c>y', ['a b c']],
    ['two circles that share a file, as one', 'a>b b>a b>c c>b', ['a b c']],
    ['two apart, the second behind the first', 'c>d d>c b>a a>b a>c', ['a b', 'c d']],
    ['none where two ways lead to one file', 'a>b a>c b>d c>d', []],
  ])('circles: %s', (_name, edges, circles) => {
    const imports = edges.split(' ').map((edge) => ({ from: edge[0], to: edge[2] }));
    expect(cycles(imports).map((files) => files.join(' '))).toEqual(circles);
  });

  test('a circle of types through a Svelte file is found', () => {
    const view = importsOfFile('src-renderer/panels/View.svelte', `<script lang="ts">import { rows } from './rows.ts';</script>`);
    const rows = importsOfFile('src-renderer/panels/rows.ts', `import type { Shown } from './View.svelte';`);
    expect(cycles([...view, ...rows])).toEqual([['src-renderer/panels/View.svelte', 'src-renderer/panels/rows.ts']]);
  });

  test('every kind of import is found', () => {
    const text = `
      import a from '../isa/a.ts';
      import type { B } from './b.ts';
      export { c } from 'c';
      export * from "node:fs";
      const d = await import('../../src-main/d.ts');
      type E = import('./e.ts').E;
      // import 'not-me';
      const text = "import 'nor me'";`;
    const found = importsOfFile('emulator/cpu/x.ts', text).map(({ to }) => to);
    expect(found.sort()).toEqual(['c', 'emulator/cpu/b.ts', 'emulator/cpu/e.ts', 'emulator/isa/a.ts', 'node:fs', 'src-main/d.ts']);
  });

  test('scripts of Svelte files are read', () => {
    const text = `<script module lang="ts">import x from 'x';</script><script lang="ts">import y from './y.ts';</script><p>import 'z'</p>`;
    expect(importsOfFile('src-renderer/panels/P.svelte', text).map(({ to }) => to)).toEqual(['x', 'src-renderer/panels/y.ts']);
  });
});
