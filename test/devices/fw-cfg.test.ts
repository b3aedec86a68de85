/** The firmware configuration device against QEMU's, for the items that both have. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FwCfg } from '../../emulator/devices/fw-cfg.ts';
import { smbiosFiles } from '../../emulator/machine/smbios.ts';
import { loadFirmware } from '../../emulator/machine/loader.ts';
import { compare, expectSavedState, read, write, type Ours } from './compare.ts';
import { QtestBoard, type Bytes, type Operation } from './qtest.ts';

const base = 0x0902_0000;
const ram = 0x4000_0000;
let board: QtestBoard;
beforeAll(() => void (board = new QtestBoard()));
afterAll(() => board.close());

/** The device with some RAM behind it. */
function device(cpus = 1): { fwCfg: FwCfg; ours: Ours; memory: Uint8Array } {
  const memory = new Uint8Array(0x10000);
  const inside = (pa: number, length: number): boolean => pa >= ram && pa + length <= ram + memory.length;
  const dma = {
    read: (pa: number, length: number) => (inside(pa, length) ? memory.slice(pa - ram, pa - ram + length) : undefined),
    isWritable: inside,
    write: (pa: number, bytes: Uint8Array) => memory.set(bytes, pa - ram),
  };
  const fwCfg = new FwCfg(dma, cpus, smbiosFiles({ memoryBytes: 128 << 20, gic: 2, el2: true, cpus }));
  return { fwCfg, ours: { devices: [{ device: fwCfg, base }] }, memory };
}

const select = (key: number): Operation => write(base + 8, ((key & 0xff) << 8) | (key >> 8), 2);
const sizes: Bytes[] = [1, 2, 4, 1, 4, 4];

describe('fw_cfg', () => {
  it('gives the items that every board has, and zeros for unknown ones', async () => {
    for (const key of [0, 1, 5, 0x0f, 0x18, 0x7fff])
      await compare(board, device().ours, [select(key), ...sizes.map((bytes) => read(base, bytes))]);
    await compare(board, device().ours, [read(base + 8, 2), read(base + 16), read(base + 20), read(base + 17, 1)]);
  });

  it('lists its files, each with its item', () => {
    const { fwCfg } = device();
    const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => fwCfg.read(0, 1));
    fwCfg.write(8, 2, 0x1900);
    const count = new DataView(bytes(4).buffer).getUint32(0);
    const entries = Array.from({ length: count }, () => bytes(64));
    const names = entries.map((entry) => new TextDecoder().decode(entry.subarray(8)).replace(/\0.*/s, ''));
    expect(names).toEqual([...names].sort());
    expect(names).toContain('etc/boot-fail-wait');
    const [wait] = entries.filter((_, i) => names[i] === 'etc/boot-fail-wait').map((entry) => new DataView(entry.buffer));
    expect(wait.getUint32(0)).toBe(4);
    fwCfg.write(8, 2, ((wait.getUint16(4) & 0xff) << 8) | (wait.getUint16(4) >> 8));
    expect(fwCfg.read(0, 4)).toBe(0xffffffff);
  });

  it.each([1, 4])('has the SMBIOS tables of QEMU with %s CPUs', async (cpus) => {
    const { fwCfg } = device(cpus);
    const theirs = new QtestBoard(['-smp', String(cpus)]);
    /** The item of a file, by the directory that a reader is given. */
    const fileKey = async (name: string, next: () => Promise<number>): Promise<number> => {
      const bytes = async (length: number): Promise<Buffer> => {
        const read: number[] = [];
        while (read.length < length) read.push(await next());
        return Buffer.from(read);
      };
      for (let left = (await bytes(4)).readUInt32BE(0); left > 0; left--) {
        const entry = await bytes(64);
        if (entry.toString('latin1', 8).startsWith(`${name}\0`)) return entry.readUInt16BE(4);
      }
      throw new Error(`there is no ${name}`);
    };
    /** All of an item, with the zeros that come behind its end. */
    const contents = async (choose: (key: number) => Promise<unknown>, next: () => Promise<number>, name: string): Promise<number[]> => {
      await choose(0x19);
      await choose(await fileKey(name, next));
      const read: number[] = [];
      while (read.length < 300) read.push(await next());
      return read;
    };
    try {
      for (const name of ['etc/smbios/smbios-anchor', 'etc/smbios/smbios-tables']) {
        const ourBytes = await contents(
          (key) => Promise.resolve(fwCfg.select(key)),
          () => Promise.resolve(fwCfg.read(0, 1)),
          name,
        );
        const theirBytes = await contents(
          (key) => theirs.command(`writew 0x${(base + 8).toString(16)} 0x${(((key & 0xff) << 8) | (key >> 8)).toString(16)}`),
          async () => Number(await theirs.command(`readb 0x${base.toString(16)}`)),
          name,
        );
        expect(ourBytes).toEqual(theirBytes);
        expect(ourBytes.some((byte) => byte !== 0)).toBe(true);
      }
    } finally {
      theirs.close();
    }
  });

  it('hands a kernel to firmware, with its RAM disk and its command line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fw-cfg-'));
    const save = (name: string, bytes: Uint8Array): string => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };
    const plain = Uint8Array.from({ length: 5000 }, (_, i) => i * 7);
    const initrd = Buffer.from('a RAM disk');
    const bios = save('bios', new Uint8Array(64));
    const keys = [0x08, 0x0b, 0x11, 0x12, 0x14, 0x15, 0x07, 0x0f];
    try {
      for (const kernel of [plain, gzipSync(plain)])
        for (const append of ['console=ttyAMA0', undefined]) {
          const files = ['-bios', bios, '-kernel', save('kernel', kernel), '-initrd', save('initrd', initrd)];
          const theirs = new QtestBoard([...files, ...(append === undefined ? [] : ['-append', append])]);
          const { fwCfg, ours } = device();
          const options = { memoryBytes: 128 << 20, gic: 2, el2: true, ...(append !== undefined && { append }) } as const;
          const given = { kernel: { name: 'kernel', bytes: kernel }, initrd: { name: 'initrd', bytes: initrd } };
          fwCfg.passKernel(loadFirmware(new Uint8Array(64), 'bios', { ...options, ...given }).passed!);
          try {
            for (const key of keys) await compare(theirs, ours, [select(key), ...Array.from({ length: 12 }, () => read(base, 4))]);
          } finally {
            theirs.close();
          }
        }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('carries out DMA requests as QEMU does', async () => {
    const request = 0x1000,
      target = 0x2000;
    const run = async (control: number, length: number, address: number, then: readonly Operation[] = []): Promise<void> => {
      const { ours, memory } = device();
      const bytes = new Uint8Array(16);
      const view = new DataView(bytes.buffer);
      view.setUint32(0, control);
      view.setUint32(4, length);
      view.setUint32(12, address);
      memory.set(bytes, request);
      memory.fill(0xaa, target, target + 32);
      await board.command(`write 0x${(ram + request).toString(16)} 16 0x${Buffer.from(bytes).toString('hex')}`);
      await board.command(`memset 0x${(ram + target).toString(16)} 32 0xaa`);
      const swapped = Buffer.from([0, 0, 0, 0, ...cellsOf(ram + request)]);
      await compare(board, ours, [
        select(0),
        write(base + 0x10, swapped.readUInt32LE(0)),
        write(base + 0x14, swapped.readUInt32LE(4)),
        ...then,
      ]);
      for (const at of [request, target, target + 16]) {
        const theirs = await board.command(`read 0x${(ram + at).toString(16)} 16`);
        expect(`0x${Buffer.from(memory.subarray(at, at + 16)).toString('hex')}`).toBe(theirs);
      }
    };
    await run((0x01 << 16) | 8 | 2, 4, ram + target);
    await run(2, 4, ram + target, [read(base, 1)]);
    await run((0x00 << 16) | 8 | 2, 20, ram + target, [read(base, 1)]);
    await run((0x00 << 16) | 8 | 4, 2, 0, [read(base, 1), read(base, 1)]);
    await run((0x00 << 16) | 8, 0, 0, [read(base, 4)]);
    await run((0x00 << 16) | 8 | 16, 4, ram + target, [read(base, 1)]);
    await run((0x7777 << 16) | 8 | 2, 8, ram + target);
    // A reader does not pass the end of its item.
    await run((0x05 << 16) | 8 | 4, 0xffff_ffff, 0, [read(base, 4)]);
    await run(4, 0xffff_ffff, 0, [read(base, 1)]);
    // Nothing is there.
    for (const length of [1, 4, 5]) await run((0x01 << 16) | 8 | 2, length, 0x0c00_0000, [read(base, 1)]);
  });

  it('refuses more than there is memory for before it makes any of it', () => {
    const { fwCfg, memory } = device();
    const request = Uint8Array.of(0, 0, 0, 2, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0);
    memory.set(request);
    const before = performance.now();
    fwCfg.write(0x10, 4, 0);
    fwCfg.write(0x14, 4, 0x40);
    expect([...memory.subarray(0, 4)]).toEqual([0, 0, 0, 1]);
    expect([...memory.subarray(4, 16)]).toEqual([...request.subarray(4)]);
    // 2 GiB of them take a minute.
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it('saves and loads where a reader stands', () => {
    const { fwCfg } = device();
    fwCfg.write(8, 2, 0x0000);
    fwCfg.read(0, 2);
    const other = device().fwCfg;
    expectSavedState(fwCfg, other, [0, 4, 16, 20]);
    expect(other.read(0, 1)).toBe('M'.charCodeAt(0));
  });
});

const cellsOf = (value: number): number[] => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
