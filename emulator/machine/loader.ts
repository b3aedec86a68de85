/**
 * What lies in memory before the first step, and where the CPU begins: the rules by which QEMU 7.2 places ELF programs, Linux kernels,
 * initial RAM disks, firmware and the device tree on the `virt` board (`-kernel`, `-initrd`, `-append`, `-dtb`, `-bios`). Pure: from bytes to bytes.
 */
import { PA, VA } from '../base/addresses.ts';
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import { isGzip } from '../base/inflate.ts';
import type { PassedKernel } from '../devices/fw-cfg.ts';
import type { BoardOptions, DeviceTreeOptions } from './board-row.ts';
import { flashBytes, ramBase } from './board-table.ts';
import { deviceTreeBlob } from './device-tree.ts';
import { amendDeviceTree } from './device-tree-file.ts';
import { startOf, isElf, readElf, type ElfFile } from './elf.ts';
import { rawKernel, readKernelImage, unpackImage, type KernelImage } from './image.ts';

export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file that goes into the machine beside the program. */
export interface BoardFile extends NamedBytes {
  /** `kernel`: for the firmware, which is the program. `start`: no contents, but the PA where the CPU begins in place of the program's entry. */
  readonly use: 'kernel' | 'initrd' | 'dtb' | 'load' | 'drive' | 'read-only drive' | 'start';
  /** Where a `load` goes, or the CPU begins. */
  readonly pa?: PA;
}

export interface LoadOptions extends BoardOptions {
  /** Kernel command line. */
  readonly append?: string;
  /** A Linux kernel for firmware to start. */
  readonly kernel?: NamedBytes;
  /** Initial RAM disk, for a Linux kernel. */
  readonly initrd?: NamedBytes;
  /** A device tree instead of the board's own. */
  readonly dtb?: NamedBytes;
  /** Further files, each at a PA. */
  readonly loads?: readonly (NamedBytes & { readonly pa: PA })[];
  /** Where the CPU begins, in place of the program's entry. */
  readonly start?: PA;
}

export interface LoadedSegment {
  /** "segment 0", "kernel", "device tree": what it is. */
  readonly name: string;
  /** Bytes go to this PA. */
  readonly pa: PA;
  readonly bytes: Uint8Array;
  /** What the segment takes in memory, where it is more than `bytes`: the rest is zero. */
  readonly memoryBytes?: number;
}

export interface LoadedImage {
  readonly kind: 'elf' | 'kernel' | 'firmware';
  /** They do not overlap, and each lies in RAM or flash as a whole. */
  readonly segments: readonly LoadedSegment[];
  /** Where the CPU begins, with its MMU off and all general registers zero. */
  readonly entry: VA;
  /** Contents of disks, by the number of their plug (`BoardOptions.virtio`). */
  readonly drives?: ReadonlyMap<number, Uint8Array>;
  /** What firmware finds in fw_cfg. */
  readonly passed?: PassedKernel;
  /** PA of the device tree; undefined where there was no room for it. */
  readonly deviceTree: PA | undefined;
}

const MiB = 1 << 20;
const PAGE = 4096;
/** A kernel's device tree must not cross a 2 MiB boundary. */
const DEVICE_TREE_ALIGNMENT = 2 * MiB;
/** At the start of RAM, under the kernel. */
const BOOT_STUB_ROOM = 4096;

const alignUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** Places an ELF program or a Linux kernel. Throws InputError. */
export function loadImage(bytes: Uint8Array, name: string, options: LoadOptions): LoadedImage {
  if (bytes.length === 0) throw new InputError('the file is empty', { file: name }, 'expected an ELF program or a Linux kernel image');
  if (isElf(bytes)) return placeElf(readElf(bytes, name), options);
  const unpacked = unpackImage(bytes, name);
  if (isElf(unpacked)) return placeElf(readElf(unpacked, name), options);
  const kernel = readKernelImage(unpacked, name) ?? rawKernel(unpacked, name);
  if (!kernel) {
    const hint =
      'ELF begins with 0x7f "ELF"; a Linux Image has "ARM\\x64" at offset 0x38, and may be compressed with gzip; raw code has a name that ends with .img or .bin';
    throw new InputError('this is neither an ELF program nor a Linux kernel image', { file: name, offset: 0 }, hint);
  }
  return placeKernel(kernel, name, options);
}

/** Places firmware in the first flash bank, where the CPU begins. Throws InputError. */
export function loadFirmware(bytes: Uint8Array, name: string, options: LoadOptions): LoadedImage {
  if (bytes.length > flashBytes)
    throw new InputError(`the firmware has ${bytes.length} bytes`, { file: name }, `the flash bank holds ${flashBytes}`);
  const segments = [{ name: 'firmware', pa: PA(0), bytes }];
  const placed = finish('firmware', name, segments, VA(0n), { pa: ramBase, blob: deviceTree(options, { firmware: true }) }, options);
  return options.kernel ? { ...placed, passed: passedKernel(options.kernel, options) } : placed;
}

/** Like QEMU, which takes gzip off a kernel that it hands over, and nothing else. */
function passedKernel({ bytes, name }: NamedBytes, { initrd, append }: LoadOptions): PassedKernel {
  const kernel = isGzip(bytes) ? unpackImage(bytes, name) : bytes;
  return { kernel, initrd: initrd?.bytes, append };
}

/** The pieces of an ELF file that goes into the machine beside the program, and where it would begin; undefined for other files. Throws InputError. */
export function elfPieces(
  bytes: Uint8Array,
  name: string,
): { readonly pieces: readonly (NamedBytes & { readonly pa: PA })[]; readonly start: VA } | undefined {
  if (!isElf(bytes)) return undefined;
  const elf = readElf(bytes, name);
  const pieces = elf.segments.map(({ index, pa, fileOffset, fileBytes }) => ({
    name: `${name}, segment ${index}`,
    bytes: bytes.subarray(fileOffset, fileOffset + fileBytes),
    pa: PA(Number(pa)),
  }));
  return { pieces, start: startOf(elf) };
}

function placeElf(elf: ElfFile, options: LoadOptions): LoadedImage {
  const { file } = elf;
  let low = Infinity,
    high = 0;
  const segments = elf.segments.map(({ index, pa, fileOffset, fileBytes, memoryBytes, headerOffset }) => {
    const start = PA(Number(pa)),
      end = start + memoryBytes;
    if (!isInMemory(start, end, options)) {
      const range = `segment ${index} (PA ${hex(pa)}, ${memoryBytes} bytes) is outside the machine's memory`;
      throw new InputError(
        range,
        { file, offset: headerOffset },
        `${memoryText(options)}: link the program there, or give the machine more RAM`,
      );
    }
    low = Math.min(low, start);
    high = Math.max(high, end);
    return { name: `segment ${index}`, pa: start, bytes: elf.bytes.subarray(fileOffset, fileOffset + fileBytes), memoryBytes };
  });
  checkOverlap(
    segments.map(({ name, pa, memoryBytes }) => ({ name, pa, end: pa + memoryBytes })),
    file,
  );
  const blob = deviceTree(options);
  // At the start of RAM where the program leaves room for it; where the program lies there itself, at PA 0.
  let pa: PA | undefined = PA(0);
  if (low > ramBase || high < ramBase) pa = low < ramBase || blob.length <= low - ramBase ? ramBase : undefined;
  return finish('elf', file, segments, startOf(elf), pa === undefined ? undefined : { pa, blob }, options);
}

function placeKernel({ bytes, textOffset, memoryBytes }: KernelImage, name: string, options: LoadOptions): LoadedImage {
  const ramEnd = ramBase + options.memoryBytes;
  const { initrd } = options;
  // The boot stub lies at the start of RAM; the header only asks for an offset from any 2 MiB boundary.
  const kernelPA = PA(ramBase + textOffset + (textOffset < BOOT_STUB_ROOM ? 2 * MiB : 0));
  const kernelEnd = kernelPA + memoryBytes;
  const tooSmall = (what: string, file: string): InputError =>
    new InputError(`${what} does not fit in ${options.memoryBytes / MiB} MiB of RAM`, { file }, 'give the machine more RAM');
  if (kernelEnd > ramEnd) throw tooSmall('the kernel', name);
  const initrdPA = PA(alignUp(Math.max(ramBase + Math.min(options.memoryBytes / 2, 128 * MiB), kernelEnd), PAGE));
  const initrdEnd = initrdPA + (initrd?.bytes.length ?? 0);
  if (initrd && initrdEnd > ramEnd) throw tooSmall('the initial RAM disk', initrd.name);
  const treePA = PA(alignUp(initrdEnd, DEVICE_TREE_ALIGNMENT));
  const blob = deviceTree(options, initrd && { initrd: { start: initrdPA, end: initrdEnd } });
  if (treePA + blob.length > ramEnd) throw tooSmall('the device tree after the kernel', name);
  const segments = [
    { name: 'boot stub', pa: ramBase, bytes: bootStub(treePA, kernelPA) },
    { name: 'kernel', pa: kernelPA, bytes },
    ...(initrd ? [{ name: 'initial RAM disk', pa: initrdPA, bytes: initrd.bytes }] : []),
  ];
  return finish('kernel', name, segments, VA(BigInt(ramBase)), { pa: treePA, blob }, options);
}

/** Six instructions that give the kernel what it expects: X0 = PA of the device tree, X1 to X3 = 0. */
function bootStub(deviceTreePA: PA, kernelPA: PA): Uint8Array {
  const words = [
    0x580000c0, // ldr x0, the device tree
    0xaa1f03e1, // mov x1, xzr
    0xaa1f03e2, // mov x2, xzr
    0xaa1f03e3, // mov x3, xzr
    0x58000084, // ldr x4, the kernel
    0xd61f0080, // br x4
  ];
  const bytes = new Uint8Array(40);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setUint32(4 * i, word, true));
  view.setBigUint64(24, BigInt(deviceTreePA), true);
  view.setBigUint64(32, BigInt(kernelPA), true);
  return bytes;
}

function deviceTree(options: LoadOptions, more: Pick<DeviceTreeOptions, 'initrd' | 'firmware'> = {}): Uint8Array<ArrayBuffer> {
  const treeOptions = { ...options, initrd: undefined, ...more };
  return options.dtb ? amendDeviceTree(options.dtb.bytes, options.dtb.name, treeOptions) : deviceTreeBlob(treeOptions);
}

function finish(
  kind: LoadedImage['kind'],
  file: string,
  program: readonly LoadedSegment[],
  entry: VA,
  tree: { readonly pa: PA; readonly blob: Uint8Array } | undefined,
  options: LoadOptions,
): LoadedImage {
  const segments: LoadedSegment[] = [...program];
  if (tree) segments.push({ name: 'device tree', pa: tree.pa, bytes: withoutPadding(tree.blob), memoryBytes: tree.blob.length });
  for (const { name, bytes, pa } of options.loads ?? []) {
    if (!isInMemory(pa, pa + bytes.length, options))
      throw new InputError(`${bytes.length} bytes at PA ${hex(pa)} are outside the machine's memory`, { file: name }, memoryText(options));
    segments.push({ name, pa, bytes });
  }
  checkOverlap(
    segments.map(({ name, pa, bytes }) => ({ name, pa, end: pa + bytes.length })),
    file,
  );
  return { kind, segments, entry: options.start === undefined ? entry : VA(BigInt(options.start)), deviceTree: tree?.pa };
}

/** Memory is zero before anything is loaded, so the zeros at the end of a device tree, nearly all of it, need not be. */
function withoutPadding(blob: Uint8Array): Uint8Array {
  let end = blob.length;
  while (end > 0 && blob[end - 1] === 0) end--;
  return blob.subarray(0, end);
}

const isInMemory = (start: number, end: number, { memoryBytes }: BoardOptions): boolean =>
  (start >= ramBase && end <= ramBase + memoryBytes) || (end <= flashBytes && start >= 0) || (start >= flashBytes && end <= 2 * flashBytes);

const memoryText = ({ memoryBytes }: BoardOptions): string =>
  `RAM is ${hex(ramBase)}..${hex(ramBase + memoryBytes - 1)}, flash 0x0..${hex(2 * flashBytes - 1)}`;

function checkOverlap(ranges: readonly { readonly name: string; readonly pa: PA; readonly end: number }[], file: string): void {
  const sorted = [...ranges].sort((a, b) => a.pa - b.pa);
  sorted.forEach((range, i) => {
    const next = sorted[i + 1];
    if (next && next.pa < range.end && next.pa < next.end)
      throw new InputError(`${next.name} (PA ${hex(next.pa)}) overlaps ${range.name} (PA ${hex(range.pa)}..${hex(range.end - 1)})`, {
        file,
      });
  });
}
