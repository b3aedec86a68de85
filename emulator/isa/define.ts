/** `define`: the one place where an instruction is written down. */
import type { Builder, Immediate, Register, VectorRegister } from './builder.ts';
import { fields, type BindingOf, type FieldName, type Fields } from './fields.ts';
import { parsePattern, type Checked, type FieldNames, type Pattern } from './pattern.ts';

/**
 * What the manual's "Decode" pseudocode computes from the fields, before anything runs:
 *   number | bigint   data (at most 32 / 64 bits), an Immediate in `emit`
 *   boolean | string  decides the shape of the code, stays what it is in `emit`
 *   number[]          likewise: numbers that `emit` knows
 * `undefined` instead of an object: this word is unallocated.
 */
export type Derived = Readonly<Record<string, number | bigint | Shape>>;
export type Shape = boolean | string | readonly number[];
export const isShape = (value: Derived[string]): value is Shape => typeof value !== 'number' && typeof value !== 'bigint';

type Operand<N extends FieldName> =
  BindingOf<N> extends 'register'
    ? Register
    : BindingOf<N> extends 'vector'
      ? VectorRegister
      : BindingOf<N> extends 'shape'
        ? number
        : Immediate;
export type Operands<N extends FieldName, D extends Derived> = { readonly [K in Exclude<N, keyof D>]: Operand<K> } & {
  readonly [K in keyof D]: D[K] extends Shape ? D[K] : Immediate;
};

/** Nothing derived. */
type Nothing = Record<never, never>;

/** A way to write the instruction in assembly; see spelling.ts for what `text` may contain. */
export interface Form {
  readonly text: string;
  /** Values of the fields that the text does not show, as a function of those it does. */
  readonly implied: (fields: Readonly<Record<string, number>>) => Partial<Fields<FieldName>>;
  /** Where this form is preferred, beside `implied`. */
  readonly when: (fields: Readonly<Record<string, number>>) => boolean;
  /** The same in words; see say.ts for what it may contain. Absent: those of the instruction's own form. */
  readonly says?: Says;
}

/** A sentence, or how it follows from the fields. */
export type Says = string | ((fields: Readonly<Record<string, number>>) => string);

/** Where control goes after the instruction: no mark for "to the next one, or into an exception". */
export type Flow = 'jump' | 'conditional' | 'call' | 'return';

export interface Definition {
  readonly id: number;
  readonly name: string;
  readonly pattern: Pattern;
  /** How it is written: preferred aliases first, the instruction's own form last. */
  readonly forms: readonly Form[];
  readonly derive: (fields: Fields<FieldName>, word: number) => Derived | undefined;
  /** Absent where the machine executes the instruction: what it does depends on the exception level and on control registers. */
  readonly emit: ((b: Builder, operands: never) => void) | undefined;
  readonly flow: Flow | undefined;
}

/** Whether CheckFPAdvSIMDEnabled64 comes first: every instruction of floating point and SIMD names a register of it. */
export const isFloatingPoint = ({ pattern }: Pick<Definition, 'pattern'>): boolean =>
  pattern.slots.some(({ name }) => fields[name][1] === 'vector');

/** All definitions, in the order of their files: the manual's. */
export const definitions: Definition[] = [];

type Implied = Form['implied'] | Partial<Fields<FieldName>>;
const form = (text: string, implied: Implied = {}, when: Form['when'] = () => true): Form => ({
  text,
  implied: typeof implied === 'function' ? implied : () => implied,
  when,
});

/** What `define` gives back, to say more about the instruction. */
class Defined {
  private readonly forms: Form[];
  private readonly definition: { flow: Flow | undefined };
  /** Index of the form that `says` is about, from the end: the instruction's own, then each alias. */
  private spoken = 1;
  constructor(definition: { flow: Flow | undefined }, forms: Form[]) {
    this.definition = definition;
    this.forms = forms;
  }
  /** What it does, in words: of the instruction, or of the alias before this. */
  says(says: Says): this {
    const i = this.forms.length - this.spoken;
    this.forms[i] = { ...this.forms[i], says };
    return this;
  }
  /** Another way to write it, preferred to its own form where the fields have the `implied` values and `when` holds; most preferred first. */
  alias(text: string, implied?: Implied, when?: Form['when']): this {
    this.forms.splice(-1, 0, form(text, implied, when));
    this.spoken = 2;
    return this;
  }
  /** Fields that its own form does not show. */
  implies(implied: Implied): this {
    const own = this.forms.pop()!;
    this.forms.push({ ...own, ...form(own.text, implied) });
    return this;
  }
  flow(flow: Flow): this {
    this.definition.flow = flow;
    return this;
  }
}

function add(name: string, pattern: string, assembly: string, derive: Definition['derive'], rest: Pick<Definition, 'emit'>): Defined {
  const forms = [form(assembly)];
  const definition = { id: definitions.length, name, pattern: parsePattern(pattern), forms, derive, flow: undefined, ...rest };
  definitions.push(definition);
  return new Defined(definition, forms);
}

/** An instruction that generated code executes. `derive` may be left out. */
export function define<const P extends string>(
  name: string,
  pattern: P & Checked<P>,
  assembly: string,
  emit: (b: Builder, operands: Operands<FieldNames<P>, Nothing>) => void,
): Defined;
export function define<const P extends string, D extends Derived>(
  name: string,
  pattern: P & Checked<P>,
  assembly: string,
  derive: (fields: Fields<FieldNames<P>>) => D | undefined,
  emit: (b: Builder, operands: Operands<FieldNames<P>, D>) => void,
): Defined;
export function define(name: string, pattern: string, assembly: string, ...steps: unknown[]): Defined {
  const emit = steps.pop() as Definition['emit'];
  const derive = (steps.pop() ?? always) as Definition['derive'];
  return add(name, pattern, assembly, derive, { emit });
}

/** An instruction that the machine executes. */
export function machine<const P extends string>(
  name: string,
  pattern: P & Checked<P>,
  assembly: string,
  derive: (fields: Fields<FieldNames<P>>) => Derived | undefined = always,
): Defined {
  return add(name, pattern, assembly, derive, { emit: undefined });
}

const always = (): Derived => ({});

/** For a derive step that only rejects unallocated words. */
export const allocated = (condition: boolean | number): Nothing | undefined => (condition ? {} : undefined);
