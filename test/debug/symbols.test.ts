import { VA } from '../../emulator/base/addresses.ts';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { readSymbols } from '../../emulator/debug/symbols.ts';
import { sample, Workshop } from './build.ts';

const shop = new Workshop();
afterAll(() => shop.close());
const { path, bytes } = shop.link('program.elf', sample, ['-O1', '-g', '-Wl,-Ttext=0x40080000']);
const symbols = readSymbols(bytes, 'program.elf');

/** Address, size and name of each symbol, as binutils lists them. */
const listed = [...shop.run('aarch64-linux-gnu-nm', '-S', path).matchAll(/^([0-9a-f]+)(?: ([0-9a-f]+))? (\w) (\S+)$/gm)].map(
  ([, address, size, letter, name]) => ({
    address: VA(BigInt(`0x${address}`)),
    size: BigInt(`0x${size ?? 0}`),
    letter: letter,
    name: name,
  }),
);

describe('symbols', () => {
  it('names what nm names', () => {
    const code = listed.filter(({ letter }) => 'tTdDbBrR'.includes(letter));
    expect(code.map(({ name }) => name)).toEqual(expect.arrayContaining(['_start', 'spin', 'main', 'add', 'counter', 'buffer']));
    for (const { name, address, size } of code.filter(({ size }) => size > 0n)) {
      expect(symbols.describe(address)).toBe(name);
      expect(symbols.find(name)).toBe(address);
      if (!listed.some((other) => other.address === address + 1n)) expect(symbols.describe(VA(address + 1n))).toBe(`${name}+0x1`);
      expect(symbols.at(address)?.symbol.bytes).toBe(size);
    }
  });

  it('gives a label the bytes up to the next symbol or the end of its section', () => {
    const spin = symbols.find('spin')!;
    expect(symbols.describe(VA(spin + 4n))).toBe('spin+0x4');
    expect(symbols.at(spin)?.symbol).toMatchObject({ kind: 'label', section: '.text' });
    const end = symbols
      .inSection('.text')
      .reduce((last, { address, bytes }) => VA(address + bytes > last ? address + bytes : last), VA(0n));
    expect(symbols.describe(end)).toBeUndefined();
  });

  it('leaves out mapping symbols, files and addresses outside', () => {
    expect(symbols.all.filter(({ name }) => /^\$|\.c$|\.o$/.test(name))).toEqual([]);
    expect(symbols.describe(VA(0n))).toBeUndefined();
    expect(symbols.describe(VA(0xffff_ffff_ffff_fff0n))).toBeUndefined();
  });

  it('has no names for other files, and says what is wrong with damaged ones', () => {
    expect(readSymbols(new Uint8Array([1, 2, 3]), 'x').all).toEqual([]);
    expect(readSymbols(bytes.subarray(0, bytes.length - 10), 'cut.elf').problem).toMatch(/^cut\.elf at offset 0x/);
  });

  it('reads the images that come with the app', () => {
    const file = new URL('../../firmware/prebuilt/hypervisor.elf', import.meta.url).pathname;
    const names = readSymbols(readFileSync(file), 'hypervisor.elf');
    expect(names.problem).toBeUndefined();
    const functions = names.all.filter(({ kind }) => kind === 'function');
    expect(functions.length).toBeGreaterThan(10);
  });
});
