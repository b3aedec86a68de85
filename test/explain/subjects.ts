/** Machines with a few instructions in them, ready to be explained. */
import { PA } from '../../emulator/base/addresses.ts';
import type { StoredRegister } from '../../emulator/cpu/index.ts';
import type { ProgramNames, Subject } from '../../emulator/explain/subject.ts';
import { assemble } from '../../emulator/isa/index.ts';
import { Machine } from '../../emulator/machine/machine.ts';
import { Timeline } from '../../emulator/time/timeline.ts';

const none = { symbol: () => undefined, line: () => undefined, function: () => undefined };
/** Of a program without symbols. */
export const nameless: ProgramNames = { version: 0, of: () => none, linked: none, met: () => none, physical: () => undefined };

export const CODE = 0x4008_0000;

/** A machine that stands in front of the first of these instructions. Lines that end in ":" name the address of the next one. */
export function subjectOf(lines: readonly string[], { el2 = true } = {}): Subject & { readonly labels: ReadonlyMap<string, bigint> } {
  const machine = new Machine({ memoryBytes: 16 << 20, gic: 2, el2 });
  const labels = new Map<string, bigint>();
  const instructions = lines.filter((line, i) => {
    if (!line.endsWith(':')) return true;
    labels.set(line.slice(0, -1), BigInt(CODE + 4 * (i - labels.size)));
    return false;
  });
  const resolved = instructions.map((line) => line.replace(/=(\w+)/g, (_all, label: string) => `0x${labels.get(label)!.toString(16)}`));
  write(machine, CODE, resolved);
  machine.cpu.pc = BigInt(CODE);
  return { machine, timeline: new Timeline(machine), names: nameless, name: 'test', labels };
}

/** "b ." stays where it is, ".word 0" is that word. */
export function write(machine: Machine, pa: number, lines: readonly string[]): void {
  const words = Uint32Array.from(lines, (line, i) => {
    const at = pa + 4 * i;
    const word = /^\.word (\w+)$/.exec(line)?.[1];
    return word === undefined ? assemble(line.replace(/ \.$/, ` 0x${at.toString(16)}`), BigInt(at)) : Number(word);
  });
  machine.writePhysical(PA(pa), new Uint8Array(words.buffer));
}

/** Sets registers as they stand, at a level, without telling the recording: for one step from here. */
export function stand(machine: Machine, el: 0 | 1 | 2, spsel: 0 | 1, registers: Partial<Record<StoredRegister, bigint>>): void {
  const { cpu } = machine;
  for (const [name, value] of Object.entries(registers)) {
    const stack = /^SP_EL(\d)$/.exec(name);
    if (stack) cpu.setStackPointer(Number(stack[1]) as 0 | 1 | 2, value);
    else cpu.set(name as StoredRegister, value);
  }
  cpu.setLevel(el, spsel);
  machine.environment.translationChanged();
}
