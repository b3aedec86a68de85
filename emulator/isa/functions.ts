/**
 * Functions of integers that instructions call: what is too long to repeat in each instruction that does it, such as FPAdd. They are
 * written over the same arithmetic, so that whatever runs an instruction can run them: the engine makes one WebAssembly function of each.
 */
import type { FunctionBuilder, Int, IntFunction, Width } from './builder.ts';

/** All of them, by name. */
export const functions = new Map<string, IntFunction>();

export function defineFunction(
  name: string,
  parameters: readonly Width[],
  result: Width,
  body: (b: FunctionBuilder, ...inputs: Int[]) => Int,
): IntFunction {
  if (functions.has(name)) throw new Error(`there are two functions ${name}`);
  const defined = { name, parameters, result, body };
  functions.set(name, defined);
  return defined;
}
