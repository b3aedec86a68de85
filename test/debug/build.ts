/** Builds small AArch64 programs with the cross compiler. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mkdirSync } from 'node:fs';

export interface Built {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'elscope-build-'));

  /** Compiles and links sources (path to text) into an ELF. */
  link(name: string, sources: Readonly<Record<string, string>>, flags: readonly string[]): Built {
    for (const [path, text] of Object.entries(sources)) {
      mkdirSync(join(this.folder, dirname(path)), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
    const units = Object.keys(sources).filter((path) => /\.(c|S)$/.test(path));
    const common = ['-nostdlib', '-static', '-ffreestanding', '-Wl,--build-id=none', '-o', name];
    execFileSync('aarch64-linux-gnu-gcc', [...common, ...flags, ...units], { cwd: this.folder, stdio: 'pipe' });
    const path = join(this.folder, name);
    return { path, bytes: readFileSync(path) };
  }

  read(name: string): Uint8Array {
    return readFileSync(join(this.folder, name));
  }

  run(tool: string, ...args: string[]): string {
    return execFileSync(tool, args, { cwd: this.folder, stdio: 'pipe', encoding: 'utf8', maxBuffer: 1 << 26 });
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** A program with folders, a header with code, an assembler file, static functions and data. */
export const sample: Readonly<Record<string, string>> = {
  'lib/twice.h': 'static inline int twice(int x)\n{\n  return x * 2;\n}\n',
  'main.c': `#include "lib/twice.h"
int counter = 7;
static volatile char buffer[64];
__attribute__((noinline)) static int add(int a, int b)
{
  int sum = a + b;
  for (int i = 0; i < b; i++)
    sum += twice(i) + buffer[i & 63];
  return sum;
}
__attribute__((section(".text.unused"))) int unused(void)
{
  return 1;
}
int main(void)
{
  counter = add(counter, 3);
  return counter;
}
`,
  'start/start.S': `.global _start
.type _start, %function
_start:
  bl main
spin:
  wfi
  b spin
.word 0x12345678
.size _start, . - _start
`,
};
