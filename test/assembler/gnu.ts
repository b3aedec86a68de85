/** What the GNU assembler and linker make of a source, laid out as emulator/assembler lays it out. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readElf } from '../../emulator/machine/elf.ts';

const layout = `SECTIONS {
  . = 0x40080000;
  .text : { *(.text) *(.text.*) }
  . = ALIGN(4096);
  .rodata : { *(.rodata .rodata.*) }
  . = ALIGN(4096);
  .data : { *(.data .data.*) }
  . = ALIGN(4096);
  .bss : { *(.bss .bss.* COMMON) }
}`;

/** The linked program. Throws with what the assembler says of a source that it refuses. */
export function gnuElf(source: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'elscope-as-'));
  const run = (tool: string, ...words: string[]): void =>
    void execFileSync(`aarch64-linux-gnu-${tool}`, words, { cwd: folder, stdio: 'pipe' });
  try {
    writeFileSync(join(folder, 'source.s'), source);
    writeFileSync(join(folder, 'layout.ld'), layout);
    run('as', '-mcpu=cortex-a53+crypto', 'source.s', '-o', 'object.o');
    run('ld', '-z', 'max-page-size=4096', '-T', 'layout.ld', 'object.o', '-o', 'linked.elf');
    return new Uint8Array(readFileSync(join(folder, 'linked.elf')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a program puts into memory, from its lowest address on, by 16 bytes a line; zeros at the end and empty lines do not count. */
export function contents(elf: Uint8Array): string[] {
  const lines = new Map<bigint, Uint8Array>();
  for (const { va, fileOffset, fileBytes } of readElf(elf, 'test').segments)
    for (let i = 0; i < fileBytes; i++) {
      const address = va + BigInt(i);
      const line = lines.get(address & ~15n) ?? new Uint8Array(16);
      line[Number(address & 15n)] = elf[fileOffset + i];
      lines.set(address & ~15n, line);
    }
  return [...lines]
    .filter(([, bytes]) => bytes.some((byte) => byte !== 0))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([address, bytes]) => `${address.toString(16)}: ${Buffer.from(bytes).toString('hex')}`);
}
