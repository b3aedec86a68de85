/**
 * One reading of the whole source. A name that is defined further on has the value that the pass before found: program.ts repeats until nothing
 * changes. All instructions have one size, so three passes are enough for what people write.
 */
import type { Names, Value } from './expression.ts';
import { wordOf } from './instruction.ts';
import { LiteralPool, bytesOf, type LiteralSize } from './literal-pool.ts';
import { undefinedName } from './repair.ts';
import { Section, type Access } from './section.ts';
import { SourceError, type Problem, type Statement } from './source.ts';

export interface Defined {
  readonly value: Value;
  /** Defined by `.set` or `=`, which may be repeated. */
  readonly isVariable: boolean;
}

/** What a pass found out for the next one. */
export interface Found {
  readonly symbols: ReadonlyMap<string, Defined>;
  /** Places of each numeric label, in order. */
  readonly numbered: ReadonlyMap<string, readonly Value[]>;
  readonly literals: ReadonlyMap<string, readonly bigint[]>;
  /** VA of each section's first byte. */
  readonly bases: ReadonlyMap<string, bigint>;
}

/** How a section of this name is loaded, unless flags say otherwise. */
const accessOf = (name: string): Access => ({
  write: /^\.(data|bss)(\.|$)/.test(name),
  execute: /^\.text(\.|$)/.test(name),
});

export class Pass implements Names {
  readonly problems: Problem[] = [];
  readonly sections = new Map<string, Section>();
  readonly symbols = new Map<string, Defined>();
  readonly globals = new Set<string>();
  readonly weak = new Set<string>();
  readonly functions = new Set<string>();
  readonly sizes = new Map<string, bigint>();
  readonly numbered = new Map<string, Value[]>();
  /** `.req`: other names of registers, in lower case. */
  readonly registers = new Map<string, string>();
  private readonly pools = new Map<string, LiteralPool>();
  private current: Section;
  private before: Section;
  private readonly stack: (readonly [current: Section, before: Section])[] = [];

  constructor(private readonly earlier: Found | undefined) {
    this.current = this.before = this.sectionOf('.text');
  }

  /** Does something for a statement; what is wrong with it becomes a problem at its place. */
  attempt(statement: Statement, what: () => void): void {
    try {
      what();
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      const { message, column = statement.column, repair } = error;
      this.problems.push({ line: statement.line, column, message, ...(repair && { repair: { ...repair, column } }) });
    }
  }

  instruction(statement: Statement): void {
    const { target, here } = this;
    if (target.size % 4)
      throw new SourceError(`an instruction must stand at a multiple of 4 bytes, not at offset ${target.size}: use .balign 4`);
    this.atLine(statement);
    let word = 0;
    const literal = (value: Value, size: LiteralSize): bigint => this.pool(target).add(value, size);
    try {
      const { registers, section } = this;
      word = wordOf(statement, { here, registers, section, literal, valueOf: (name) => this.valueOf(name) });
    } finally {
      target.append(bytesOf(BigInt(word), 4), 'code');
    }
  }

  // Sections

  /** The section being written. */
  get target(): Section {
    return this.current;
  }
  get section(): string {
    return this.current.name;
  }
  /** The VA of the location counter. */
  get here(): bigint {
    return this.current.here;
  }

  enter(name: string, access?: Access, isEmpty?: boolean): void {
    const next = this.sectionOf(name, access, isEmpty);
    this.before = this.current;
    this.current = next;
  }
  push(): void {
    this.stack.push([this.current, this.before]);
  }
  pop(): void {
    const top = this.stack.pop();
    if (!top) throw new SourceError('no .pushsection came before this .popsection');
    [this.current, this.before] = top;
  }
  previous(): void {
    [this.current, this.before] = [this.before, this.current];
  }

  private sectionOf(name: string, access = accessOf(name), isEmpty = /^\.bss(\.|$)/.test(name)): Section {
    let section = this.sections.get(name);
    if (!section) {
      section = new Section(name, access, isEmpty, this.earlier?.bases.get(name) ?? 0n);
      this.sections.set(name, section);
    }
    return section;
  }

  /** What is emitted from here on was written in the statement's line. */
  atLine({ line }: Statement): void {
    const { lines, size } = this.current;
    // A line that wrote nothing does not count.
    if (lines.at(-1)?.offset === size) lines.pop();
    if (lines.at(-1)?.line !== line) lines.push({ offset: size, line });
  }

  private pool(section: Section): LiteralPool {
    let pool = this.pools.get(section.name);
    if (!pool) this.pools.set(section.name, (pool = new LiteralPool(this.earlier?.literals.get(section.name) ?? [])));
    return pool;
  }
  placeLiterals(section = this.current): void {
    this.pools.get(section.name)?.place(section);
  }

  // Names

  label(name: string): void {
    const value = { number: this.here, section: this.section };
    if (/^\d/.test(name)) this.numbered.set(name, [...(this.numbered.get(name) ?? []), value]);
    else this.define(name, value, false);
  }

  define(name: string, value: Value, isVariable: boolean): void {
    const known = this.symbols.get(name);
    if (known && !(known.isVariable && isVariable)) throw new SourceError(`${name} is defined twice`);
    this.symbols.set(name, { value, isVariable });
  }

  valueOf(name: string): Value {
    if (name === '.') return { number: this.here, section: this.section };
    const numeric = /^(\d+)([fb])$/.exec(name);
    if (numeric) return this.numericLabel(numeric[1], numeric[2] === 'f');
    const found = this.symbols.get(name) ?? this.earlier?.symbols.get(name);
    if (found) return found.value;
    if (this.weak.has(name)) return { number: 0n };
    if (!this.earlier) return { number: this.here, section: this.section };
    throw undefinedName(name, [...this.symbols.keys(), ...this.earlier.symbols.keys()]);
  }

  private numericLabel(label: string, isForward: boolean): Value {
    const places = this.numbered.get(label) ?? [];
    const value = isForward ? this.earlier?.numbered.get(label)?.[places.length] : places.at(-1);
    if (value) return value;
    if (isForward && !this.earlier) return { number: this.here, section: this.section };
    throw new SourceError(`no label ${label}: stands ${isForward ? 'after' : 'before'} this`);
  }

  /** Ends the pass. `baseOf` places the sections. */
  end(baseOf: (sections: readonly Section[]) => ReadonlyMap<string, bigint>): Found {
    for (const section of this.sections.values()) this.placeLiterals(section);
    const literals = new Map([...this.pools].map(([name, { addresses }]) => [name, addresses]));
    return { symbols: this.symbols, numbered: this.numbered, literals, bases: baseOf([...this.sections.values()]) };
  }
}
