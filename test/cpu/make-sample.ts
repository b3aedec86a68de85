/**
 * Makes sample/: builds the recorder, runs it on QEMU, and keeps the baseline and what differs from it; and takes the register scan from
 * its full recording. Needs Debian's gcc-aarch64-linux-gnu and qemu-system-arm.
 *
 *   npx tsx test/cpu/make-sample.ts [<sysregs.tsv>]
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { base, configurations, instructions } from './matrix.ts';

const sample = join(import.meta.dirname, 'sample');
const recorder = join(import.meta.dirname, 'recorder');
const hex = (word: number): string => word.toString(16).padStart(8, '0');
mkdirSync(sample, { recursive: true });

const build = mkdtempSync(join(tmpdir(), 'recorder-'));
try {
  const order = Object.keys(base);
  const rows = configurations.map(([name, own]) => `{"${name}", {${order.map((key) => `${{ ...base, ...own }[key]}ul`).join(', ')}}},`);
  const words = instructions.map(([word, text]) => `{0x${hex(word)}, "${text}"},`);
  const table = (type: string, name: string, lines: readonly string[]): string =>
    `static const struct ${type} ${name}[] = {\n${lines.join('\n')}\n};\n`;
  writeFileSync(join(build, 'matrix.h'), table('configuration', 'configurations', rows) + table('instruction', 'instructions', words));
  const image = join(build, 'recorder.elf');
  const flags = ['-O1', '-ffreestanding', '-nostdlib', '-static', '-no-pie', '-mgeneral-regs-only', '-Wall', '-Werror'];
  const link = ['-Wl,-Ttext=0x40080000', '-Wl,--build-id=none'];
  const sources = [join(recorder, 'start.S'), join(recorder, 'main.c')];
  execFileSync('aarch64-linux-gnu-gcc', [...flags, ...link, '-I', build, '-o', image, ...sources], { stdio: 'inherit' });
  const machine = ['-machine', 'virt,virtualization=on,gic-version=3', '-cpu', 'cortex-a53', '-nographic', '-net', 'none'];
  const output = execFileSync('qemu-system-aarch64', [...machine, '-kernel', image], {
    timeout: 120_000,
    maxBuffer: 1 << 28,
    encoding: 'latin1',
  });
  const lines = output.replaceAll('\r', '').split('\n').filter(Boolean);
  if (lines.pop() !== '# end') throw new Error('the recorder did not come to its end');
  const split = lines.map((line) => line.split('\t'));
  const key = (columns: readonly string[]): string => columns.slice(1, 3).join(' ');
  const result = (columns: readonly string[]): string => columns.slice(4).join(' ');
  const baseline = new Map(split.filter(([name]) => name === 'baseline').map((columns) => [key(columns), result(columns)]));
  const kept = split.filter((columns) => columns[0] === 'baseline' || baseline.get(key(columns)) !== result(columns));
  const text = kept.map((columns) => columns.join('\t')).join('\n');
  const meta = { base, cfg: configurations, ins: instructions.map(([word, name]) => [hex(word), name]) };
  writeFileSync(join(sample, 'el2traps.tsv.gz'), gzipSync(`${text}\n`, { level: 9 }));
  writeFileSync(join(sample, 'meta.json.gz'), gzipSync(JSON.stringify(meta), { level: 9 }));
  console.log(`trap matrix: ${lines.length} outcomes, ${kept.length} kept`);
} finally {
  rmSync(build, { recursive: true });
}

const [scan] = process.argv.slice(2);
if (scan) writeFileSync(join(sample, 'sysregs.tsv.gz'), gzipSync(readFileSync(scan), { level: 9 }));
