import { VA } from '../../base/addresses.ts';
import * as v from 'valibot';
import { wideHex } from '../../base/hex.ts';
import { findRegister, peekRegister, systemRegisterTable } from '../../cpu/index.ts';
import { decodedRegister } from '../../explain/decoded-register.ts';
import { registerWords } from '../../explain/register-words.ts';
import { changeableRegister } from '../../machine/changeable.ts';
import { watchableRegister } from '../../machine/watches.ts';
import type { Program } from '../program.ts';
import { atRest, view } from '../view.ts';
import type { RegisterGroup, RegistersView } from '../views.ts';

/** `only`: the general registers alone, a small part of the whole; then no system register is looked at for `telling` either. */
const params = v.strictObject({ only: v.optional(v.literal('General')) });

/** All registers in groups; those that the step before this instant wrote are marked, and those that a person changed. */
export const registers = view(params, (program, { only }, { isRunning } = atRest): RegistersView => {
  const { machine, timeline } = program;
  const names = program.names.of(machine.cpu.el);
  const read = only ? general : values;
  const now = read(program);
  const before = isRunning ? undefined : valuesBefore(program, read);
  const byHand = new Set(timeline.inputs.changesAt(timeline.at).flatMap((change) => (change.kind === 'change' ? [change.register] : [])));
  const groups = [...now].map(([title, registers]): RegisterGroup => ({
    title,
    registers: registers.map(({ name, value }) => {
      const old = before?.get(title)?.find((register) => register.name === name)?.value;
      const isSystem = findRegister(name) !== undefined;
      const changeable = changeableRegister(machine, name);
      return {
        name,
        value: wideHex(value),
        text: isSystem ? registerWords(name, value, program) : title === 'General' ? (names.symbol(VA(value)) ?? '') : '',
        changed: old !== undefined && old !== value,
        byHand: byHand.has(name),
        writable: watchableRegister(name) !== undefined,
        ...(changeable && { changeable: wideHex(changeable.bits) }),
        ...(old !== undefined && old !== value ? { before: wideHex(old) } : {}),
        ...(isSystem ? { decoded: decodedRegister(name, value, (other) => machine.cpu.get(other)) } : {}),
      };
    }),
  }));
  return { at: machine.steps, groups, telling: telling(program, groups) };
});

/**
 * The register that tells most: after an exception its syndrome, after a return the PSTATE that it restored, after another step the first
 * system register that it wrote, else HCR_EL2. Registers that are computed when they are read change by themselves.
 */
function telling({ machine, timeline }: Program, groups: readonly RegisterGroup[]): string {
  const index = timeline.traps.indexOfStep(timeline.at - 1);
  const event = index === undefined ? undefined : timeline.traps.get(index);
  if (event?.kind === 'exception' && event.esr !== null) return `ESR_EL${event.to}`;
  if (event?.kind === 'return') return `SPSR_EL${event.from}`;
  const system = groups.slice(1).flatMap(({ registers }) => registers);
  const written = system.find((register) => (register.changed || register.byHand) && isKept(register));
  return written?.name ?? (machine.options.el2 ? 'HCR_EL2' : 'SCTLR_EL1');
}

const isKept = ({ name, changeable }: RegisterGroup['registers'][number]): boolean =>
  changeable !== undefined && findRegister(name)?.stored !== undefined;

type Values = Map<string, { readonly name: string; readonly value: bigint }[]>;

const VECTORS = 'Floating point and SIMD';
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
  groups.set(VECTORS, [
    ...Array.from({ length: 32 }, (_, i) => ({ name: `v${i}`, value: cpu.v(i) })),
    { name: 'FPCR', value: BigInt(cpu.fpcr) },
    { name: 'FPSR', value: BigInt(cpu.fpsr) },
  ]);
  for (const title of ['EL2', 'EL1', 'EL0', 'Other']) groups.set(title, []);
  for (const { name } of systemRegisterTable) {
    const value = peekRegister(cpu, environment, name);
    if (value !== undefined && name !== 'FPCR' && name !== 'FPSR') groups.get(groupOf(name))!.push({ name, value });
  }
  return groups;
}

/** The registers one step earlier. */
function valuesBefore(program: Program, read: typeof values): Values | undefined {
  const { timeline } = program;
  return timeline.at > timeline.first ? timeline.excursion(timeline.at - 1, () => read(program), { key: read }) : undefined;
}
