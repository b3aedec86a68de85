/** The import directions of the whole project. */
import { describe, expect, test } from 'vitest';
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
    ['src-renderer/worker/main.ts', 'emulator/index.ts'],
    ['src-main/electron/main.ts', 'electron'],
  ])('%s may import %s', (from, to) => expect(problem({ from, to })).toBeUndefined());

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
