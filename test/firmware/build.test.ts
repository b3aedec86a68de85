/** The images in firmware/prebuilt are what the sources say: a build in any other folder gives the same bytes. */
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { labs } from './labs.ts';
import { firmware, needTool } from './tools.ts';

function make(folder: string, ...args: string[]): { status: number | null; output: string } {
  const run = spawnSync('make', args, { cwd: folder, encoding: 'utf8' });
  return { status: run.status, output: run.stdout + run.stderr };
}

const imagesIn = async (folder: string): Promise<string[]> => (await readdir(folder)).filter((name) => name.endsWith('.elf')).sort();

test('a build elsewhere gives the prebuilt bytes', { timeout: 120_000 }, async (context) => {
  needTool(context, 'aarch64-linux-gnu-gcc');
  needTool(context, 'make');
  const folder = await mkdtemp(join(tmpdir(), 'firmware-build-'));
  try {
    // The sources alone, under a path of another length than usual.
    await cp(firmware, join(folder, 'copied'), {
      recursive: true,
      filter: (source) => !source.startsWith(join(firmware, 'build')) && !source.startsWith(join(firmware, 'prebuilt')),
    });
    expect(make(join(folder, 'copied'), '-j2', 'OUT=elsewhere')).toMatchObject({ status: 0 });

    for (const kind of ['.', 'labs']) {
      const [committed, fresh] = [join(firmware, 'prebuilt', kind), join(folder, 'copied/elsewhere', kind)];
      const images = await imagesIn(committed);
      expect(await imagesIn(fresh)).toEqual(images);
      for (const image of images) {
        const isSame = (await readFile(join(fresh, image))).equals(await readFile(join(committed, image)));
        expect(isSame, `${image} differs from ${join(committed, image)}: run make prebuilt in firmware/`).toBe(true);
      }
    }

    expect(make(join(folder, 'copied'), 'clean', 'OUT=elsewhere')).toMatchObject({ status: 0 });
    expect(await readdir(join(folder, 'copied'))).not.toContain('elsewhere');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('an unknown scenario is named, with those that there are', () => {
  const { status, output } = make(firmware, '-n', 'run', 'SCENARIO=99-nothing');
  expect(status).not.toBe(0);
  expect(output).toContain('SCENARIO=99-nothing: no such scenario; there are hypervisor 01-el2-to-el1');
});

test('make run is the command that the README promises', (context) => {
  needTool(context, 'aarch64-linux-gnu-gcc');
  const { output } = make(firmware, '-n', 'run');
  expect(output).toContain(
    'qemu-system-aarch64 -machine virt,virtualization=on -cpu cortex-a53 -kernel hypervisor.elf -nographic -serial mon:stdio',
  );
});

test('each lab has an image with its mistake and one without', async () => {
  const images = labs.flatMap(({ id }) => [`${id}-repaired.elf`, `${id}.elf`]);
  expect(await imagesIn(join(firmware, 'prebuilt/labs'))).toEqual(images);
});

test('scenarios.json lists every image once, with a sentence and known concepts', async () => {
  const list = JSON.parse(await readFile(join(firmware, 'scenarios.json'), 'utf8')) as Record<string, unknown>[];
  expect(list.map((entry) => entry['file']).sort()).toEqual(await imagesIn(join(firmware, 'prebuilt')));
  for (const entry of list) {
    expect(Object.keys(entry)).toEqual(['id', 'file', 'title', 'sentence', 'concepts']);
    expect(entry['sentence']).toMatch(/^[A-Z].{20,}\.$/);
    expect(entry['concepts']).toEqual([...new Set(entry['concepts'] as string[])].sort());
    for (const concept of entry['concepts'] as string[]) expect(concept).toMatch(/^C([0-6]\d|7[0-2])$/);
  }
});
