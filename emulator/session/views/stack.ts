/** The call stack of an instant, the variables of its frames, and what a person asks about them. */
import * as v from 'valibot';
import { InputError } from '../../base/errors.ts';
import { hex, type Hex } from '../../base/hex.ts';
import { evaluateC } from '../../debug/c-expression.ts';
import { hasParts, partsOf, textOf, type TypedValue } from '../../debug/c-value.ts';
import { isMissing } from '../../debug/dwarf-expression.ts';
import { FrameValues } from '../../debug/frame-values.ts';
import { stackOf, type Frame } from '../../debug/stack.ts';
import { typeTitle } from '../../explain/trap-words.ts';
import { evaluate } from '../expression.ts';
import type { Program } from '../program.ts';
import { count, nothing } from '../schemas.ts';
import { view } from '../view.ts';
import type { StackFrame, StackView, ValueRow, ValuesView } from '../views.ts';

export const stack = view(nothing, (program): StackView => ({
  at: program.machine.steps,
  frames: stackOf(program).map(frameView),
}));

const hexOf = (value: bigint | undefined): Hex | null => (value === undefined ? null : hex(value));

function frameView({ at, el, vmid, pc, hasCalled, registers, name, isInlined, line, by, interruptedBy, place }: Frame): StackFrame {
  return {
    at,
    level: el,
    vmid,
    name: name ?? hex(pc),
    pc: hex(pc),
    code: hex(hasCalled ? pc - 4n : pc),
    sp: hexOf(registers[31]),
    registers: Array.from({ length: 31 }, (_, i) => hexOf(registers[i])),
    isInlined,
    ...(line && { file: line.file, line: line.line }),
    ...(line?.source !== undefined && { source: line.source }),
    interruptedBy: interruptedBy ? typeTitle(interruptedBy.type) : null,
    hasVariables: place?.scope !== undefined,
    by,
  };
}

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(1024));

/** Of a frame, by its number in the view `stack`: its arguments and variables, or with `of` the parts of an expression. */
export const variables = view(v.strictObject({ frame: count, of: v.optional(path) }), (program, { frame, of }): ValuesView =>
  inFrame(program, frame, `variables ${of ?? ''}`, (values) => {
    const rows =
      of === undefined
        ? values.list().map(({ name, isArgument, value }) => row(name, name, value, values, isArgument ? 'argument' : 'local'))
        : partsOf(valueOf(program, of, values), of, values).map((part) => row(part.name, part.path, part.value, values, 'part'));
    return { at: program.machine.steps, rows };
  }),
);

/** What an expression of C, or of this program's own language, means in a frame. */
export const evaluation = view(v.strictObject({ frame: count, text: path }), (program, { frame, text }): ValueRow =>
  inFrame(program, frame, `evaluation ${text}`, (values) => row(text, text, valueOf(program, text, values), values, 'part')),
);

/** At the instant that the frame belongs to. */
function inFrame<T>(program: Program, number: number, key: string, look: (values: FrameValues) => T): T {
  const frames = stackOf(program);
  const frame = frames[number] as Frame | undefined;
  if (!frame) throw new InputError(`there is no frame ${number}`, {}, `the stack has ${frames.length}`);
  const values = new FrameValues(program, frames, frame, (name) => evaluate(program, name));
  const { timeline } = program;
  return frame.at === timeline.at ? look(values) : timeline.excursion(frame.at, () => look(values), { key: `${number} ${key}` });
}

/** What C has not and the language of conditions has: `[sp + 8]`, `PSTATE.EL`, `walk(...)`. */
const OWN = /^\s*\[|\b(walk|physical)\(|\bpstate\./i;

/** A name of the program hides that of a register. */
function valueOf(program: Program, text: string, values: FrameValues): TypedValue {
  const own = OWN.test(text) && values.frame.by === 'running' ? evaluate(program, text) : undefined;
  return evaluateC(own === undefined ? text : String(BigInt.asUintN(64, own)), values);
}

function row(name: string, path: string, value: TypedValue, values: FrameValues, kind: ValueRow['kind']): ValueRow {
  const { place, type, bits } = value;
  return {
    name,
    path,
    kind,
    type: type.name,
    value: textOf(value, values),
    hasParts: hasParts(value),
    address: isMissing(place) || place.kind !== 'memory' || bits ? null : hex(place.address),
    bytes: type.bytes ?? 0,
    register: !isMissing(place) && place.kind === 'bytes' && place.register !== undefined && !place.from && !bits ? place.register : null,
  };
}
