/** Software steps, breakpoints, watchpoints and what comes before an instruction, on the whole machine. Programs run at EL1 with the MMU off. */
import { PA, VA } from '../../emulator/base/addresses.ts';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../emulator/isa/index.ts';
import { forSteps, Machine } from '../../emulator/machine/machine.ts';
import type { CpuEvent, ExceptionEvent, StoredRegister } from '../../emulator/cpu/index.ts';

const CODE = 0x4010_0000;
const VECTORS = 0x4011_0000;
const SS = 1n << 21n;
const D_CLEAR = 7n << 6n;

function prepared(lines: readonly string[], registers: Partial<Record<StoredRegister, bigint>>) {
  const machine = new Machine({ memoryBytes: 4 << 20, gic: 2, el2: true });
  const write = (at: number, text: readonly string[]): void => {
    const words = Uint32Array.from(text, (line, i) => assemble(line, BigInt(at + 4 * i)));
    machine.writePhysical(PA(at), new Uint8Array(words.buffer));
  };
  write(CODE, lines);
  const { cpu } = machine;
  const common = { HCR_EL2: 1n << 31n, OSLSR_EL1: 8n, VBAR_EL1: BigInt(VECTORS), VBAR_EL2: BigInt(VECTORS), ELR_EL2: BigInt(CODE) };
  for (const [name, value] of Object.entries({ ...common, ...registers })) cpu.set(name as StoredRegister, value);
  const events: CpuEvent[] = [];
  machine.onEvent.on((event) => events.push(event));
  // The return to the program.
  write(VECTORS + 0x1000, ['eret']);
  cpu.pc = BigInt(VECTORS + 0x1000);
  machine.run(forSteps(1));
  events.length = 0;
  return { machine, cpu, events, write };
}
const exceptionsOf = (events: readonly CpuEvent[]): string[] =>
  events
    .filter((event): event is ExceptionEvent => event.kind === 'exception')
    .map(({ type, elr, n }) => `${type} ${Number(elr) - CODE} ${n}`);

/** MDSCR_EL1.SS, with debug exceptions going to EL2 from EL1. */
const stepping = { MDSCR_EL1: 1n, MDCR_EL2: 0x100n, SPSR_EL2: SS | 5n };

describe('a software step', () => {
  it('runs one instruction, and its exception takes no time', () => {
    const { machine, cpu, events } = prepared(['mov x0, #1', 'mov x1, #2'], stepping);
    const { ns } = machine;
    machine.run(forSteps(1));
    expect([cpu.x(0), cpu.el, machine.ns - ns]).toEqual([1n, 1, 1]);
    machine.run(forSteps(1));
    expect([cpu.x(1), cpu.el, machine.ns - ns]).toEqual([0n, 2, 1]);
    expect(exceptionsOf(events)).toEqual(['Step 4 2']);
  });

  it('ends WFI, which does not wait', () => {
    const { machine, cpu, events } = prepared(['wfi'], stepping);
    machine.run(forSteps(2));
    expect(cpu.waiting).toBe(false);
    expect(exceptionsOf(events)).toEqual(['Step 4 2']);
  });

  it('stays to come where the instruction took another exception, and follows it at once', () => {
    const { machine, events } = prepared(['svc #0'], stepping);
    machine.run(forSteps(2));
    const [svc, step] = events as ExceptionEvent[];
    expect([svc.type, svc.spsr & Number(SS), step.type, step.esr, step.elr]).toEqual([
      'SVC',
      0,
      'Step',
      0xca00_0022,
      BigInt(VECTORS + 0x200),
    ]);
  });

  it('sees the call of the firmware as done, by an exception return', () => {
    const { machine, cpu, events } = prepared(['smc #0'], stepping);
    cpu.setX(0, 0x8400_0000n);
    machine.run(forSteps(2));
    expect([cpu.x(0), events.at(-1)]).toMatchObject([0x1_0001n, { type: 'Step', esr: 0xca00_0022, elr: BigInt(CODE + 4) }]);
  });

  it('is the same however the run is cut', () => {
    const program = ['add x0, x0, #1', 'ldxr x1, [x2]', 'b 0x40100000'];
    const hashes = [1, 7, 1000].map((slice) => {
      const { machine, cpu, write } = prepared(program, { ...stepping, VBAR_EL2: BigInt(VECTORS) });
      cpu.setX(2, BigInt(CODE + 0x800));
      write(VECTORS + 0x400, ['mrs x3, spsr_el2', 'orr x3, x3, #0x200000', 'msr spsr_el2, x3', 'eret']);
      while (machine.steps < 1001) machine.run(forSteps(Math.min(slice, 1001 - machine.steps)));
      expect(cpu.x(0)).toBeGreaterThan(50n);
      return machine.stateHash();
    });
    expect(new Set(hashes).size).toBe(1);
  });
});

describe('a breakpoint of the guest', () => {
  const control = { MDSCR_EL1: 0x8000n, MDCR_EL2: 0x100n, SPSR_EL2: 5n, DBGBCR0_EL1: 0x1e3n, DBGBVR0_EL1: BigInt(CODE + 8) };

  it('is taken in front of its instruction, in code that has run before too', () => {
    const { machine, cpu, events } = prepared(['add x0, x0, #1', 'cbnz x1, 0x4010000c', 'nop', 'sub x1, x1, #1', 'b 0x40100000'], control);
    cpu.setX(1, 3n);
    machine.run(forSteps(100));
    expect([cpu.x(0), exceptionsOf(events)[0]]).toEqual([4n, 'Breakpoint 8 15']);
  });

  it('follows the context it is linked to', () => {
    const registers = { ...control, DBGBCR0_EL1: 0x1e3n | (1n << 20n) | (4n << 16n), DBGBCR4_EL1: (3n << 20n) | 1n, DBGBVR4_EL1: 7n };
    const program = ['nop', 'nop', 'add x0, x0, #1', 'msr contextidr_el1, x1', 'b 0x40100000'];
    const { machine, cpu, events } = prepared(program, registers);
    cpu.setX(1, 7n);
    machine.run(forSteps(8));
    expect([cpu.x(0), exceptionsOf(events)[0]]).toEqual([1n, 'Breakpoint 8 8']);
  });

  it('that compares only the context fires as soon as it is entered', () => {
    const registers = { ...control, DBGBCR0_EL1: 0n, DBGBCR4_EL1: (2n << 20n) | 3n, DBGBVR4_EL1: 7n };
    const { machine, cpu, events } = prepared(['nop', 'msr contextidr_el1, x1', 'nop'], registers);
    cpu.setX(1, 7n);
    machine.run(forSteps(3));
    expect(exceptionsOf(events)).toEqual(['Breakpoint 8 3']);
  });

  it('stays where somebody who looks on has one as well', () => {
    const { machine, events } = prepared(['nop', 'nop', 'nop', 'nop'], control);
    const breakpoints = new Set([VA(BigInt(CODE + 4))]);
    expect(machine.run({ ...forSteps(100), breakpoints })).toBe('breakpoint');
    machine.run({ ...forSteps(2), breakpoints });
    expect(exceptionsOf(events)).toEqual(['Breakpoint 8 3']);
  });
});

describe('a watchpoint of the guest', () => {
  const DATA = 0x4010_0800n;
  const [E, EL1, LOADS, STORES] = [1n, 1n << 1n, 1n << 3n, 1n << 4n];
  const bytes = (BAS: bigint): bigint => BAS << 5n;
  /** Runs an access at EL1, debug exceptions going to EL2; x1 is `address`. */
  const accessed = (line: string, address: bigint, registers: Partial<Record<StoredRegister, bigint>>) => {
    const own = { MDSCR_EL1: 0x8000n, MDCR_EL2: 0x100n, SPSR_EL2: 5n, DBGWVR0_EL1: DATA, ...registers };
    const { machine, cpu, events } = prepared([line, line], own);
    machine.environment.debugChanged();
    cpu.setX(1, address);
    cpu.setX(0, 7n);
    machine.run(forSteps(1));
    return events[0] as ExceptionEvent | undefined;
  };
  const word = { DBGWCR0_EL1: E | EL1 | STORES | bytes(0xfn) };

  it('is taken instead of the store that it names, with the address of the first byte watched', () => {
    expect(accessed('str w0, [x1]', DATA, word)).toMatchObject({
      type: 'Watchpoint',
      to: 2,
      esr: 0xd200_0062,
      far: DATA,
      elr: BigInt(CODE),
    });
    expect(accessed('stp x0, x2, [x1]', DATA - 8n, word)).toMatchObject({ far: DATA });
    expect(accessed('str w0, [x1]', DATA + 4n, word)).toBeUndefined();
    expect(accessed('ldr w0, [x1]', DATA, word)).toBeUndefined();
    expect(accessed('ldr w0, [x1]', DATA, { DBGWCR0_EL1: E | EL1 | LOADS | bytes(0xfn) })).toMatchObject({ esr: 0xd200_0022 });
  });

  it('watches the bytes of BAS, or 2^MASK of them', () => {
    const middle = { DBGWCR0_EL1: E | EL1 | LOADS | bytes(0x3cn) };
    const hits = [0, 1, 2, 3, 4, 5, 6, 7].filter((at) => accessed('ldrb w0, [x1]', DATA + BigInt(at), middle));
    expect(hits).toEqual([2, 3, 4, 5]);
    const upper = { DBGWVR0_EL1: DATA + 4n, DBGWCR0_EL1: E | EL1 | LOADS | bytes(0xf1n) };
    expect([3, 4, 5].filter((at) => accessed('ldrb w0, [x1]', DATA + BigInt(at), upper))).toEqual([4]);
    const all = { DBGWCR0_EL1: E | EL1 | LOADS | bytes(0xffn) | (6n << 24n) };
    expect([-1, 0, 63, 64].filter((at) => accessed('ldrb w0, [x1]', DATA + BigInt(at), all))).toEqual([0, 63]);
    expect(accessed('ldrb w0, [x1]', DATA, { DBGWCR0_EL1: E | EL1 | LOADS | bytes(0xffn) | (2n << 24n) })).toBeUndefined();
  });

  it('sees unprivileged accesses as those of EL0, and follows a linked context', () => {
    const el0 = { DBGWCR0_EL1: E | (2n << 1n) | LOADS | bytes(0xffn) };
    expect(accessed('ldtr x0, [x1]', DATA, el0)?.type).toBe('Watchpoint');
    expect(accessed('ldr x0, [x1]', DATA, el0)).toBeUndefined();
    const linked = {
      DBGWCR0_EL1: E | EL1 | LOADS | bytes(0xffn) | (1n << 20n) | (5n << 16n),
      DBGBCR5_EL1: (3n << 20n) | E,
      DBGBVR5_EL1: 9n,
    };
    expect(accessed('ldr x0, [x1]', DATA, { ...linked, CONTEXTIDR_EL1: 9n })?.type).toBe('Watchpoint');
    expect(accessed('ldr x0, [x1]', DATA, { ...linked, CONTEXTIDR_EL1: 8n })).toBeUndefined();
  });

  it('is seen on a page that was in use before, and leaves no trace when it is off', () => {
    const lines = ['str x0, [x1]', 'msr dbgwcr0_el1, x2', 'str x0, [x1]', 'msr dbgwcr0_el1, xzr', 'str x0, [x1]'];
    const { machine, cpu, events } = prepared(lines, { MDSCR_EL1: 0xa000n, SPSR_EL2: 0x1c5n, DBGWVR0_EL1: DATA });
    cpu.setX(1, DATA);
    cpu.setX(2, word.DBGWCR0_EL1);
    machine.run(forSteps(3));
    expect(events).toMatchObject([{ type: 'Watchpoint', from: 1, to: 1, esr: 0xd600_0062, elr: BigInt(CODE + 8) }]);
    cpu.pc = BigInt(CODE + 12);
    machine.run(forSteps(2));
    expect([events.length, cpu.pc]).toEqual([1, BigInt(CODE + 20)]);
  });
});

it('an instruction that an abort ends takes no time, but a loop of aborts does', () => {
  const { machine, cpu, write } = prepared(['ldr x0, [x1]', 'nop'], { SPSR_EL2: 5n, VBAR_EL1: 1n << 45n });
  cpu.setX(1, 1n << 45n);
  write(VECTORS + 0x200, ['nop']);
  const { ns, steps } = machine;
  machine.run(forSteps(1));
  expect([machine.steps - steps, machine.ns - ns]).toEqual([1, 0]);
  // The vector cannot be fetched, again and again.
  machine.run(forSteps(1000));
  expect([machine.steps - steps, machine.ns - ns]).toEqual([1001, 1000]);
});

it('a fetch that faults comes before the illegal state', () => {
  const misaligned = prepared([], { SPSR_EL2: (1n << 20n) | D_CLEAR | 5n, ELR_EL2: BigInt(CODE + 2) });
  misaligned.machine.run(forSteps(1));
  expect(misaligned.events[0]).toMatchObject({ type: 'PCAlignment', elr: BigInt(CODE + 2) });
  const nowhere = prepared([], { SPSR_EL2: (1n << 20n) | 5n, ELR_EL2: 1n << 45n });
  nowhere.machine.run(forSteps(1));
  expect(nowhere.events[0]).toMatchObject({ type: 'InstructionAbort' });
  const illegal = prepared(['nop'], { SPSR_EL2: (1n << 20n) | 5n });
  illegal.machine.run(forSteps(1));
  expect(illegal.events[0]).toMatchObject({ type: 'IllegalState' });
});
