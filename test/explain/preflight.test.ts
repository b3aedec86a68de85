/** What is said of an ERET before it runs is what it then does. */
import { PA } from '../../emulator/base/addresses.ts';
import { describe, expect, test } from 'vitest';
import type { CpuEvent, StoredRegister } from '../../emulator/cpu/index.ts';
import { daifText, flagsText } from '../../emulator/cpu/sub-steps.ts';
import { preflight } from '../../emulator/explain/preflight.ts';
import type { Preflight } from '../../emulator/explain/views.ts';
import { forSteps } from '../../emulator/machine/machine.ts';
import { Choices } from '../isa/choices.ts';
import { stand, subjectOf, write } from './subjects.ts';

const RW = 1n << 31n;
const TGE = 1n << 27n;
const LANDING = 0x4009_0000;

/** A machine in front of ERET at CODE, with NOPs where it lands; `at` sets it up anew each time. */
function returning(el2 = true) {
  const subject = subjectOf(['eret'], { el2 });
  const { machine } = subject;
  write(machine, LANDING, Array<string>(8).fill('nop'));
  // A stage 2 that maps 0x40000000 on, and nothing else.
  machine.writePhysical(PA(0x4010_0000), new Uint8Array(new BigUint64Array([0n, 0x4000_07fdn]).buffer));
  const fresh = machine.saveState();
  const events: CpuEvent[] = [];
  machine.onEvent.on((event) => events.push(event));
  const at = (from: 1 | 2, spsel: 0 | 1, registers: Partial<Record<StoredRegister, bigint>>): Preflight | null => {
    machine.loadState(fresh);
    stand(machine, from, spsel, registers);
    events.length = 0;
    const told = preflight(subject);
    machine.run(forSteps(1));
    return told;
  };
  return { subject, machine, events, at };
}

const check = (told: Preflight, title: string) => told.checks.find((one) => one.title === title);

describe('the verdict before an ERET is what it does', () => {
  test.each([
    ['with EL2', true],
    ['without EL2', false],
  ])('for every SPSR.M, HCR_EL2.RW, HCR_EL2.TGE and level %s', (_name, el2) => {
    const { machine, events, at } = returning(el2);
    const { cpu } = machine;
    for (const from of el2 ? ([1, 2] as const) : ([1] as const))
      for (const hcr of el2 ? [0n, RW, TGE, RW | TGE] : [RW])
        for (let mode = 0n; mode < 32n; mode++) {
          const registers = { [`SPSR_EL${from}`]: 0x3c0n | mode, [`ELR_EL${from}`]: BigInt(LANDING), HCR_EL2: hcr };
          const told = at(from, 1, registers)!;
          const what = `EL${from}, M = ${mode}, HCR_EL2 = ${hcr}`;
          if (machine.stop) {
            expect(machine.stop, what).toMatchObject({ kind: 'not-built' });
            expect(
              told.checks.map(({ title, verdict }) => [title, verdict]),
              what,
            ).toEqual([['Goes to', 'error']]);
            expect(told.checks[0].text).toContain('it stops here');
            continue;
          }
          expect(told.to, what).toBe(events[0].kind === 'return' ? cpu.el : null);
          expect([told.pstate.sp, told.pstate.il, told.lands.place.address], what).toEqual([
            cpu.spsel,
            cpu.il === 1,
            `0x${cpu.pc.toString(16)}`,
          ]);
          expect(told.rule).toEqual(events[0].kind !== 'psci' && events[0].rule);
          if (told.to !== null) expect(check(told, 'Stack')!.text).toContain(`SP_EL${cpu.spsel ? cpu.el : 0}`);
          else expect(cpu.el).toBe(from);
          if (!el2) expect(JSON.stringify(told)).not.toMatch(/HCR_EL2|VBAR_EL2|Stage 2/);
        }
  });

  test('and so are PSTATE, PC and what comes next, for random registers', () => {
    const { machine, events, at } = returning();
    const { cpu } = machine;
    const choose = new Choices(8);
    const seen = new Set<string>();
    for (let i = 0; i < 700; i++) {
      const from = choose.of([1, 2] as const);
      const mode = choose.of([0n, 0n, 4n, 5n, 5n, 8n, 9n, choose.bits(5) & 15n]);
      const elr = choose.of([LANDING, LANDING, LANDING, LANDING + 2, 0x0900_0000, 0x80_0000_0000]);
      const registers = {
        [`SPSR_EL${from}`]: (choose.bits(4) << 28n) | choose.some((1n << 21n) | (choose.once(3) ? 1n << 20n : 0n) | 0x3c0n) | mode,
        [`ELR_EL${from}`]: BigInt(elr) | (choose.once(4) ? choose.bits(8) << 56n : 0n),
        HCR_EL2: RW | choose.some(0x38n) | (choose.once(3) ? choose.some(0x1c0n) : 0n) | (choose.once(3) ? 1n : 0n),
        VTTBR_EL2: 0x4010_0000n,
        VTCR_EL2: 0x8002_3559n,
        TCR_EL1: choose.some(3n << 37n),
        TCR_EL2: choose.some(1n << 20n),
        MDSCR_EL1: choose.some(0x2001n),
        OSLSR_EL1: choose.once(3) ? 0xan : 8n,
        MDCR_EL2: choose.some(0x100n),
        VBAR_EL1: 0x4020_0000n,
        VBAR_EL2: 0x4021_0000n,
      };
      const told = at(from, choose.of([0, 1] as const), registers);
      const [first] = events;
      // Nothing is said of an ERET that does not run, because an exception comes first.
      expect(told === null, first.kind).toBe(first.kind === 'exception');
      if (!told) continue;
      const { daif, nzcv, il, ss, sp } = told.pstate;
      expect([daif, nzcv, il, ss, sp]).toEqual([daifText(cpu.daif), flagsText(cpu.nzcv), cpu.il === 1, cpu.ss === 1, cpu.spsel]);
      expect(told.lands.place.address).toBe(`0x${cpu.pc.toString(16)}`);
      const expected = nextSaid(told);
      const spsrAndSlot = cpu.spsel;
      const level = cpu.el;
      machine.run(forSteps(1));
      const event = events.at(1);
      const happened = event?.kind === 'exception' ? event.type : 'nothing';
      expect(happened, JSON.stringify(told.checks)).toBe(expected);
      seen.add(expected);
      if (event?.kind !== 'exception') continue;
      // The vector told for the level that took it.
      const title = event.to === 2 && level < 2 && !(level === 0 && check(told, 'Traps to EL2') === undefined) ? 'Traps to EL2' : 'Vectors';
      const group = BigInt(check(told, title)!.value);
      expect(event.pc & ~0x1ffn, `${title} ${level} ${spsrAndSlot}`).toBe(group);
    }
    expect([...seen].sort()).toEqual(['IllegalState', 'InstructionAbort', 'PCAlignment', 'Step', 'nothing', 'vFIQ', 'vIRQ', 'vSError']);
  });
});

/** The event that the checks say comes instead of the first instruction. */
function nextSaid(told: Preflight): string {
  const pending = /; an? (\w+)(?: \(INTID \d+\))? is pending and is taken before the first instruction/.exec(
    check(told, 'Interrupts')!.text,
  );
  if (pending) return pending[1];
  if (check(told, 'Step')?.text.includes('before the first instruction')) return 'Step';
  const pc = check(told, 'PC')!;
  if (pc.verdict === 'error') return pc.text.includes('PC alignment') ? 'PCAlignment' : 'InstructionAbort';
  return told.pstate.il ? 'IllegalState' : 'nothing';
}
