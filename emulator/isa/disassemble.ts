/** Instructions as text, in the forms that GNU objdump prefers. */
import type { VA } from '../base/addresses.ts';
import { decode, type Decoded } from './decode.ts';
import type { Form } from './define.ts';
import { partsOf, type Part } from './form.ts';
import type { Values } from './operand.ts';

export interface Disassembly {
  readonly mnemonic: string;
  /** As written after the mnemonic; may be empty. */
  readonly operands: string;
  /** The VA that the instruction names: of a branch, a literal, ADR or ADRP. */
  readonly target: VA | undefined;
  /** The word is no instruction here. */
  readonly problem: 'undefined' | undefined;
}

/** The text of `word` as an instruction at `pc`. */
export function disassemble(word: number, pc: VA): Disassembly {
  const decoded = decode(word);
  if (decoded) return disassembleDecoded(decoded, pc);
  // Arm ARM C6.2.387: UDF is permanently undefined.
  if (word >>> 16 === 0) return { mnemonic: 'udf', operands: `#${word}`, target: undefined, problem: 'undefined' };
  const operands = `0x${(word >>> 0).toString(16).padStart(8, '0')}`;
  return { mnemonic: '.inst', operands, target: undefined, problem: 'undefined' };
}

export function disassembleDecoded({ definition, fields }: Decoded, pc: VA): Disassembly {
  const parts = partsOf(preferredForm(definition.forms, fields).text),
    text = show(parts, fields, pc),
    space = text.indexOf(' ');
  return {
    mnemonic: space < 0 ? text : text.slice(0, space),
    operands: space < 0 ? '' : text.slice(space + 1),
    target: targetOf(parts, fields, pc),
    problem: undefined,
  };
}

/** Mnemonic and operands in one line. */
export const disassemblyText = ({ mnemonic, operands }: Disassembly): string => (operands ? `${mnemonic} ${operands}` : mnemonic);

/** The form in which an instruction is written: the first alias that its fields allow, or its own. */
export function preferredForm(forms: readonly Form[], fields: Readonly<Values>): Form {
  return forms.find((form, i) => i === forms.length - 1 || isMet(form, fields))!;
}
const isMet = ({ implied, when }: Form, fields: Readonly<Values>): boolean =>
  Object.entries(implied(fields)).every(([name, value]) => fields[name] === value) && when(fields);

function show(parts: readonly Part[], f: Readonly<Values>, pc: VA): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      if (!isOptional(part)) return part.print(f, pc);
      return part.every((p) => typeof p === 'string' || isOptional(p) || p.omitted?.(f)) ? '' : show(part, f, pc);
    })
    .join('');
}

function targetOf(parts: readonly Part[], f: Readonly<Values>, pc: VA): VA | undefined {
  for (const part of parts) {
    if (typeof part !== 'string' && !isOptional(part) && part.target) return part.target(f, pc);
  }
  return undefined;
}

const isOptional = (part: Part): part is readonly Part[] => Array.isArray(part);
