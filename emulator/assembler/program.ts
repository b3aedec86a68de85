/** A source text to a program: passes over it until every name has its final value. */
import { Expander } from './expander.ts';
import { Pass, type Found } from './pass.ts';
import type { Section } from './section.ts';
import { statementsOf, type Problem } from './source.ts';

/** Where the first section lies unless the caller says otherwise: QEMU's place for a kernel on the virt board. */
const DEFAULT_BASE = 0x4008_0000n;

/** Sections with different access begin at pages of their own, so that page tables can tell them apart. */
const PAGE = 4096n;
const MOST_PASSES = 12;

export interface Symbol {
  readonly name: string;
  readonly value: bigint;
  /** The section that it lies in; none for a number. */
  readonly section: string | undefined;
  readonly size: bigint;
  readonly isGlobal: boolean;
  readonly isFunction: boolean;
}

export interface Program {
  /** In the order of their addresses; empty ones are left out. */
  readonly sections: readonly Section[];
  readonly symbols: readonly Symbol[];
  /** The VA of `_start`, or of the first instruction. */
  readonly entry: bigint;
}

export interface Assembled {
  readonly program: Program | undefined;
  /** In the order of the source. Where there are any, there is no program. */
  readonly problems: readonly Problem[];
}

/** Assembles a text: never throws for what is in it. `base` is the VA and PA of the first section, a multiple of 4096. */
export function assembleProgram(text: string, base = DEFAULT_BASE): Assembled {
  const { program, problems } = assembled(text, base);
  const lines = text.split(/\r\n|\n|\r/);
  return { program, problems: problems.map((problem) => located(problem, lines)) };
}

/** A repair is for text that stands in the line itself, not in a macro that it calls. */
function located({ repair, ...problem }: Problem, lines: readonly string[]): Problem {
  if (!repair) return problem;
  const { instead, text } = repair;
  if (lines[problem.line - 1]?.startsWith(instead, repair.column - 1)) return { ...problem, repair };
  const word = new RegExp(`(?<![\\w.$])${instead.replace(/[.$*+?^(){}|[\]\\]/g, '\\$&')}(?![\\w$])`, 'g');
  word.lastIndex = problem.column - 1;
  const found = word.exec(lines[problem.line - 1] ?? '');
  return found ? { ...problem, repair: { instead, text, column: found.index + 1 } } : problem;
}

function assembled(text: string, base: bigint): Assembled {
  const problems: Problem[] = [];
  const statements = statementsOf(text, problems);
  let found: Found | undefined;
  for (let i = 0; i < MOST_PASSES; i++) {
    const pass = new Pass(found);
    const expander = new Expander(pass);
    expander.run(statements);
    if (expander.isExhausted) return { program: undefined, problems: pass.problems.slice(-1) };
    const next = pass.end((sections) => placed(sections, base));
    if (found && isSettled(found, next)) {
      const all = [...problems, ...pass.problems].toSorted((a, b) => a.line - b.line || a.column - b.column);
      return all.length > 0 ? { program: undefined, problems: all } : { program: programOf(pass, next), problems: [] };
    }
    found = next;
  }
  const message = 'the addresses never settle: a size depends on a place that it moves';
  return { program: undefined, problems: [...problems, { line: 1, column: 1, message }] };
}

/** What the linker would be told: code, constants, data, then what is zero, each kind on pages of its own. */
function placed(sections: readonly Section[], base: bigint): Map<string, bigint> {
  const bases = new Map<string, bigint>();
  let next = base;
  let before: number | undefined;
  for (const section of inOrder(sections)) {
    const kind = rank(section);
    const boundary = BigInt(section.alignment) > PAGE || before === kind ? BigInt(section.alignment) : PAGE;
    if (section.size > 0) {
      next = ((next + boundary - 1n) / boundary) * boundary;
      before = kind;
    }
    bases.set(section.name, next);
    next += BigInt(section.size);
  }
  return bases;
}
const rank = ({ access, isEmpty }: Section): number => (access.execute ? 0 : !access.write ? 1 : isEmpty ? 3 : 2);
const inOrder = (sections: readonly Section[]): Section[] => sections.toSorted((a, b) => rank(a) - rank(b));

function isSettled(a: Found, b: Found): boolean {
  const text = ({ symbols, numbered, literals, bases }: Found): string =>
    [
      ...[...symbols].map(([name, { value }]) => `${name}=${value.section}+${value.number}`),
      ...[...numbered].map(([name, places]) => `${name}:${places.map((place) => place.number).join()}`),
      ...[...literals].map(([name, addresses]) => `${name}=${addresses.join()}`),
      ...[...bases].map(([name, address]) => `${name}@${address}`),
    ].join('\n');
  return text(a) === text(b);
}

function programOf(pass: Pass, { bases }: Found): Program {
  const sections = inOrder([...pass.sections.values()]).filter(({ size }) => size > 0);
  const symbols = [...pass.symbols].map(([name, { value }]): Symbol => ({
    name,
    value: value.number,
    section: value.section,
    size: pass.sizes.get(name) ?? 0n,
    isGlobal: pass.globals.has(name) || pass.weak.has(name),
    isFunction: pass.functions.has(name),
  }));
  const start = pass.symbols.get('_start')?.value.number;
  return { sections, symbols, entry: start ?? bases.get('.text')! };
}
