/** The functions that instructions call (isa/functions.ts) as one module: a WebAssembly function of each. */
import type { IntFunction, Width } from '../isa/builder.ts';
import { functions } from '../isa/functions.ts';
import { ArithmeticBuilder } from './arithmetic.ts';
import type { EngineLayout } from './layout.ts';
import type { ArithmeticTarget } from './target.ts';
import { local, Value, type Int } from './values.ts';
import { Code, ModuleWriter, type Signature } from './wasm.ts';

export const intType = (width: Width): 'i32' | 'i64' => (width === 64 ? 'i64' : 'i32');

export const signatureOf = ({ parameters, result }: IntFunction): Signature => ({
  parameters: parameters.map(intType),
  results: [intType(result)],
});

/** The result of a function of the module under construction. */
export const called = (index: number, type: 'i32' | 'i64', inputs: readonly Int[]): Int =>
  new Value(
    type,
    (code) => {
      for (const input of inputs) input.put(code);
      code.call(index);
    },
    inputs,
  ) as Int;

class FunctionTarget implements ArithmeticTarget {
  constructor(readonly layout: EngineLayout) {}
  immediate(): never {
    throw new Error('a function has no operands of an instruction');
  }
  callHelper(): never {
    throw new Error('functions call functions only');
  }
  callFunction(callee: IntFunction, inputs: readonly Int[]): Int {
    return called([...functions.keys()].indexOf(callee.name), intType(callee.result), inputs);
  }
}

class FunctionWriter extends ArithmeticBuilder {
  write({ body, ...rest }: IntFunction): Code {
    const code = new Code(signatureOf({ body, ...rest }));
    const result = body(this, ...rest.parameters.map((width, i) => local(intType(width), i) as Int)) as Int;
    result.use();
    for (const effect of this.effects) effect(code);
    result.put(code);
    return code;
  }
}

/** It imports `memory` and exports each function by its name. */
export function functionModule(memoryPages: number, layout: EngineLayout): Uint8Array<ArrayBuffer> {
  const module = new ModuleWriter();
  module.importMemory(memoryPages);
  const target = new FunctionTarget(layout);
  for (const defined of functions.values()) module.add(new FunctionWriter(target, 64).write(defined), defined.name);
  return module.finish();
}
