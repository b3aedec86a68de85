/** Usage, help, errors and exit codes of `elscope`. */
import { describe, expect, test } from 'vitest';
import { version } from '../../package.json';
import { commands } from '../../src-main/cli/commands.ts';
import { elscope, elscopeHere } from './built.ts';

/** Exit code 2, nothing on stdout, one line on stderr with this in it. */
async function refuses(words: string[], ...texts: (string | RegExp)[]): Promise<void> {
  const { code, stdout, stderr } = await elscopeHere(...words);
  expect(stderr).toMatch(/^elscope.*\n$/);
  for (const text of texts) expect(stderr).toMatch(text);
  expect(stdout).toBe('');
  expect(code).toBe(2);
}

describe('help', () => {
  test('lists every command', async () => {
    const { code, stdout } = await elscopeHere('--help');
    expect(code).toBe(0);
    const lines = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
    for (const { name, summary, load } of commands)
      expect(lines).toContainEqual([name, load ? summary : `${summary} (not in this version yet)`]);
  });
  test('of one command says its options', async () => {
    const { code, stdout } = await elscopeHere('app', '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^elscope app \[IMAGE\]/);
    expect(stdout).toContain('--memory SIZE');
  });
  test('tells its version', () => {
    const { code, stdout } = elscope('--version');
    expect({ code, stdout }).toEqual({ code: 0, stdout: `elscope ${version}\n` });
  });
  test('without a command goes to stderr', () => {
    const { code, stdout, stderr } = elscope();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: elscope COMMAND');
  });
});

describe('errors are one line and exit code 2', () => {
  test('an unknown command', () => refuses(['fly'], /unknown command fly/));
  test('an unknown option', () => refuses(['app', '--fast'], /elscope app: unknown option '--fast'/));
  test('an option without its value', () => refuses(['app', '--memory'], /--memory/));
  test('two images', () => refuses(['app', '--web', 'a.elf', 'b.elf'], /expected at most one image.*a\.elf b\.elf/));
  test('a file that is not there', () =>
    refuses(['app', '--web', 'nowhere.elf'], /nowhere\.elf: cannot be read: no such file or directory/));
  test('a folder', () =>
    refuses(['app', '--web', 'src-main'], /src-main: this is a folder \(expected a file: an AArch64 ELF or a recording\)/));
  test('a port that is none', () => refuses(['app', '--web', '--port', '99999'], /--port 99999: expected a whole number from 0 to 65535/));
  test('an option that the app cannot take', () => refuses(['app', '--web', '--drive', 'no.img'], /no\.img: cannot be read: no such file/));

  const missing = commands.filter(({ load }) => !load);
  test.skipIf(missing.length === 0)('a command that is not there yet', () => refuses([missing[0].name], /not in this version/));
});
