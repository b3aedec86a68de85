/** What registers, their fields and PSTATE hold at an instant. */
import { describeRegister, findRegisterTyped } from '../cpu/index.ts';
import { changeableRegister, registerValue } from '../machine/changeable.ts';
import { watchableRegister } from '../machine/watches.ts';
import { placeOf } from '../explain/subject.ts';
import { VA } from '../base/addresses.ts';
import type { Program } from '../session/program.ts';
import { expectedText, isExpected, numberText, type ExpectedValue, type FoundValue } from './expected.ts';
import { placeText, whoWrote, type Outcome } from './feedback.ts';
import { TaskProblem } from './problem.ts';

/** PSTATE by its fields (Arm ARM D1.4). */
const pstate: Readonly<Record<string, (program: Program) => bigint>> = {
  EL: ({ machine }) => BigInt(machine.cpu.el),
  SP: ({ machine }) => BigInt(machine.cpu.spsel),
  SPSEL: ({ machine }) => BigInt(machine.cpu.spsel),
  IL: ({ machine }) => (machine.cpu.il ? 1n : 0n),
  NZCV: ({ machine }) => BigInt(machine.cpu.nzcv),
  N: ({ machine }) => BigInt((machine.cpu.nzcv >> 3) & 1),
  Z: ({ machine }) => BigInt((machine.cpu.nzcv >> 2) & 1),
  C: ({ machine }) => BigInt((machine.cpu.nzcv >> 1) & 1),
  V: ({ machine }) => BigInt(machine.cpu.nzcv & 1),
  DAIF: ({ machine }) => BigInt(machine.cpu.daif),
  D: ({ machine }) => BigInt((machine.cpu.daif >> 3) & 1),
  A: ({ machine }) => BigInt((machine.cpu.daif >> 2) & 1),
  I: ({ machine }) => BigInt((machine.cpu.daif >> 1) & 1),
  F: ({ machine }) => BigInt(machine.cpu.daif & 1),
};

interface Key {
  readonly register: string;
  readonly field: string | undefined;
}

const isGeneral = (name: string): boolean => /^(x([12]?\d|30)|w([12]?\d|30)|sp|pc|lr)$/i.test(name);

function keyOf(text: string): Key {
  const dot = text.indexOf('.');
  return dot < 0 ? { register: text, field: undefined } : { register: text.slice(0, dot), field: text.slice(dot + 1) };
}

/** Throws TaskProblem for what names no register, or a field that the register never has. */
export function checkRegisterKey(text: string): void {
  const { register, field } = keyOf(text);
  if (register.toUpperCase() === 'PSTATE') {
    if (field !== undefined && Object.hasOwn(pstate, field.toUpperCase())) return;
    throw new TaskProblem(`${text} is no part of PSTATE`, `expected PSTATE with one of ${Object.keys(pstate).join(', ')}`);
  }
  if (isGeneral(register) && field === undefined) return;
  const known = findRegisterTyped(register);
  if (!known)
    throw new TaskProblem(
      `${text} names no register`,
      'expected pc, sp, x0, PSTATE.EL, a system register such as HCR_EL2, or its field: HCR_EL2.RW',
    );
  // Which fields a syndrome has depends on its class.
  if (field === undefined || /^(ESR|PAR|SPSR)_/i.test(known.name)) return;
  const fields = describeRegister(known.name, 0n)?.fields ?? [];
  if (!fields.some(({ name }) => name.toLowerCase() === field.toLowerCase()))
    throw new TaskProblem(`${known.name} has no field ${field}`, `expected one of ${fields.map(({ name }) => name).join(', ')}`);
}

interface Found extends FoundValue {
  /** The register as the machine calls it; none for PSTATE. */
  readonly register?: string;
}

/** What is there at the instant of the machine; a sentence where there is no such field now. */
function valueAt(program: Program, { register, field }: Key): Found | string {
  const { machine } = program;
  if (register.toUpperCase() === 'PSTATE') {
    const value = pstate[field!.toUpperCase()](program);
    return field!.toUpperCase() === 'EL' ? { value, words: `EL${value}` } : { value };
  }
  if (isGeneral(register)) {
    const low = register.toLowerCase();
    const name = low === 'lr' ? 'x30' : low.replace(/^w/, 'x');
    const value = registerValue(machine, changeableRegister(machine, name)?.name ?? name);
    return { register: name, value: low.startsWith('w') ? BigInt.asUintN(32, value) : value };
  }
  const { name } = findRegisterTyped(register)!;
  const value = registerValue(machine, name);
  if (field === undefined) return { register: name, value };
  const fields = describeRegister(name, value, (other) => machine.cpu.get(other))?.fields ?? [];
  const found = fields.find((one) => one.name.toLowerCase() === field.toLowerCase());
  if (!found) return `${name} has no field ${field} at this instant: it has ${fields.map((one) => one.name).join(', ') || 'none'}`;
  return { register: name, value: found.value, words: found.text };
}

export function registerOutcome(program: Program, key: string, expected: ExpectedValue): Outcome {
  const { timeline, names, machine } = program;
  const parts = keyOf(key);
  const found = valueAt(program, parts);
  const common = { what: key, at: timeline.at, expected: expectedText(expected), ...(parts.field !== undefined && { field: parts.field }) };
  if (typeof found === 'string') return { ...common, passed: false, text: `${found}.` };
  const holds = isExpected(program, expected, found);
  const { register, value, words } = found;
  const said = `${numberText(value)}${words ? ` (${words})` : ''}`;
  const outcome = { ...common, found: said, ...(register !== undefined && { register }) };
  if (holds === true) return { ...outcome, passed: true, text: '' };
  if (holds !== false) return { ...outcome, passed: false, text: `${holds}.` };
  const here = placeText(placeOf(names.of(machine.cpu.el), machine.cpu.pc));
  const what = `${key} is ${said} at instant ${timeline.at}, before ${here}; expected ${expectedText(expected)}.`;
  if (register === undefined || watchableRegister(register) === undefined) return { ...outcome, passed: false, text: what };
  const { sentence, ...by } = whoWrote(program, { register });
  const pointed = register === 'pc' ? ` It points to ${placeText(placeOf(names.of(machine.cpu.el), VA(value)))}.` : '';
  return { ...outcome, ...by, passed: false, text: `${what} ${register === 'pc' ? pointed.trim() : sentence}` };
}
