/** What is said before step n is what step n does: over the scenarios, the cases, random words in random states and random tables. */
import { PA } from '../../emulator/base/addresses.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openProgram, type Program } from '../../emulator/index.ts';
import { definitions } from '../../emulator/isa/index.ts';
import type { Machine } from '../../emulator/machine/machine.ts';
import { openCase } from '../cases/case.ts';
import { outcomes } from '../cases/outcomes.ts';
import { Choices } from '../isa/choices.ts';
import { randomNumbers, randomWordOf } from '../isa/random-words.ts';
import { HCR, SCTLR } from '../mmu/world.ts';
import { CODE, DATA, stage1, stage2, Stage, wordOf, type Setting } from './instruction-examples.ts';
import { newTally, sayAndDo, type Tally } from './said-and-done.ts';

const prove = Number(process.env['PROVE'] ?? 0);
const prebuilt = join(import.meta.dirname, '../../firmware/prebuilt');
/** Rounds over all kinds of accesses. */
const rounds = 4 * Math.max(1, prove);
const scenarios = readdirSync(prebuilt).filter((name) => name.endsWith('.elf'));

/** Steps from which to look, in front of the last `lead` before each of a sample of events, and evenly spaced ones. */
function instants({ timeline }: Program, events: number, spaced: number): number[] {
  const { traps, end } = timeline;
  const chosen = new Set<number>();
  for (let i = 0; i < Math.min(events, traps.length); i++) {
    const n = traps.get(Math.floor((i * traps.length) / Math.min(events, traps.length))).n;
    for (const at of [n - 2, n - 1, n, n + 1]) if (at >= 0 && at < end) chosen.add(at);
  }
  for (let i = 0; i < spaced; i++) chosen.add(Math.floor((i * end) / spaced));
  return [...chosen].sort((a, b) => a - b);
}

function lookThrough(program: Program, tally: Tally, events: number, spaced: number): void {
  const { timeline } = program;
  for (const n of instants(program, events, spaced)) {
    timeline.seek(n);
    sayAndDo(program.machine, tally, program);
  }
}

describe('what is said before a step is what it does', () => {
  test.each(scenarios)('in each part of the scenario %s', { timeout: 120_000 }, (name) => {
    const program = openProgram(name, new Uint8Array(readFileSync(join(prebuilt, name))));
    program.timeline.forward(prove ? 20_000_000 : 2_000_000);
    const tally = newTally();
    lookThrough(program, tally, prove ? 1000 : 16, prove ? 1000 : 16);
    expect(tally.effects).toBeGreaterThan(16);
    expect(tally.returns).toBeGreaterThan(0);
  });

  test.each(outcomes.filter((_, i) => prove || i % 5 === 3))('in the case $name $flags', { timeout: 120_000 }, ({ name, flags }) => {
    const program = openCase(name, ...flags);
    program.timeline.forward(200_000, { untilLoop: true });
    const tally = newTally();
    lookThrough(program, tally, prove ? 200 : 10, prove ? 200 : 10);
    expect(tally.effects).toBeGreaterThan(10);
  });

  test('for words of every definition in random states', { timeout: 600_000 }, () => {
    const stage = new Stage();
    const choices = new Choices(5);
    const random = randomNumbers(17);
    const tally = newTally();
    for (let round = 0; round < Math.max(1, 2 * prove); round++)
      for (const definition of definitions) {
        stage.set(randomWordOf(definition, random), randomSetting(choices));
        randomPstate(stage.machine, choices);
        sayAndDo(stage.machine, tally);
      }
    for (const count of Object.values(tally)) expect(count, JSON.stringify(tally)).toBeGreaterThan(0);
  });

  test('for accesses through random tables', { timeout: 600_000 }, () => {
    const stage = new Stage();
    const choices = new Choices(6);
    const tally = newTally();
    for (let round = 0; round < 8 * rounds; round++) {
      const [roots, others] = wildTables(choices);
      for (const [pa, bytes] of others) stage.machine.writePhysical(PA(pa), bytes);
      for (const text of accesses) {
        const el = choices.of([0, 1, 1] as const);
        const va =
          (choices.bits(3) << 30n) | (choices.bits(2) << 21n) | (choices.bits(2) << 12n) | choices.of([0n, 8n, 8n, 0xff8n, 0xffdn]);
        const flags = choices.some(SCTLR.A) | SCTLR.M | (choices.once(8) ? choices.some(SCTLR.WXN | SCTLR.EE) : 0n);
        const hcr = HCR.RW | (choices.once(4) ? 0n : HCR.VM) | (choices.once(4) ? HCR.PTW : 0n) | (choices.once(16) ? HCR.DC : 0n);
        const registers = { ...stage1, ...stage2, SCTLR_EL1: flags, HCR_EL2: hcr, MAIR_EL1: choices.of([0n, 0xffff_ffff_ffff_ffffn]) };
        stage.set(wordOf(text), { el, registers, x: { 1: va } });
        for (const [pa, bytes] of roots) stage.machine.writePhysical(PA(pa), bytes);
        stage.machine.environment.translationChanged();
        sayAndDo(stage.machine, tally);
      }
    }
    expect(tally.refusals, JSON.stringify(tally)).toBeGreaterThan(100);
    expect(tally.walks - tally.refusals, JSON.stringify(tally)).toBeGreaterThan(100);
    expect(tally.stores).toBeGreaterThan(100);
  });
});

const accesses = [
  'ldr x0, [x1]',
  'str x0, [x1]',
  'ldrb w0, [x1]',
  'strh w0, [x1]',
  'ldp x2, x3, [x1]',
  'stp x2, x3, [x1], #16',
  'ldtr x0, [x1]',
]
  .concat(['sttr x0, [x1]', 'ldxr x0, [x1]', 'stlr x0, [x1]', 'ldar w0, [x1]', 'dc zva, x1', 'dc civac, x1', 'ic ivau, x1', 'br x1'])
  .concat(['at s1e1r, x1', 'at s1e0w, x1', 'ldrsw x0, [x1]']);

/** The second GiB of both stages leads to itself; elsewhere are tables of random descriptors. */
type Table = readonly [pa: number, bytes: Uint8Array];
function wildTables(choices: Choices): [roots: Table[], others: Table[]] {
  const table = (isRoot: boolean): Uint8Array => {
    const words = new BigUint64Array(512);
    // Only the first entries are looked up.
    for (let i = 0; i < 8; i++) {
      const to = choices.once(12) ? choices.bits(20) << 12n : BigInt(0x400b_0000 + (choices.below(12) << 12));
      const low = choices.once(6) ? choices.some(0xffcn) : choices.of([0x77cn, 0x7fcn]);
      const high = choices.once(12) ? choices.some(0x7cn << 57n) : choices.once(6) ? choices.some(3n << 53n) : 0n;
      words[i] = to | low | high | choices.of([3n, 3n, 3n, 3n, 3n, 3n, 3n, 3n, 1n, 0n]);
    }
    if (isRoot) words[1] = 0n;
    return new Uint8Array(words.buffer);
  };
  const roots = [table(true), table(true)];
  new DataView(roots[0].buffer).setBigUint64(8, 0x4000_0701n, true);
  new DataView(roots[1].buffer).setBigUint64(8, 0x4000_07fdn, true);
  const others = Array.from({ length: 12 }, (_, i) => [0x400b_0000 + 4096 * i, table(false)] as const);
  return [
    [
      [Number(stage1.TTBR0_EL1), roots[0]],
      [Number(stage2.VTTBR_EL2), roots[1]],
    ],
    others,
  ];
}

/** A state in which much is trapped and some addresses can be used. */
function randomSetting(choices: Choices): Setting {
  const el = choices.of([0, 1, 2] as const);
  const isOn = choices.once(2);
  const x = Object.fromEntries(
    Array.from({ length: 31 }, (_, n) => [
      n,
      choices.once(4) ? choices.bits(64) : BigInt(DATA) + choices.bits(6) * choices.of([1n, 8n, 16n]),
    ]),
  );
  // What would switch translation or the byte order of code off is left alone, but for stage 1.
  const registers: Setting['registers'] = {
    HCR_EL2: HCR.RW | choices.some(0x0bff_e8f8n) | (choices.once(8) ? HCR.TGE : 0n) | (choices.once(8) ? 1n << 29n : 0n),
    CPTR_EL2: choices.some(0x8000_0400n),
    MDCR_EL2: choices.some(0xfe0n) | 6n,
    HSTR_EL2: choices.some(0xffffn),
    CNTHCTL_EL2: choices.some(3n),
    CNTKCTL_EL1: choices.some(0x303n),
    CPACR_EL1: choices.some(0x30_0000n),
    SCTLR_EL1: choices.some(0x0405_c21an | SCTLR.EE),
    SCTLR_EL2: choices.some(0x200_000an),
    VBAR_EL1: choices.bits(32) & ~0x7ffn,
    VBAR_EL2: choices.bits(32) & ~0x7ffn,
    SPSR_EL1: choices.some(0xf020_03dfn),
    SPSR_EL2: choices.some(0xf030_03dfn),
    ELR_EL1: BigInt(CODE),
    ELR_EL2: choices.bits(40),
    TCR_EL1: 0x19n | choices.some(1n << 37n),
  };
  const on = isOn ? { ...registers, SCTLR_EL1: registers.SCTLR_EL1! | 1n, TTBR0_EL1: stage1.TTBR0_EL1 } : registers;
  return { el, registers: on, x, nzcv: choices.below(16), marked: choices.of([0, 4, 8, 16]), sp: BigInt(DATA) + choices.bits(5) * 8n };
}

function randomPstate({ cpu, environment }: Machine, choices: Choices): void {
  cpu.daif = choices.once(3) ? choices.below(16) : 15;
  if (choices.once(16)) cpu.il = 1;
  if (choices.once(8)) {
    cpu.set('MDSCR_EL1', 0x2001n | choices.some(0x8000n));
    cpu.ss = choices.of([0, 1]);
    environment.debugChanged();
  }
}
