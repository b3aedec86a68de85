/**
 * What addresses are called, each in the address space that it belongs to. A symbol of the program belongs to the PAs at which the program
 * was loaded, so a VA has its name where a level's regime leads there, by the walker that also translates; a symbol of a file that was added
 * belongs to the VAs of one regime.
 */
import { PA, VA } from '../base/addresses.ts';
import type { ExceptionLevel } from '../cpu/index.ts';
import type { Machine } from '../machine/machine.ts';
import type { RecordedSymbols } from '../time/recorded-symbols.ts';
import { CodePages } from './code-pages.ts';
import type { DebugInfo } from './debug-info.ts';
import type { LineTable } from './dwarf-lines.ts';
import type { ImagePlaces, Translate } from './image-places.ts';
import type { NamedAddress, Symbol, Symbols } from './symbols.ts';

export interface SymbolFile {
  readonly symbols: Symbols;
  readonly lines: LineTable;
  readonly debug: DebugInfo;
}

/** A VA in a file with symbols. */
export interface FileAddress {
  readonly file: SymbolFile;
  /** As the file was linked. */
  readonly address: VA;
}

/** A file with symbols beside the program's own. */
export interface AddedSymbols extends SymbolFile {
  readonly name: string;
  /** What is added to its addresses. */
  readonly offset: bigint;
  /** Whose VAs they are; undefined: of the regime in which code of the file is seen to run. */
  readonly el: 1 | 2 | undefined;
  /** Of one guest, or of all. */
  readonly vmid: number | undefined;
  /** The file for recordings. */
  readonly recorded: RecordedSymbols;
}

export interface NamedLine {
  readonly file: string;
  readonly line: number;
  /** Number of the file among those of all symbol files. */
  readonly source: number;
}
export interface Names {
  /** "main+0x10"; undefined where no known symbol covers the address. */
  symbol(va: VA): string | undefined;
  line(va: VA): NamedLine | undefined;
  /** The function that the address lies in, and how far behind its start. */
  function(va: VA): { readonly name: string; readonly offset: bigint } | undefined;
}

/** An address, and how to find what is behind it. */
interface Asked {
  readonly va: VA;
  readonly el: ExceptionLevel;
  readonly vmid: number;
  /** Its address in the program's file, or several where only an exact label counts. */
  readonly inImage: () => { readonly linked: VA | undefined; readonly beside: readonly VA[] };
}

/** An address of a file. */
interface Candidate extends FileAddress {
  /** Only a label that is exactly there. */
  readonly exact: boolean;
}

/** Names of code by the recording alone, without the machine. */
export class RecordedNames {
  /** Counts the changes of what is known, for those who keep answers. */
  version = 0;
  private addedFiles: readonly AddedSymbols[] = [];

  constructor(
    readonly program: SymbolFile,
    readonly places: ImagePlaces,
    readonly pages = new CodePages(),
  ) {}

  /** What was known at instant `n`, for a second run that goes on from there. */
  upTo(n: number): RecordedNames {
    const names = new RecordedNames(this.program, this.places, this.pages.upTo(n));
    names.addedFiles = this.addedFiles;
    return names;
  }

  /** Files beside the program's own. */
  get added(): readonly AddedSymbols[] {
    return this.addedFiles;
  }
  set added(files: readonly AddedSymbols[]) {
    this.addedFiles = files;
    this.version++;
  }

  /** Code of a level that the run met at step `n`, at an exception, a return or a watched write. */
  met(el: ExceptionLevel, vmid: number, n: number): Names {
    return this.of(el, vmid, (va) => {
      const page = this.pages.at(va, el, vmid, n);
      if (page?.pa === undefined) return { linked: undefined, beside: [] };
      return page.isCopy ? { linked: va, beside: [] } : this.inImage(PA(page.pa + Number(va & 0xfffn)));
    });
  }

  /** Addresses as the files have them, wherever in memory they lie. */
  get linked(): Names {
    const find = (va: VA): { readonly file: SymbolFile; readonly address: VA }[] => [
      { file: this.program, address: va },
      ...this.added.map((file) => ({ file, address: VA(BigInt.asUintN(64, va - file.offset)) })),
    ];
    return {
      symbol: (va) => describe(first(find(va), ({ file, address }) => file.symbols.at(address))),
      line: (va) => first(find(va), ({ file, address }) => this.lineIn(file, address)),
      function: (va) => functionOf(first(find(va), ({ file, address }) => file.symbols.at(address))),
    };
  }

  /** The VA of a symbol, as linked and moved. */
  find(name: string): VA | undefined {
    const added = (file: AddedSymbols): VA | undefined => {
      const address = file.symbols.find(name);
      return address === undefined ? undefined : VA(BigInt.asUintN(64, address + file.offset));
    };
    return this.program.symbols.find(name) ?? first(this.added, added);
  }
  /** The symbols of all files, file by file, with the VAs that `find` gives. */
  all(): readonly Symbol[] {
    const added = this.added.map(({ symbols, offset }) =>
      offset === 0n ? symbols.all : symbols.all.map((symbol) => ({ ...symbol, address: VA(BigInt.asUintN(64, symbol.address + offset)) })),
    );
    return added.length === 0 ? this.program.symbols.all : [this.program.symbols.all, ...added].flat();
  }

  /** The program's address at a PA. */
  inImage(pa: PA): ReturnType<Asked['inImage']> {
    const linked = this.places.linkedAt(pa);
    return { linked, beside: linked === undefined ? this.places.linkedBeside(pa) : [] };
  }

  of(el: ExceptionLevel, vmid: number, inImage: (va: VA) => ReturnType<Asked['inImage']>): Names {
    const asked = (va: VA): Asked => ({ va, el, vmid, inImage: () => inImage(va) });
    return {
      symbol: (va) => describe(this.lookUp(asked(va))),
      line: (va) => this.line(asked(va)),
      function: (va) => functionOf(this.lookUp(asked(va))),
    };
  }

  lookUp(asked: Asked): NamedAddress | undefined {
    for (const { file, address, exact } of this.candidates(asked)) {
      const found = file.symbols.at(address);
      if (found && !(exact && found.offset !== 0n)) return found;
    }
    return undefined;
  }

  /** The files that hold what is at an address, the program first. */
  filesAt(asked: Asked): FileAddress[] {
    return [...this.candidates(asked)].filter(({ exact }) => !exact);
  }

  line(asked: Asked): NamedLine | undefined {
    for (const { file, address, exact } of this.candidates(asked)) {
      const found = exact ? undefined : this.lineIn(file, address);
      if (found) return found;
    }
    return undefined;
  }
  private lineIn(file: SymbolFile, address: VA): NamedLine | undefined {
    const found = file.lines.placeOf(address);
    return found && { file: file.lines.files[found.file].name, line: found.line, source: this.firstSource(file) + found.file };
  }

  /** All files with symbols, the program first. */
  get files(): readonly SymbolFile[] {
    return [this.program, ...this.added];
  }
  /** The file that has the source file of a number, and the number of its first one. */
  sourceHolder(number: number): { readonly file: SymbolFile; readonly first: number } | undefined {
    return this.files
      .map((file) => ({ file, first: this.firstSource(file) }))
      .find(({ file, first }) => number >= first && number < first + file.lines.files.length);
  }
  /** The VA of an address of a file. */
  movedFrom(file: SymbolFile, address: VA): VA {
    const offset = this.added.find((one) => one === file)?.offset ?? 0n;
    return VA(BigInt.asUintN(64, address + offset));
  }
  /** Number of the first source file of one of them. */
  firstSource(file: SymbolFile): number {
    const { files } = this;
    return files.slice(0, files.indexOf(file)).reduce((sum, { lines }) => sum + lines.files.length, 0);
  }

  private *candidates({ va, el, vmid, inImage }: Asked): Generator<Candidate> {
    const { program } = this;
    if (program.symbols.all.length > 0 || program.lines.size > 0) {
      const { linked, beside } = inImage();
      if (linked !== undefined) yield { file: program, address: linked, exact: false };
      for (const address of beside) yield { file: program, address, exact: true };
    }
    for (const file of this.addedTo(el, vmid)) yield { file, address: VA(BigInt.asUintN(64, va - file.offset)), exact: false };
  }

  /** The added files whose addresses are VAs of a level, with this guest. */
  addedTo(el: ExceptionLevel, vmid: number): readonly AddedSymbols[] {
    return this.added.filter(
      (file) => (file.vmid === undefined || (el < 2 && file.vmid === vmid)) && this.regimeOf(file) === (el === 2 ? 2 : 1),
    );
  }

  /** Whose VAs the addresses of a file are; undefined as long as nobody can tell. */
  regimeOf({ el, symbols, offset }: AddedSymbols): 1 | 2 | undefined {
    if (el !== undefined) return el;
    const code = symbols.all.filter(({ kind }) => kind !== 'data');
    const [from, to] = [code[0]?.address ?? 0n, code.at(-1)?.address ?? 0n].map((address) => VA(BigInt.asUintN(64, address + offset)));
    // Only EL1 and EL0 have a second half of VAs, TTBR1_EL1's.
    return from >> 63n ? 1 : this.pages.ranIn(from, to)[0];
  }
}

/** The first answer that there is. */
function first<T, R>(all: readonly T[], ask: (one: T) => R | undefined): R | undefined {
  for (const one of all) {
    const answer = ask(one);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

const functionOf = (found: NamedAddress | undefined): ReturnType<Names['function']> =>
  found?.symbol.kind === 'function' ? { name: found.symbol.name, offset: found.offset } : undefined;

const describe = (found: NamedAddress | undefined): string | undefined =>
  found && (found.offset === 0n ? found.symbol.name : `${found.symbol.name}+0x${found.offset.toString(16)}`);

/** Names of the machine's addresses as they are now. */
export interface MemorySymbol {
  readonly symbol: Symbol;
  /** Of the symbol's first byte from the first byte asked for: below 0 where it begins before. */
  readonly offset: number;
}

function symbolsFrom(symbols: Symbols, from: VA, bytes: number): MemorySymbol[] {
  const before = symbols.at(from);
  const found = symbols.inRange(from, VA(from + BigInt(bytes))).map((symbol) => ({ symbol, offset: Number(symbol.address - from) }));
  return before && before.offset > 0n ? [{ symbol: before.symbol, offset: -Number(before.offset) }, ...found] : found;
}

export class AddressNames {
  constructor(
    private readonly machine: Machine,
    readonly recorded: RecordedNames,
  ) {
    recorded.pages.listen(machine, this.look);
  }

  get version(): number {
    return this.recorded.version;
  }
  get linked(): Names {
    return this.recorded.linked;
  }

  /** VAs of a level, as the machine translates them at its instant. */
  of(el: ExceptionLevel): Names {
    this.recorded.pages.here(this.machine, this.look);
    return this.recorded.of(el, this.vmid, (va) => this.inImage(va, el));
  }
  met(el: ExceptionLevel, vmid: number, n: number): Names {
    return this.recorded.met(el, vmid, n);
  }
  /** The symbol of the program that was loaded at a PA. */
  physical(pa: PA): string | undefined {
    const linked = this.recorded.places.linkedAt(pa);
    return linked === undefined ? undefined : describe(this.recorded.program.symbols.at(linked));
  }
  find(name: string): VA | undefined {
    return this.recorded.find(name);
  }
  /** Symbols of bytes of memory, by their offset from the first: what was loaded at a PA, and what is known of the VA, if it is seen at one. */
  within(pa: PA, bytes: number, seen: { readonly va: VA; readonly el: ExceptionLevel } | undefined): MemorySymbol[] {
    const { recorded, vmid } = this;
    const linked = recorded.places.linkedAt(pa) ?? (seen && this.isCopy(seen.va, seen.el) ? seen.va : undefined);
    const found = linked === undefined ? [] : symbolsFrom(recorded.program.symbols, linked, bytes);
    const added = seen ? recorded.addedTo(seen.el, vmid) : [];
    return [...found, ...added.flatMap(({ symbols, offset }) => symbolsFrom(symbols, VA(BigInt.asUintN(64, seen!.va - offset)), bytes))];
  }
  /** The symbol at a VA of a level, in whichever file. */
  at(va: VA, el: ExceptionLevel): NamedAddress | undefined {
    return this.recorded.lookUp({ va, el, vmid: this.vmid, inImage: () => this.inImage(va, el) });
  }

  /** The files that hold what is at a VA of a level, the program first. */
  filesAt(va: VA, el: ExceptionLevel): FileAddress[] {
    return this.recorded.filesAt({ va, el, vmid: this.vmid, inImage: () => this.inImage(va, el) });
  }

  private readonly look = (va: VA, el: ExceptionLevel): { readonly pa: PA | undefined; readonly isCopy: boolean } => {
    const pa = this.translate(va, el);
    return { pa, isCopy: pa !== undefined && this.recorded.places.linkedAt(pa) === undefined && this.isCopy(va, el) };
  };

  private get vmid(): number {
    return this.machine.mmu.context('el1').vmid;
  }

  private inImage(va: VA, el: ExceptionLevel): ReturnType<Asked['inImage']> {
    const pa = this.translate(va, el);
    if (pa === undefined) return { linked: undefined, beside: this.endAt(va, el) };
    const found = this.recorded.inImage(pa);
    return found.linked === undefined && this.isCopy(va, el) ? { linked: va, beside: [] } : found;
  }

  /** Where nothing is mapped, a label may end what lies before: the top of a stack. */
  private endAt(va: VA, el: ExceptionLevel): VA[] {
    const last = this.translate(VA(BigInt.asUintN(64, va - 1n)), el);
    const linked = last === undefined ? undefined : this.recorded.places.linkedAt(last);
    return linked === undefined ? [] : [VA(linked + 1n)];
  }

  private isCopy(va: VA, el: ExceptionLevel): boolean {
    const { machine } = this;
    const translate: Translate = (address) => this.translate(address, el);
    const peek = (pa: PA): number | undefined => {
      const host = machine.board.bus.hostAddress(pa);
      return host < 0 ? undefined : machine.memory.u8[host];
    };
    return this.recorded.places.isCopy(va, translate, peek);
  }

  /** Where an access to the VA would go, whoever may make it. */
  private translate(va: VA, el: ExceptionLevel): PA | undefined {
    const { mmu } = this.machine;
    const level = el === 2 ? 2 : 1;
    for (const intent of ['read', 'execute'] as const) {
      const found = mmu.probe(va, intent, level);
      if (found.ok) return found.pa;
    }
    return undefined;
  }
}
