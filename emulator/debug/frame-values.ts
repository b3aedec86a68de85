/** What a frame knows by name: its variables, those of the program, registers and symbols, each at the frame's own instant. */
import { VA } from '../base/addresses.ts';
import type { Scope } from './c-expression.ts';
import { valueAt, type TypedValue } from './c-value.ts';
import type { Variable } from './debug-info.ts';
import { readBytes, variablesOf, whereIs, type Frame, type Unwound } from './stack.ts';

export interface NamedValue {
  readonly name: string;
  readonly isArgument: boolean;
  readonly value: TypedValue;
}

export class FrameValues implements Scope {
  constructor(
    private readonly program: Unwound,
    private readonly stack: readonly Frame[],
    readonly frame: Frame,
    /** A register or symbol, as the machine has it where the frame is the one that runs. */
    private readonly named: (name: string) => bigint | undefined,
  ) {}

  /** Arguments and local variables. */
  list(): NamedValue[] {
    return variablesOf(this.frame).map((variable) => ({
      name: variable.name,
      isArgument: variable.isArgument,
      value: this.value(variable),
    }));
  }

  memory(address: bigint, bytes: number): Uint8Array | undefined {
    return readBytes(this.program.machine, VA(BigInt.asUintN(64, address)), bytes, this.frame.el);
  }
  register(register: number): bigint | undefined {
    return this.frame.registers[register];
  }
  symbol(address: bigint): string | undefined {
    return this.program.names.of(this.frame.el).symbol(VA(address));
  }
  variable(name: string): TypedValue | undefined {
    const own = variablesOf(this.frame).find((variable) => variable.name === name);
    const found = own ?? this.frame.place?.file.debug.global(name);
    return found && this.value(found);
  }
  number(name: string): bigint | undefined {
    const lower = name.toLowerCase();
    if (lower === 'pc') return BigInt(this.frame.pc);
    const general = /^[xw](\d+)$/.exec(lower)?.[1];
    const register = lower === 'sp' ? 31 : lower === 'lr' ? 30 : lower === 'fp' ? 29 : general === undefined ? undefined : Number(general);
    if (register === undefined || register > 31) return this.named(name);
    const value = this.register(register);
    return value !== undefined && lower.startsWith('w') ? BigInt.asUintN(32, value) : value;
  }

  private value(variable: Variable): TypedValue {
    return valueAt(variable.type, whereIs(this.program, this.stack, this.frame, variable), this);
  }
}
