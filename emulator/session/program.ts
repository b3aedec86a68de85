/** A program opened in a machine of its own, with its recording and what is known of its source. */
import { readLineTable, type LineTable } from '../debug/dwarf-lines.ts';
import { readSymbols, type Symbols } from '../debug/symbols.ts';
import type { Subject } from '../explain/subject.ts';
import { loadImage, type LoadedImage } from '../machine/loader.ts';
import { defaultMachineOptions, Machine } from '../machine/machine.ts';
import type { Recording } from '../time/recording-file.ts';
import { Timeline } from '../time/timeline.ts';
import type { MachineOptions } from './contract.ts';

export interface Program extends Subject {
  readonly bytes: Uint8Array;
  readonly options: MachineOptions;
  readonly image: LoadedImage;
  readonly entry: bigint;
  readonly symbols: Symbols;
  /** Text of a source line; undefined where the source is not known. */
  sourceLine(file: string, line: number): string | undefined;
}

/** Opens an ELF or a Linux Image. Throws InputError for bytes that are neither. */
export function openProgram(name: string, bytes: Uint8Array, options: MachineOptions = {}): Program {
  const { append, memoryBytes, gic, el2 } = options;
  const machineOptions = {
    memoryBytes: memoryBytes ?? defaultMachineOptions.memoryBytes,
    gic: gic ?? defaultMachineOptions.gic,
    el2: el2 ?? defaultMachineOptions.el2,
  };
  const image = loadImage(bytes, name, { ...machineOptions, ...(append === undefined ? {} : { append }) });
  const machine = new Machine(machineOptions);
  machine.load(image);
  const symbols = readSymbols(bytes, name);
  const lines = readLineTable(bytes, name);
  return {
    name,
    bytes,
    options,
    image,
    entry: image.entry,
    machine,
    timeline: new Timeline(machine),
    symbols,
    names: programNames(symbols, lines),
    sourceLine: () => undefined,
  };
}

/** Opens the program of a recording, with its input waiting to be delivered at the instants at which it came. */
export function replay({ name, image, options, inputs }: Recording): Program {
  const program = openProgram(name, image, options);
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
