/** What a view is: parameters, checked as they come in, and data, a function of the program at the instant of its machine. */
import type * as v from 'valibot';
import type { Program } from './program.ts';

export interface View<Params extends v.GenericSchema, Data> {
  readonly params: Params;
  /** `live`: what is so at the moment and belongs to no instant; absent for a program that nobody runs, as on the command line. */
  readonly of: (program: Program, params: v.InferOutput<Params>, live?: Live) => Data;
}

export const view = <Params extends v.GenericSchema, Data>(params: Params, of: View<Params, Data>['of']): View<Params, Data> => ({
  params,
  of,
});

/** What a session knows beside the program and its recording. */
export interface Live {
  /** Instants rush by: what needs a look at another one is left out. */
  readonly isRunning: boolean;
  /** The instant at which the machine stood before it moved last; undefined where it has not moved. */
  readonly previousStop: number | undefined;
  /** Counts how often the output was cut back. */
  readonly outputEpoch: number;
  /** By VA. */
  readonly breakpoints: ReadonlyMap<bigint, { readonly id: number; readonly enabled: boolean }>;
  /** A question about the next step is asked: nothing is said of what it will do. */
  readonly isHeld: boolean;
  /** The program runs in a machine elsewhere at this moment: what is shown is its last stop. */
  readonly isElsewhere: boolean;
  /** Asks for another frame, because there is more to tell as soon as there is more time. */
  readonly again: () => void;
}

export const atRest: Live = {
  isRunning: false,
  previousStop: undefined,
  outputEpoch: 0,
  breakpoints: new Map(),
  isHeld: false,
  isElsewhere: false,
  again: () => undefined,
};
