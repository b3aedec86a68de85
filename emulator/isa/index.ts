/**
 * What A64 is, as Cortex-A53 has it: one definition per instruction gives its decoding, its meaning (for engine/) and its text.
 *
 *   decode(0xd2800020)?.definition.name       'MOVZ'
 *   disassemble(0xd2800020, 0x40000000n)      { mnemonic: 'mov', operands: 'x0, #0x1', ... }
 *   assemble('mov x0, #1', 0n)                0xd2800020
 *
 * The imports are in the order of the manual's C4.1; importing this file fills `definitions`.
 */
import './a64/pc-relative.ts';
import './a64/add-sub-immediate.ts';
import './a64/logical-immediate.ts';
import './a64/move-wide.ts';
import './a64/bitfield.ts';
import './a64/extract.ts';
import './a64/branches.ts';
import './a64/system.ts';
import './a64/load-store-exclusive.ts';
import './a64/load-store-pair.ts';
import './a64/load-store-register.ts';
import './a64/load-store-simd.ts';
import './a64/load-store-structures.ts';
import './a64/data-processing-register.ts';
import './a64/logical-shifted.ts';
import './a64/add-sub-register.ts';
import './a64/conditional.ts';
import './a64/three-source.ts';
import './a64/simd-three-same.ts';
import './a64/simd-three-different.ts';
import './a64/simd-two-register.ts';
import './a64/simd-across-lanes.ts';
import './a64/simd-copy.ts';
import './a64/simd-modified-immediate.ts';
import './a64/simd-shift-immediate.ts';
import './a64/simd-permute.ts';
import './a64/simd-by-element.ts';
import './a64/cryptography.ts';
import './a64/simd-fp.ts';
import './a64/fp-conversions.ts';
import './a64/fp-data-processing.ts';
export { classes, classOf, type InstructionClass } from './classes.ts';
export { definitions, isFloatingPoint, isShape, type Definition, type Flow, type Shape } from './define.ts';
export { assemble, mnemonics } from './assemble.ts';
export { decode, type Decoded } from './decode.ts';
export { disassemble, disassembleDecoded, disassemblyText, preferredForm, type Disassembly } from './disassemble.ts';
export { hints } from './spelling.ts';
export { evaluate, type Effects, type MemoryAccess, type SeenState } from './evaluate.ts';
export { fields, type FieldName, type Fields } from './fields.ts';
export { operationOf, registerOf, say, sayAnywhere, sentenceOf, type Part, type Saying } from './say.ts';
export {
  encodingKey,
  systemOperationName,
  systemOperations,
  systemRegisterName,
  systemRegisters,
  type Encoding,
  type SystemOperationName,
  type SystemRegisterName,
} from './system-names.ts';
