/** Variables of frames, registers, and expressions, as the protocol shows them. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { InputError } from '../../base/errors.ts';
import { hex } from '../../base/hex.ts';
import { deviceRegisters } from '../../explain/device-registers.ts';
import type { Program } from '../../session/program.ts';
import type { Session } from '../../session/session.ts';
import type { RegistersView, ValueRow } from '../../session/views.ts';
import { views } from '../../session/views/index.ts';
import type { GdbMemory } from '../gdb/memory.ts';

/** Registers of a device that are an array: so many are listed. */
const MOST_OF_ARRAY = 4;

interface VariablesOf {
  readonly frame: number;
  readonly scope: 'arguments' | 'locals' | 'part' | 'registers' | 'EL1' | 'EL2' | 'gic';
  readonly of?: string;
}

export class DapVariables {
  /** What the numbers stand for that the editor was given, until the machine moves. */
  private references: VariablesOf[] = [];

  constructor(
    private readonly session: Session,
    private readonly memory: GdbMemory,
  ) {}

  private get program(): Program {
    return this.session.needProgram();
  }
  /** The machine has moved: numbers that were given stand for nothing any more. */
  forget(): void {
    this.references = [];
  }

  /** Those of a frame, by its id in the protocol. */
  scopes(frameId: number): Dap.Scope[] {
    const frame = frameId - 1;
    const scope = (name: string, kind: VariablesOf['scope'], hint?: string): Dap.Scope => ({
      name,
      expensive: kind !== 'arguments' && kind !== 'locals',
      variablesReference: this.reference({ frame, scope: kind }),
      ...(hint !== undefined && { presentationHint: hint }),
    });
    const shown = views.stack.of(this.program, {}).frames.at(frame);
    const known = shown?.hasVariables ? [scope('Arguments', 'arguments', 'arguments'), scope('Locals', 'locals', 'locals')] : [];
    // Those of the machine are of this instant: a frame below an exception is of another.
    const machine = shown?.at === this.program.timeline.at ? [scope('EL1', 'EL1'), scope('EL2', 'EL2'), scope('GIC', 'gic')] : [];
    return [...known, scope('Registers', 'registers', 'registers'), ...machine];
  }

  private reference(what: VariablesOf): number {
    return this.references.push(what);
  }
  of({ variablesReference }: Dap.VariablesArguments): Dap.Variable[] {
    const what = this.references[variablesReference - 1] as VariablesOf | undefined;
    if (!what) throw new InputError('these variables are of an instant that is not shown any more');
    const { frame, scope, of } = what;
    if (scope === 'registers') return this.registers(frame);
    if (scope === 'EL1' || scope === 'EL2') {
      const groups = views.registers.of(this.program, {}).groups;
      return registersOf(groups, scope);
    }
    if (scope === 'gic') return this.gic();
    const rows = views.variables.of(this.program, { frame, ...(of !== undefined && { of }) }).rows;
    return rows
      .filter(({ kind }) => scope === 'part' || (kind === 'argument') === (scope === 'arguments'))
      .map((row) => this.variable(row, frame));
  }
  private variable(row: ValueRow, frame: number): Dap.Variable {
    return {
      name: row.name,
      value: row.value,
      type: row.type,
      evaluateName: row.path,
      variablesReference: row.hasParts ? this.reference({ frame, scope: 'part', of: row.path }) : 0,
      ...(row.address !== null && { memoryReference: row.address }),
    };
  }
  /** Those of the frame: what a called function has overwritten is not known. */
  private registers(frame: number): Dap.Variable[] {
    const { registers, sp, pc } = views.stack.of(this.program, {}).frames[frame];
    const named = [...registers.map((value, i) => [`x${i}`, value] as const), ['sp', sp] as const, ['pc', pc] as const];
    return named.map(([name, value]) => ({ name, value: value ?? '<not saved>', evaluateName: `$${name}`, variablesReference: 0 }));
  }
  /** Of registers in arrays those of the first interrupts. */
  private gic(): Dap.Variable[] {
    const { board } = this.program.machine;
    return board.gic.devices
      .flatMap((device) => deviceRegisters(device, (_, index) => index < MOST_OF_ARRAY))
      .map(({ name, value, text }) => ({ name, value: `${value}  ${text}`, variablesReference: 0 }));
  }

  private setValue(frame: number, path: string, text: string): Dap.SetVariableResponse['body'] {
    const { program, session } = this;
    const number = views.evaluation.of(program, { frame: 0, text });
    const frames = views.stack.of(program, {}).frames;
    const shown = frames[frame] as (typeof frames)[number] | undefined;
    if (shown && shown.at !== program.timeline.at)
      throw new InputError(`this frame is as it was at instant ${shown.at}`, {}, 'go there to change it');
    if (/^(x\d+|sp|pc)$|_EL[0-3]$/i.test(path)) return { value: session.setRegister({ register: path, value: text, replace: true }).value };
    const target = views.evaluation.of(program, { frame, text: path });
    const value = BigInt.asUintN(64, parsed(number.value));
    if (target.address !== null && target.bytes > 0 && target.bytes <= 8) {
      const bytes = Uint8Array.from({ length: target.bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
      this.memory.write(session, BigInt(target.address), bytes);
    } else if (target.register !== null && target.register < 32 && frame === 0)
      session.setRegister({ register: target.register === 31 ? 'sp' : `x${target.register}`, value: hex(value), replace: true });
    else throw new InputError(`${path} cannot be changed: it is neither in memory nor in a register of the running function`);
    return { value: views.evaluation.of(this.program, { frame, text: path }).value };
  }

  set({ variablesReference, name, value }: Dap.SetVariableArguments): Dap.SetVariableResponse['body'] {
    const what = this.references[variablesReference - 1] as VariablesOf | undefined;
    if (!what) throw new InputError('this variable is of an instant that is not shown any more');
    const row =
      what.scope === 'part' || what.scope === 'arguments' || what.scope === 'locals'
        ? views.variables
            .of(this.program, { frame: what.frame, ...(what.of !== undefined && { of: what.of }) })
            .rows.find((one) => one.name === name)
        : undefined;
    return this.setValue(what.frame, row?.path ?? name, value);
  }
  evaluate({ expression, frameId }: Dap.EvaluateArguments): Dap.EvaluateResponse['body'] {
    const frame = frameId === undefined ? 0 : frameId - 1;
    const row = views.evaluation.of(this.program, { frame, text: expression });
    const { value, type, variablesReference, memoryReference } = this.variable(row, frame);
    return {
      result: value,
      variablesReference,
      ...(type !== undefined && { type }),
      ...(memoryReference !== undefined && { memoryReference }),
    };
  }
  dataBreakpointInfo({ name, variablesReference, frameId }: Dap.DataBreakpointInfoArguments): Dap.DataBreakpointInfoResponse['body'] {
    const what = variablesReference === undefined ? undefined : this.references[variablesReference - 1];
    const path =
      what?.of === undefined
        ? name
        : (views.variables.of(this.program, { frame: what.frame, of: what.of }).rows.find((row) => row.name === name)?.path ?? name);
    const row = views.evaluation.of(this.program, { frame: what?.frame ?? (frameId === undefined ? 0 : frameId - 1), text: path });
    if (row.address === null || row.bytes === 0) return { dataId: null, description: `${path} is not in memory` };
    return { dataId: `${row.address},${row.bytes}`, description: path, accessTypes: ['read', 'write', 'readWrite'] };
  }
}

const registersOf = (groups: RegistersView['groups'], title: string): Dap.Variable[] =>
  (groups.find((group) => group.title === title)?.registers ?? []).map(({ name, value, text }) => ({
    name,
    value: text === '' ? value : `${value}  ${text}`,
    variablesReference: 0,
    evaluateName: name,
  }));

/** The number at the beginning of a value's text. */
function parsed(text: string): bigint {
  const digits = /^-?(0x[0-9a-f]+|\d+)/i.exec(text)?.[0];
  if (digits === undefined) throw new InputError(`${text} is no number`);
  return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits);
}
