/** A small disk with one partition, whose FAT16 file system holds one file (Microsoft, "FAT: General Overview of On-Disk Format", 1.03). */

const SECTOR = 512;
const PARTITION = 64;
const RESERVED = 1;
const FAT_SECTORS = 32;
const ROOT_ENTRIES = 512;
/** More than 4,084 clusters make it FAT16. */
const SECTORS = 8192;

/** `name`: eight letters and three, padded with spaces. At most one cluster of text. */
export function fatDisk(name: string, text: string): Uint8Array {
  const disk = new Uint8Array((PARTITION + SECTORS) * SECTOR);
  const view = new DataView(disk.buffer);
  const put = (at: number, what: string): void => disk.set(new TextEncoder().encode(what), at);
  // The table of partitions: one of type 6, not to boot from.
  const entry = 446;
  disk[entry + 4] = 6;
  view.setUint32(entry + 8, PARTITION, true);
  view.setUint32(entry + 12, SECTORS, true);
  view.setUint16(510, 0xaa55, true);

  const boot = PARTITION * SECTOR;
  disk.set([0xeb, 0x3c, 0x90], boot);
  put(boot + 3, 'ELSCOPE ');
  view.setUint16(boot + 11, SECTOR, true);
  disk[boot + 13] = 1;
  view.setUint16(boot + 14, RESERVED, true);
  disk[boot + 16] = 1;
  view.setUint16(boot + 17, ROOT_ENTRIES, true);
  view.setUint16(boot + 19, SECTORS, true);
  disk[boot + 21] = 0xf8;
  view.setUint16(boot + 22, FAT_SECTORS, true);
  disk[boot + 38] = 0x29;
  put(boot + 43, 'TEST       FAT16   ');
  view.setUint16(boot + 510, 0xaa55, true);

  const fat = boot + RESERVED * SECTOR;
  // Two entries that are no clusters, and the file's one.
  [0xfff8, 0xffff, 0xffff].forEach((value, i) => view.setUint16(fat + 2 * i, value, true));
  const root = fat + FAT_SECTORS * SECTOR;
  put(root, name);
  disk[root + 11] = 0x20;
  view.setUint16(root + 26, 2, true);
  view.setUint32(root + 28, text.length, true);
  put(root + 32 * ROOT_ENTRIES, text);
  return disk;
}
