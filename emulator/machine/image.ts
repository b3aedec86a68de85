/**
 * Linux kernel images for AArch64 (Documentation/arm64/booting.rst of the kernel: the 64-byte header) and the two ways in which they come
 * packed: gzip, and the EFI zboot container. Other programs use the header too, Xen for one.
 */
import { InputError } from '../base/errors.ts';
import { gunzip, isGzip } from '../base/inflate.ts';

export interface KernelImage {
  /** Unpacked. */
  readonly bytes: Uint8Array;
  /** Where it wants to lie, in bytes from a 2 MiB boundary. */
  readonly textOffset: number;
  /** Bytes of memory it takes, with what is not in the file. */
  readonly memoryBytes: number;
}

const HEADER = 64;
/** Unpacked kernels beyond this size are a mistake or an attack. */
const LIMIT = 256 << 20;
/** Where a kernel before Linux 3.17, which does not tell its size, is put. */
const OLD_TEXT_OFFSET = 0x80000;

const hasText = (bytes: Uint8Array, at: number, text: string): boolean =>
  at + text.length <= bytes.length && [...text].every((char, i) => bytes[at + i] === char.charCodeAt(0));

/** The magic number at byte 56 of the header. */
const isKernel = (bytes: Uint8Array): boolean => hasText(bytes, 56, 'ARM\x64');
/** The container that a kernel built with CONFIG_EFI_ZBOOT comes in. */
const isZboot = (bytes: Uint8Array): boolean => hasText(bytes, 0, 'MZ') && hasText(bytes, 4, 'zimg');

/** Unpacks gzip and EFI zboot; other bytes come back as they are. Throws InputError. */
export function unpackImage(bytes: Uint8Array, file: string): Uint8Array {
  const options = { file, limitBytes: LIMIT };
  if (isGzip(bytes)) return gunzip(bytes, options);
  if (!isZboot(bytes)) return bytes;
  const error = (offset: number, problem: string, hint: string): InputError => new InputError(problem, { file, offset }, hint);
  if (bytes.length < HEADER) throw error(0, 'the EFI zboot header is cut off', 'expected 64 bytes');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = view.getUint32(8, true),
    size = view.getUint32(12, true);
  if (start + size > bytes.length)
    throw error(8, `the compressed kernel (${size} bytes at ${start}) extends past the end of the file`, 'the file is cut off');
  const packing = new TextDecoder().decode(bytes.subarray(24, 56)).replace(/\0.*/s, '');
  if (packing !== 'gzip' || !isGzip(bytes, start))
    throw error(24, `the kernel is compressed with ${packing || 'an unknown method'}`, 'only gzip is supported');
  return gunzip(bytes.subarray(0, start + size), options, start);
}

/**
 * Code without any header, such as kernel8.img: it goes where QEMU puts it. Undefined for files that are not called so: other bytes are
 * most likely something else.
 */
export function rawKernel(bytes: Uint8Array, file: string): KernelImage | undefined {
  if (!/\.(img|bin)(\.gz)?$/i.test(file)) return undefined;
  return { bytes, textOffset: OLD_TEXT_OFFSET, memoryBytes: bytes.length };
}

/** Reads the header of an unpacked kernel; undefined for other files. Throws InputError. */
export function readKernelImage(bytes: Uint8Array, file: string): KernelImage | undefined {
  if (!isKernel(bytes)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offset = view.getBigUint64(8, true),
    size = view.getBigUint64(16, true);
  const isBigEndian = (bytes[24] & 1) !== 0;
  if (isBigEndian) throw new InputError('this kernel is big-endian', { file, offset: 24 }, 'expected a little-endian kernel');
  if (size === 0n) return { bytes, textOffset: OLD_TEXT_OFFSET, memoryBytes: bytes.length };
  if (size > 1n << 32n) throw new InputError(`the kernel asks for ${size} bytes of memory`, { file, offset: 16 }, 'the header is damaged');
  if (offset >= 1n << 32n)
    throw new InputError(`the kernel asks to be loaded ${offset} bytes into RAM`, { file, offset: 8 }, 'the header is damaged');
  return { bytes, textOffset: Number(offset), memoryBytes: Math.max(Number(size), bytes.length) };
}
