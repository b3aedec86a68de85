/** Finds the definition of an instruction word. */
import { definitions, type Definition, type Derived } from './define.ts';
import type { FieldName, Fields } from './fields.ts';
import { readFields } from './pattern.ts';

export interface Decoded {
  readonly definition: Definition;
  /** Unsigned. */
  readonly word: number;
  readonly fields: Fields<FieldName>;
  readonly derived: Derived;
}

// Bits 29..22 and 13..10 tell almost all encodings apart, so each of the 4096 lists holds one or two definitions.
const index = (word: number): number => ((word >>> 18) & 0xff0) | ((word >>> 10) & 0xf);
const lists = new Array<readonly Definition[] | undefined>(4096);

/** Definitions whose fixed bits agree with list number `i`. */
function candidates(i: number): readonly Definition[] {
  const probe = ((i & 0xff0) << 18) | ((i & 0xf) << 10),
    probed = 0x3fc03c00;
  return (lists[i] ??= definitions.filter(({ pattern }) => ((probe ^ pattern.value) & pattern.mask & probed) === 0));
}

/** The instruction in `word`, or undefined where the architecture, as Cortex-A53 implements it, says UNDEFINED. */
export function decode(word: number): Decoded | undefined {
  for (const definition of candidates(index(word))) {
    if (((word ^ definition.pattern.value) & definition.pattern.mask) !== 0) continue;
    const fields = readFields(definition.pattern, word);
    const derived = definition.derive(fields, word);
    if (derived) return { definition, word: word >>> 0, fields, derived };
  }
  return undefined;
}
