/** What a person is told of each case, where they look for it. */
import { VA } from '../../emulator/base/addresses.ts';
import { expect, test } from 'vitest';
import { views, type Program } from '../../emulator/index.ts';
import { explainInstruction } from '../../emulator/explain/instruction.ts';
import { disassembled } from '../../emulator/explain/instruction-text.ts';
import { nowView } from '../../emulator/explain/now.ts';
import { preflight } from '../../emulator/explain/preflight.ts';
import type { PreflightCheck } from '../../emulator/explain/views.ts';
import { registerWords } from '../../emulator/explain/register-words.ts';
import { trapStory } from '../../emulator/explain/trap-story.ts';
import { walkText } from '../../emulator/explain/walk-text.ts';
import { plain } from '../../emulator/explain/words.ts';
import type { StoredRegister } from '../../emulator/cpu/index.ts';
import { explainWalk } from '../../emulator/mmu/explain.ts';
import type { Access } from '../../emulator/mmu/walk-types.ts';
import { runCase } from './case.ts';

/** Where a person looks: a place in the recording, and what is shown there. */
type Look = (program: Program) => string;

const seek = (program: Program, instant: number): Program => {
  program.timeline.seek(instant);
  return program;
};
/** Right before an event of the recording; -1 is the last. */
const before = (program: Program, event: number): Program => {
  const { traps } = program.timeline;
  return seek(program, traps.get(event < 0 ? traps.length + event : event).n);
};
const atEnd = (program: Program): Program => seek(program, program.timeline.end);

const now: Look = (program) => plain(nowView(atEnd(program)).sentence);
const stop: Look = (program) => atEnd(program).machine.stopSentence() ?? '';
const maps: Look = (program) =>
  views.maps
    .of(atEnd(program), { regime: 'el2' })
    .notes.map(({ text }) => plain(text))
    .join('\n');
const nowBefore =
  (event: number): Look =>
  (program) =>
    plain(nowView(before(program, event)).sentence);
const next =
  (event: number): Look =>
  (program) =>
    plain(explainInstruction(before(program, event)));
/** The first instruction of the last steps that is written so. */
const nextOf =
  (text: string): Look =>
  (program) => {
    const { timeline, machine } = program;
    for (let n = timeline.end - 3000; n < timeline.end; n++) {
      const word = seek(program, n).machine.fetchWord(machine.cpu.pc) ?? 0;
      if (disassembled(word, VA(0n)).startsWith(text)) return plain(explainInstruction(program));
    }
    throw new Error(`no ${text}`);
  };
/** Its sentence, its instruction, its rule, and the value of its syndrome. */
const story =
  (event: number): Look =>
  (program) => {
    const { sentence, cause, rule, syndrome } = trapStory(program, event < 0 ? program.timeline.traps.length + event : event)!;
    return [plain(sentence), cause.text, rule.text, syndrome?.value ?? ''].join('\n');
  };
const listed =
  (event: number): Look =>
  (program) => {
    const { name, text } = trapStory(program, event)!.row;
    return `${name}: ${text}`;
  };
/** The list of traps, in which a loop is one line. */
const folded: Look = (program) => {
  const { rows, repeated } = views.traps.of(atEnd(program), { first: 0, count: 100, folded: true });
  return `last row at ${rows.at(-1)?.n}; × ${repeated?.times}, steps ${repeated?.from} to ${repeated?.to}: ${repeated?.text}`;
};
/** The rounds that are listed only if they are asked for. */
const unfolded: Look = (program) => {
  const list = (folded: boolean) => views.traps.of(atEnd(program), { first: 0, count: 1, folded });
  const [all, once] = [list(false), list(true)];
  // One of them that is asked for has a row all the same.
  const find = program.timeline.traps.length - 1;
  const { rows, total, found } = views.traps.of(program, { first: 0, count: 100, folded: true, find });
  const isMarked = total === once.total + 1 && found === total - 1 && rows[found].index === find;
  const loop = JSON.stringify(all.repeated) === JSON.stringify(once.repeated) ? 'the same' : 'another';
  return `${all.total - once.total} more rows, ${loop} loop${isMarked ? '' : '; the last has no row'}`;
};
const check =
  (event: number, title: string): Look =>
  (program) => {
    const subject = before(program, event);
    const ask = (): PreflightCheck => preflight(subject)!.checks.find((one) => one.title === title)!;
    let found = ask();
    // Each time the past is searched a little further: on a slow host not all of it the first time.
    for (let i = 0; i < 50 && found.text.endsWith(' is 0'); i++) found = ask();
    return `${found.verdict}: ${found.value}: ${found.text}`;
  };
const register =
  (name: StoredRegister, event: number): Look =>
  (program) => {
    const instant = before(program, event);
    return registerWords(name, instant.machine.cpu.get(name), instant);
  };
/** As `elscope walk` and the walk of the app tell it. */
const walk =
  (access: Access, va: bigint | 'pc', el: 1 | 2, event: number, word?: number): Look =>
  (program) => {
    const { machine } = before(program, event);
    const regime = el === 2 ? 'el2' : 'el1';
    return walkText(
      explainWalk(machine.mmu, va === 'pc' ? machine.cpu.pc : VA(va), { regime, el, access, ...(word === undefined ? {} : { word }) }),
    );
  };

const STR_W3_X1 = 0xb9000023;
const loopAt = (el: number, reason: string): RegExp =>
  new RegExp(`exception loop at EL${el}: the vector at .* ${reason}.*Nothing can end this`);

/** Case with its flags; where to look; what must be said there. */
const rows: readonly (readonly [string, string, Look, string | RegExp])[] = [
  ['01-t0sz-zero', 'walk', walk('x', 'pc', 1, 1), /0 memory reads\nfault: .* level 0\n {2}TCR_EL1\.T0SZ = 0 is below its minimum, 16/],
  ['01-t0sz-zero', 'register', register('TCR_EL1', 1), 'T0SZ = 0 is out of range'],
  ['01-t0sz-zero', 'next', next(1), 'TCR_EL1.T0SZ = 0 is below its minimum, 16'],
  ['01-t0sz-zero', 'now', now, loopAt(1, 'cannot be fetched \\(translation fault, level 0\\)')],
  ['03-el0-writable-code', 'walk', walk('x', 'pc', 1, 1), 'AP = 01: the stage 1 level 1 block is writable at EL0, so it is never executable at EL1, whatever PXN says'],
  ['03-el0-writable-code', 'now', now, loopAt(1, 'cannot be fetched \\(permission fault, level 1\\)')],
  ['04-ips-zero', 'walk', walk('r', 0x40_1000_0000n, 2, 0), 'beyond the 32 bits that TCR_EL2.PS = 0 allows'],
  ['04-ips-zero', 'now', nowBefore(0), 'beyond the 32 bits that TCR_EL2.PS = 0 allows'],
  ['05-block-misaligned', 'walk', walk('r', 0x8001_0000n, 2, -1), 'Bits 20:12 = 0x60: ignored here: RES0 in a 2 MiB block'],
  ['07-contiguous', 'walk', walk('r', 0x8000_1000n, 2, -1), 'form no range of 64 KiB, because entry 0 has Contiguous = 0'],
  ['07-contiguous -DALT', 'walk', walk('r', 0x8000_1000n, 2, -1), 'form no range of 64 KiB, because the output of entry 3 does not follow'],
  ['08-tlbi-by-pa -DWAY=0', 'next', nextOf('tlbi vae2is'), 'the TLB entries of VA 0x44800000 at EL2 (operand 0x44800)'],
  ['08-tlbi-by-pa -DWAY=1', 'next', nextOf('tlbi vae2is'), 'the TLB entries of VA 0x80345000000 at EL2 (operand 0x80345000)'],
  ['08-tlbi-by-pa -DWAY=2', 'next', nextOf('tlbi vae2is'), 'the TLB entries of VA 0x8034000 at EL2 (operand 0x8034)'],
  ['10-concatenated -DMISALIGN', 'walk', walk('x', 'pc', 1, 1), /VTTBR_EL2\.BADDR 0x4008f000 is used as 0x4008e000: .* bits 12:0 are ignored/],
  ['10-concatenated -DMISALIGN', 'check', check(0, 'PC'), /^error: .*Stage 2 translation fault, level 1/],
  ['12-uart-normal', 'maps', maps, /^UART, .*: mapped as Normal memory, so accesses may be merged, repeated, reordered/],
  ['13-s2-exec-only', 'walk', walk('w', 0x8008_3010n, 1, 3, STR_W3_X1), /S2AP = 00: .* does not allow writing.\ntaken to EL2: ESR 0x9383004e/],
  ['15-cval32', 'story', story(2), /An IRQ from the virtual timer, INTID 27 \(PPI 11\), arrived .*CNTVCT_EL0 \(0x103b9\w+\) has reached CNTV_CVAL_EL0 \(0x3baa\w+\)/],
  ['16-gic-prio-mask', 'now', nowBefore(-1), 'The virtual timer, INTID 27 (PPI 11), is pending but held by GICC_PMR = 0xf0: priority 0xf0 is not above it.'],
  ['18-pl011-tx-irq -DKICK', 'story', story(0), /An IRQ from the UART, INTID 33 \(SPI 1\), arrived .*UARTMIS\.TX = 1/],
  ['19-mpidr-psci', 'story', story(3), 'PSCI CPU_ON of CPU 0x0. It returned ALREADY_ON.'],
  ['19-mpidr-psci', 'story', story(4), 'PSCI CPU_ON of CPU 0x80000000. It returned INVALID_PARAMETERS.'],
  ['19-mpidr-psci', 'story', story(8), 'PSCI AFFINITY_INFO of CPU 0x1. It returned INVALID_PARAMETERS.'],
  ['19-mpidr-psci', 'list', listed(2), 'PSCI: PSCI_FEATURES: NOT_SUPPORTED'],
  ['19n-psci -DWHAT=1', 'story', story(7), 'PSCI SYSTEM_RESET, which does not return.'],
  ['19n-psci -DWHAT=2', 'story', story(7), 'PSCI CPU_OFF, which does not return.'],
  ['19n-psci -DWHAT=2', 'now', now, 'the hypervisor switched off the only CPU (PSCI CPU_OFF): nothing can switch it on again'],
  ['19n-psci -DWHAT=2', 'stop', stop, 'EL2 switched off the only CPU (PSCI CPU_OFF): nothing can switch it on again'],
  ['20-step-oslock -DLOCK=1', 'check', check(0, 'Step'), /^warning: SS = 0: SPSR_EL2\.SS = 1 has no effect: .*OSLSR_EL1\.OSLK = 1/],
  ['20-step-oslock', 'story', story(1), 'Software step: EL1 has executed one instruction'],
  ['23-dczva', 'story', story(0), /store zeros with dc zva to VA .*: alignment fault\. Stage 1 is off \(SCTLR_EL2\.M = 0\), so memory is Device-nGnRnE here/],
  ['23-dczva', 'next', next(0), /^Stores zeros to the 64-byte block at .*Stage 1 is off \(SCTLR_EL2\.M = 0\)/],
  ['24-semihost', 'story', story(0), 'HLT #0xf000 is a semihosting call; this machine was started without --semihosting.'],
  ['33-eoimode', 'story', story(0), /An IRQ from the virtual timer, INTID 27 \(PPI 11\), .*has reached CNTV_CVAL_EL0/],
  ['33-eoimode', 'story', story(0), 'After the return the interrupt stays active, so it is not signalled again until GICC_DIR is written: with GICC_CTLR.EOImode = 1'],
  ['33-eoimode', 'now', nowBefore(-1), 'The virtual timer, INTID 27 (PPI 11), is pending but still active (GICD_ISACTIVER0): it is not signalled again until it is deactivated.'],
  ['33-eoimode -DDIR=1', 'story', story(0), /^(?![^]*stays active)/],
  ['36-el0-ops', 'story', story(2), 'Reads of CTR_EL0 at EL0 trap to EL1, because SCTLR_EL1.UCT = 0.'],
  ['36-el0-ops', 'list', listed(4), /^DC: dc zva, x\d+$/],
  ['36-el0-ops', 'list', listed(6), /^DC: dc cvau, x\d+$/],
  ['36-el0-ops', 'list', listed(8), /^IC: ic ivau, x\d+$/],
  ['44-exclusive-eret', 'story', story(2), 'It cleared the exclusive monitor, which a load-exclusive had set, so the store-exclusive that follows fails.'],
  ['44-exclusive-eret', 'story', story(3), 'The access must be aligned to its 8 bytes, whatever SCTLR_EL1.A says: it is exclusive'],
  ['48-big-endian -DMMU', 'walk', walk('x', 'pc', 1, 1), /0x107004000000000 {2}invalid/],
  ['48-big-endian -DMMU', 'walk', walk('x', 'pc', 1, 1), 'SCTLR_EL1.EE = 1 reads descriptors big-endian, so the bytes of this one were reversed'],
  ['48-big-endian -DMMU', 'next', next(1), 'SCTLR_EL1.EE = 1 reads descriptors big-endian'],
  ['48-big-endian -DMMU', 'story', story(-1), /This is an exception loop: from step \d+ on, the same exception repeats every step, and nothing can end this\./],
  ['48-big-endian -DMMU', 'list', folded, /^last row at (\d+); × [2-9], steps \1 to \d+: from step \1 on, the same exception repeats every step$/],
  ['48-big-endian -DMMU', 'list', unfolded, /^[1-9]\d* more rows, the same loop$/],
  ['48-big-endian -DMMU', 'now', now, loopAt(1, 'cannot be fetched \\(translation fault, level 1\\)')],
  ['words/p', 'check', check(0, 'Goes to'), 'error: EL2: Illegal return: HCR_EL2.RW = 0 makes the levels below EL2 AArch32'],
  ['words/p', 'check', check(3, 'PSTATE.IL'), 'error: 1: SPSR_EL2.IL = 1: instead of the next instruction, EL1 raises an Illegal State exception'],
  ['words/p', 'check', check(8, 'Stack'), 'warning: 0x0: SP_EL0 is 0: written in step 71'],
  ['words/p', 'check', check(8, 'Vectors'), 'VBAR_EL1 is 0: written in step 66'],
  ['words/p', 'check', check(11, 'Step'), 'SPSR_EL2.SS = 1 has no effect: Software step is off (MDSCR_EL1.SS = 0)'],
  ['words/d', 'check', check(0, 'Stage 2'), 'Stage 1 of EL1&0 is off, because HCR_EL2.DC = 1 makes SCTLR_EL1.M act as 0.'],
  ['words/w', 'check', check(0, 'Interrupts'), 'this return masks D, A, I and F'],
  ['words/w', 'now', now, 'Nothing can wake it: no timer is armed with its interrupt enabled at the GIC'],
  ['words/n', 'now', now, loopAt(2, 'holds zeros, which encode udf #0')],
  ['words/k', 'check', check(0, 'Traps to EL2'), 'warning: 0x400: VBAR_EL2 + 0x400, for exceptions from EL1: VBAR_EL2 was never set'],
  ['words/own-code-unmapped -DUNMAP', 'story', story(1), /write to VA 0x203000 \(IPA 0x1c090000\), which stage 2 refuses: .*\nstr w3, \[x1\]\n[^]*\n0x93830045$/],
  ['words/own-code-unmapped -DUNMAP', 'now', nowBefore(1), 'In code+0x4: str w3, [x1]. Stores w3 (0x7) at 0x203000'],
]; // prettier-ignore

const runs = new Map<string, Program>();
function programOf(named: string): Program {
  const known = runs.get(named);
  if (known) return known;
  const [name, ...flags] = named.split(' ');
  const { program } = runCase(name, ...flags);
  runs.set(named, program);
  return program;
}

test.each(rows)('%s: %s says what happens (%#)', (named, _where, look, said) => {
  const text = look(programOf(named));
  if (typeof said === 'string') expect(text).toContain(said);
  else expect(text).toMatch(said);
});
