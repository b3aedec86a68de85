/** What GNU objdump makes of instruction words: the reference for the disassembler. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Text of each word as objdump prints it from VA `start` on, without symbols, comments and double spaces. */
export function objdump(words: Uint32Array, start: bigint): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'objdump-'));
  try {
    writeFileSync(join(folder, 'words'), words);
    const options = ['-D', '-z', '-b', 'binary', '-m', 'aarch64', '-M', 'no-notes', `--adjust-vma=0x${start.toString(16)}`];
    const output = execFileSync('aarch64-linux-gnu-objdump', [...options, join(folder, 'words')], {
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    });
    const lines = output.split('\n').flatMap((line) => /^\s*[0-9a-f]+:\t[0-9a-f]{8} \t(.*)$/.exec(line)?.[1] ?? []);
    if (lines.length !== words.length) throw new Error(`objdump printed ${lines.length} lines for ${words.length} words`);
    return lines.map(plain);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const plain = (line: string): string =>
  line
    .replace(/\s*\/\/.*$/, '')
    .replace(/ <.*>$/, '')
    .replace(/\s+; undefined$/, '')
    .replace(/\s+/g, ' ')
    .trim();
