/** Fields of ESR_ELx: ISS has its own meaning for each exception class (Arm ARM D17.2.37). */
import { exceptionClassName, exceptionClassOf } from './exception-classes.ts';
import { bitsOf, field, type Field } from './field.ts';

const fixed = [field('EC', [31, 26], 'Exception class'), field('IL', 25, 'Length of the instruction'), field('ISS', [24, 0], 'Syndrome')];
export const ESR = bitsOf(fixed);

/** IL is 1 too where no instruction is meant, and for data aborts without ISV. */
const lengths = (ilIsOne: boolean) =>
  ilIsOne ? { 0: '16 bits, although this class always has 1', 1: '32 bits, as always for this class' } : { 0: '16 bits', 1: '32 bits' };

/** Fields of a syndrome, EC first. */
export function esrFields(value: bigint): readonly Field[] {
  const esr = Number(value & 0xffff_ffffn);
  const exceptionClass = exceptionClassOf(esr);
  return [
    field('EC', [31, 26], 'Exception class', () => exceptionClassName(esr)),
    field('IL', 25, 'Length of the instruction', lengths(exceptionClass?.ilIsOne ?? false)),
    ...(exceptionClass
      ? exceptionClass.layout(esr & ESR.ISS)
      : [field('ISS', [24, 0], 'Syndrome of a class that a Cortex-A53 does not report')]),
  ];
}
