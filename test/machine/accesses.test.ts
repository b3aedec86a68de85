/** Loads, stores and fetches that are out of the ordinary: tagged addresses, across pages, not aligned, to where nothing is. */
import { PA, VA } from '../../emulator/base/addresses.ts';
import { describe, expect, it } from 'vitest';
import type { CpuEvent } from '../../emulator/cpu/index.ts';
import { assemble } from '../../emulator/isa/index.ts';
import { forSteps, Machine } from '../../emulator/machine/machine.ts';
import { explainWalk } from '../../emulator/mmu/explain.ts';

const CODE = 0x4010_0000;
const TABLES = 0x4020_0000;
const BLOCK = 0x701n;
/** The PCIe window above 512 GiB, which reads as ones; and 1 GiB where nothing is. */
const WINDOW = 0x80_0000_0000n;
const NOTHING = 0x10_0000_0000n;

/** At EL2 with its MMU on: VA 1 GiB is RAM, 2 GiB the PCIe window, 3 GiB nothing; all are Normal memory. */
function prepared(lines: readonly string[], tcr = 0n) {
  const machine = new Machine({ memoryBytes: 4 << 20, gic: 2, el2: true });
  const level1 = new BigUint64Array(512);
  level1[1] = 0x4000_0000n | BLOCK;
  level1[2] = WINDOW | BLOCK;
  level1[3] = NOTHING | BLOCK;
  machine.writePhysical(PA(TABLES), new Uint8Array(level1.buffer));
  const words = Uint32Array.from(lines, (line, i) => assemble(line, BigInt(CODE + 4 * i)));
  machine.writePhysical(PA(CODE), new Uint8Array(words.buffer));
  const { cpu, environment } = machine;
  cpu.set('MAIR_EL2', 0xffn);
  cpu.set('TTBR0_EL2', BigInt(TABLES));
  cpu.set('TCR_EL2', 25n | (2n << 16n) | 0x8080_0000n | tcr);
  cpu.set('SCTLR_EL2', 0x30c5_1835n);
  environment.translationChanged();
  cpu.pc = BigInt(CODE);
  const events: CpuEvent[] = [];
  machine.onEvent.on((event) => events.push(event));
  return { machine, cpu, events };
}

describe('a branch to a tagged address', () => {
  const TBI = 1n << 20n;
  it('leaves the tag behind, at the end of a run too', () => {
    for (const steps of [1, 2]) {
      const { machine, cpu, events } = prepared(['br x1', 'nop', 'nop'], TBI);
      cpu.setX(1, (0x5an << 56n) | BigInt(CODE + 4));
      machine.run(forSteps(steps));
      expect([cpu.pc, events]).toEqual([BigInt(CODE + 4 * steps), []]);
    }
  });
  it('keeps it, and faults, where the top byte is not ignored', () => {
    const { machine, cpu, events } = prepared(['br x1']);
    cpu.setX(1, (0x5an << 56n) | BigInt(CODE + 4));
    machine.run(forSteps(2));
    expect(events).toMatchObject([{ type: 'InstructionAbort', elr: (0x5an << 56n) | BigInt(CODE + 4) }]);
  });
});

describe('an access that is not aligned', () => {
  it('reaches a device as the aligned accesses that it consists of, across pages too', () => {
    const { machine, cpu, events } = prepared(['ldr x0, [x1]', 'ldr x2, [x3]', 'str x0, [x1]']);
    cpu.setX(1, 0x8000_0ffen);
    cpu.setX(3, 0x8000_0003n);
    machine.run(forSteps(3));
    expect([events, cpu.x(0), cpu.x(2)]).toEqual([[], 0xffff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn]);
  });
  it('names the address of the part that aborts', () => {
    const { machine, cpu, events } = prepared(['ldr x0, [x1]']);
    cpu.setX(1, 0xbfff_fffcn);
    machine.run(forSteps(1));
    expect(events).toMatchObject([{ type: 'DataAbort', far: 0xc000_0000n, esr: 0x9600_0010 }]);
  });
});

describe('an instruction whose page is no longer mapped', () => {
  /** A guest whose code stays in the TLB after its own descriptor has been zeroed: the store at `CODE + 4` faults in stage 2. */
  function unmapping() {
    const machine = new Machine({ memoryBytes: 4 << 20, gic: 2, el2: true });
    const [l1, l2, l3, s2] = [0, 1, 2, 3].map((i) => TABLES + i * 0x1000);
    const put = (at: number, ...entries: readonly bigint[]): void =>
      machine.writePhysical(PA(at), new Uint8Array(BigUint64Array.from(entries).buffer));
    put(l1, BigInt(l2) | 3n);
    put(l2, 0n, BigInt(l3) | 3n);
    // VA 0x200000 is the code, 0x202000 the last table itself, 0x203000 an IPA that stage 2 does not map.
    put(l3, BigInt(CODE) | 0x703n, 0n, BigInt(l3) | 0x703n, 0x1c09_0703n);
    put(s2, 0n, 0x4000_07fdn);
    const words = Uint32Array.from(['str xzr, [x2]', 'str w3, [x1]'], (line) => assemble(line, 0n));
    machine.writePhysical(PA(CODE), new Uint8Array(words.buffer));
    const { cpu, environment } = machine;
    for (const [name, value] of [
      ['HCR_EL2', 0x8000_0001n],
      ['VTCR_EL2', 0x8002_0059n],
      ['VTTBR_EL2', BigInt(s2)],
      ['TCR_EL1', 0x2_0019_0019n],
      ['TTBR0_EL1', BigInt(l1)],
      ['MAIR_EL1', 0xffn],
      ['SCTLR_EL1', 0x00c5_0839n],
    ] as const)
      cpu.set(name, value);
    cpu.setLevel(1, 1);
    environment.translationChanged();
    environment.levelChanged();
    cpu.setX(1, 0x20_3000n);
    cpu.setX(2, 0x20_2000n);
    cpu.pc = 0x20_0000n;
    const events: CpuEvent[] = [];
    machine.onEvent.on((event) => events.push(event));
    return { machine, events };
  }

  // ISV, SAS = 2, SRT = 3, WnR, translation fault at level 1: as QEMU reports it.
  it.each([
    ['in one run', (machine: Machine) => machine.run(forSteps(2))],
    ['step by step', (machine: Machine) => [1, 2].forEach(() => machine.run(forSteps(1)))],
    [
      'in front of a stop',
      (machine: Machine) => [1, 2].forEach(() => machine.run({ ...forSteps(9), breakpoints: new Set([VA(0x20_0004n)]), untilEvent: true })),
    ],
  ])('is told in the syndrome, %s', (_, run) => {
    const { machine, events } = unmapping();
    run(machine);
    // The tables have lost the page of the instruction; the TLB still holds it, so that it is fetched all the same.
    expect(explainWalk(machine.mmu, VA(0x20_0004n), { regime: 'el1', el: 1, access: 'x' }).result.ok).toBe(false);
    expect(machine.fetchWord(VA(0x20_0004n), 1)).toBe(assemble('str w3, [x1]', 0n));
    expect(events).toMatchObject([{ type: 'DataAbort', to: 2, esr: 0x9383_0045, far: 0x20_3000n, elr: 0x20_0004n }]);
  });
});
