/** Where things are put before the first step, compared with what lies in the memory of QEMU's board. */
import { PA } from '../../emulator/base/addresses.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { readFdt, findNode, findProperty, writeFdt } from '../../emulator/machine/fdt.ts';
import { loadFirmware, loadImage, type LoadedImage, type LoadOptions } from '../../emulator/machine/loader.ts';
import { deviceTreeBytes, nameOrder } from '../../emulator/machine/device-tree.ts';
import { Workshop } from '../debug/build.ts';
import { QtestBoard } from '../devices/qtest.ts';

const shop = new Workshop();
afterAll(() => shop.close());
const MiB = 1 << 20;
const ram = 0x4000_0000;
const options: LoadOptions = { memoryBytes: 128 * MiB, gic: 2, el2: true };

function save(name: string, bytes: Uint8Array): string {
  const path = join(shop.folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A kernel image: the 64-byte header and some code. */
function kernel(textOffset: number, imageBytes: number, bytes: number): Uint8Array {
  const image = Uint8Array.from({ length: bytes }, (_, i) => (i * 7) & 0xff);
  const view = new DataView(image.buffer);
  view.setUint32(0, 0x14000000, true);
  view.setBigUint64(8, BigInt(textOffset), true);
  view.setBigUint64(16, BigInt(imageBytes), true);
  view.setBigUint64(24, 0n, true);
  view.setUint32(56, 0x644d5241, true);
  return image;
}

/** All that we put into memory lies there in QEMU too; the device tree apart from its padding. */
async function expectAsInQemu(loaded: LoadedImage, args: readonly string[]): Promise<void> {
  const board = new QtestBoard(['-serial', 'null', ...args], 'virtualization=on,dtb-randomness=off');
  try {
    for (const { name, pa, bytes } of loaded.segments) {
      const length = name === 'device tree' ? deviceTreeBytes : bytes.length;
      const text = await board.command(`read 0x${pa.toString(16)} 0x${length.toString(16)}`);
      const theirs = new Uint8Array(Buffer.from(text.slice(2), 'hex'));
      const ours = new Uint8Array(length);
      ours.set(bytes);
      const comparable = name === 'device tree' ? writeFdt(readFdt(theirs, name), { totalBytes: theirs.length, nameOrder }) : theirs;
      expect(Buffer.compare(ours, comparable), `${name} at 0x${pa.toString(16)}`).toBe(0);
    }
    if (loaded.deviceTree === undefined) for (const pa of [0, ram]) expect(await board.read(pa)).not.toBe(0xedfe0dd0);
  } finally {
    board.close();
  }
}

describe('an ELF program', () => {
  const at = (address: number): Uint8Array =>
    shop.link('program.elf', { 'program.S': '.global _start\n_start: b .\n.word 0x12345678\n' }, [
      `-Wl,-Ttext=0x${address.toString(16)}`,
      '-Wl,-z,max-page-size=4096',
    ]).bytes;

  const cases: [string, number, number | undefined][] = [
    ['too near to the start of RAM for the device tree', 0x4008_0000, undefined],
    ['higher: the device tree is at the start of RAM', 0x4020_0000, ram],
    ['at the start of RAM: the device tree is at PA 0', 0x4000_1000, 0],
    ['in flash: the device tree is at the start of RAM', 0x0000_1000, ram],
  ];
  it.each(cases)('%s', async (_, address, deviceTree) => {
    const bytes = at(address);
    const loaded = loadImage(bytes, 'program.elf', options);
    expect(loaded).toMatchObject({ kind: 'elf', entry: BigInt(address), deviceTree });
    await expectAsInQemu(loaded, ['-kernel', save('program', bytes)]);
  });

  it('comes with its command line in the device tree', async () => {
    const bytes = at(0x4020_0000);
    const loaded = loadImage(bytes, 'program.elf', { ...options, append: 'a=b' });
    await expectAsInQemu(loaded, ['-kernel', save('program', bytes), '-append', 'a=b']);
  });

  it('may be packed with gzip', () => {
    const bytes = at(0x4020_0000);
    expect(loadImage(gzipSync(bytes), 'program.gz', options)).toEqual(loadImage(new Uint8Array(bytes), 'program.gz', options));
  });

  it('starts at the PA of its entry', () => {
    const script = 'ENTRY(_start) SECTIONS { . = 0xffff000000080000; .text : AT(0x40100000) { *(.text*) } /DISCARD/ : { *(.note*) } }';
    const { bytes } = shop.link('high.elf', { 'program.S': '.global _start\nnop\n_start: b .\n', 'high.ld': script }, ['-Wl,-T,high.ld']);
    expect(loadImage(bytes, 'high.elf', options).entry).toBe(0x4010_0004n);
  });
});

describe('a Linux kernel', () => {
  const initrd = Uint8Array.from({ length: 70_001 }, (_, i) => (i * 13) & 0xff);

  const cases: [string, Uint8Array, number][] = [
    ['at an offset of 0', kernel(0, 0x30000, 0x20000), 128],
    ['at an offset of 512 KiB', kernel(0x80000, 0x30000, 0x20000), 128],
    ['of an old kind, without its size', kernel(0x1234, 0, 0x20000), 128],
    ['larger than half of RAM', kernel(0, 80 * MiB, 0x20000), 128],
    ['in much RAM', kernel(0, 0x30000, 0x20000), 1024],
    ['in little RAM', kernel(0, 0x30000, 0x20000), 32],
  ];
  it.each(cases)('%s', async (_, image, memory) => {
    const more = { ...options, memoryBytes: memory * MiB, append: 'console=ttyAMA0', initrd: { name: 'initrd', bytes: initrd } };
    const loaded = loadImage(image, 'Image', more);
    expect(loaded).toMatchObject({ kind: 'kernel', entry: BigInt(ram) });
    expect(loaded.segments.map(({ name }) => name)).toEqual(['boot stub', 'kernel', 'initial RAM disk', 'device tree']);
    await expectAsInQemu(loaded, [
      '-m',
      String(memory),
      '-kernel',
      save('Image', image),
      '-initrd',
      save('initrd', initrd),
      '-append',
      more.append,
    ]);
  });

  it('without a header, as kernel8.img has none', async () => {
    const image = kernel(0, 0, 0x20000).fill(0, 56, 60);
    await expectAsInQemu(loadImage(image, 'kernel8.img', options), ['-kernel', save('kernel8.img', image)]);
    expect(() => loadImage(image, 'picture.png', options)).toThrow('neither an ELF program nor a Linux kernel image');
  });

  it('packed with gzip, or as an EFI zboot image', async () => {
    const image = kernel(0, 0x30000, 0x20000);
    const plain = loadImage(image, 'Image', options);
    const packed = gzipSync(image);
    expect(loadImage(packed, 'Image.gz', options)).toEqual(plain);
    await expectAsInQemu(plain, ['-kernel', save('Image.gz', packed)]);
    const zboot = new Uint8Array(64 + packed.length);
    zboot.set(new TextEncoder().encode('MZ\0\0zimg'));
    new DataView(zboot.buffer).setUint32(8, 64, true);
    new DataView(zboot.buffer).setUint32(12, packed.length, true);
    zboot.set(new TextEncoder().encode('gzip'), 24);
    zboot.set(packed, 64);
    expect(loadImage(zboot, 'vmlinuz', options)).toEqual(plain);
    expect(() => loadImage(zboot.subarray(0, 100), 'vmlinuz', options)).toThrow('vmlinuz at offset 0x8: the compressed kernel');
    zboot.set(new TextEncoder().encode('zstd'), 24);
    expect(() => loadImage(zboot, 'vmlinuz', options)).toThrow('compressed with zstd');
  });

  it('says what does not fit', () => {
    const small = { ...options, memoryBytes: 32 * MiB };
    expect(() => loadImage(kernel(0, 100 * MiB, 4096), 'Image', small)).toThrow('Image: the kernel does not fit in 32 MiB of RAM');
    const disk = { name: 'disk', bytes: new Uint8Array(20 * MiB) };
    expect(() => loadImage(kernel(0, 4096, 4096), 'Image', { ...small, initrd: disk })).toThrow('disk: the initial RAM disk does not fit');
    expect(() => loadImage(kernel(0, 2 ** 40, 4096), 'Image', small)).toThrow('at offset 0x10');
  });
});

describe('firmware and further files', () => {
  it('firmware lies in flash, the device tree at the start of RAM', async () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i & 0xff);
    const loaded = loadFirmware(bytes, 'bios', options);
    expect(loaded).toMatchObject({ kind: 'firmware', entry: 0n, deviceTree: ram });
    await expectAsInQemu(loaded, ['-bios', save('bios', bytes)]);
    expect(() => loadFirmware(new Uint8Array(65 * MiB), 'bios', options)).toThrow('the flash bank holds');
  });

  it('files go to their PAs, if there is memory', () => {
    const file = (pa: number, bytes = 16): { name: string; bytes: Uint8Array; pa: PA } => ({
      name: 'data.bin',
      bytes: new Uint8Array(bytes).fill(1),
      pa: PA(pa),
    });
    const load = (...loads: ReturnType<typeof file>[]): LoadedImage => loadImage(kernel(0, 4096, 4096), 'Image', { ...options, loads });
    expect(load(file(0x4700_0000)).segments.at(-1)).toMatchObject({ name: 'data.bin', pa: 0x4700_0000 });
    expect(() => load(file(0x0900_0000))).toThrow("data.bin: 16 bytes at PA 0x9000000 are outside the machine's memory");
    expect(() => load(file(0x47ff_fff8))).toThrow('outside');
    expect(() => load(file(0x4020_0800))).toThrow('overlaps kernel');
  });

  it('a device tree of their own gets memory, command line and RAM disk', () => {
    const source = `/dts-v1/; / { #address-cells = <2>; #size-cells = <1>; model = "mine"; memory@0 { device_type = "memory"; reg = <0 0 0>; }; chosen { bootargs = "old"; stdout-path = "/uart"; }; };`;
    save('mine.dts', new TextEncoder().encode(source));
    shop.run('dtc', '-I', 'dts', '-O', 'dtb', '-o', 'mine.dtb', 'mine.dts');
    const dtb = { name: 'mine.dtb', bytes: shop.read('mine.dtb') };
    const loaded = loadImage(kernel(0, 4096, 4096), 'Image', {
      ...options,
      dtb,
      append: 'new',
      initrd: { name: 'i', bytes: new Uint8Array(10) },
    });
    // Zeros at its end are left to the memory.
    const blob = new Uint8Array(deviceTreeBytes);
    blob.set(loaded.segments.find(({ pa }) => pa === loaded.deviceTree)!.bytes);
    const tree = readFdt(blob, 'x');
    const text = (path: string, name: string): string => Buffer.from(findProperty(findNode(tree, path), name) ?? []).toString('latin1');
    expect(text('/', 'model')).toBe('mine\0');
    expect(text('/chosen', 'bootargs')).toBe('new\0');
    expect(text('/chosen', 'stdout-path')).toBe('/uart\0');
    expect([...findProperty(findNode(tree, '/memory@40000000'), 'reg')!]).toEqual([0, 0, 0, 0, 0x40, 0, 0, 0, 0x08, 0, 0, 0]);
    expect(findNode(tree, '/memory@0')).toBeUndefined();
    const start = new DataView(findProperty(findNode(tree, '/chosen'), 'linux,initrd-start')!.buffer).getUint32(0);
    expect(start).toBe(0x4400_0000);
    expect(() => loadImage(kernel(0, 4096, 4096), 'Image', { ...options, dtb: { name: 'no.dtb', bytes: new Uint8Array(50) } })).toThrow(
      'no.dtb at offset 0x0: this is not a flattened device tree',
    );
  });
});
