/** Source files are found where a program says or beside it, and nothing else is ever read, whatever a program names. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
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
  writeFileSync(join(folder, 'hv/main.c'), 'int main;\n');
  writeFileSync(join(folder, 'outside.c'), secret);
  for (const name of ['id_rsa', '.env', 'hv/.netrc', 'passwd.txt', 'hv/build/key.pem']) writeFileSync(join(folder, name), secret);
  symlinkSync(join(folder, 'id_rsa'), join(folder, 'hv/el2/link.c'));
  symlinkSync(join(folder, 'hv/el2/trap.c'), join(folder, 'hv/el2/other.c'));
  writeFileSync(join(folder, 'hv/large.c'), 'x'.repeat(mostSourceBytes + 1));
  writeFileSync(join(folder, 'hv/binary.c'), new Uint8Array([65, 0, 66]));
  execFileSync('mkfifo', [join(folder, 'hv/pipe.c')]);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const read = (path: string, at: string | undefined = program, named: readonly string[] = []): ReturnType<typeof readSourceText> =>
  readSourceText(path, at, named);

test('where the program says, in a folder that the person named', async () => {
  expect(await readSourceText(join(folder, 'hv/el2/trap.c'), undefined, [folder])).toEqual({
    text: 'void trap(void) {}\n',
    path: join(folder, 'hv/el2/trap.c'),
    isNewer: false,
  });
  expect(await read('hv/el2/trap.c', undefined, [folder])).toMatchObject({ path: join(folder, 'hv/el2/trap.c') });
});

test('in the folder of the program and the one above it, by relative names and by the last parts of absolute ones', async () => {
  for (const path of ['el2/trap.c', '/src/project/el2/trap.c', '/el2/other.c', join(folder, 'hv/el2/trap.c')])
    expect(await read(path), path).toMatchObject({ text: 'void trap(void) {}\n' });
  expect(await read('beside.S')).toMatchObject({ path: join(folder, 'hv/build/beside.S') });
});

test('of the home folder only what lies beside the program', async () => {
  vi.stubEnv('HOME', join(folder, 'hv'));
  const here = join(folder, 'hv/hv.elf');
  expect(await read('el2/trap.c', here)).toMatchObject({ text: null });
  expect(await read('main.c', here)).toMatchObject({ text: 'int main;\n' });
  expect(await read('el2/trap.c', here, [join(folder, 'hv/el2')])).toMatchObject({ text: 'void trap(void) {}\n' });
});

test('does not tell what exists elsewhere', async () => {
  symlinkSync('/etc/passwd', join(folder, 'hv/leads-out.c'));
  symlinkSync('/etc/no-such-file', join(folder, 'hv/leads-nowhere.c'));
  const answers = ['/outside.c', '/no/such/outside.c', '../../outside.c', '../../no.c'].map((path) => read(folder + path));
  answers.push(...['leads-out.c', 'leads-nowhere.c', '/etc/passwd', '/etc/no-such-file'].map((path) => read(path)));
  const problems = (await Promise.all(answers)).map((answer) => answer.text ?? ('problem' in answer && answer.problem));
  expect(new Set(problems)).toEqual(
    new Set([`there is no such file in ${folder}/hv/build or ${folder}/hv; other folders are read if --sources names them`]),
  );
  for (const answer of await Promise.all(answers))
    for (const place of 'looked' in answer ? answer.looked : []) expect(place.startsWith(join(folder, 'hv/')), place).toBe(true);
});

test('tells a source that was changed after the build', async () => {
  utimesSync(program, 1, 1);
  expect(await read('el2/trap.c')).toMatchObject({ isNewer: true });
});

test('says what it looked for', async () => {
  const missing = await read('/src/main.cpp');
  expect(missing).toHaveProperty('looked', expect.arrayContaining([join(folder, 'hv/build/main.cpp'), join(folder, 'hv/src/main.cpp')]));
  expect(await readSourceText('main.c', undefined, [])).toMatchObject({
    text: null,
    looked: [],
    problem: expect.stringMatching(/location of the program is not known/) as string,
  });
});

test.each([
  ['hv/el2/link.c', /does not have the name of a source file/],
  ['id_rsa', /does not have the name of a source file/],
  ['hv/folder.c', /not a regular file/],
  ['hv/pipe.c', /not a regular file/],
  ['hv/large.c', /bytes; at most/],
  ['hv/binary.c', /not a text file/],
])('refuses %s', async (name, why) => {
  const refused = await readSourceText(join(folder, name), undefined, [folder]);
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
      const answer = await readSourceText(name, at ?? undefined, at === null ? [folder] : []);
      if (answer.text === null) return;
      expect(['.c', '.S']).toContain(extname(answer.path));
      expect(answer.text).not.toContain(secret);
    }),
    { numRuns: 500 },
  );
});
