/** The machine options that all commands share. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { recordingBudget } from '../../src-main/budget.ts';
import { leastBudget } from '../../emulator/index.ts';
import { machineArguments, machineFlags, type MachineArguments } from '../../src-main/machine-options.ts';
import { parseWords } from '../../src-main/usage.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-options-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'some@file.bin');
writeFileSync(file, 'contents');

async function parse(...words: string[]): Promise<MachineArguments> {
  return machineArguments(parseWords(words, machineFlags).values);
}

test('nothing asked for leaves the machine as it is', async () => {
  expect(await parse()).toEqual({ options: {}, loads: [], drives: [] });
});

describe('--memory', () => {
  test.each([
    ['512M', 2 ** 29],
    ['512', 2 ** 29],
    ['2G', 2 ** 31],
    ['16384k', 2 ** 24],
  ])('%s', async (text, bytes) => expect((await parse('--memory', text)).options).toEqual({ memoryBytes: bytes }));
  test.each(['15M', '3G', '0', '-1', 'much', '1.5G', '', '512MB'])('refuses "%s"', async (text) => {
    await expect(parse(`--memory=${text}`)).rejects.toThrow(`--memory ${text}: expected 16M to 2G`);
  });
});

test('--memory refuses part of a page', async () => {
  await expect(parse('--memory', '17409K')).rejects.toThrow('--memory 17409K: expected a multiple of 4K, the smallest page');
});

test('--gic, --append, --no-el2', async () => {
  expect((await parse('--gic', '3', '--append', 'console=ttyAMA0', '--no-el2')).options).toEqual({
    gic: 3,
    append: 'console=ttyAMA0',
    el2: false,
  });
  await expect(parse('--gic', '4')).rejects.toThrow('--gic 4: expected 2 or 3');
});

test('--smp', async () => {
  expect((await parse('--smp', '4')).options).toEqual({ cpus: 4 });
  await expect(parse('--smp', '5')).rejects.toThrow('--smp 5');
  await expect(parse('--smp', '0')).rejects.toThrow('--smp 0');
});

test('--device, --virtio, --seed', async () => {
  expect((await parse('--device', 'virtio-rng-device', '--device', 'virtconsole', '--virtio', 'modern', '--seed', '7')).options).toEqual({
    devices: ['entropy', 'console'],
    virtioVersion: 'modern',
    seed: 7,
  });
  await expect(parse('--device', 'virtio-gpu-device')).rejects.toThrow('virtio-gpu-device: expected virtio-rng-device, virtconsole');
  await expect(parse('--device', 'toString')).rejects.toThrow('expected virtio-rng-device');
  await expect(parse('--virtio', '1')).rejects.toThrow('expected legacy or modern');
});

describe('files', () => {
  test('are read', async () => {
    const { initrd, drives } = await parse('--initrd', file, '--drive', file, '--drive', file);
    expect(Buffer.from(initrd!.bytes).toString()).toBe('contents');
    expect(drives.map(({ name }) => name)).toEqual(['some@file.bin', 'some@file.bin']);
  });
  test('--drive takes the words of QEMU that say the same', async () => {
    const uses = async (words: string): Promise<string[]> =>
      (await parse('--drive', words)).drives.map(({ name, use }) => `${name}: ${use}`);
    expect(await uses(`${file},readonly`)).toEqual(['some@file.bin: read-only drive']);
    expect(await uses(`file=${file},if=none,id=d,format=raw,readonly=on`)).toEqual(['some@file.bin: read-only drive']);
    expect(await uses(`${file},format=raw`)).toEqual(['some@file.bin: drive']);
    await expect(uses(`${file},format=qcow2`)).rejects.toThrow('format=qcow2 is not understood');
  });
  test('--device loader is a --load with the words of QEMU', async () => {
    const loads = async (words: string): Promise<unknown[]> =>
      (await parse('--device', `loader,${words}`)).loads.map(({ file, address, isStart = false }) => [file.name, address, isStart]);
    expect(await loads(`file=${file},addr=0x48000000`)).toEqual([['some@file.bin', 0x48000000n, false]]);
    expect(await loads(`file=${file},addr=0x48000000,cpu-num=0`)).toEqual([
      ['some@file.bin', 0x48000000n, false],
      [`loader,file=${file},addr=0x48000000,cpu-num=0`, 0x48000000n, true],
    ]);
    expect(await loads('addr=0x48000000,cpu-num=0')).toEqual([['loader,addr=0x48000000,cpu-num=0', 0x48000000n, true]]);
    const elf = join(import.meta.dirname, '../../firmware/prebuilt/02-hypercalls.elf');
    const [[name, at, isStart], ...more] = (await loads(`file=${elf},cpu-num=0`)) as [string, bigint, boolean][];
    expect([name, at, isStart]).toEqual(['02-hypercalls.elf, segment 0', 0x40080000n, false]);
    expect(more.at(-1)!.slice(1)).toEqual([0x40080000n, true]);
    for (const [words, why] of [
      [`file=${file}`, 'some@file.bin is no ELF: say where it goes with addr=A'],
      [`file=${file},addr=0x48000000,cpu-num=1`, 'the machine has CPU 0 alone'],
      ['addr=0x48000000', 'expected file=F, or addr=A,cpu-num=0'],
      ['data=1,addr=0x48000000', 'data is not understood'],
    ])
      await expect(loads(words), words).rejects.toThrow(why);
    // Of the other CPUs none begins there: they are off.
    const { loads: other } = await parse('--smp', '2', '--device', `loader,file=${file},addr=0x48000000,cpu-num=1`);
    expect(other.map(({ address, isStart = false }) => [address, isStart])).toEqual([[0x48000000n, false]]);
    await expect(parse('--smp', '2', '--device', 'loader,addr=0,cpu-num=2')).rejects.toThrow('the machine has CPUs 0 to 1');
  });
  test('--load takes the address after the last @', async () => {
    const { loads } = await parse('--load', `${file}@0x48000000`, '--load', `${file}@7fff0000`);
    expect(loads.map(({ address }) => address)).toEqual([0x48000000n, 0x7fff0000n]);
  });
  test.each([file.replace('@', ''), '@0x1000', `${file}@`, `${file}@0xg`, `${file}@0x12345678123456789`])(
    '--load refuses %s',
    async (text) => {
      await expect(parse('--load', text)).rejects.toThrow(/expected|cannot be read/);
    },
  );
  test('that are missing are named', async () => {
    await expect(parse('--dtb', join(folder, 'none.dtb'))).rejects.toThrow(/none\.dtb: cannot be read: no such file/);
  });
});

describe('--budget', () => {
  test('is what the recording may take', () => {
    expect(recordingBudget('2G')).toBe(2 ** 31);
    expect(recordingBudget('64')).toBe(2 ** 26);
  });
  test('is part of what this computer has', () => {
    expect(recordingBudget(undefined)).toBeGreaterThanOrEqual(leastBudget);
    expect(recordingBudget(undefined)).toBeLessThan(totalmem());
  });
  test.each(['63M', '0', 'much', '-1', '1T'])('refuses "%s"', (text) => {
    expect(() => recordingBudget(text)).toThrow(`--budget ${text}: expected 64M or more, such as 2G`);
  });
});
