/** What an ERET that is the next instruction will do, point by point before it runs (Arm ARM D1.4 "Exception return"). */
import { VA } from '../base/addresses.ts';
import { join64 } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import { checksStackAlignment } from '../cpu/aborts.ts';
import { debugRefusal, debugTarget } from '../cpu/debug.ts';
import { HCR_EL2, MDSCR_EL1, SPSR, VBAR } from '../cpu/registers/bits.ts';
import { toTakeInstead } from '../cpu/instead.ts';
import { interruptToTake, type InterruptType } from '../cpu/interrupts.ts';
import { returnOutcome, type ReturnOutcome } from '../cpu/return.ts';
import { stepRefusal } from '../cpu/software-step.ts';
import { modeName, PSTATE } from '../cpu/spsr.ts';
import { daifText, flagsText } from '../cpu/sub-steps.ts';
import { explainWalk } from '../mmu/explain.ts';
import { faultText } from '../mmu/fault-words.ts';
import { lastWrites } from '../time/register-writes.ts';
import { decidedText } from './accesses.ts';
import { disassembled } from './instruction-text.ts';
import { registerWords } from './register-words.ts';
import { placeOf, type Subject } from './subject.ts';
import { list, plain } from './words.ts';
import type { Level, Preflight, PreflightCheck, Rule } from './views.ts';

type Verdict = PreflightCheck['verdict'];
const check = (title: string, value: string, text: string, verdict: Verdict = 'ok'): PreflightCheck => ({ title, value, text, verdict });

/** Milliseconds to look for who wrote a register that is 0. */
const SEARCH_MS = 20;

export function preflight(subject: Subject): Preflight | null {
  const { machine, names } = subject;
  const { cpu, environment } = machine;
  if (cpu.el === 0 || machine.currentInstruction()?.definition.name !== 'ERET') return null;
  if (toTakeInstead(cpu, environment.lines)) return null;
  const from = cpu.el;
  const outcome = returnOutcome(cpu, from);
  const { verdict, el, il, ss, nzcv, daif } = outcome;
  const pc = VA(join64(outcome.pcLow, outcome.pcHigh));
  const landing: Landing = { outcome, from, pc, ...fetchAt(subject, pc, el) };
  const isLegal = verdict.kind !== 'illegal';
  return {
    from,
    to: isLegal ? el : null,
    cause: { text: 'eret', place: placeOf(names.of(from), cpu.pc) },
    rule: verdict.rule,
    lands: {
      place: placeOf(names.of(isLegal ? el : from), pc),
      text: isLegal ? (landing.instruction ?? 'nothing can be fetched there') : '',
      note: isLegal ? landing.where : `stays at EL${from}`,
    },
    pstate: { daif: daifText(daif), nzcv: flagsText(nzcv), il: il === 1, ss: ss === 1, sp: outcome.spsel },
    checks: checksFor(subject, landing),
  };
}

/** Where a return goes and what is there. */
interface Landing {
  readonly outcome: ReturnOutcome;
  readonly from: 1 | 2;
  readonly pc: VA;
  /** The address behind pc, or the fault of its translation. */
  readonly where: string;
  /** Undefined where none can be fetched: `problem` says why. */
  readonly instruction: string | undefined;
  readonly problem: string;
  /** The TLB has it otherwise than the tables. */
  readonly stale: string;
}
const regimeOf = (el: Level): 'el1' | 'el2' => (el === 2 ? 'el2' : 'el1');

/** The fetch at pc as level `el` will make it. */
function fetchAt({ machine }: Subject, pc: VA, el: Level): Pick<Landing, 'where' | 'instruction' | 'problem' | 'stale'> {
  const failed = (where: string, problem: string) => ({ where, instruction: undefined, problem, stale: '' });
  const { mmu } = machine;
  const probe = mmu.probe(pc, 'execute', el);
  if (!probe.ok && probe.fault.kind === 'pcAlignment') return failed('', 'not a multiple of 4: a PC alignment fault follows');
  const walk = explainWalk(mmu, pc, { regime: regimeOf(el), el, access: 'x' });
  if (!probe.ok) {
    const text = faultText(probe.fault);
    return failed(text, `not executable: ${text}. ${decidedText(walk, probe.fault)}`.replace(/\.$/, ''));
  }
  const { result, tlb } = walk;
  const isStale = probe.fromTlb && tlb.stale === true;
  const pa = hex(probe.pa);
  const ipa = !isStale && result.ok && result.ipa !== null && result.ipa !== pa ? result.ipa : undefined;
  const where = ipa === undefined ? `PA ${pa}` : `IPA ${ipa}, PA ${pa}`;
  const word = machine.peekWord(probe.pa);
  if (word === undefined) return failed(where, `${where} is not memory: the fetch aborts`);
  const stale = isStale ? `, by a stale translation still held in the TLB (${tlb.difference})` : '';
  return { where, instruction: disassembled(word, pc), problem: '', stale };
}

function checksFor(subject: Subject, landing: Landing): PreflightCheck[] {
  const { machine } = subject;
  const { outcome, from } = landing;
  const { verdict, el } = outcome;
  const mode = modeName(machine.cpu.low(`SPSR_EL${from}`) & SPSR.M);
  if (verdict.kind === 'aarch32')
    return [check('Goes to', mode, `${verdict.rule.text} This machine runs AArch64 only: it stops here.`, 'error')];
  const isLegal = verdict.kind === 'legal';
  return [
    isLegal
      ? check('Goes to', mode, `SPSR_EL${from}.M = ${hex(machine.cpu.low(`SPSR_EL${from}`) & SPSR.M)}`)
      : check('Goes to', `EL${el}`, `${verdict.rule.text} The level stays the same and PSTATE.IL is set.`, 'error'),
    ...illegalState(landing),
    ...(isLegal ? [check('State', 'AArch64', executionState(from, el))] : []),
    fetchCheck(subject, landing),
    stackCheck(subject, landing),
    ...vectorChecks(subject, landing),
    interruptCheck(subject, landing),
    ...(outcome.nzcv ? [check('Flags', flagsText(outcome.nzcv), `NZCV as in SPSR_EL${from}`)] : []),
    ...stepCheck(subject, landing),
    ...stage2Check(subject, landing),
  ];
}

/** PSTATE.IL: only an exception can follow (Arm ARM D1.4.2). */
function illegalState({ outcome: { verdict, il, el }, from, problem }: Landing): PreflightCheck[] {
  if (!il) return [];
  const why = verdict.kind === 'legal' ? `SPSR_EL${from}.IL = 1` : 'the return is illegal';
  const first = problem ? ', after the instruction abort' : '';
  return [check('PSTATE.IL', '1', `${why}: instead of the next instruction, EL${el} raises an Illegal State exception${first}`, 'error')];
}

const executionState = (from: 1 | 2, el: Level): string =>
  from === 2 && el < 2 ? 'HCR_EL2.RW = 1' : from === el ? `EL${el} is in AArch64 already` : `SPSR_EL${from}.M<4> = 0`;

function fetchCheck({ machine: { cpu } }: Subject, { pc, from, where, problem, stale }: Landing): PreflightCheck {
  if (problem) return check('PC', hex(pc), problem, 'error');
  const tag = pc === cpu.get(`ELR_EL${from}`) ? '' : `ELR_EL${from} without its tag, `;
  return check('PC', hex(pc), `${tag}${where}, executable${stale}`, stale ? 'warning' : 'ok');
}

function stackCheck(subject: Subject, { outcome: { el, spsel, il } }: Landing): PreflightCheck {
  const { cpu, mmu } = subject.machine;
  const level = spsel === 0 ? 0 : el;
  const name = `SP_EL${level}` as const;
  const sp = cpu.stackPointer(level);
  const value = hex(sp);
  // What is illegal ends before it uses a stack.
  const verdict = il ? 'ok' : 'warning';
  if (sp === 0n) return check('Stack', value, `${name} ${zeroWords(subject, name)}`, verdict);
  if (sp & 15n) {
    const faults = checksStackAlignment(cpu, el) ? ': an access based on it faults' : '';
    return check('Stack', value, `${name} is not a multiple of 16${faults}`, verdict);
  }
  const push = explainWalk(mmu, VA(sp - 16n), { regime: regimeOf(el), el, access: 'w' }).result;
  if (!push.ok) return check('Stack', value, `${name}: the first push will fault (${push.text})`, verdict);
  return check('Stack', value, `${name}, its next 16 bytes can be written`);
}

/** How a register came to be 0, as far as the recording shows it. */
function zeroWords({ machine, timeline }: Subject, name: string): string {
  const search = lastWrites(timeline, [name], machine.steps, SEARCH_MS);
  const write = search.writes.get(name);
  if (write?.by === 'hand') return `is 0: set by hand at instant ${write.n}`;
  if (write) return write.after === 0n ? `is 0: written in step ${write.n}` : 'is 0';
  // A level that has run may have moved its own stack pointer there.
  return search.isComplete && timeline.isFromPowerOn && !hasRunWith(name, timeline) ? 'was never set' : 'is 0';
}
const hasRunWith = (name: string, { traps, at, startLevel }: Subject['timeline']): boolean => {
  const level = /^SP_EL(\d)$/.exec(name)?.[1];
  return level !== undefined && (Number(level) === startLevel || traps.hasReached(Number(level) as Level, at));
};

/** The vectors that exceptions take from the level reached: its own, by the stack in use, and those of EL2. */
function vectorChecks(subject: Subject, { outcome: { el, spsel } }: Landing): PreflightCheck[] {
  const { cpu, options, mmu } = subject.machine;
  const allToEl2 = el === 0 && (cpu.low('HCR_EL2') & HCR_EL2.TGE) !== 0;
  const targets = el === 2 ? [2 as const] : [...(allToEl2 ? [] : [1 as const]), ...(options.el2 ? [2 as const] : [])];
  return targets.map((target) => {
    const offset = target > el ? 0x400 : spsel ? 0x200 : 0;
    const vbar = cpu.get(`VBAR_EL${target}`);
    const slot = VA((vbar & VBAR['Vector base']) + BigInt(offset));
    const title = target > el && target === 2 && !allToEl2 ? 'Traps to EL2' : 'Vectors';
    const from = target > el ? `from EL${el}` : `at EL${el} on SP_EL${spsel ? el : 0}`;
    const place = `VBAR_EL${target} + 0x${offset.toString(16)}, for exceptions ${from}`;
    if (vbar === 0n) return check(title, hex(slot), `${place}: VBAR_EL${target} ${zeroWords(subject, `VBAR_EL${target}`)}`, 'warning');
    const { result } = explainWalk(mmu, slot, { regime: regimeOf(target), el: target, access: 'x' });
    return result.ok ? check(title, hex(slot), place) : check(title, hex(slot), `${place}: not executable: ${result.text}`, 'warning');
  });
}

const letters = (daif: number): string[] => (['D', 'A', 'I', 'F'] as const).filter((letter) => daif & PSTATE[letter]);
const joined = (parts: readonly string[]): string => plain(list(parts));

function interruptCheck({ machine }: Subject, { outcome: { el, daif } }: Landing): PreflightCheck {
  const { cpu, environment, options } = machine;
  const opened = letters(cpu.daif & ~daif);
  const closed = letters(daif & ~cpu.daif);
  const masked = letters(daif);
  const text = [
    ...(opened.length ? [`this return unmasks ${joined(opened)}`] : []),
    ...(closed.length ? [`this return masks ${joined(closed)}`] : []),
    ...(opened.length || closed.length ? [] : ['DAIF is unchanged']),
    masked.length === 4
      ? 'all are masked'
      : masked.length
        ? `${joined(masked)} ${masked.length === 1 ? 'is' : 'are'} masked`
        : 'none is masked',
    ...(el < 2 && options.el2 ? takenPastMasks(cpu, el) : []),
  ].join('; ');
  const next = interruptToTake(cpu, environment.lines, el, daif);
  return next
    ? check(
        'Interrupts',
        daifText(daif),
        `${text}; ${next.startsWith('v') ? 'a' : 'an'} ${pendingName(machine, next)} is pending and is taken before the first instruction`,
        'warning',
      )
    : check('Interrupts', daifText(daif), text);
}

/** "IRQ (INTID 27)"; HCR_EL2.VI and its like have none. */
function pendingName({ board: { gic } }: Subject['machine'], type: InterruptType): string {
  const signalled = type === 'SError' || type === 'vSError' ? undefined : gic.signalled(outputs[type]);
  return signalled ? `${type} (INTID ${signalled.intid})` : type;
}
const outputs = { IRQ: 'irq', FIQ: 'fiq', vIRQ: 'virq', vFIQ: 'vfiq' } as const;

/** What is taken below EL2 though everything is masked there, because it goes to EL2 (Arm ARM D1.3.6). */
function takenPastMasks(cpu: Subject['machine']['cpu'], el: Level): string[] {
  const found = physical.filter(({ line, type }) => interruptToTake(cpu, { ...noLines, [line]: true }, el, 15) === type);
  if (found.length === 0) return [];
  if (cpu.low('HCR_EL2') & HCR_EL2.TGE) return ['all are taken to EL2, whatever the masks here (HCR_EL2.TGE = 1)'];
  const names = joined(found.map(({ type }) => `${type}s`));
  return [`physical ${names} are still taken to EL2 (${found.map(({ route }) => `HCR_EL2.${route} = 1`).join(', ')})`];
}
const noLines = { irq: false, fiq: false, serror: false, virq: false, vfiq: false };
const physical = [
  { line: 'serror', type: 'SError', route: 'AMO' },
  { line: 'irq', type: 'IRQ', route: 'IMO' },
  { line: 'fiq', type: 'FIQ', route: 'FMO' },
] as const;

const because = ({ text, bits }: Rule): string => {
  const named = bits.map(({ register, field, value }) => `${register}.${field} = ${value}`).filter((one) => !text.includes(one));
  return `${text.replace(/\.$/, '')}${named.length ? ` (${named.join(', ')})` : ''}`;
};

/** Software step, where SPSR or MDSCR_EL1 asks for it (Arm ARM D2.12). */
function stepCheck({ machine: { cpu } }: Subject, { outcome: { el, ss, daif }, from }: Landing): PreflightCheck[] {
  const spsr = cpu.low(`SPSR_EL${from}`);
  const asked = (spsr & SPSR.SS) !== 0;
  const isOn = (cpu.low('MDSCR_EL1') & MDSCR_EL1.SS) !== 0;
  if (!asked && !isOn) return [];
  const target = `EL${debugTarget(cpu)}`;
  if (ss) return [check('Step', 'SS = 1', `one instruction runs, then a Software Step exception goes to ${target}`)];
  if (isOn && !debugRefusal(cpu, el, (daif & PSTATE.D) !== 0))
    return [check('Step', 'SS = 0', `a Software Step exception goes to ${target} before the first instruction`, 'warning')];
  if (!asked) return [];
  return [check('Step', 'SS = 0', `SPSR_EL${from}.SS = 1 has no effect: ${because(stepRefusal(cpu, el, spsr)!)}`, 'warning')];
}

function stage2Check(subject: Subject, { outcome: { el }, from }: Landing): PreflightCheck[] {
  const { cpu, mmu, options } = subject.machine;
  if (el === 2 || from < 2 || !options.el2) return [];
  const { stage1, stage2 } = mmu.describe('el1');
  if (!stage2?.on) return [check('Stage 2', 'off', 'HCR_EL2.VM = 0: the guest’s physical addresses are the real ones')];
  const why = stage2.rule.bits.map(({ register, field, value }) => `${register}.${field} = ${value}`).join(', ');
  const dc = cpu.low('HCR_EL2') & HCR_EL2.DC ? `. ${stage1.rule.text}` : '';
  return [check('Stage 2', 'on', `${why}: ${registerWords('VTTBR_EL2', cpu.get('VTTBR_EL2'), subject)}${dc}`)];
}
