/** The ELF reader against binutils, and against damage. */
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../emulator/base/errors.ts';
import { startOf, readElf, readElfSymbols, readSections } from '../../emulator/machine/elf.ts';
import { loadImage } from '../../emulator/machine/loader.ts';
import { sample, Workshop } from '../debug/build.ts';

const shop = new Workshop();
afterAll(() => shop.close());
const { path, bytes } = shop.link('program.elf', sample, ['-O1', '-g', '-Wl,-Ttext=0x40080000']);
const options = { memoryBytes: 128 << 20, gic: 2, el2: true } as const;

const changed = (at: number, ...values: number[]): Uint8Array => {
  const copy = new Uint8Array(bytes);
  copy.set(values, at);
  return copy;
};

describe('ELF', () => {
  it('has the segments, sections and symbols that readelf lists', () => {
    const elf = readElf(bytes, 'program.elf');
    const listed = [
      ...shop.run('aarch64-linux-gnu-readelf', '-lW', path).matchAll(/LOAD\s+(\S+) (\S+) (\S+) (\S+) (\S+) ([R ])([W ])([E ])/g),
    ];
    expect(
      elf.segments.map(({ fileOffset, va, pa, fileBytes, memoryBytes, readable, writable, executable }) => [
        fileOffset,
        va,
        pa,
        fileBytes,
        memoryBytes,
        readable,
        writable,
        executable,
      ]),
    ).toEqual(
      listed.map(([, offset, va, pa, file, memory, r, w, e]) => [
        Number(offset),
        BigInt(va),
        BigInt(pa),
        Number(file),
        Number(memory),
        r === 'R',
        w === 'W',
        e === 'E',
      ]),
    );
    expect(elf.segments.length).toBeGreaterThan(0);
    const sections = readSections(elf);
    const names = [...shop.run('aarch64-linux-gnu-readelf', '-SW', path).matchAll(/^ {2}\[ *\d+\] (\S*)/gm)].map(([, name]) => name);
    expect(sections.map(({ name }) => name)).toEqual(names.map((name) => (name === 'NULL' ? '' : name)));
    const symbols = shop.run('aarch64-linux-gnu-readelf', '-sW', path).match(/^ +\d+:/gm)!;
    expect(readElfSymbols(elf, sections)).toHaveLength(symbols.length);
    expect(`0x${startOf(elf).toString(16)}`).toBe(
      /Entry point address: +(\S+)/.exec(shop.run('aarch64-linux-gnu-readelf', '-h', path))![1],
    );
  });

  const bad: [string, Uint8Array, string][] = [
    ['no ELF', new TextEncoder().encode('#!/bin/sh\n'), 'neither an ELF program nor a Linux kernel'],
    ['nothing', new Uint8Array(), 'x.elf: the file is empty'],
    ['a cut-off header', bytes.subarray(0, 30), 'at offset 0x0: the ELF header needs 64 bytes, but the file ends at 0x1e'],
    ['32 bits', changed(4, 1), 'at offset 0x4: this is a 32-bit ELF file'],
    ['big-endian', changed(5, 2), 'at offset 0x5: this is a big-endian ELF file'],
    ['another machine', changed(18, 62, 0), 'at offset 0x12: this program is for x86-64'],
    ['an unknown machine', changed(18, 0x34, 0x12), 'machine number 4660'],
    ['an object file', changed(16, 1), 'an object file, not a linked program'],
    ['a core dump', changed(16, 4), 'not an executable file (type 4)'],
    ['program headers elsewhere', changed(32, 0, 0, 0, 0x70), 'at offset 0x70000000: the program header table needs'],
    ['program headers at no sensible place', changed(32, 0, 0, 0, 0, 0, 0, 0, 0xff), 'not a plausible offset or size'],
    ['program headers of a wrong size', changed(54, 32), 'program headers of 32 bytes (expected 56 bytes)'],
    ['no program headers', changed(56, 0, 0), 'nothing to load'],
    ['a segment with more in the file than in memory', changed(64 + 40, 1, 0, 0, 0), 'the program header is damaged'],
    ['a segment beyond the file', changed(64 + 8, 0, 0, 0x10), 'segment 0 needs'],
    ['a segment outside RAM', changed(64 + 24, 0, 0, 0, 0x90), 'at offset 0x40: segment 0 (PA 0x90000000'],
  ];
  it.each(bad)('says what is wrong: %s', (_, damaged, message) => {
    expect(() => loadImage(damaged, 'x.elf', options)).toThrow(InputError);
    expect(() => loadImage(damaged, 'x.elf', options)).toThrow(message);
  });
});
