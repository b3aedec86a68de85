/** Turns a decoded word into the operands of `emit`: what `isKnown` accepts becomes a constant, the rest is left to run time. */
import type { Register, VectorRegister } from '../isa/builder.ts';
import { fields as fieldTable, isShape, type Decoded, type Shape } from '../isa/index.ts';
import { CodeBuilder } from './builder.ts';
import type { ImmediateOperand, Target } from './target.ts';

export type Known = (name: string, value: number | bigint) => boolean;
type Operand = Register | VectorRegister | ImmediateOperand | number | Shape;

function operandsOf({ definition, fields, derived }: Decoded, isKnown: Known): Record<string, Operand> {
  const operands: Record<string, Operand> = {};
  for (const { name } of definition.pattern.slots) {
    const value = fields[name],
      [width, binding] = fieldTable[name],
      known = isKnown(name, value);
    if (binding === 'shape') operands[name] = value;
    else if (binding === 'register') operands[name] = { name, number: known ? value : undefined };
    else if (binding === 'vector') operands[name] = { name, isVector: true };
    else operands[name] = { name, bytes: width < 16 ? 2 : 4, value: known ? BigInt(value) : undefined };
  }
  for (const [name, value] of Object.entries(derived)) {
    operands[name] = isShape(value)
      ? value
      : { name, bytes: typeof value === 'bigint' ? 8 : 4, value: isKnown(name, value) ? BigInt(value) : undefined };
  }
  return operands;
}

/** Writes the code of one instruction for a target. The machine's own instructions have none. */
export function emitInstruction(target: Target, decoded: Decoded, isKnown: Known): void {
  const builder = new CodeBuilder(target, decoded.fields.sf === 0 ? 32 : 64);
  decoded.definition.emit!(builder, operandsOf(decoded, isKnown) as never);
  builder.finish();
}
