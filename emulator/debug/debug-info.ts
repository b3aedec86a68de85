/**
 * What debug information says of code: which functions an address is in, inlined ones included, what they call their variables and where
 * these are, and how to get to the caller. All addresses are those of the file. Nothing is read before somebody asks, and what is damaged
 * is not there: `problem` says why.
 */
import { InputError } from '../base/errors.ts';
import { callerOf, cfaOf, FrameTable, type CallerRegisters, type FrameRules } from './dwarf-frames.ts';
import { compute, locate, type ExpressionFrame, type Location, type Missing } from './dwarf-expression.ts';
import { Entries, Entry, type Unit } from './dwarf-entries.ts';
import { locationsOf } from './dwarf-lists.ts';
import { filesOfUnit, type SourceFile } from './dwarf-lines.ts';
import { AT, TAG } from './dwarf-names.ts';
import { DwarfReader } from './dwarf-reader.ts';
import { DwarfSections } from './dwarf-sections.ts';
import { Types, type Type } from './dwarf-types.ts';

/** A function at an address: one of its own, or the copy of one within another. */
export interface FunctionScope {
  readonly name: string;
  readonly isInlined: boolean;
  /** Where an inlined one is called, in the function around it. */
  readonly call: { readonly file: SourceFile | undefined; readonly line: number } | undefined;
  /** Address of its first instruction; of an inlined one, of this copy. */
  readonly entry: bigint;
  readonly scope: Entry;
}

export interface Variable {
  readonly name: string;
  readonly type: Type;
  readonly isArgument: boolean;
  /** Whether a person may know it at all: what the compiler made up has no name. */
  readonly declaration: Entry;
}

/** Where a variable is: at a place, or nowhere, because the compiler kept it only elsewhere or not at all. */
export type Whereabouts = Location | Missing;

interface FunctionRange {
  readonly from: bigint;
  readonly to: bigint;
  readonly index: number;
}

/** Lexical blocks and inlined functions within each other. */
const MOST_DEPTH = 256;

export class DebugInfo {
  private readonly parts: { readonly entries: Entries; readonly frames: FrameTable; readonly types: Types } | undefined;
  private unitRanges: readonly { readonly from: bigint; readonly to: bigint; readonly unit: Unit }[] | undefined;
  private readonly functions = new Map<Unit, readonly FunctionRange[]>();
  private readonly files = new Map<Unit, readonly SourceFile[]>();
  private globals: ReadonlyMap<string, Entry> | undefined;
  private readonly openProblem: string | undefined;
  private readProblem: string | undefined;

  constructor(bytes: Uint8Array, image: string) {
    try {
      const sections = new DwarfSections(bytes, image);
      const entries = new Entries(sections);
      this.parts = { entries, frames: new FrameTable(sections), types: new Types(entries) };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.openProblem = error.message;
    }
  }

  /** What could not be read of what was asked for so far, as a sentence; undefined where all is well. */
  get problem(): string | undefined {
    return this.openProblem ?? this.parts?.entries.problem ?? this.parts?.frames.problem ?? this.readProblem;
  }

  // ---- frames

  /** The caller's registers by call-frame information; undefined where there is none, or it does not lead to a caller. */
  caller(address: bigint, frame: ExpressionFrame, hasCalled: boolean): CallerRegisters | undefined {
    return this.withRules(address, (rules) => callerOf(rules, frame, hasCalled));
  }
  cfa(address: bigint, frame: ExpressionFrame): bigint | undefined {
    return this.withRules(address, (rules) => cfaOf(rules, frame));
  }
  /** Whether there is call-frame information. */
  hasRules(address: bigint): boolean {
    return this.withRules(address, () => true) ?? false;
  }
  private withRules<T>(address: bigint, use: (rules: FrameRules) => T): T | undefined {
    return this.attempt(() => {
      const rules = this.parts?.frames.rulesAt(address);
      return rules && use(rules);
    });
  }

  // ---- functions

  /** The functions that an instruction is in, the innermost first; empty where nothing is known. */
  functionsAt(address: bigint): readonly FunctionScope[] {
    return (
      this.attempt(() =>
        this.scopesAt(address)
          .filter(({ tag }) => tag !== TAG.lexical_block)
          .map((one) => this.described(one)),
      ) ?? []
    );
  }

  private described(scope: Entry): FunctionScope {
    const isInlined = scope.tag === TAG.inlined_subroutine;
    const line = scope.small(AT.call_line);
    const call = line === undefined ? undefined : { file: this.filesOf(scope.unit)[scope.small(AT.call_file) ?? -1], line };
    return { name: scope.name ?? '(no name)', isInlined, call, entry: scope.ranges[0]?.from ?? 0n, scope };
  }

  /** The function, and all blocks and inlined functions in it that hold an address, the innermost first. */
  private scopesAt(address: bigint): Entry[] {
    const unit = this.unitAt(address);
    const found = unit && this.functionsOf(unit).find(({ from, to }) => address >= from && address < to);
    if (!found) return [];
    const scopes = [new Entry(unit, found.index)];
    descend: for (let depth = 0; depth < MOST_DEPTH; depth++) {
      for (const child of scopes[0].children())
        if (isScope(child.tag) && child.ranges.some(({ from, to }) => address >= from && address < to)) {
          scopes.unshift(child);
          continue descend;
        }
      break;
    }
    return scopes;
  }

  private unitAt(address: bigint): Unit | undefined {
    this.unitRanges ??= this.readUnitRanges();
    return this.unitRanges.find(({ from, to }) => address >= from && address < to)?.unit;
  }
  private readUnitRanges(): { from: bigint; to: bigint; unit: Unit }[] {
    const { entries } = this.parts ?? {};
    return (entries?.units ?? []).flatMap((unit) => {
      if (!unit.isCompiled) return [];
      const ranges = this.attempt(() => unit.ranges) ?? [];
      // Some compilers say only of the functions where they are.
      const all = ranges.length > 0 ? ranges : (this.attempt(() => this.functionsOf(unit)) ?? []);
      return all.filter(({ from }) => entries!.sections.isCode(from)).map(({ from, to }) => ({ from, to, unit }));
    });
  }
  private functionsOf(unit: Unit): readonly FunctionRange[] {
    let found = this.functions.get(unit);
    if (!found) {
      const list: FunctionRange[] = [];
      for (let index = 0; index < unit.count; index++)
        if (unit.tags[index] === TAG.subprogram)
          for (const { from, to } of new Entry(unit, index).ranges)
            if (this.parts!.entries.sections.isCode(from)) list.push({ from, to, index });
      this.functions.set(unit, (found = list));
    }
    return found;
  }
  /** By the numbers that the unit uses. */
  private filesOf(unit: Unit): readonly SourceFile[] {
    let found = this.files.get(unit);
    if (!found) {
      const lines = unit.rootAttribute(AT.stmt_list);
      const folder = unit.rootAttribute(AT.comp_dir);
      const read = (): readonly SourceFile[] =>
        filesOfUnit(this.parts!.entries.section('.debug_line').from(Number(lines)), typeof folder === 'string' ? folder : '');
      this.files.set(unit, (found = typeof lines === 'bigint' ? (this.attempt(read) ?? []) : []));
    }
    return found;
  }

  // ---- variables

  /** The variables that code at an address sees within a function, the innermost block's first; a name that another one hides is left out. */
  variablesOf({ scope }: FunctionScope, address: bigint): readonly Variable[] {
    return (
      this.attempt(() => {
        const scopes = this.scopesAt(address);
        const own = scopes.findIndex(({ offset }) => offset === scope.offset);
        let first = own;
        while (first > 0 && scopes[first - 1].tag === TAG.lexical_block) first--;
        const found = new Map<string, Variable>();
        for (const one of scopes.slice(first, own + 1))
          for (const entry of one.children()) {
            const variable = this.variable(entry);
            if (variable && !found.has(variable.name)) found.set(variable.name, variable);
          }
        return [...found.values()];
      }) ?? []
    );
  }
  private variable(declaration: Entry): Variable | undefined {
    const isArgument = declaration.tag === TAG.formal_parameter;
    if ((!isArgument && declaration.tag !== TAG.variable) || declaration.get(AT.declaration)) return undefined;
    const { name } = declaration;
    return name === undefined ? undefined : { name, type: this.parts!.types.of(declaration), isArgument, declaration };
  }

  /** A variable outside of all functions, by its name. */
  global(name: string): Variable | undefined {
    return this.attempt(() => {
      const entry = (this.globals ??= this.readGlobals()).get(name);
      return entry && this.variable(entry);
    });
  }
  private readGlobals(): ReadonlyMap<string, Entry> {
    const found = new Map<string, Entry>();
    for (const unit of this.parts?.entries.units ?? [])
      this.attempt(() => {
        for (const entry of unit.topEntries()) {
          if (entry.tag !== TAG.variable || (!entry.get(AT.location) && !entry.get(AT.const_value))) continue;
          const { name } = entry;
          // Of several that are static the first counts.
          if (name !== undefined && (!found.has(name) || entry.inherited(AT.external))) found.set(name, entry);
        }
        return undefined;
      });
    return found;
  }

  /** `frame`: of the function that it is in, without its base. */
  where({ declaration }: Variable, address: bigint, frame: ExpressionFrame): Whereabouts {
    return (
      this.attempt((): Whereabouts => {
        const constant = declaration.inherited(AT.const_value)?.value;
        if (typeof constant === 'bigint') return { kind: 'value', value: constant };
        if (constant instanceof Uint8Array) return { kind: 'bytes', bytes: constant };
        const attribute = declaration.inherited(AT.location);
        if (!attribute) return 'optimized out';
        const code =
          attribute.value instanceof Uint8Array
            ? attribute.value
            : locationsOf(declaration.unit, attribute).find(({ from, to }) => address >= from && address < to)?.expression;
        if (!code || code.length === 0) return 'optimized out';
        return locate(this.reader(code), this.complete(frame, declaration.unit, address));
      }) ?? 'optimized out'
    );
  }

  /** The value that a function was called with in a register, as the call in its caller says it (DWARF 5, 3.4). `pc`: behind the call. */
  callValue(pc: bigint, register: number, caller: ExpressionFrame): bigint | undefined {
    return this.attempt(() => {
      for (const scope of this.scopesAt(pc - 1n))
        for (const site of scope.children()) {
          if (site.tag !== TAG.call_site && site.tag !== TAG.GNU_call_site) continue;
          if ((site.number(AT.call_return_pc) ?? site.number(AT.low_pc)) !== pc) continue;
          for (const parameter of site.children()) {
            const place = parameter.get(AT.location)?.value;
            if (!(place instanceof Uint8Array) || place.length !== 1 || place[0] !== 0x50 + register) continue;
            const value = (parameter.get(AT.call_value) ?? parameter.get(AT.GNU_call_site_value))?.value;
            if (value instanceof Uint8Array) return compute(this.reader(value), this.complete(caller, site.unit, pc - 1n));
          }
        }
      return undefined;
    });
  }

  /** With what only the debug information of the function knows. */
  private complete(frame: ExpressionFrame, unit: Unit, address: bigint): ExpressionFrame {
    const cfa = (): bigint | undefined => this.cfa(address, frame);
    return {
      register: (register) => frame.register(register),
      memory: (at, bytes) => frame.memory(at, bytes),
      offset: frame.offset,
      cfa,
      ...(frame.entryValue && { entryValue: (register: number) => frame.entryValue!(register) }),
      addressOf: (index) => unit.addressOf(index),
      frameBase: () => {
        const scopes = this.scopesAt(address);
        const base = scopes.at(-1)?.get(AT.frame_base);
        if (!base) return undefined;
        const code =
          base.value instanceof Uint8Array
            ? base.value
            : locationsOf(unit, base).find(({ from, to }) => address >= from && address < to)?.expression;
        return code && compute(this.reader(code), { ...frameOf(frame), cfa });
      },
    };
  }
  private reader(code: Uint8Array): DwarfReader {
    const { image } = this.parts!.entries.sections;
    return new DwarfReader(code, image, 0, { '.debug_line_str': code, '.debug_str': code });
  }

  private attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.readProblem ??= error.message;
      return undefined;
    }
  }
}

const isScope = (tag: number): boolean => tag === TAG.lexical_block || tag === TAG.inlined_subroutine;
const frameOf = (frame: ExpressionFrame): ExpressionFrame => ({
  register: (register) => frame.register(register),
  memory: (at, bytes) => frame.memory(at, bytes),
  offset: frame.offset,
});
