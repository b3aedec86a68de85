/** Puts a machine that has not run into the state of a snapshot. The state is somebody else's: what no such machine can have is refused. */
import { InputError } from '../base/errors.ts';
import { findRegister, isAArch32, pmuCount, storedRegisters, unpackSpsr, type CpuState } from '../cpu/index.ts';
import type { Machine } from './machine.ts';
import type { Snapshot } from './snapshot.ts';

const WORD = 0xffff_ffffn;

/** Throws InputError. */
export function adoptSnapshot(machine: Machine, snapshot: Snapshot): void {
  const { clock, board, core, cpu } = machine;
  clock.startAt(snapshot.ns);
  // What the performance monitors count begins here.
  pmuCount(cpu, clock);
  adoptCpu(cpu, snapshot, machine.options.el2);
  for (const { device } of board.telling) device.adopt((name) => snapshot.devices[name]);
  board.systemRegisters?.adopt((name) => snapshot.registers[name]);
  board.uart.adoptReceived(snapshot.received);
  board.timersChanged(0);
  board.pmuChanged(0);
  board.elapse(clock.ns);
  board.gic.distributor.interrupts.unlatchLines();
  cpu.settle();
  if (!cpu.isSound()) throw new InputError('the snapshot has a state that this CPU cannot have');
  // All that is derived from the state follows, as after loading one.
  machine.resume(machine.saveState(), snapshot.pages);
  core.debugChanged();
}

function adoptCpu(cpu: CpuState, { registers, waiting }: Snapshot, el2: boolean): void {
  const of = (name: string): bigint => {
    const value = registers[name];
    if (value === undefined) throw new InputError(`the snapshot has no ${name}`);
    return value;
  };
  const pstate = Number(of('PSTATE') & WORD);
  if (isAArch32(pstate)) throw new InputError('the CPU is in AArch32 state', {}, 'ELscope has AArch64 alone');
  const el = (pstate >>> 2) & 3;
  if (el > (el2 ? 2 : 1)) throw new InputError(`the CPU is at EL${el}`, {}, `this machine has EL0 to EL${el2 ? 2 : 1}`);
  unpackSpsr(cpu, pstate);
  for (const name of storedRegisters) {
    const value = registers[name];
    if (value === undefined) continue;
    const { writable = 0n, reset = 0n } = findRegister(name) ?? {};
    cpu.set(name, BigInt.asUintN(64, writable === 0n ? value : (reset & ~writable) | (value & writable)));
  }
  for (let i = 0; i < 31; i++) cpu.setX(i, BigInt.asUintN(64, of(`x${i}`)));
  for (let i = 0; i < 32; i++) cpu.setV(i, BigInt.asUintN(128, registers[`v${i}`] ?? 0n));
  cpu.sp = BigInt.asUintN(64, of('sp'));
  cpu.pc = BigInt.asUintN(64, of('pc'));
  cpu.fpcr = Number((registers['fpcr'] ?? 0n) & WORD);
  cpu.fpsr = Number((registers['fpsr'] ?? 0n) & WORD);
  cpu.waiting = waiting;
}
