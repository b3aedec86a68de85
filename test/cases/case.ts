/** The programs of this folder, built with the cross compiler and run in our machine. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProgram, type Program } from '../../emulator/index.ts';

const programs = join(import.meta.dirname, 'programs');
const common = join(programs, 'common');

const compiler = 'aarch64-linux-gnu-gcc';
const forAll = ['-mcpu=cortex-a53', '-ffreestanding', '-nostdlib', '-static', '-no-pie', '-Wl,--build-id=none'];
/** No unaligned accesses, no call of memset that nobody defines. */
const forC = [
  ...['-g', '-mstrict-align', '-fno-pic', '-fno-stack-protector', '-fno-tree-loop-distribute-patterns'],
  ...[`-I${common}`, '-Wl,-z,max-page-size=4096', '-Wl,--no-warn-rwx-segments'],
];

const gcc = (...words: readonly string[]): Buffer => execFileSync(compiler, [...forAll, ...words], { stdio: 'pipe' });

const objects = new Map<string, Uint8Array>();
/** The object files of what most cases share, in this folder. They are compiled once: that takes longer than the rest of a case. */
function runtimeIn(folder: string, flags: readonly string[]): string[] {
  // They ask for no macro that chooses a variant.
  const own = flags.filter((flag) => !flag.startsWith('-D'));
  return ['rt.S', 'trap.c'].map((file) => {
    const key = [file, ...own].join(' ');
    const object = join(folder, `${file}.o`);
    const known = objects.get(key);
    if (known) writeFileSync(object, known);
    else {
      gcc(...forC, ...own, '-c', join(common, file), '-o', object);
      objects.set(key, readFileSync(object));
    }
    return object;
  });
}

/** What the compiler is given for a case: a folder, or `words/p` for a single file of assembly. */
function sourcesOf(name: string, flags: readonly string[], into: string): string[] {
  if (name.startsWith('words/')) return [`-Wl,-T,${join(programs, 'words/link.ld')}`, join(programs, `${name}.S`)];
  const folder = join(programs, name);
  const own = readdirSync(folder);
  const files = own.filter((file) => /\.[cS]$/.test(file)).map((file) => join(folder, file));
  const runtime = own.includes('start.S') ? [] : runtimeIn(into, flags);
  const script = existsSync(join(folder, 'link.ld')) ? folder : common;
  return [...forC, `-Wl,-T,${join(script, 'link.ld')}`, ...runtime, ...files];
}

const built = new Map<string, Uint8Array>();

/** The ELF of a case, compiled to read well; `flags` choose a variant: "-DALT". */
export const buildCase = (name: string, ...flags: readonly string[]): Uint8Array => compile(name, ['-O1', '-mgeneral-regs-only', ...flags]);

export function compile(name: string, flags: readonly string[]): Uint8Array {
  const key = [name, ...flags].join(' ');
  const known = built.get(key);
  if (known) return known;
  const folder = mkdtempSync(join(tmpdir(), 'elscope-case-'));
  try {
    const elf = join(folder, 'case.elf');
    gcc(...sourcesOf(name, flags, folder), ...flags, '-o', elf);
    const bytes = readFileSync(elf);
    built.set(key, bytes);
    return bytes;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A case at its first instruction. */
export const openCase = (name: string, ...flags: readonly string[]): Program => openProgram(`${name}.elf`, buildCase(name, ...flags));

/** More than any case takes that comes to an end. */
export const LIMIT = 500_000;

/** How a case ends: it switches the machine off, or its only CPU, or is caught in an exception loop; anything else goes on for ever. */
export type Ending = 'off' | 'cpu-off' | 'loop' | 'goes on';

/** A case that has run to its end, or to the limit where it has none. */
export function runCase(name: string, ...flags: readonly string[]): { readonly program: Program; readonly ending: Ending } {
  const program = openCase(name, ...flags);
  return { program, ending: runToEnd(program) };
}

export function runToEnd({ timeline, machine }: Program): Ending {
  let stop = timeline.forward(LIMIT, { untilLoop: true });
  while (stop === 'budget' && timeline.end < LIMIT) stop = timeline.forward(LIMIT - timeline.end, { untilLoop: true });
  const kind = machine.stop?.kind;
  return kind === 'off' || kind === 'cpu-off' ? kind : stop === 'loop' ? 'loop' : 'goes on';
}

/** What it sent to the UART, with all white space made one blank. */
export const printed = ({ timeline }: Program): string => {
  const { output } = timeline;
  return new TextDecoder('latin1').decode(output.slice(0, output.length)).replace(/\s+/g, ' ').trim();
};
