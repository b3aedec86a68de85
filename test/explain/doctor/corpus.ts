/** Programs that nobody wrote for the rules: each file of `corpus/` says in its first lines how it is built, and what is to be found in it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Diagnosis, Finding } from '../../../emulator/explain/doctor/finding.ts';
import { assembleProgram, elfOf, openProgram, type Program } from '../../../emulator/index.ts';
import { examine } from './programs.ts';

const folder = join(import.meta.dirname, 'corpus');

/** A variant of a program: `//: MACRO id|id @mark|@mark flags`, or `//: right flags`. */
export interface Variant {
  readonly file: string;
  /** The macro that makes the mistake; undefined where nothing is broken. */
  readonly mistake: string | undefined;
  /** What the first finding may be called. */
  readonly ids: readonly string[];
  /** Where its place or evidence may be: lines with "@mark", or a symbol of that name. */
  readonly marks: readonly string[];
  readonly flags: readonly string[];
  /** Code is copied from a symbol to an address, and runs there. */
  readonly moved: { readonly symbol: string; readonly to: bigint } | undefined;
}

export const corpus: readonly Variant[] = readdirSync(folder).sort().flatMap(variantsOf);

function variantsOf(file: string): Variant[] {
  const rows = readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('//: '))
    .map((line) => line.slice(4).split(' '));
  const move = rows.find(([word]) => word === 'moved');
  const moved = move && { symbol: move[1], to: BigInt(move[2]) };
  const common = rows.find(([word]) => word === 'all')?.slice(1) ?? [];
  return rows
    .filter(([word]) => word !== 'moved' && word !== 'all')
    .map(([word, ...rest]) => {
      const [mistake, ids, marks] = word === 'right' ? [undefined, '', ''] : [word, ...rest];
      const flags = [...common, ...rest.slice(word === 'right' ? 0 : 2)];
      return { file, mistake, ids: ids.split('|'), marks: marks.replaceAll('@', '').split('|'), flags, moved };
    });
}
export const nameOf = ({ file, mistake, flags }: Variant): string => [file, mistake ?? 'right', ...flags].join(' ');

const always = [
  ...['-g', '-mcpu=cortex-a53', '-ffreestanding', '-mgeneral-regs-only', '-mstrict-align', '-fno-pic', '-no-pie', '-nostdlib', '-static'],
  ...['-fno-stack-protector', '-fno-tree-loop-distribute-patterns', '-Wl,--build-id=none,-z,max-page-size=4096,--no-warn-rwx-segments'],
];

/** `.s` is assembled by our own assembler, in which a mistake is a symbol; the others by the cross compiler. */
export function build({ file, mistake, flags }: Variant): Uint8Array {
  if (file.endsWith('.s')) {
    const chosen = [mistake, ...flags.map((flag) => flag.replace('-D', ''))].filter((name) => name !== undefined);
    // In the first line, which is a comment.
    const { program, problems } = assembleProgram(
      chosen.map((name) => `.equ ${name}, 1; `).join('') + readFileSync(join(folder, file), 'utf8'),
    );
    if (!program) throw new Error(`${file}:${problems[0].line}: ${problems[0].message}`);
    return elfOf(program, file);
  }
  const into = mkdtempSync(join(tmpdir(), 'elscope-corpus-'));
  try {
    const elf = join(into, 'a.elf');
    const words = [...always, ...(mistake ? [`-D${mistake}`] : []), ...flags, join(folder, file), '-o', elf];
    execFileSync('aarch64-linux-gnu-gcc', words, { stdio: 'pipe' });
    return readFileSync(elf);
  } finally {
    rmSync(into, { recursive: true });
  }
}

/** Steps after which a program that goes on is looked at. */
const LIMIT = 300_000;

/** What is wrong with the answer, and the answer; nothing where it is as it should be. */
export function mistaken(variant: Variant, elf = build(variant)): { readonly wrong: string | undefined; readonly diagnosis: Diagnosis } {
  const program = openProgram('a.elf', elf);
  const diagnosis = examine(program, LIMIT);
  const broken = diagnosis.findings.filter(({ kind }) => kind === 'broken');
  const [finding] = broken;
  const said = broken.map(({ id, place }) => `${id} at ${place?.symbol ?? place?.address}:${place?.line ?? ''}`).join(', ');
  if (variant.mistake === undefined) return { wrong: broken.length > 0 ? said : undefined, diagnosis };
  if (broken.length === 0) return { wrong: 'nothing broken', diagnosis };
  if (!variant.ids.includes(finding.id)) return { wrong: said, diagnosis };
  return { wrong: isAt(variant, program, finding) ? undefined : `elsewhere: ${said}`, diagnosis };
}

/** Whether a finding names one of the places. */
function isAt({ file, marks, moved }: Variant, program: Program, { place, evidence }: Finding): boolean {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n');
  const marked = lines.flatMap((line, i) =>
    marks.some((mark) => line.trimEnd().endsWith(`@${mark}`) || line.startsWith(`${mark}: `))
      ? [i + 1]
      : marks.includes(line.replace(/:$/, ''))
        ? [i + 2]
        : [],
  );
  const symbols = marks.flatMap((mark) => program.names.find(mark) ?? []);
  const addresses = symbols.flatMap((one) => [one, ...(moved ? [one - program.names.find(moved.symbol)! + moved.to] : [])]);
  const said = [place?.address, ...evidence.map(({ address }) => address)].flatMap((one) => (one === undefined ? [] : [BigInt(one)]));
  const sources = [`${place?.file}:${place?.line}`, ...evidence.map(({ source }) => source)];
  // A handler in C is left where the compiler has put that.
  if (marks.some((mark) => place?.symbol?.startsWith(`${mark}+`))) return true;
  return said.some((one) => addresses.includes(one)) || marked.some((line) => sources.some((one) => one?.endsWith(`${file}:${line}`)));
}
