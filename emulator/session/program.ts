/** A program opened in its own machine, with its recording and what is known of its source. */
import { PA, VA } from '../base/addresses.ts';
import { equalBytes } from '../base/bytes.ts';
import * as v from 'valibot';
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import { visible } from '../base/names.ts';
import { readLineTable, type LineTable } from '../debug/dwarf-lines.ts';
import { DebugInfo } from '../debug/debug-info.ts';
import { AddressNames, RecordedNames } from '../debug/address-names.ts';
import { ImagePlaces } from '../debug/image-places.ts';
import { readSymbolFile, type SymbolSource } from '../debug/symbol-file.ts';
import { readSymbols, type Symbols } from '../debug/symbols.ts';
import type { Subject } from '../explain/subject.ts';
import { isElf, readElf, readSections, type ElfSection } from '../machine/elf.ts';
import type { VirtioPlug } from '../machine/board-row.ts';
import { SECTOR } from '../devices/virtio/block.ts';
import { loadFirmware, loadImage, type BoardFile, type LoadedImage, type LoadOptions } from '../machine/loader.ts';
import { changeableRegister } from '../machine/changeable.ts';
import { defaultMachineOptions, Machine } from '../machine/machine.ts';
import type { InputEvent } from '../time/input-log.ts';
import { contentHash } from '../time/recorded-symbols.ts';
import type { Recording, RunStart } from '../time/recording-file.ts';
import { adoptSnapshot } from '../machine/adopt.ts';
import { isSnapshot, readSnapshot, type Snapshot } from '../machine/snapshot.ts';
import { resumeAt, type StoredKeyframe } from '../time/stored-keyframe.ts';
import { Timeline } from '../time/timeline.ts';
import { machineOptions, type MachineOptions } from './contract.ts';
import type { ToldTraps } from './told-traps.ts';

/** Files with names beside a program's own. */
const MOST_SYMBOL_FILES = 32;

export interface Program extends Subject {
  readonly names: AddressNames;
  readonly bytes: Uint8Array;
  readonly options: MachineOptions;
  /** What went into the machine beside the program. */
  readonly files: readonly BoardFile[];
  readonly image: LoadedImage;
  readonly entry: VA;
  readonly symbols: Symbols;
  readonly lines: LineTable;
  /** Sections that are part of the program in memory. */
  readonly sections: readonly PlacedSection[];
  /** It runs in a machine elsewhere, of which this is a picture, and which tells of its traps. */
  readonly elsewhere?: { readonly name: string; readonly told: ToldTraps };
}

/** A section with the place where it was loaded. */
export interface PlacedSection extends ElfSection {
  /** Undefined for what no segment holds. */
  readonly pa: PA | undefined;
}

/** Opens an ELF, a Linux Image or firmware, with the files that belong to it. Throws InputError for what cannot be placed in the machine. */
export function openProgram(fileName: string, bytes: Uint8Array, options: MachineOptions = {}, files: readonly BoardFile[] = []): Program {
  const name = visible(fileName);
  const checked = v.safeParse(machineOptions, options);
  if (!checked.success) throw new InputError(`this machine cannot have ${checked.issues[0].message}`);
  const { memoryBytes, gic, el2, cpus, append, firmware, semihosting, virtioVersion } = checked.output;
  const drives = files.filter(isDrive);
  const complete = {
    memoryBytes: memoryBytes ?? defaultMachineOptions.memoryBytes,
    gic: gic ?? defaultMachineOptions.gic,
    el2: el2 ?? defaultMachineOptions.el2,
    cpus: cpus ?? 1,
    virtio: plugs(checked.output, drives),
    ...(virtioVersion && { virtioVersion }),
    // As a command line begins with the name of its program.
    ...(semihosting && { semihosting: append === undefined ? name : `${name} ${append}` }),
  };
  const loadOptions: LoadOptions = { ...complete, ...(append !== undefined && { append }), ...besides(files) };
  const snapshot = isSnapshot(bytes) ? readSnapshot(bytes, name) : undefined;
  if (snapshot) return openSnapshot(name, bytes, snapshot, options);
  const placed = (firmware ? loadFirmware : loadImage)(bytes, name, loadOptions);
  const image = { ...placed, drives: new Map(drives.map((drive, number) => [number, drive.bytes])) };
  if (loadOptions.initrd && image.kind !== 'kernel' && !image.passed)
    throw new InputError('an initial RAM disk needs a Linux kernel', { file: loadOptions.initrd.name }, `${name} is not one`);
  const machine = new Machine(complete);
  machine.load(image);
  const symbols = readSymbols(bytes, name);
  const lines = readLineTable(bytes, name);
  return {
    name,
    bytes,
    options,
    files,
    image,
    entry: image.entry,
    machine,
    timeline: new Timeline(machine),
    symbols,
    lines,
    sections: placedSections(bytes, name),
    names: new AddressNames(
      machine,
      new RecordedNames({ symbols, lines, debug: new DebugInfo(bytes, name) }, new ImagePlaces(bytes, name)),
    ),
  };
}

/** A run that begins in the state of a machine elsewhere. Its options are the snapshot's own. */
function openSnapshot(name: string, bytes: Uint8Array, snapshot: Snapshot, options: MachineOptions): Program {
  const { memoryBytes, el2, gic, program } = snapshot;
  const checked = v.safeParse(machineOptions, { memoryBytes, el2, gic });
  if (!checked.success) throw new InputError(`this machine cannot have ${checked.issues[0].message}`, { file: name });
  const machine = new Machine({ memoryBytes, el2, gic });
  const own = program ?? { name, bytes: new Uint8Array() };
  const pc = VA(snapshot.registers['pc'] ?? 0n);
  const loaded: LoadedImage = program
    ? loadImage(program.bytes, program.name, { memoryBytes, el2, gic })
    : { kind: 'elf', segments: [], entry: pc, deviceTree: undefined };
  machine.load(loaded);
  adoptSnapshot(machine, snapshot);
  const [symbols, lines] = [readSymbols(own.bytes, own.name), readLineTable(own.bytes, own.name)];
  return {
    name,
    bytes,
    options,
    files: [],
    image: loaded,
    entry: pc,
    machine,
    timeline: new Timeline(machine),
    symbols,
    lines,
    sections: placedSections(own.bytes, own.name),
    names: new AddressNames(
      machine,
      new RecordedNames({ symbols, lines, debug: new DebugInfo(own.bytes, own.name) }, new ImagePlaces(own.bytes, own.name)),
    ),
  };
}

/** Adds files with names; nothing, if one of them cannot be read. Throws InputError. */
export function addSymbols({ names: { recorded } }: Program, sources: readonly SymbolSource[]): void {
  const files = sources.map(readSymbolFile);
  if (recorded.added.length + files.length > MOST_SYMBOL_FILES)
    throw new InputError(`there are more than ${MOST_SYMBOL_FILES} files with symbols`, {}, 'remove some of them');
  if (files.length > 0) recorded.added = [...recorded.added, ...files];
}

/** What a recording of the program begins with: for anybody, so without the places of files. */
export const runStart = ({ name, bytes, options, files, names, timeline }: Program): RunStart => ({
  name,
  bytes,
  options,
  files,
  inputs: timeline.inputs.all(),
  symbols: names.recorded.added.map(({ recorded }) => ({ ...recorded, path: undefined })),
});

/**
 * Adds the files with names that a recording was seen with. `find`: gives the content of one that is too large for a recording, by its path.
 * Answers a sentence about each that cannot be had.
 */
export async function addRecordedSymbols(
  program: Program,
  { symbols }: Pick<Recording, 'symbols'>,
  find: ((path: string) => Promise<Uint8Array>) | undefined,
): Promise<string[]> {
  const missing: string[] = [];
  for (const { bytes, path, hash, ...file } of symbols) {
    const without = (why: string): undefined => void missing.push(`The names of ${file.name} are missing: ${why}. Add the file again`);
    let content = bytes;
    if (!content && (!find || path === undefined)) without('the file is too large to be in a recording');
    else content ??= await find!(path!).catch((error: unknown) => without(error instanceof Error ? error.message : String(error)));
    if (!content) continue;
    if (contentHash(content) !== hash) {
      without('the file is not the one that was added');
      continue;
    }
    try {
      addSymbols(program, [{ ...file, bytes: content, path }]);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      without(error.message);
    }
  }
  return missing;
}

/** Opens the program of a recording, with its input waiting to be delivered at the instants at which it came. */
export function replay({ name, image, options, files, inputs }: Recording): Program {
  const checked = v.safeParse(machineOptions, options);
  if (!checked.success) throw new InputError('the recording has invalid machine options', { file: name });
  const program = openProgram(name, image, checked.output, files);
  checkInputs(program, inputs);
  program.timeline.repeat(inputs);
  return program;
}

/** Throws InputError for changes by hand, read from a file, of what the machine has not. */
export function checkInputs({ machine, name }: Program, inputs: readonly InputEvent[]): void {
  for (const event of inputs) {
    if (event.kind === 'change' && changeableRegister(machine, event.register)?.name !== event.register)
      throw new InputError(`the recording changes ${JSON.stringify(event.register)}, which this machine cannot change`, { file: name });
    if (event.kind === 'memory' && !isMemory(machine, event.pa, event.bytes.length))
      throw new InputError(`the recording writes to PA ${hex(event.pa)}, where this machine has no memory`, { file: name });
  }
}

/** Whether so many bytes from a PA on lie in RAM or in one bank of flash. */
function isMemory({ board: { bus } }: Machine, pa: PA, bytes: number): boolean {
  const first = bus.hostAddress(pa);
  return first >= 0 && bytes > 0 && bus.hostAddress(PA(pa + bytes - 1)) === first + bytes - 1;
}

/**
 * The program of a recording in a second machine, which begins in a state that the recording holds: nothing before that is known. Throws
 * InputError.
 */
export function resumed(program: Program, keyframe: StoredKeyframe): Program {
  const machine = new Machine(program.machine.options);
  machine.load(program.image);
  resumeAt(keyframe, machine);
  const timeline = new Timeline(machine);
  timeline.repeat(program.timeline.inputs.all());
  return { ...program, machine, timeline, names: new AddressNames(machine, program.names.recorded) };
}

/** A second run may hold so much less than the first: two of them stand beside it. */
const SECOND_SHARE = 4;

/**
 * A run of the program in a second machine, with this input. What it has in common with the run of the program up to instant `at` is taken
 * over: the second one stands there, or before, and comes to the rest by running. The first one stays as it is.
 */
export function secondRun(program: Program, inputs: readonly InputEvent[], at: number): Program {
  const machine = new Machine(program.machine.options);
  machine.load(program.image);
  const timeline = new Timeline(machine);
  timeline.budget = program.timeline.budget / SECOND_SHARE;
  const known = program.timeline.inputs.all();
  const parting = inputs.findIndex((event, i) => !isSameInput(event, known[i]));
  const common = parting < 0 ? inputs.length : parting;
  const partAt = Math.min(inputs[common]?.n ?? Infinity, known[common]?.n ?? Infinity);
  const from = Math.min(at, program.timeline.end, partAt - 1);
  if (from > 0) timeline.adopt(program.timeline, from);
  timeline.repeat(inputs.filter(({ n }) => from <= 0 || n > from));
  return { ...program, machine, timeline, names: new AddressNames(machine, program.names.recorded.upTo(from)) };
}

/** Up to instant `at` two runs of one program have had the same input: they are in the same state there. */
export function isSameUpTo(a: readonly InputEvent[], b: readonly InputEvent[], at: number): boolean {
  const [mine, theirs] = [a, b].map((inputs) => inputs.filter(({ n }) => n <= at));
  return mine.length === theirs.length && mine.every((event, i) => isSameInput(event, theirs[i]));
}

function isSameInput(a: InputEvent, b: InputEvent | undefined): boolean {
  if (!b || a.n !== b.n) return false;
  if (a.kind === 'bytes') return b.kind === 'bytes' && equalBytes(a.bytes, b.bytes);
  if (a.kind === 'memory') return b.kind === 'memory' && a.pa === b.pa && equalBytes(a.bytes, b.bytes);
  if (a.kind === 'host') return b.kind === 'host' && a.value === b.value && a.errno === b.errno && equalBytes(a.bytes, b.bytes);
  return b.kind === 'change' && a.register === b.register && a.value === b.value;
}

const isDrive = ({ use }: BoardFile): boolean => use === 'drive' || use === 'read-only drive';
const mostDriveBytes = 1 << 30;

/** What the virtio slots hold: the disks come first. Throws InputError for a file that is no disk. */
function plugs({ devices = [], seed = 0 }: MachineOptions, drives: readonly BoardFile[]): VirtioPlug[] {
  const disks = drives.map(({ use, name, bytes }): VirtioPlug => {
    if (bytes.length === 0) throw new InputError('the disk image is empty', { file: name }, 'expected the contents of a disk');
    if (bytes.length > mostDriveBytes)
      throw new InputError(`the disk has ${bytes.length} bytes`, { file: name }, `at most ${mostDriveBytes} are possible`);
    if (bytes[0] === 0x51 && bytes[1] === 0x46 && bytes[2] === 0x49 && bytes[3] === 0xfb)
      throw new InputError('the disk image has the format qcow2', { file: name, offset: 0 }, 'convert it with qemu-img convert -O raw');
    return { kind: 'block', bytes: Math.ceil(bytes.length / SECTOR) * SECTOR, readOnly: use === 'read-only drive' };
  });
  return [...disks, ...devices.map((kind): VirtioPlug => (kind === 'entropy' ? { kind, seed } : { kind }))];
}

/** The files by what they are for. */
function besides(files: readonly BoardFile[]): Pick<LoadOptions, 'kernel' | 'initrd' | 'dtb' | 'loads' | 'start'> {
  const of = (use: BoardFile['use']): BoardFile | undefined => files.find((file) => file.use === use);
  const [kernel, initrd, dtb, start] = [of('kernel'), of('initrd'), of('dtb'), of('start')?.pa];
  const loads = files.filter(({ use }) => use === 'load').map(({ name, bytes, pa = PA(0) }) => ({ name, bytes, pa }));
  return { ...(kernel && { kernel }), ...(initrd && { initrd }), ...(dtb && { dtb }), ...(start !== undefined && { start }), loads };
}

/** None where the section headers are damaged: a program runs without them, and `symbols.problem` tells. */
function placedSections(bytes: Uint8Array, name: string): readonly PlacedSection[] {
  if (!isElf(bytes)) return [];
  try {
    const file = readElf(bytes, name);
    return readSections(file)
      .filter(({ isAllocated }) => isAllocated)
      .map((section) => {
        const { address: va, bytes } = section;
        const segment = file.segments.find((one) => va >= one.va && va + BigInt(bytes) <= one.va + BigInt(one.memoryBytes));
        return { ...section, pa: segment && PA(Number(va - segment.va + segment.pa)) };
      });
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}
