/** The form of the system-register table: what each register is for, its fields, who may use it, and what traps its use. */
import type { Encoding, SystemRegisterName } from '../../isa/index.ts';
import { systemRegisters } from '../../isa/index.ts';
import type { ControlName } from '../controls.ts';
import type { Environment } from '../environment.ts';
import type { CpuState, ExceptionLevel } from '../state.ts';
import { storedRegisters, type StoredRegister } from '../stored-registers.ts';
import type { Field } from './fields/field.ts';

/** What must be informed of a write. */
export type Effect = 'translation' | 'timers' | 'interrupts' | 'translation and interrupts' | 'debug';

/** 3: only EL3 could, which is absent here, so that no instruction reaches the register. */
export type RegisterLevel = ExceptionLevel | 3;

/** What some registers exist in only. */
export type Variant = 'with GICv3' | 'with EL2' | 'without EL2';

/** Values of other registers, as far as they are known; 0 where not. */
export type OtherRegisters = (name: StoredRegister) => bigint;

export interface SystemRegister {
  readonly name: string;
  readonly encoding: Encoding;
  /** One line of plain meaning. */
  readonly title: string;
  readonly group: string;
  /** The machines that have it: those of which all this holds. */
  readonly only: readonly Variant[];
  /** From the highest bit down; a function where they depend on the value (ESR_ELx by EC) or on another register. */
  readonly fields: readonly Field[] | ((value: bigint, others: OtherRegisters) => readonly Field[]);
  /** Bits that belong to no field and ought to be 1. */
  readonly res1: bigint;
  readonly reset: bigint;
  /** Bits that MSR changes; the others keep their reset value. */
  readonly writable: bigint;
  /** Lowest level that may read or write it; undefined: none can. */
  readonly readableFrom: RegisterLevel | undefined;
  readonly writableFrom: RegisterLevel | undefined;
  /** Checked in this order. */
  readonly traps: readonly RegisterTrap[];
  /** Where its value is kept; undefined: it is constant (its reset value) or computed. */
  readonly stored: StoredRegister | undefined;
  readonly compute: Compute | undefined;
  /** Where reading has an effect: the value without it. */
  readonly peek: Compute | undefined;
  readonly assign: Assign | undefined;
  readonly effect: Effect | undefined;
}

export interface RegisterTrap {
  readonly on: 'read' | 'write' | 'both';
  readonly control: ControlName;
}

/** A number is at most 2^53 and not negative; a bigint is unsigned. */
export type Compute = (cpu: CpuState, environment: Environment) => number | bigint;
/** Takes the unsigned halves of the value written. */
export type Assign = (cpu: CpuState, environment: Environment, low: number, high: number) => void;

export interface RegisterOptions {
  /** Lowest level that may use it; `read` and `write` say it for one of them, `null`: not possible. Default: by the name. */
  readonly el?: RegisterLevel;
  readonly read?: RegisterLevel | null;
  readonly write?: RegisterLevel | null;
  readonly reset?: bigint;
  /** Default: all 64 bits of a register with storage that can be written, none of others. */
  readonly writable?: bigint;
  /** `r:` and `w:` for reads and writes only. */
  readonly traps?: readonly `${'' | 'r:' | 'w:'}${ControlName}`[];
  readonly compute?: Compute;
  readonly peek?: Compute;
  readonly assign?: Assign;
  readonly effect?: Effect;
  readonly fields?: SystemRegister['fields'];
  readonly res1?: bigint;
  readonly only?: Variant;
}

export const ALL = 0xffff_ffff_ffff_ffffn;

const isStored = (name: string): name is StoredRegister => (storedRegisters as readonly string[]).includes(name);

/** Makes the entries of one group. */
export function registerGroup(group: string) {
  const encoded =
    (encodingOf: (name: string) => Encoding) =>
    (name: string, title: string, options: RegisterOptions = {}): SystemRegister => {
      const stored = isStored(name) ? name : undefined;
      const byName = Number(/_EL(\d)$/.exec(name)?.[1] ?? 1) as RegisterLevel;
      const el = options.el ?? byName;
      const level = (own: RegisterLevel | null | undefined): RegisterLevel | undefined => (own === null ? undefined : (own ?? el));
      return {
        name,
        encoding: encodingOf(name),
        title,
        group,
        only: [...(options.only ? [options.only] : []), ...(name.endsWith('_EL2') ? ['with EL2' as const] : [])],
        fields: options.fields ?? [],
        res1: options.res1 ?? 0n,
        reset: options.reset ?? 0n,
        writable: options.writable ?? (stored && options.write !== null ? ALL : 0n),
        readableFrom: level(options.read),
        writableFrom: level(options.write),
        traps: (options.traps ?? []).map((text) => {
          const isPart = text.startsWith('r:') || text.startsWith('w:');
          return {
            on: text.startsWith('r:') ? 'read' : text.startsWith('w:') ? 'write' : 'both',
            control: (isPart ? text.slice(2) : text) as ControlName,
          };
        }),
        stored,
        compute: options.compute,
        peek: options.peek,
        assign: options.assign,
        effect: options.effect,
      };
    };
  return {
    register: encoded((name) => systemRegisters[name as SystemRegisterName]) as (
      name: SystemRegisterName,
      title: string,
      options?: RegisterOptions,
    ) => SystemRegister,
    /** A register without its own name in the architecture. */
    unnamed: (encoding: Encoding, title: string, options: RegisterOptions) =>
      encoded(() => encoding)(`S${encoding[0]}_${encoding[1]}_C${encoding[2]}_C${encoding[3]}_${encoding[4]}`, title, options),
  };
}
