/**
 * A program whose every name is an attack, printed by every command in every format. Commands and formats are taken from the table of
 * commands, so a new one is tried without anybody thinking of it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { nameAt, visible } from '../../emulator/base/names.ts';
import { isElf, readElf, readElfSymbols, readSections } from '../../emulator/machine/elf.ts';
import { commands } from '../../src-main/cli/commands.ts';
import { pictureNames } from '../../src-main/cli/picture-kinds.ts';
import { exitCodeOf } from '../../src-main/exit.ts';
import { gdbLine } from '../../src-main/gdb-server.ts';
import { prebuilt } from './built.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Each takes the place of the first bytes of a name. */
const attacks = ['\x1b]0;', '\x1b[2J', '\x9b31m', '\u202eab', 'x\ny', '=1+1', '@SUM', '-2+3', '%%{i', '<b>;', '\r#\x07'];

/** The program with names of symbols and of source files changed in place. */
function hostile(image: string): Uint8Array {
  const bytes = new Uint8Array(readFileSync(image));
  const sections = readSections(readElf(bytes, image));
  let turn = 0;
  for (const { name, data } of sections) {
    if (!['.strtab', '.debug_line_str', '.debug_str'].includes(name)) continue;
    for (let at = 1; at < data.length; at += length(data, at) + 1) {
      const attack = new TextEncoder().encode(attacks[turn++ % attacks.length]);
      if (length(data, at) >= attack.length) data.set(attack, at);
    }
  }
  return bytes;
}
const length = (table: Uint8Array, at: number): number => table.indexOf(0, at) - at;

const program = join(folder, 'x\x1b]0;=1+1\n%%{init\u202e.elf');
writeFileSync(program, hostile(prebuilt('04-stage2')));
const other = join(folder, '@SUM.elf');
writeFileSync(other, hostile(prebuilt('02-hypercalls')));
const traps = join(folder, 'traps.jsonl');
writeFileSync(traps, `{"n":1,"kind":"\x9b31m","\u202e":"\u2066","why":"\\u001b[2J"}\n`.replace('\x9b', '\u009b'));

const task = join(folder, 'task.yaml');
writeFileSync(task, 'checks:\n  - { id: "a\\e[2J", points: 1, when: end, expect: { x0: 0x1234, PSTATE.EL: 0 } }\n');

/** What each command is asked; one that is not here fails the test below. */
const asked: Readonly<Record<string, readonly string[][]>> = {
  run: [[program, '--max-instructions', '3000', '--input', '']],
  walk: [[program, '--va', '0x40080000', '--regime', 'el2', '--at', '3000']],
  tables: [[program], [program, '--pa', '0x40080000']],
  map: [[program]],
  levels: [[program, '--at', '3000']],
  traps: [[program]],
  picture: pictureNames.map((name) => [name, program, '--at', '3000']),
  state: [[program, '--at', '3000']],
  explain: [[program, '--at', '3000']],
  interrupts: [[program, '--at', '3000']],
  whatif: [[program, '--at', '3000', '--set', 'x30=0', '--steps', '2000']],
  lesson: [['check', traps]],
  grade: [[task, program]],
  diagnose: [[program, '--max-instructions', '100000']],
  assemble: [[traps]],
  diff: [
    [program, other],
    [traps, program],
  ],
  bench: [[program, '--seconds', '0.01']],
  // These serve until they are told to end: what they say of a wrong word.
  gdb: [[`${program}.gone`]],
  dap: [['\x1b[2J']],
  qemu: [['\x1b[2J', '--', '-M', 'virt']],
  attach: [['\x1b[2J:1234', '--print', 'levels']],
  verify: [['isa', traps]],
};

test('the names in the program are attacks', () => {
  const elf = readElf(new Uint8Array(readFileSync(program)), 'hostile');
  expect(isElf(elf.bytes)).toBe(true);
  const sections = readSections(elf);
  const names = readElfSymbols(elf, sections).map(({ name }) => name);
  for (const start of ['\\x1b]0;', '\\u{202e}', 'x\\x0ay', '=1+1', '%%{i'])
    expect(
      names.some((name) => name.startsWith(start)),
      start,
    ).toBe(true);
  const raw = sections.find(({ name }) => name === '.strtab')!.data;
  expect(new TextDecoder().decode(raw)).toContain('\x1b]0;');
  expect(nameAt(raw, 1)).not.toContain('\x1b');
});

/** Every way in which a command writes, by its usage. */
const ways = commands
  .filter(({ load, name }) => load && name !== 'app')
  .flatMap(({ name, usage, load }) => {
    const formats = /--format (\S+?)\]/
      .exec(usage)?.[1]
      .split('|')
      .filter((format) => format !== 'png')
      .map((format) => ['--format', format]);
    return [...(formats ?? [[]]), ...(usage.includes('--json') ? [['--json']] : [])].map((format) => ({ name, format, load: load! }));
  });

test.each(ways)('elscope $name $format', async ({ name, format, load }) => {
  expect(asked, `${name} is not tried yet`).toHaveProperty(name);
  for (const words of asked[name]) {
    const printed: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text, done) => {
      printed.push(typeof text === 'string' ? text : new TextDecoder().decode(text));
      if (typeof done === 'function') (done as () => void)();
      return true;
    });
    vi.spyOn(console, 'error').mockImplementation((text) => void printed.push(`${String(text)}\n`));
    await exitCodeOf('elscope', async () => (await load()).run([...words, ...format]));
    vi.restoreAllMocks();
    const text = printed.join('');
    expect(text.length).toBeGreaterThan(name === 'run' ? 0 : 20);
    const isCsv = format.includes('csv');
    const lines = text.split(isCsv ? /\r?\n/ : '\n');
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    if (isCsv) for (const cell of lines.flatMap((line) => line.split(','))) expect(cell).not.toMatch(/^[=@]|^[-+](?![\d.]+$)/);
    if (format.includes('mermaid')) expect(text).not.toMatch(/%%|[{}<]|;/);
    if (format.includes('json')) expect(() => JSON.parse(text) as unknown).not.toThrow();
  }
});

test('the line that starts gdb names the file and acts on no terminal', () => {
  for (const name of [program, "it's \\ a.elf", 'plain.elf']) {
    const line = gdbLine(name, 1234);
    expect(line).toBe(visible(line));
    const words = line.replace('gdb-multiarch', 'printf %s').replace(/ -ex .*$/, '');
    expect(execFileSync('bash', ['-c', words], { encoding: 'utf8' })).toBe(name);
  }
});
