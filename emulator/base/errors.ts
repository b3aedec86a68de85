/** Errors that a person reads: what was wrong, where, what was expected, and what to do about it. */

import { visible } from './names.ts';

export interface Place {
  /** File name or other source of the bytes ("hypervisor.elf", "recording", "message"). */
  readonly file?: string;
  /** Byte offset in that file. */
  readonly offset?: number;
}

/** Input from outside (a file, a message, an option) that cannot be used. The machine and the app go on. */
export class InputError extends Error {
  readonly place: Place;

  constructor(
    /** What is wrong, as a sentence without its place: "the program header table ends beyond the file". */
    problem: string,
    place: Place = {},
    /** What was expected or what to do: "expected a little-endian AArch64 ELF". */
    readonly hint?: string,
  ) {
    // It may quote the input, and name a file as somebody else called it.
    super(visible([placeText(place), problem, hint && `(${hint})`].filter(Boolean).join(' ')));
    this.name = 'InputError';
    this.place = place;
  }
}

function placeText({ file, offset }: Place): string {
  const at = offset === undefined ? '' : `at offset 0x${offset.toString(16)}`;
  const text = [file, at].filter(Boolean).join(' ');
  return text && `${text}:`;
}

/** The guest used something of the architecture that this machine does not have yet. It stops the machine; it is never shown as UNDEFINED. */
export class NotBuilt extends Error {
  constructor(
    /** The thing by its architectural name: "FADD (scalar)", "register DBGBCR0_EL1". */
    readonly what: string,
    /** What can be done without it: "start Linux with nr_cpus=1". */
    readonly advice: string,
  ) {
    super(`${what} is not built yet`);
    this.name = 'NotBuilt';
  }
}
