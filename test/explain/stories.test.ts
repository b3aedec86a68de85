/** Each kind of event as it is told, in one text to read through; and what is said of its way against the way that it took. */
import { VA } from '../../emulator/base/addresses.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { exceptionTypes, type ExceptionEvent, type ExceptionType } from '../../emulator/cpu/events.ts';
import { exceptionClasses, syndrome, systemAccessSyndrome } from '../../emulator/cpu/syndrome.ts';
import { findRegister, type Field } from '../../emulator/cpu/index.ts';
import { openProgram, type Program } from '../../emulator/index.ts';
import { assemble } from '../../emulator/isa/index.ts';
import type { DetailedEvent } from '../../emulator/explain/events.ts';
import { exceptionLoopSentence } from '../../emulator/explain/exception-loop.ts';
import { trapStory } from '../../emulator/explain/trap-story.ts';
import { trapName, trapSentence, trapWords } from '../../emulator/explain/trap-words.ts';
import { plain } from '../../emulator/explain/words.ts';
import { callPsci } from '../../emulator/machine/psci.ts';
import { subjectOf } from './subjects.ts';

const open = (name: string): Program =>
  openProgram(`${name}.elf`, readFileSync(join(import.meta.dirname, `../../firmware/prebuilt/${name}.elf`)));
const all = ['01-el2-to-el1', '02-hypercalls', '03-mmu', '04-stage2', '05-interrupts', '06-two-guests', '07-user-mode', 'hypervisor'];
/** Those whose stories are in the golden file. With `npm run prove` the others are told as well. */
const golden = ['04-stage2', '05-interrupts', '07-user-mode'];
const scenarios = process.env['PROVE'] ? [...golden, ...all.filter((name) => !golden.includes(name))] : golden;
let programs: Program[];
beforeAll(() => {
  programs = scenarios.map((name) => {
    const program = open(name);
    while (program.timeline.forward(1e9) === 'budget');
    return program;
  });
}, 60_000);
const indices = ({ timeline }: Program): number[] => Array.from({ length: timeline.traps.length }, (_, i) => i);

/** An event that no scenario makes, with the values that its type would have. */
function made(
  type: ExceptionType,
  esr: number | null,
  text: string,
  more: Partial<ExceptionEvent & Pick<DetailedEvent, 'cameFrom' | 'causeWord' | 'circumstance'>> = {},
): DetailedEvent {
  return {
    ...{ kind: 'exception', type, cpu: 0, n: 100, from: 1, to: 2, vmid: 1, esr, far: null, hpfar: null, elr: VA(0x4010_0000n), x0: null },
    ...{ intid: null, listRegister: null, spsr: 0x5, pc: VA(0x4000_0400n), rule: { text: '', bits: [] }, reason: null, steps: undefined },
    ...{
      causePc: VA(0x4010_0000n),
      causeWord: assemble(text, 0x4010_0000n),
      args: [],
      cameFrom: undefined,
      circumstance: undefined,
      refused: undefined,
    },
    ...{ causePlace: { address: '0x40100000' }, argSymbols: [], farSymbol: undefined },
    ...more,
  };
}
const branch = { pc: VA(0x4010_0010n), word: assemble('br x3', 0x4010_0010n) };
const { dataAbortLower, instructionAbortLower } = exceptionClasses;
const system = (text: string): DetailedEvent => made('Trap', systemAccessSyndrome(assemble(text, 0n)), text);
const madeEvents = (): DetailedEvent[] => [
  ...['dc civac, x1', 'dc cisw, x1', 'dc zva, x1', 'ic ivau, x1', 'ic iallu', 'at s1e1r, x1', 'tlbi vmalle1', 'tlbi vae1, x2'].map(system),
  ...['msr daifset, #2', 'msr ttbr0_el1, x0', 'mrs x0, id_aa64mmfr0_el1', 'sys #0, c15, c2, #0, x1'].map(system),
  made('Trap', syndrome(exceptionClasses.wfx), 'wfi'),
  made('Trap', syndrome(exceptionClasses.wfx, 1), 'wfe'),
  made('FP', syndrome(exceptionClasses.fpAccess), 'fmov x0, d1'),
  made('SMC', syndrome(exceptionClasses.smc), 'smc #0', { x0: 0x8400_0000n }),
  made('SVC', syndrome(exceptionClasses.svc, 5), 'svc #5', { from: 1, to: 1 }),
  made('DataAbort', syndrome(dataAbortLower, 0x147), 'dc cvac, x0', { far: VA(0x5000n), hpfar: 0x50n }),
  made('DataAbort', syndrome(dataAbortLower, 0x61), 'dc zva, x0', {
    far: VA(0x5000n),
    to: 1,
    circumstance: 'Stage 1 is off, so memory is Device-nGnRnE here.',
  }),
  made('DataAbort', syndrome(dataAbortLower, 0x87), 'ldr x0, [x1]', { far: VA(0x5000n), hpfar: 0x80010n }),
  made('DataAbort', syndrome(dataAbortLower, 0x4f), 'str x0, [x1]', { far: VA(0x5008n), hpfar: 0x50n }),
  made('InstructionAbort', syndrome(instructionAbortLower, 0x7), 'nop', { far: VA(0x5000n), hpfar: 0x50n, causeWord: undefined }),
  made('PCAlignment', syndrome(exceptionClasses.pcAlignment), 'nop', {
    from: 1,
    to: 1,
    elr: VA(0x4010_0002n),
    far: VA(0x4010_0002n),
    cameFrom: branch,
  }),
  made('SPAlignment', syndrome(exceptionClasses.spAlignment), 'ldr x0, [sp]', { from: 0, to: 1 }),
  made('IllegalState', syndrome(exceptionClasses.illegalState), 'nop', { from: 2 }),
  made('Undefined', syndrome(exceptionClasses.unknown), 'hvc #0', {
    to: 1,
    reason: { text: 'HVC is disabled, because HCR_EL2.HCD = 1.', bits: [] },
  }),
  made('BRK', syndrome(exceptionClasses.brk, 3), 'brk #3', { to: 1 }),
  made('Breakpoint', syndrome(exceptionClasses.breakpointLower, 0x22), 'nop'),
  made('Watchpoint', syndrome(exceptionClasses.watchpointLower, 0x62), 'str x0, [x1]', { far: VA(0x5000n) }),
  made('Step', syndrome(exceptionClasses.stepLower, 0x22), 'nop'),
  made('IRQ', null, 'nop', { intid: 33, circumstance: 'UARTMIS.RXMIS = 1 (receive)' }),
  made('IRQ', null, 'nop', { intid: 3 }),
  made('IRQ', null, 'nop'),
  made('FIQ', null, 'nop', { intid: 30 }),
  made('vIRQ', null, 'nop', { to: 1, intid: 27, listRegister: 0 }),
  made('vIRQ', null, 'nop', { to: 1 }),
  made('vFIQ', null, 'nop', { to: 1 }),
  made('SError', syndrome(exceptionClasses.serror), 'nop'),
  made('vSError', syndrome(exceptionClasses.serror), 'nop', { to: 1 }),
];

/** Every function of PSCI, and others that firmware may be asked for, with what it answers and with each error. */
function firmwareEvents(): DetailedEvent[] {
  const known = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10].map((number) => 0x8400_0000 + number);
  const call = (id: number, result: bigint, about = 0n): DetailedEvent => ({
    ...{ kind: 'psci', cpu: 0, n: 100, from: 1, vmid: 1, function: BigInt(id), result, args: [BigInt(id), about, 0n, 0n] },
    ...{ causePc: VA(0n), causeWord: assemble('smc #0', 0n), cameFrom: undefined, circumstance: undefined, refused: undefined },
    ...{ causePlace: { address: '0x0' }, argSymbols: [], farSymbol: undefined },
  });
  const answered = known.map((id) => call(id, callPsci(BigInt(id), [0n, 0n, 0n], () => 'on').result ?? 0n));
  const errors = [-2n, -3n, -4n, -5n, -6n, -7n, -8n, -9n].map((code) => call(0x8400_0003, BigInt.asUintN(64, code), 1n));
  const states = [0n, 1n, 2n].map((state) => call(0x8400_0004, state, 1n));
  const others = [0x8000_0000, 0x8200_0001, 0x8400_0015, 0xc600_0000, 0xbf00_0000, 0x1].map((id) => call(id, 0xffff_ffff_ffff_ffffn));
  return [...answered, call(0x8400_000a, 0n, 0x8400_0003n), ...errors, ...states, ...others];
}

test('each kind of event has its sentence, its words in the list and its sub-steps', async () => {
  const lines: string[] = [];
  const others: string[] = [];
  const told = new Set<string>();
  for (const [number, program] of programs.entries()) {
    const into = number < golden.length ? lines : others;
    const seen = new Set<string>();
    for (const index of indices(program)) {
      const { traps } = program.timeline;
      const kind = `${traps.type(index)} ${traps.exceptionClass(index)} EL${traps.levelBefore(index)} EL${traps.levelAfter(index)}`;
      if (seen.has(kind)) continue;
      seen.add(kind);
      told.add(traps.type(index));
      const { row, sentence, cause, rule, steps } = trapStory(program, index)!;
      into.push('', `${program.name}: ${row.name}: ${row.text}`, `  ${plain(sentence)}`, `  cause: ${cause.text}`, `  why: ${rule.text}`);
      into.push(...steps.map((step) => `  ${step.target}: ${step.before} -> ${step.after}. ${step.text}`));
    }
  }
  for (const event of [...madeEvents(), ...firmwareEvents()]) {
    if (event.kind === 'exception') told.add(event.type);
    lines.push('', `${trapName(event)}: ${trapWords(event, programs[0])}`, `  ${plain(trapSentence(event, programs[0]))}`);
  }
  expect([...exceptionTypes].filter((type) => !told.has(type))).toEqual([]);
  expect([...lines, ...others].join('\n')).not.toMatch(/undefined \(|\bnull\b|[.:] {2}|NaN/);
  await expect(`${lines.slice(1).join('\n')}\n`).toMatchFileSnapshot('golden/stories.txt');
});

test('the bits that are said to have decided have these values before the event, and its target is the one that is said', () => {
  let compared = 0;
  for (const { machine, timeline, name } of programs) {
    const { traps } = timeline;
    for (let index = 0; index < traps.length; index += 1 + (traps.length >> 7)) {
      const event = traps.get(index);
      if (event.kind === 'psci') continue;
      timeline.seek(event.n);
      const { cpu } = machine;
      for (const { register, field, value } of event.rule.bits) {
        const described = findRegister(register);
        const fields = Array.isArray(described?.fields) ? (described.fields as readonly Field[]) : [];
        const position = fields.find((candidate) => candidate.name === field);
        if (!described?.stored || !position) continue;
        const now = (cpu.get(described.stored) >> BigInt(position.low)) & ((1n << BigInt(position.high - position.low + 1)) - 1n);
        expect(now, `${name} ${event.n}: ${register}.${field}`).toBe(BigInt(value));
        compared++;
      }
      if (event.kind !== 'exception') continue;
      expect(event.rule.text).toMatch(new RegExp(`\\bEL${event.to}\\b`));
      const slot = ['IRQ', 'vIRQ'].includes(event.type) ? 0x80 : 0;
      const group = event.from < event.to ? 0x400 : cpu.spsel ? 0x200 : 0;
      expect(event.pc).toBe(cpu.get(event.to === 2 ? 'VBAR_EL2' : 'VBAR_EL1') + BigInt(group + slot));
    }
  }
  expect(compared).toBeGreaterThan(50);
});

test.each([
  [true, 'EL2'],
  [false, 'EL1'],
])('an exception at its own vector is told as a loop and ends the run (EL2: %s)', (el2, level) => {
  const subject = subjectOf(['svc #0'], { el2 });
  expect(subject.timeline.forward(50, { untilLoop: true })).toBe('loop');
  expect(subject.timeline.traps.length).toBe(4);
  expect(plain(exceptionLoopSentence(subject)!)).toBe(
    `The processor is in an exception loop at ${level}: the vector at 0x200 (VBAR_${level} = 0x0, offset 0x200) holds zeros, which encode udf #0, so each entry takes the same exception again. Nothing can end this.`,
  );
});

test('a machine without EL2 gives no reasons of EL2', () => {
  const subject = subjectOf(['svc #0'], { el2: false });
  subject.timeline.forward(3);
  for (let index = 0; index < 3; index++) {
    const { rule, sentence, steps } = trapStory(subject, index)!;
    expect([rule.text, plain(sentence), ...steps.map(({ text }) => text)].join(' ')).not.toMatch(/HCR_EL2|hypervisor|guest/);
  }
});

test('a misaligned PC names the branch that led there', () => {
  const subject = subjectOf(['mov x3, #0x1002', 'br x3']);
  subject.timeline.forward(3);
  expect(plain(trapStory(subject, 0)!.sentence)).toContain('0x1002 is not a multiple of 4. br x3 at 0x40080004 led there.');
});

test.each([
  [['movz x0, #0x2000, lsl #16', 'msr hcr_el2, x0', 'hvc #0'], 'HVC is disabled, because HCR_EL2.HCD = 1.'],
  [['hlt #0xf000'], 'HLT #0xf000 is a semihosting call; this machine was started without --semihosting.'],
  [['.word 0'], 'No operation is assigned to this encoding on this processor.'],
  [['msr midr_el1, x0'], 'The register is read-only.'],
  [['msr spsel, #0', 'mrs x0, sp_el0'], 'PSTATE.SP = 0: SP_EL0 is the stack pointer in use, so MRS and MSR cannot access it.'],
])('%j: what is UNDEFINED says why', (lines, reason) => {
  const subject = subjectOf(lines);
  subject.timeline.forward(lines.length);
  expect(plain(trapStory(subject, 0)!.sentence)).toContain(`which is UNDEFINED. ${reason}`);
});

test.each([
  [
    ['.word 0xf8200020'],
    ' It is an atomic instruction of Armv8.1 (FEAT_LSE), which a Cortex-A53 does not have: compile with -march=armv8-a.',
  ],
  [['.word 0xc8a07c20'], ' It is a compare and swap of Armv8.1 (FEAT_LSE), which a Cortex-A53 does not have: compile with -march=armv8-a.'],
  [
    ['.word 0xd65f0bff'],
    ' It is an authenticated branch of Armv8.3 (FEAT_PAuth), which a Cortex-A53 does not have: compile with -march=armv8-a -mbranch-protection=none.',
  ],
  [['.word 0x04a00000'], ' It is an SVE instruction, which a Cortex-A53 does not have: compile with -march=armv8-a.'],
  [
    ['mrs x0, icc_sre_el1'],
    ' It is for a GICv3. This board has a GICv2, which is programmed through memory (GIC distributor at 0x8000000, ',
  ],
  [['.word 0'], ' Memory that holds no code often reads so: execution may have left the program.'],
  [
    ['movz x0, #0x400', 'msr cptr_el2, x0', 'fmov d0, #1.0'],
    ' Nothing at EL2 has enabled them: compile the program with -mgeneral-regs-only, or enable them first.',
  ],
])('%j: what this processor does not have is told with advice', (lines, advice) => {
  const subject = subjectOf(lines);
  subject.timeline.forward(lines.length);
  expect(plain(trapStory(subject, 0)!.sentence)).toContain(advice);
});

test('a register that this processor has is not advised against', () => {
  const subject = subjectOf(['msr midr_el1, x0']);
  subject.timeline.forward(1);
  expect(plain(trapStory(subject, 0)!.sentence)).toMatch(/The register is read-only\. EL2 is about to run/);
});

test('a call of the firmware with bits set above W0 is no call of PSCI: in the list, in its story and in a trap file', () => {
  // PSCI_VERSION, but for the upper half of X0, which the firmware compares too.
  const subject = subjectOf(['movz x0, #0x8400, lsl #16', 'movk x0, #1, lsl #32', 'smc #0']);
  subject.timeline.forward(3);
  const { traps } = subject.timeline;
  expect(traps.line(0)).toMatchObject({ kind: 'psci', function: '0x184000000', result: '0xffffffffffffffff' });
  expect(trapWords(traps.get(0), subject)).not.toContain('PSCI_VERSION');
  expect(trapWords(traps.get(0), subject)).toContain('0x184000000');
  expect(plain(trapStory(subject, 0)!.sentence)).not.toContain('PSCI_VERSION');
});
