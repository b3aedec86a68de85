/** A program opened in a machine of its own, with its recording and what is known of its source. */
import * as v from 'valibot';
import { InputError } from '../base/errors.ts';
import { readLineTable, type LineTable } from '../debug/dwarf-lines.ts';
import { readSymbols, type Symbols } from '../debug/symbols.ts';
import type { Subject } from '../explain/subject.ts';
import { isElf, readElf, readSections, type ElfSection } from '../machine/elf.ts';
import { loadImage, type LoadedImage } from '../machine/loader.ts';
import { defaultMachineOptions, Machine } from '../machine/machine.ts';
import type { Recording } from '../time/recording-file.ts';
import { Timeline } from '../time/timeline.ts';
import { machineOptions, type MachineOptions } from './contract.ts';

export interface Program extends Subject {
  readonly bytes: Uint8Array;
  readonly options: MachineOptions;
  readonly image: LoadedImage;
  readonly entry: bigint;
  readonly symbols: Symbols;
  /** Sections that are part of the program in memory, by VA. */
  readonly sections: readonly ElfSection[];
  /** Text of a source line; undefined where the source is not known. */
  sourceLine(file: string, line: number): string | undefined;
}

/** Opens an ELF or a Linux Image. Throws InputError for bytes that are neither. */
export function openProgram(name: string, bytes: Uint8Array, options: MachineOptions = {}): Program {
  const { memoryBytes, gic, el2 } = options;
  const complete = {
    memoryBytes: memoryBytes ?? defaultMachineOptions.memoryBytes,
    gic: gic ?? defaultMachineOptions.gic,
    el2: el2 ?? defaultMachineOptions.el2,
  };
  const image = loadImage(bytes, name, complete);
  const machine = new Machine(complete);
  machine.load(image);
  const symbols = readSymbols(bytes, name);
  return {
    name,
    bytes,
    options,
    image,
    entry: image.entry,
    machine,
    timeline: new Timeline(machine),
    symbols,
    sections: isElf(bytes) ? readSections(readElf(bytes, name)).filter(({ isAllocated }) => isAllocated) : [],
    names: programNames(symbols, readLineTable(bytes, name)),
    sourceLine: () => undefined,
  };
}

/** Opens the program of a recording, with its input waiting to be delivered at the instants at which it came. */
export function replay({ name, image, options, inputs }: Recording): Program {
  const checked = v.safeParse(machineOptions, options);
  if (!checked.success) throw new InputError('the recording names machine options that make no sense', { file: name });
  const program = openProgram(name, image, checked.output);
  for (const event of inputs) program.timeline.inputs.push(event);
  program.timeline.deliverInput();
  return program;
}

function programNames(symbols: Symbols, lines: LineTable): Program['names'] {
  return {
    symbol: (address) => symbols.describe(address),
    line: (address) => lines.at(address),
  };
}
