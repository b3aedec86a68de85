/** Source files are found where a program says or beside it, and nothing else is ever read, whatever a program names. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mostSourceBytes, readSourceText } from '../../src-main/source-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-sources-'));
const program = join(folder, 'hv/build/hv.elf');
const secret = 'a secret that no program may show';
beforeAll(() => {
  mkdirSync(join(folder, 'hv/build/sub'), { recursive: true });
  mkdirSync(join(folder, 'hv/el2'));
  mkdirSync(join(folder, 'hv/folder.c'));
  writeFileSync(program, 'elf');
  writeFileSync(join(folder, 'hv/el2/trap.c'), 'void trap(void) {}\n');
  writeFileSync(join(folder, 'hv/build/beside.S'), '_start:\n');
  for (const name of ['id_rsa', '.env', 'hv/.netrc', 'passwd.txt', 'hv/build/key.pem']) writeFileSync(join(folder, name), secret);
  symlinkSync(join(folder, 'id_rsa'), join(folder, 'hv/el2/link.c'));
  symlinkSync(join(folder, 'hv/el2/trap.c'), join(folder, 'hv/el2/other.c'));
  writeFileSync(join(folder, 'hv/large.c'), 'x'.repeat(mostSourceBytes + 1));
  writeFileSync(join(folder, 'hv/binary.c'), new Uint8Array([65, 0, 66]));
  execFileSync('mkfifo', [join(folder, 'hv/pipe.c')]);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('where the program says', async () => {
  expect(await readSourceText(join(folder, 'hv/el2/trap.c'), undefined)).toEqual({
    text: 'void trap(void) {}\n',
    path: join(folder, 'hv/el2/trap.c'),
    isNewer: false,
  });
});

test('beside the program and above it, by relative names and by the last parts of absolute ones', async () => {
  for (const path of ['el2/trap.c', '/src/project/el2/trap.c', '/el2/other.c'])
    expect(await readSourceText(path, program), path).toMatchObject({ text: 'void trap(void) {}\n' });
  expect(await readSourceText('beside.S', program)).toMatchObject({ path: join(folder, 'hv/build/beside.S') });
});

test('tells a source that was changed after the build', async () => {
  utimesSync(program, 1, 1);
  expect(await readSourceText('el2/trap.c', program)).toMatchObject({ isNewer: true });
});

test('says what it looked for', async () => {
  const missing = await readSourceText('/src/main.c', program);
  expect(missing).toMatchObject({ text: null, problem: 'there is no such file on this computer' });
  expect(missing).toHaveProperty('looked', expect.arrayContaining(['/src/main.c', join(folder, 'hv/build/main.c')]));
  expect(await readSourceText('main.c', undefined)).toMatchObject({ text: null, looked: [] });
});

test.each([
  ['hv/el2/link.c', /does not have the name of a source file/],
  ['id_rsa', /does not have the name of a source file/],
  ['hv/folder.c', /not a regular file/],
  ['hv/pipe.c', /not a regular file/],
  ['hv/large.c', /bytes; at most/],
  ['hv/binary.c', /not a text file/],
])('refuses %s', async (name, why) => {
  const refused = await readSourceText(join(folder, name), undefined);
  expect(refused).toMatchObject({ text: null, problem: expect.stringMatching(why) as string });
});

test('nothing but source files, whatever a program names', async () => {
  const part = fc.constantFrom(
    '..',
    '.',
    '',
    'hv',
    'build',
    'el2',
    'trap.c',
    'link.c',
    'id_rsa',
    '.env',
    '.netrc',
    'key.pem',
    'pipe.c',
    'sub',
    'a\0b',
    '\\\\host',
    '~',
  );
  const inside = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('/'));
  const system = fc.constantFrom(
    '/etc/passwd',
    '/proc/self/environ',
    '/proc/self/mem',
    '/dev/zero',
    '/dev/stdin',
    '//host/share/a.c',
    '\\\\host\\a.c',
    '/',
  );
  const path = fc.oneof(
    inside,
    inside.map((text) => `${folder}/${text}`),
    system,
    fc.string({ maxLength: 40 }),
  );
  await fc.assert(
    fc.asyncProperty(path, fc.option(fc.constant(program)), async (name, at) => {
      const answer = await readSourceText(name, at ?? undefined);
      if (answer.text === null) return;
      expect(['.c', '.S']).toContain(extname(answer.path));
      expect(answer.text).not.toContain(secret);
    }),
    { numRuns: 500 },
  );
});
