/** The whole table of system registers, and values in words. */
import type { FieldWords } from '../../base/field-text.ts';
import { controlRegisters } from './control.ts';
import { debugRegisters } from './debug.ts';
import { exceptionRegisters } from './exception.ts';
import { gicRegisters } from './gic.ts';
import { identificationRegisters } from './identification.ts';
import { implementationRegisters } from './implementation.ts';
import { memoryRegisters } from './memory.ts';
import { pmuRegisters } from './pmu.ts';
import { timerRegisters } from './timers.ts';
import { allOf, maskOf, type Field } from './fields/field.ts';
import type { OtherRegisters, SystemRegister } from './types.ts';

export type { Field } from './fields/field.ts';
export type { OtherRegisters, SystemRegister } from './types.ts';

export const systemRegisterTable: readonly SystemRegister[] = [
  ...exceptionRegisters,
  ...controlRegisters,
  ...memoryRegisters,
  ...timerRegisters,
  ...debugRegisters,
  ...pmuRegisters,
  ...gicRegisters,
  ...identificationRegisters,
  ...implementationRegisters,
];

const byName = new Map(systemRegisterTable.map((register) => [register.name, register]));

/** The entry of a register by its architectural name; undefined where this processor has none. */
export const findRegister = (name: string): SystemRegister | undefined => byName.get(name);

const byLowerCase = new Map(systemRegisterTable.map((register) => [register.name.toLowerCase(), register]));

/** The same for a name as a person types it, however it is capitalised. */
export const findRegisterTyped = (name: string): SystemRegister | undefined => byLowerCase.get(name.toLowerCase());

export interface DescribedField extends FieldWords {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  readonly value: bigint;
}

export interface DescribedRegister {
  readonly name: string;
  readonly title: string;
  readonly value: bigint;
  readonly fields: readonly DescribedField[];
  /** Bits of a register that can be written that belong to no field, ought to be 0, and are 1: from the highest down. */
  readonly reserved: readonly { readonly high: number; readonly low: number; readonly value: bigint }[];
}

/**
 * A value of a register, field by field from the highest bit down; undefined where this processor has no such register. `others`: the
 * registers beside it, on which the fields of some depend.
 */
export function describeRegister(name: string, value: bigint, others: OtherRegisters = () => 0n): DescribedRegister | undefined {
  const register = byName.get(name);
  if (!register) return undefined;
  const fields = typeof register.fields === 'function' ? register.fields(value, others) : register.fields;
  const known = register.res1 | allOf(fields);
  return {
    name,
    title: register.title,
    value,
    fields: fields.map((field) => describeField(field, value)),
    reserved: fields.length === 0 || register.writableFrom === undefined ? [] : reservedIn(value & ~known, known),
  };
}

/** The gaps between what is `known` in which there are bits of `stray`. */
function reservedIn(stray: bigint, known: bigint): DescribedRegister['reserved'] {
  const found = [];
  for (let high = 63; high >= 0;) {
    if ((known >> BigInt(high)) & 1n) {
      high--;
      continue;
    }
    let low = high;
    while (low > 0 && !((known >> BigInt(low - 1)) & 1n)) low--;
    const value = (stray & maskOf({ high, low })) >> BigInt(low);
    if (value) found.push({ high, low, value });
    high = low - 1;
  }
  return found;
}

export function describeField({ name, high, low, meaning, values }: Field, register: bigint): DescribedField {
  const value = (register & maskOf({ high, low })) >> BigInt(low);
  return { name, high, low, value, meaning, text: typeof values === 'function' ? values(Number(value)) : (values?.[Number(value)] ?? '') };
}
