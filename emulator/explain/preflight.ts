/** What an ERET that is the next instruction will do, checked point by point before it runs (Arm ARM D1.4 "Exception return"). */
import { bit, bits } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import { modeName } from '../cpu/spsr.ts';
import type { CpuState } from '../cpu/state.ts';
import { explainWalk, type Walk } from '../mmu/index.ts';
import { registerWords } from './register-words.ts';
import { placeOf, type Subject } from './subject.ts';
import type { Level, Preflight, PreflightCheck } from './views.ts';
import { disassembled } from './levels.ts';

type Verdict = PreflightCheck['verdict'];
const check = (title: string, value: string, text: string, verdict: Verdict = 'ok'): PreflightCheck => ({ title, value, text, verdict });

/** Where SPSR says the return goes; null where that is illegal (the conditions of IllegalExceptionReturn, Arm ARM J1.1.3). */
interface Destination {
  readonly el: Level;
  readonly spsel: 0 | 1;
  readonly aarch32: boolean;
}

export function preflight(subject: Subject): Preflight | null {
  const { machine, names } = subject;
  const { cpu } = machine;
  if (cpu.el === 0 || machine.currentInstruction()?.definition.name !== 'ERET') return null;
  const from = cpu.el;
  const spsr = cpu.get(`SPSR_EL${from}`);
  const elr = cpu.get(`ELR_EL${from}`);
  const mode = Number(spsr & 0x1fn);
  const { destination, problem } = destinationOf(cpu, spsr, machine.options.el2);
  const common = {
    from,
    cause: { text: 'eret', place: placeOf(names, cpu.pc) },
    rule: {
      text: destination ? `${modeName(mode)}, from SPSR_EL${from}` : problem!,
      bits: [
        { register: `SPSR_EL${from}`, field: 'M', value: hex(mode) },
        ...(from === 2 ? [{ register: 'HCR_EL2', field: 'RW', value: String(bit(cpu.get('HCR_EL2'), 31)) }] : []),
      ],
    },
  };
  if (!destination) {
    const checks = [
      check(
        'Goes to',
        modeName(mode),
        `${problem} The return is illegal: the level stays, PSTATE.IL is set, and the next instruction raises an exception.`,
        'error',
      ),
    ];
    return { ...common, to: null, lands: { place: placeOf(names, elr), text: '', note: `stays at EL${from}` }, checks };
  }
  const { el } = destination;
  const walk = explainWalk(machine.mmu, elr, { regime: el === 2 ? 'el2' : 'el1', el, access: 'x' });
  const word = walk.result.ok ? machine.peekWord(BigInt(walk.result.pa)) : undefined;
  return {
    ...common,
    to: el,
    lands: {
      place: placeOf(names, elr),
      text: word === undefined ? 'no instruction can be fetched there' : disassembled(word, elr),
      note: landingNote(walk),
    },
    checks: checksFor(subject, destination, { spsr, elr, walk }),
  };
}

function destinationOf(cpu: CpuState, spsr: bigint, hasEl2: boolean): { destination?: Destination; problem?: string } {
  const mode = Number(spsr & 0x1fn);
  const from = cpu.el;
  const rw = hasEl2 ? bit(cpu.get('HCR_EL2'), 31) : 1;
  if (mode & 0x10) {
    const el: Level | undefined = (mode & 15) === 0 ? 0 : [1, 2, 3, 7, 11, 15].includes(mode & 15) ? 1 : undefined;
    if (el === undefined) return { problem: `SPSR_EL${from}.M = ${hex(mode)} is not a mode that can be returned to.` };
    if (el === 1 && (rw === 1 || from < 2)) return { problem: 'SPSR asks for AArch32 at EL1, but HCR_EL2.RW = 1 makes EL1 AArch64.' };
    return { destination: { el, spsel: 1, aarch32: true } };
  }
  const el = mode >> 2;
  if (mode & 2 || el === 3) return { problem: `SPSR_EL${from}.M = ${hex(mode)} is not a mode of this processor.` };
  if (el > from) return { problem: `SPSR_EL${from}.M asks for EL${el}, but a return never goes up.` };
  if (el === 0 && mode & 1) return { problem: 'EL0 always uses SP_EL0: M<0> must be 0.' };
  if (el === 1 && from === 2 && rw === 0) return { problem: 'SPSR asks for AArch64 at EL1, but HCR_EL2.RW = 0 makes EL1 AArch32.' };
  if (el === 1 && from === 2 && bit(cpu.get('HCR_EL2'), 27)) return { problem: 'HCR_EL2.TGE = 1: there is no EL1 to return to.' };
  return { destination: { el: el as Level, spsel: (mode & 1) as 0 | 1, aarch32: false } };
}

function landingNote({ result }: Walk): string {
  if (!result.ok) return result.text;
  return result.ipa !== null && result.ipa !== result.pa ? `IPA ${result.ipa}, maps to PA ${result.pa}` : `PA ${result.pa}`;
}

function checksFor(
  { machine, names }: Subject,
  { el, spsel, aarch32 }: Destination,
  { spsr, elr, walk }: { readonly spsr: bigint; readonly elr: bigint; readonly walk: Walk },
): PreflightCheck[] {
  const { cpu, mmu } = machine;
  const from = cpu.el;
  const checks = [check('Goes to', modeName(Number(spsr & 0x1fn)), `SPSR_EL${from}.M = ${hex(spsr & 0x1fn)}`)];
  checks.push(
    aarch32
      ? check('State', 'AArch32', 'this machine runs AArch64 only: it would stop here', 'error')
      : check('State', 'AArch64', from === 2 && el === 1 ? 'HCR_EL2.RW = 1' : 'SPSR.M<4> = 0'),
  );
  const { result } = walk;
  if (elr & 3n) checks.push(check('PC', hex(elr), 'not a multiple of 4: a PC alignment fault follows', 'error'));
  else if (!result.ok) checks.push(check('PC', hex(elr), `cannot be executed there: ${result.text}`, 'error'));
  else checks.push(check('PC', hex(elr), `${landingNote(walk)}, executable`));
  const stack = spsel === 0 ? 0 : el;
  const sp = cpu.stackPointer(stack);
  const stackWalk = explainWalk(mmu, sp - 16n, { regime: el === 2 ? 'el2' : 'el1', el, access: 'w' });
  if (sp === 0n) checks.push(check('Stack', '0x0', `SP_EL${stack} was never set`, 'warning'));
  else if (sp & 15n) checks.push(check('Stack', hex(sp), `SP_EL${stack} is not a multiple of 16`, 'warning'));
  else if (!stackWalk.result.ok)
    checks.push(check('Stack', hex(sp), `SP_EL${stack}: the first push would fault (${stackWalk.result.text})`, 'warning'));
  else checks.push(check('Stack', hex(sp), `SP_EL${stack}, mapped, read and write`));
  if (el === 1) checks.push(vectorsCheck(cpu.get('VBAR_EL1')));
  const opened = ['D', 'A', 'I', 'F'].filter((_letter, i) => (cpu.daif & (8 >> i)) !== 0 && bit(spsr, 9 - i) === 0);
  checks.push(
    check(
      'Interrupts',
      opened.length ? `opens ${opened.join('')}` : 'unchanged',
      opened.length
        ? `this return unmasks ${opened.join(', ')}`
        : `DAIF ${bits(spsr, 9, 6).toString(2).padStart(4, '0')} afterwards, none is opened`,
    ),
  );
  if (el < 2 && from === 2) {
    const on = bit(cpu.get('HCR_EL2'), 0) === 1;
    checks.push(
      check(
        'Stage 2',
        on ? 'on' : 'off',
        on ? registerWords('VTTBR_EL2', cpu.get('VTTBR_EL2'), names) : 'HCR_EL2.VM = 0: the guest sees physical memory as it is',
      ),
    );
  }
  return checks;
}

function vectorsCheck(vbar: bigint): PreflightCheck {
  if (vbar === 0n) return check('Vectors', '0x0', 'VBAR_EL1 is not set yet: an exception at EL1 would go to address 0x200', 'warning');
  if (vbar & 0x7ffn) return check('Vectors', hex(vbar), 'VBAR_EL1 is not a multiple of 2 KiB: its low bits are ignored', 'warning');
  return check('Vectors', hex(vbar), 'VBAR_EL1 is set and aligned');
}
