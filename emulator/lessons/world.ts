/** The machine as lessons ask it: one recorded run of a program. Who has a program and its recording provides it. */

/** A register or a field, `HCR_EL2.TWI`, and the expression of its new value. */
export type Change = readonly [target: string, value: string];

export interface World {
  /** File name of the program. */
  readonly name: string;
  /** The last instant of the recording. */
  readonly end: number;
  /** Steps of the events that a filter of the list of traps lets through. Throws InputError for a filter that makes no sense. */
  steps(filter: string): readonly number[];
  /** Instants at which a breakpoint, written as on the command line, stops the run; the first `most` of them. Throws InputError. */
  stops(breakpoint: string, most: number): readonly number[];
  /** Instants at which an instruction of the program is about to be executed whose text fits, `*` standing for anything: "mrs *, CurrentEL". */
  executions(instruction: string, most: number): readonly number[];
  /** The value of an expression at an instant; undefined where it has none. Throws InputError for what makes no sense. */
  ask(at: number, expression: string): bigint | undefined;
  /** What is at a VA of the level that runs, at an instant: the instruction, and the symbol or source line that it belongs to. */
  instruction(at: number, va: bigint): string;
  symbol(at: number, va: bigint): string;
  source(at: number, va: bigint): string;
  /** The run that it would have become, had something else been in registers at an instant. Throws InputError. */
  changed(at: number, changes: readonly Change[]): World;
}
