/** An exception syndrome on its own, in words: what ESR_ELx says, without a machine. */
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import { exceptionClass, instructionLength, instructionSpecificSyndrome } from '../cpu/events.ts';
import { exceptionClassName } from '../cpu/index.ts';
import { ISS_SYSTEM, systemAccessName, valueIn } from '../cpu/registers/bits.ts';
import { exceptionClasses } from '../cpu/syndrome.ts';
import { decodedRegister, fieldLines } from './decoded-register.ts';
import type { DecodedRegister } from './views.ts';

export interface Syndrome {
  readonly esr: string;
  readonly ec: number;
  readonly il: number;
  readonly iss: string;
  /** The exception class in words, and which system register was accessed. */
  readonly text: string;
  readonly fields: DecodedRegister['fields'];
}

/** `esr`: the value of ESR_EL1 or ESR_EL2. Throws InputError for more than 32 bits: on a Cortex-A53 the upper half is RES0. */
export function explainSyndrome(esr: bigint): Syndrome {
  if (esr >> 32n) throw new InputError(`${hex(esr)} is not a syndrome`, {}, 'ESR_ELx has 32 bits here');
  const value = Number(esr);
  return {
    esr: hex(esr),
    ec: exceptionClass(value),
    il: instructionLength(value),
    iss: hex(instructionSpecificSyndrome(value)),
    text: [exceptionClassName(value), access(value)].filter(Boolean).join(': '),
    fields: decodedRegister('ESR_EL2', esr).fields,
  };
}

/** "read of HCR_EL2 into x2", of the class for system registers; empty for others. */
function access(esr: number): string {
  if (exceptionClass(esr) !== exceptionClasses.systemAccess) return '';
  const iss = instructionSpecificSyndrome(esr);
  const name = systemAccessName(iss);
  const Rt = valueIn(iss, ISS_SYSTEM.Rt);
  const general = Rt === 31 ? 'xzr' : `x${Rt}`;
  if (iss & ISS_SYSTEM.Direction) return `read of ${name} into ${general}`;
  return valueIn(iss, ISS_SYSTEM.Op0) < 2 ? `${name}${Rt === 31 ? '' : `, ${general}`}` : `write of ${name} from ${general}`;
}

export const syndromeText = ({ esr, ec, text, fields }: Syndrome): string =>
  [`ESR ${esr}: EC ${hex(ec)}, ${text}`, ...fieldLines(fields)].join('\n');
