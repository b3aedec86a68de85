import { VA } from '../../emulator/base/addresses.ts';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { readLineTable } from '../../emulator/debug/dwarf-lines.ts';
import { sample, Workshop } from './build.ts';

const shop = new Workshop();
afterAll(() => shop.close());

const linked = ['-O1', '-Wl,-Ttext=0x40080000', '-ffunction-sections', '-Wl,--gc-sections'];

/** What binutils says about addresses: "file:line", or undefined. */
function addr2line(path: string, addresses: readonly bigint[]): (string | undefined)[] {
  const text = shop.run('aarch64-linux-gnu-addr2line', '-e', path, ...addresses.map((address) => `0x${address.toString(16)}`));
  return text
    .trim()
    .split('\n')
    .map((line) => line.replace(/ \(discriminator \d+\)$/, ''))
    .map((line) => (/:[1-9]\d*$/.test(line) && !line.startsWith('??') ? line : undefined));
}

function codeAddresses(path: string): VA[] {
  return [...shop.run('aarch64-linux-gnu-objdump', '-d', path).matchAll(/^\s*([0-9a-f]+):\t/gm)].map(([, text]) => VA(BigInt(`0x${text}`)));
}

describe('line tables', () => {
  const flags: [string, string[]][] = [
    ['DWARF 5', ['-gdwarf-5']],
    ['DWARF 4', ['-gdwarf-4']],
    ['DWARF 3', ['-gdwarf-3']],
    ['DWARF 2', ['-gdwarf-2', '-gno-strict-dwarf']],
    ['compressed sections', ['-gdwarf-5', '-gz=zlib']],
  ];
  it.each(flags)('%s: every instruction has the line that binutils gives it', (_, more) => {
    const { path, bytes } = shop.link('program.elf', sample, [...linked, ...more]);
    const table = readLineTable(bytes, 'program.elf');
    expect(table.problem).toBeUndefined();
    const addresses = codeAddresses(path);
    expect(addresses.length).toBeGreaterThan(15);
    const theirs = addr2line(path, addresses);
    const ours = addresses.map((address) => {
      const found = table.at(address);
      return found && `${found.file}:${found.line}`;
    });
    const relative = theirs.map((text) => text?.replace(`${shop.folder}/`, '').replace(/^\.\//, ''));
    expect(ours).toEqual(relative);
    const names = ['main.c', 'lib/twice.h', 'start/start.S'];
    expect(new Set(table.files.map(({ name }) => name))).toEqual(new Set(names));
    // Where the sources really lie.
    expect(new Set(table.files.map((file) => file.path))).toEqual(new Set(names.map((name) => `${shop.folder}/${name}`)));
    expect(table.at(VA(addresses[0] - 4n))).toBeUndefined();
    expect(table.at(VA(addresses[addresses.length - 1] + 4n))).toBeUndefined();
  });

  it('reads the 64-bit format', () => {
    // binutils does not, so the same program in the 32-bit format is what to compare with.
    const [narrow, wide] = ['-gdwarf32', '-gdwarf64'].map((format) => shop.link('program.elf', sample, [...linked, '-gdwarf-5', format]));
    const [ours, expected] = [readLineTable(wide.bytes, 'wide.elf'), readLineTable(narrow.bytes, 'narrow.elf')];
    expect(ours.problem).toBeUndefined();
    const lines = (table: typeof ours): unknown[] => codeAddresses(narrow.path).map((address) => table.at(address));
    expect(lines(ours)).toEqual(lines(expected));
  });

  it('leads from a line to the addresses where its code begins', () => {
    const { path, bytes } = shop.link('program.elf', sample, [...linked, '-g']);
    const table = readLineTable(bytes, 'program.elf');
    const main = BigInt(`0x${/^([0-9a-f]+) T main$/m.exec(shop.run('aarch64-linux-gnu-nm', path))![1]}`);
    expect(table.addresses('main.c', 16)).toEqual([main]);
    expect(table.addresses('start.S', 4)).toEqual(table.addresses('start/start.S', 4));
    expect(table.addresses('start.S', 4)).toHaveLength(1);
    expect(table.addresses('main.c', 13)).toEqual([]);
    expect(table.addresses('nowhere.c', 4)).toEqual([]);
    const lines = table.linesOf(table.files.findIndex(({ name }) => name === 'main.c'));
    expect(lines).toContainEqual({ line: 16, address: main });
    expect(lines.map(({ line }) => line)).toEqual([...new Set(lines.map(({ line }) => line))].sort((a, b) => a - b));
    for (const { line, address } of lines) expect(table.addresses('main.c', line)[0]).toBe(address);
  });

  it('agrees with binutils on the images that come with the app', () => {
    const path = new URL('../../firmware/prebuilt/hypervisor.elf', import.meta.url).pathname;
    const table = readLineTable(readFileSync(path), 'hypervisor.elf');
    expect(table.problem).toBeUndefined();
    const addresses = codeAddresses(path);
    const theirs = addr2line(path, addresses.slice(0, 3000));
    const differing = addresses.slice(0, 3000).filter((address, i) => {
      const found = table.at(address);
      const text = theirs[i];
      return found ? !text?.endsWith(`${found.file}:${found.line}`) : text !== undefined;
    });
    expect(differing).toEqual([]);
    expect(theirs.filter(Boolean).length).toBeGreaterThan(100);
  });
});
