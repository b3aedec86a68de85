/// <reference types="vite/client" />
/**
 * The faces of the pictures for the renderer of PNGs, which reads neither compressed fonts nor any that are not files: they are unpacked
 * into a folder of their own and deleted with it.
 */
import inter400 from '@fontsource/inter/files/inter-latin-400-normal.woff?inline';
import inter500 from '@fontsource/inter/files/inter-latin-500-normal.woff?inline';
import inter600 from '@fontsource/inter/files/inter-latin-600-normal.woff?inline';
import inter700 from '@fontsource/inter/files/inter-latin-700-normal.woff?inline';
import mono400 from '@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff?inline';
import mono600 from '@fontsource/jetbrains-mono/files/jetbrains-mono-latin-600-normal.woff?inline';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';

const faces = { inter400, inter500, inter600, inter700, mono400, mono600 };

/** Calls `use` with the paths of the fonts, as long as they are there. */
export function withFonts<Result>(use: (paths: readonly string[]) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'elscope-fonts-'));
  try {
    const paths = Object.entries(faces).map(([name, url]) => {
      const path = join(folder, `${name}.ttf`);
      writeFileSync(path, unpacked(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')));
      return path;
    });
    return use(paths);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sizes of headers and of their entries, in bytes. */
const WOFF = { header: 44, entry: 20 };
const SFNT = { header: 12, entry: 16 };

/** An OpenType font out of its WOFF file: the same tables, each compressed for itself (W3C, WOFF File Format 1.0, section 4). */
function unpacked(woff: Buffer): Buffer {
  const count = woff.readUInt16BE(12);
  const head = Buffer.alloc(SFNT.header + count * SFNT.entry);
  woff.copy(head, 0, 4, 8);
  head.writeUInt16BE(count, 4);
  const power = Math.floor(Math.log2(count));
  head.writeUInt16BE(2 ** power * 16, 6);
  head.writeUInt16BE(power, 8);
  head.writeUInt16BE((count - 2 ** power) * 16, 10);
  const parts: Buffer[] = [head];
  let offset = head.length;
  for (let i = 0; i < count; i++) {
    const entry = WOFF.header + i * WOFF.entry;
    const from = woff.readUInt32BE(entry + 4);
    const stored = woff.readUInt32BE(entry + 8);
    const length = woff.readUInt32BE(entry + 12);
    const bytes = woff.subarray(from, from + stored);
    const table = stored < length ? inflateSync(bytes) : bytes;
    const to = SFNT.header + i * SFNT.entry;
    woff.copy(head, to, entry, entry + 4);
    woff.copy(head, to + 4, entry + 16, entry + 20);
    head.writeUInt32BE(offset, to + 8);
    head.writeUInt32BE(length, to + 12);
    // Tables begin at multiples of four bytes.
    parts.push(table, Buffer.alloc(-length & 3));
    offset += length + (-length & 3);
  }
  return Buffer.concat(parts);
}
