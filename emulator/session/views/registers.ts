import { hex } from '../../base/hex.ts';
import { peekRegister, systemRegisterTable } from '../../cpu/index.ts';
import { decodedRegister } from '../../explain/decoded-register.ts';
import { registerWords } from '../../explain/register-words.ts';
import { watchableRegister } from '../../machine/watches.ts';
import type { Program } from '../program.ts';
import type { Session } from '../session.ts';
import type { RegisterGroup, RegistersView, Views } from '../views.ts';

/** All registers in groups; those that the step before this instant wrote are marked. */
export function registersView(session: Session, { only }: Views['registers']['params']): RegistersView {
  const program = session.needProgram();
  const read = only ? general : values;
  const now = read(program);
  const before = valuesBefore(session, program, read);
  const groups = [...now].map(([title, registers]): RegisterGroup => ({
    title,
    registers: registers.map(({ name, value }) => {
      const old = before?.get(title)?.find((register) => register.name === name)?.value;
      const isSystem = title !== 'General';
      return {
        name,
        value: hex(value),
        text: isSystem ? registerWords(name, value, program.names) : (program.names.symbol(value) ?? ''),
        changed: old !== undefined && old !== value,
        writable: watchableRegister(name) !== undefined,
        ...(old !== undefined && old !== value ? { before: hex(old) } : {}),
        ...(isSystem ? { decoded: decodedRegister(name, value) } : {}),
      };
    }),
  }));
  return { at: program.machine.steps, groups };
}

type Values = Map<string, { readonly name: string; readonly value: bigint }[]>;

/** Group titles by the level in a register's name. */
const groupOf = (name: string): string =>
  name.endsWith('_EL2') ? 'EL2' : name.endsWith('_EL1') ? 'EL1' : name.endsWith('_EL0') ? 'EL0' : 'Other';

function general({ machine: { cpu } }: Program): Values {
  const registers = Array.from({ length: 31 }, (_, i) => ({ name: `x${i}`, value: cpu.x(i) }));
  return new Map([['General', [...registers, { name: 'sp', value: cpu.sp }, { name: 'pc', value: cpu.pc }]]]);
}

function values(program: Program): Values {
  const { cpu, environment } = program.machine;
  const groups = general(program);
  for (const title of ['EL2', 'EL1', 'EL0', 'Other']) groups.set(title, []);
  for (const { name } of systemRegisterTable) {
    const value = peekRegister(cpu, environment, name);
    if (value !== undefined) groups.get(groupOf(name))!.push({ name, value });
  }
  return groups;
}

/** The registers one step earlier, while nothing runs: each view of a running machine would cost a journey. */
function valuesBefore(session: Session, program: Program, read: typeof values): Values | undefined {
  const { timeline } = program;
  return timeline.at > 0 && !session.isRunning ? timeline.excursion(timeline.at - 1, () => read(program)) : undefined;
}
