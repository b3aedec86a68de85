/** An initial RAM disk for Linux: a cpio archive in the kernel's "newc" format, made of files by their paths. */

export interface RamDiskFile {
  readonly path: string;
  /** Type and permissions, as `stat` has them. */
  readonly mode: number;
  readonly bytes?: Uint8Array;
  /** Major and minor number, for a device. */
  readonly device?: readonly [number, number];
}

export const directory = (path: string): RamDiskFile => ({ path, mode: 0o040755 });
export const executable = (path: string, bytes: Uint8Array): RamDiskFile => ({ path, mode: 0o100755, bytes });
export const character = (path: string, major: number, minor: number): RamDiskFile => ({ path, mode: 0o020600, device: [major, minor] });

/** The directories of a file come before it. */
export function initramfs(files: readonly RamDiskFile[]): Uint8Array {
  return Buffer.concat([...files, { path: 'TRAILER!!!', mode: 0 }].flatMap(entry));
}

function entry({ path, mode, bytes = new Uint8Array(0), device = [0, 0] }: RamDiskFile, number: number): Uint8Array[] {
  const [owner, group, links, time, onMajor, onMinor, checksum] = [0, 0, 1, 0, 0, 0, 0];
  const numbers = [number + 1, mode, owner, group, links, time, bytes.length, onMajor, onMinor, ...device, path.length + 1, checksum];
  const header = `070701${numbers.map((value) => value.toString(16).padStart(8, '0')).join('')}${path}\0`;
  return [Buffer.from(header), padding(header.length), bytes, padding(bytes.length)];
}

const padding = (length: number): Uint8Array => new Uint8Array(-length & 3);
