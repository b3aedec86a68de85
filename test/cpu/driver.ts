/**
 * One CPU on its own, for tests about exceptions and registers: it stands at a level, executes instructions written in assembly, and tells
 * what happened. What a test does not mention must stay unchanged: see `changes`.
 */
import { assemble } from '../../emulator/isa/index.ts';
import {
  CPU_BLOCK,
  cpuLayout,
  storedRegisters,
  systemOffset,
  type CpuEvent,
  type ExceptionEvent,
  type ExceptionLevel,
  type ReturnEvent,
  type StoredRegister,
} from '../../emulator/cpu/index.ts';
import { BareCpu } from '../../emulator/cpu/verify/bare-cpu.ts';

export const PC = 0x4010_0000n;

export class TestCpu extends BareCpu {
  /** Sets registers by name and stands at PC in level `el`. */
  prepare(el: ExceptionLevel, registers: Partial<Record<StoredRegister, bigint>> = {}): this {
    this.stand(el, PC);
    for (const [name, value] of Object.entries(registers)) {
      const stack = /^SP_EL(\d)$/.exec(name);
      if (stack) this.cpu.setStackPointer(Number(stack[1]) as ExceptionLevel, value);
      else this.cpu.set(name as StoredRegister, value);
    }
    this.events.length = 0;
    return this;
  }

  /** Executes one instruction given as text; returns the event that it made, if any. */
  run(text: string): CpuEvent | undefined {
    const before = this.events.length;
    if (!this.execute(assemble(text, this.cpu.pc))) throw new Error(`only generated code executes ${text}`);
    if (this.events.length > before + 1) throw new Error(`${text} made more than one event`);
    return this.events[before];
  }
  exception(text: string): ExceptionEvent {
    const event = this.run(text);
    if (event?.kind !== 'exception') throw new Error(`${text} took no exception`);
    return event;
  }
  returned(): ReturnEvent {
    const event = this.run('eret');
    if (event?.kind !== 'return' && event?.kind !== 'illegal-return') throw new Error('eret did not return');
    return event;
  }

  /** What `act` changes in the CPU's block, by name: `PC`, `X3`, `SPSR_EL2`, `PSTATE.EL` ... */
  changes(act: () => void): Record<string, bigint> {
    const before = this.cpu.bytes.slice();
    act();
    const changed: Record<string, bigint> = {};
    for (let offset = 0; offset < CPU_BLOCK; offset += 4) {
      const [name, start, size] = placeOf(offset);
      const now = new DataView(this.cpu.bytes.buffer, this.cpu.bytes.byteOffset + start, size);
      const old = new DataView(before.buffer, start, size);
      const read = (view: DataView): bigint => (size === 4 ? BigInt(view.getUint32(0, true)) : view.getBigUint64(0, true));
      if (read(now) !== read(old)) changed[name] = read(now);
    }
    return changed;
  }
}

const single: Readonly<Record<number, string>> = {
  [cpuLayout.el]: 'PSTATE.EL',
  [cpuLayout.spsel]: 'PSTATE.SP',
  [cpuLayout.daif]: 'PSTATE.DAIF',
  [cpuLayout.il]: 'PSTATE.IL',
  [cpuLayout.ss]: 'PSTATE.SS',
  [cpuLayout.waiting]: 'waiting',
  [cpuLayout.exclusiveBytes]: 'exclusive',
  [cpuLayout.event]: 'event',
  [cpuLayout.fpcr]: 'FPCR',
  [cpuLayout.fpsr]: 'FPSR',
};
const system = new Map(storedRegisters.map((name) => [systemOffset(name), name]));

function placeOf(offset: number): [name: string, start: number, size: 4 | 8] {
  const start = offset & ~7;
  if (start < 248) return [`X${start >> 3}`, start, 8];
  if (start === 248) return ['SP', start, 8];
  if (start === cpuLayout.pc) return ['PC', start, 8];
  const name = system.get(start);
  if (name) return [name, start, 8];
  return [single[offset] ?? `+${offset}`, offset, 4];
}
