/** Stands in front of a step, asks what is said of it, does it, and holds the one against the other. */
import { PA, VA } from '../../emulator/base/addresses.ts';
import { expect } from 'vitest';
import { join64 } from '../../emulator/base/bits.ts';
import { cpuLayout } from '../../emulator/cpu/layout.ts';
import { storedRegisters, type CpuEvent, type CpuState, type Exception } from '../../emulator/cpu/index.ts';
import { daifText, flagsText } from '../../emulator/cpu/sub-steps.ts';
import { nextAccesses } from '../../emulator/explain/accesses.ts';
import { explainInstruction } from '../../emulator/explain/instruction.ts';
import { outcomeOf } from '../../emulator/explain/outcome.ts';
import { preflight } from '../../emulator/explain/preflight.ts';
import type { Subject } from '../../emulator/explain/subject.ts';
import type { Preflight } from '../../emulator/explain/views.ts';
import { plain } from '../../emulator/explain/words.ts';
import { disassemble, disassemblyText } from '../../emulator/isa/index.ts';
import { forSteps, type Machine } from '../../emulator/machine/machine.ts';
import { psciName } from '../../emulator/machine/psci.ts';
import { explainWalk, type Walk } from '../../emulator/mmu/index.ts';
import { nameless } from './subjects.ts';

/** How many steps of each kind were compared: a proof that compares nothing proves nothing. */
export type Tally = Record<'exceptions' | 'effects' | 'system' | 'stores' | 'walks' | 'refusals' | 'returns' | 'interrupts', number>;
export const newTally = (): Tally => ({
  exceptions: 0,
  effects: 0,
  system: 0,
  stores: 0,
  walks: 0,
  refusals: 0,
  returns: 0,
  interrupts: 0,
});

/** What an instruction can change of the CPU, beside system registers. */
const plainState = (cpu: CpuState) => ({
  registers: Array.from({ length: 32 }, (_, n) => (n === 31 ? cpu.sp : cpu.x(n))),
  vectors: Array.from({ length: 32 }, (_, n) => cpu.v(n)),
  fpsr: cpu.fpsr,
  nzcv: cpu.nzcv,
  daif: cpu.daif,
  el: cpu.el,
  marked: cpu.u32[cpuLayout.exclusiveBytes >> 2],
  markedAddress: cpu.u64[cpuLayout.exclusiveAddress >> 3],
  pc: cpu.pc,
});
/** Counters move with time, and the event register and its like stand elsewhere. */
const counted = /^PM|^ISR/;

interface Walked {
  readonly walk: Walk;
  readonly pa: number | undefined;
}

/** Asks, does one step, and compares. `subject`: to ask for the pre-flight too, which needs a recording. */
export function sayAndDo(machine: Machine, tally: Tally, subject?: Subject): void {
  const { cpu, mmu } = machine;
  const step = (): unknown => (subject ? subject.timeline.forward(1) : machine.run(forSteps(1)));
  if (cpu.waiting) return void step();
  const outcome = outcomeOf(machine);
  const said = plain(explainInstruction(subject ?? { machine, names: nameless }));
  const told = subject ? preflight(subject) : null;
  const walks = outcome.instead
    ? []
    : nextAccesses(machine, outcome).map(({ va, options }): Walked => {
        const probe = mmu.probe(va, options.access === 'x' ? 'execute' : options.access === 'w' ? 'write' : 'read', options.el, options);
        return { walk: explainWalk(mmu, va, options), pa: probe.ok ? probe.pa : undefined };
      });
  const what = `step ${machine.steps} at ${cpu.pc.toString(16)}, EL${cpu.el}: ${
    outcome.word === undefined ? 'no fetch' : disassemblyText(disassemble(outcome.word, cpu.pc))
  }: ${said}`;
  const exception = outcome.instead ?? outcome.exception;
  const before = { plain: plainState(cpu), vbar: [0n, cpu.get('VBAR_EL1'), cpu.get('VBAR_EL2')], spsel: cpu.spsel };
  const stores = exception
    ? []
    : (outcome.saying?.effects?.stores ?? []).map((store) => ({ ...store, at: places(machine, store.address, store.bytes) }));

  const events: CpuEvent[] = [];
  const stop = machine.onEvent.on((event) => events.push(event));
  step();
  stop();
  const event = events[0];

  const halted: Machine['stop'] = machine.stop;
  if (halted?.kind === 'not-built') {
    expect(said, what).toMatch(/does not have|stops here|second CPU|CPU_ON/);
    return;
  }
  if (exception) {
    compareException(event, exception, before, what);
    // Nothing else of the instruction happens.
    expect(plainState(cpu).registers.slice(0, 31), what).toEqual(before.plain.registers.slice(0, 31));
    tally.exceptions++;
    if (outcome.instead) tally.interrupts++;
    else compareWalks(walks, event, what, tally);
    return;
  }
  expect(
    events.filter(({ kind }) => kind === 'exception'),
    what,
  ).toEqual([]);
  compareWalks(walks, undefined, what, tally);
  const effects = outcome.saying?.effects;
  if (effects) {
    const { exclusive } = effects;
    const expected = {
      ...before.plain,
      registers: before.plain.registers.map((value, n) => {
        if (!effects.registers.has(n)) return value;
        // What a device gives cannot be known.
        return effects.registers.get(n) ?? (n === 31 ? cpu.sp : cpu.x(n));
      }),
      vectors: before.plain.vectors.map((value, n) => (effects.vectors.has(n) ? (effects.vectors.get(n) ?? cpu.v(n)) : value)),
      fpsr: before.plain.fpsr | effects.fpsr,
      nzcv: effects.nzcv ?? before.plain.nzcv,
      daif: effects.daif ?? before.plain.daif,
      marked: exclusive?.bytes ?? before.plain.marked,
      markedAddress: exclusive && exclusive.bytes > 0 ? exclusive.address : before.plain.markedAddress,
      pc: effects.next,
    };
    expect(plainState(cpu), what).toEqual(expected);
    for (const { at, value, bytes } of stores) {
      if (at) expect(bytesAt(machine, at), what).toBe(value);
      tally.stores += at ? bytes : 0;
    }
    tally.effects++;
  } else if (outcome.decoded?.definition.name === 'ERET') {
    compareReturn(machine, event, said, told, what);
    tally.returns++;
  } else if (event?.kind === 'psci') {
    expect(said, what).toContain(psciName(before.plain.registers[0]) ?? 'does not know function');
  } else if (outcome.after) {
    expect(plainState(cpu), what).toEqual(plainState(outcome.after));
    const { after } = outcome;
    const others = storedRegisters.filter((name) => !counted.test(name) && cpu.get(name) !== after.get(name));
    expect(others, what).toEqual([]);
    expect(cpu.waiting, what).toBe(outcome.after.waiting);
    tally.system++;
  } else expect.unreachable(`${what}: nothing is said of what it does`);
}

/** The PAs of the bytes of a store; undefined where a device takes any of them. */
function places({ mmu, cpu, board }: Machine, address: bigint, bytes: number): number[] | undefined {
  const found: number[] = [];
  for (let i = 0; i < bytes; i++) {
    const probe = mmu.probe(VA(BigInt.asUintN(64, address + BigInt(i))), 'write', cpu.el);
    if (!probe.ok || !board.bus.isWritable(probe.pa)) return undefined;
    found.push(probe.pa);
  }
  return found;
}
const bytesAt = ({ board }: Machine, at: readonly number[]): bigint =>
  at.reduce((value, pa, i) => value | (BigInt(board.bus.peekBytes(PA(pa), 1)![0]) << BigInt(8 * i)), 0n);

function compareException(
  event: CpuEvent | undefined,
  { type, target, esr, far, ipa, rule, reason, vector = 0, interrupt, after = 0 }: Exception,
  before: { readonly plain: ReturnType<typeof plainState>; readonly vbar: readonly bigint[]; readonly spsel: number },
  what: string,
): void {
  const { el, pc } = before.plain;
  const group = el < target ? 0x400 : before.spsel ? 0x200 : 0;
  expect(event, what).toMatchObject({
    kind: 'exception',
    type,
    from: el,
    to: target,
    esr: esr < 0 ? null : esr,
    far: far ? join64(far.low, far.high) : null,
    hpfar: ipa === undefined ? null : BigInt(Math.floor(ipa / 4096)) << 4n,
    elr: BigInt.asUintN(64, pc + BigInt(after)),
    rule,
    reason: reason ?? null,
    intid: interrupt?.intid ?? null,
    listRegister: interrupt?.listRegister ?? null,
    pc: (before.vbar[target] & ~0x7ffn) + BigInt(group + vector),
  });
}

/** A walk that ends well gives the PA of the access; one that is refused says what the event then has. */
function compareWalks(walks: readonly Walked[], event: CpuEvent | undefined, what: string, tally: Tally): void {
  for (const { walk, pa } of walks) {
    const { result, tlb } = walk;
    // The TLB answers, and the walk says that it does.
    if (tlb.stale) continue;
    tally.walks++;
    expect(result.ok ? Number(result.pa) : undefined, what).toBe(pa);
    if (result.ok) continue;
    tally.refusals++;
    expect(event, what).toMatchObject({ kind: 'exception', to: result.takenTo, esr: Number(result.esr), far: BigInt(result.far) });
    expect(event?.kind === 'exception' ? event.hpfar : null, what).toBe(result.hpfar === null ? null : BigInt(result.hpfar));
  }
}

function compareReturn({ cpu }: Machine, event: CpuEvent | undefined, said: string, told: Preflight | null, what: string): void {
  expect(event?.kind, what).toMatch(/return/);
  if (event?.kind !== 'return' && event?.kind !== 'illegal-return') return;
  expect(said, what).toContain(event.rule.text.replace(/\.$/, ''));
  expect(said, what).toContain(event.kind === 'return' ? ` to ` : 'PSTATE.IL');
  if (!told) return;
  const { daif, nzcv, il, ss, sp } = told.pstate;
  expect({ from: told.from, to: told.to ?? event.to, rule: told.rule, illegal: told.to === null }, what).toEqual({
    from: event.from,
    to: event.to,
    rule: event.rule,
    illegal: event.kind === 'illegal-return',
  });
  expect({ daif, nzcv, il, ss, sp }, what).toEqual({
    daif: daifText(cpu.daif),
    nzcv: flagsText(cpu.nzcv),
    il: cpu.il === 1,
    ss: cpu.ss === 1,
    sp: cpu.spsel,
  });
}
