/** What a stub calls the registers, in the architecture's spelling. */
import { findRegisterTyped } from '../../cpu/index.ts';
import type { StubRegister } from './target-description.ts';

/** PSTATE is called as in AArch32. */
const others: Readonly<Record<string, string>> = { cpsr: 'PSTATE' };
const isGeneral = (name: string): boolean => /^(x([12]?\d|30)|v([12]?\d|3[01])|sp|pc|fpcr|fpsr)$/.test(name);

/**
 * The name of a register as snapshots have it; undefined for what a machine does not keep. QEMU leaves out `_EL1` where AArch32 has the same
 * register, and writes SPSR_abt in capitals.
 */
export function architectureName(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (isGeneral(lower)) return lower;
  if (others[lower] !== undefined) return others[lower];
  return (findRegisterTyped(lower) ?? findRegisterTyped(`${lower}_el1`))?.stored;
}

/** The registers that make the state of a CPU, each once. */
export function stateRegisters(registers: readonly StubRegister[]): ReadonlyMap<string, StubRegister> {
  const found = new Map<string, StubRegister>();
  for (const register of registers) {
    const name = architectureName(register.name);
    if (name !== undefined && !found.has(name)) found.set(name, register);
  }
  return found;
}
