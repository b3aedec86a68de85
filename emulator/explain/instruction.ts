/**
 * The next instruction in words: what it is for, from the sentence beside its definition, and what comes of it here, from its evaluation
 * and from the judgement of the machine (outcome.ts).
 */
import { VA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import {
  describeRegister,
  findRegister,
  interruptPending,
  judgeReturn,
  peekRegister,
  type CpuState,
  type Exception,
  type MemoryFault,
  type OtherRegisters,
} from '../cpu/index.ts';
import { decode, disassemble, operationOf, registerOf, sayAnywhere, type Decoded, type Part } from '../isa/index.ts';
import type { Machine } from '../machine/machine.ts';
import { psciName } from '../machine/psci.ts';
import { faultText } from '../mmu/fault-words.ts';
import { refusalReason } from './accesses.ts';
import { interruptName } from './interrupt-words.ts';
import { operationWords } from './operation-words.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import type { Level, RichText } from './views.ts';
import { code, hexCode, rich } from './words.ts';

/** The name of an address, or undefined. */
type Symbol = (address: VA) => string | undefined;
/** Those that a level's addresses have. */
interface LevelNames {
  of(el: Level): { readonly symbol: Symbol };
}

/** The instruction at pc in one sentence or two. */
export function explainInstruction({ machine, names }: { readonly machine: Machine; readonly names: LevelNames }): RichText {
  const here = names.of(machine.cpu.el);
  const symbol: Symbol = (address) => here.symbol(address) ?? deviceRegister(machine, address);
  const outcome = outcomeOf(machine);
  const { instead, word, decoded, exception, fault, saying } = outcome;
  if (instead) return insteadWords(machine, instead);
  if (word === undefined)
    return rich('No instruction can be fetched here: ', faultWords(fault!), takenTo(exception!), '.', refusalReason(machine, outcome));
  if (exception?.type === 'IllegalState')
    return rich(code('PSTATE.IL'), ' is 1, so no instruction can execute: an exception to ', `EL${exception.target} follows.`);
  if (!decoded) return undefinedWords(word, exception!);
  const action = actionOf(machine, decoded, saying!.action, symbol);
  if (fault) return rich(action, ': ', faultWords(fault), takenTo(exception!), '.', refusalReason(machine, outcome));
  if (exception) return rich(action, '. ', exceptionWords(machine, exception));
  if (decoded.definition.name === 'ERET') return rich(action, returnWords(machine.cpu, names));
  const result = saying!.effects ? told(saying!.outcome, symbol) : machineResult(machine, decoded, outcome);
  return result.length === 0 ? rich(action, '.') : rich(action, ': ', result, '.');
}

/** The same for a word wherever it runs: what it is for, with its operands by name. */
export function describeInstruction(word: number, pc: VA, symbol: Symbol = () => undefined): RichText {
  const decoded = decode(word);
  const says = decoded && sayAnywhere(decoded, pc);
  return says ? rich(told(says, symbol), '.') : rich(code(hex(BigInt(word >>> 0))), ' is not an instruction of this processor.');
}

/** "Before this instruction, an IRQ is taken: the virtual timer, INTID 27 (PPI 11)." */
function insteadWords({ board }: Machine, { type, interrupt, rule }: Exception): RichText {
  const what = { Step: 'a Software Step exception', Breakpoint: 'a Breakpoint exception', IRQ: 'an IRQ', FIQ: 'an FIQ' };
  const virtual = { vIRQ: 'a virtual IRQ', vFIQ: 'a virtual FIQ', SError: 'an SError', vSError: 'a virtual SError' };
  const name = { ...what, ...virtual }[type as keyof typeof what | keyof typeof virtual];
  const by = interrupt ? `: ${interruptName(interrupt.intid, board.regions)}` : '';
  return rich(`Before this instruction, ${name} is taken${by}. ${rule.text}`);
}

/** The register of a device at a VA, by its name. */
function deviceRegister({ mmu, cpu, board }: Machine, va: VA): string | undefined {
  const at = mmu.probe(va, 'read', cpu.el);
  return at.ok ? board.bus.registerAt(at.pa) : undefined;
}

/** What the instruction is for. Of a system operation the operand tells. */
function actionOf(machine: Machine, decoded: Decoded, action: readonly Part[], symbol: Symbol): RichText {
  const operation = operationOf(decoded);
  return operation ? operationWords(machine, operation, machine.cpu.x(decoded.fields.Rt)) : told(action, symbol);
}

function undefinedWords(word: number, { target }: Exception): RichText {
  const shown = code(`0x${word.toString(16).padStart(8, '0')}`);
  const isUdf = disassemble(word, VA(0n)).mnemonic === 'udf';
  const what = isUdf ? ' is UDF, permanently undefined' : ' is not an instruction of this processor';
  return rich(shown, `${what}: an Undefined exception to EL${target} follows.`);
}

/** An exception instead of the instruction, or as its purpose, with the rule that decided. */
function exceptionWords({ cpu }: Machine, { target, rule, reason }: Exception): string {
  return reason ? `It is UNDEFINED at EL${cpu.el}: an exception to EL${target} follows. ${reason.text}` : rule.text;
}

const lowered = (text: string): string => (/^[A-Z][a-z]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text);
const faultWords = (fault: MemoryFault): string => lowered(faultText(fault));
const kinds: Partial<Record<Exception['type'], string>> = {
  DataAbort: 'a data abort',
  InstructionAbort: 'an instruction abort',
  Watchpoint: 'a watchpoint exception',
};
const takenTo = ({ type, target }: Exception): string => `; ${kinds[type] ?? 'an exception'} to EL${target} follows`;

/** What an instruction that the machine executes does, where it takes no exception. */
function machineResult(machine: Machine, decoded: Decoded, { after }: Outcome): RichText {
  const { cpu, environment } = machine;
  const { name } = decoded.definition;
  // Its words say all of it.
  if (operationOf(decoded)) return [];
  switch (name) {
    case 'HVC':
    case 'SMC': {
      const call = psciName(cpu.x(0));
      return call === undefined
        ? rich('the firmware does not know function ', hexCode(cpu.x(0)))
        : rich('the firmware handles it as ', code(call));
    }
    case 'WFI':
      return rich(
        interruptPending(cpu, environment.lines) ? 'one is pending, so execution continues at once' : 'none is pending, so it waits',
      );
    case 'WFE':
      return rich(
        cpu.event
          ? 'the Event Register is set, so it is cleared and execution continues'
          : 'the Event Register is clear; this machine continues anyway',
      );
    case 'MSR (register)':
      return writeWords(machine, decoded, after);
    case 'MSR (immediate)':
      if (decoded.fields.op2 === 5) return rich(code('sp'), ' becomes ', hexCode(after!.sp));
      return rich(code('PSTATE.DAIF'), after!.daif === cpu.daif ? ' stays ' : ' becomes ', code(daifText(after!.daif)));
    default:
      return after ? changedRegister(cpu, after, decoded.fields.Rt ?? decoded.fields.Rd) : [];
  }
}

const daifText = (daif: number): string => `0b${daif.toString(2).padStart(4, '0')}`;

function changedRegister(cpu: CpuState, after: CpuState, number: number | undefined): RichText {
  if (number === undefined) return [];
  if (number === 31) return rich('the value is discarded');
  return rich(code(`x${number}`), ' becomes ', hexCode(after.x(number)));
}

/** " to main. SPSR_EL2.M names EL1h: ERET goes to EL1 with SP_EL1." */
function returnWords(cpu: CpuState, names: LevelNames): RichText {
  const from = cpu.el as 1 | 2;
  const { kind, el, rule } = judgeReturn(cpu, from, cpu.low(`SPSR_EL${from}`));
  if (kind === 'illegal') return rich(`. ${rule.text.replace(/\.$/, '')}; it stays at EL${from} and sets `, code('PSTATE.IL'), '.');
  const rest = kind === 'aarch32' ? ' This machine does not have AArch32.' : '';
  return rich(' to ', place(VA(cpu.get(`ELR_EL${from}`)), names.of(el).symbol), `. ${rule.text}${rest}`);
}

/** How many fields of a system register are listed. */
const FIELDS = 4;

function writeWords({ environment, cpu }: Machine, decoded: Decoded, after: CpuState | undefined): RichText {
  const name = registerOf(decoded);
  const before = peekRegister(cpu, environment, name);
  const value = after && peekRegister(after, environment, name);
  if (before === undefined || value === undefined) return [];
  if (value === before) return rich('it already has that value');
  const others: OtherRegisters = (other) => cpu.get(other);
  const fieldsBefore = describeRegister(name, before, others)?.fields ?? [];
  const changed = (describeRegister(name, value, others)?.fields ?? []).flatMap((field, i) => {
    const old = fieldsBefore[i];
    return old?.name === field.name && old.value !== field.value && field.high - field.low < 16
      ? [`${field.name} ${hexIfWide(old.value)} → ${hexIfWide(field.value)}`]
      : [];
  });
  const shown = changed.slice(0, FIELDS).join(', ') + (changed.length > FIELDS ? ` and ${changed.length - FIELDS} more` : '');
  const asWritten = value === cpu.x(decoded.fields.Rt);
  if (asWritten) return rich(shown === '' ? `it was ${hex(before)}` : shown);
  return rich('it becomes ', hexCode(value), shown === '' ? '' : ` (${shown})`);
}

const hexIfWide = (value: bigint): string => (value < 10n ? String(value) : hex(value));
const place = (address: VA, symbol: Symbol): { code: string } => code(symbol(address)?.replace(/\+0x0$/, '') ?? hex(address));

/** A piece of a sentence of the instruction set, with its names. */
function told(parts: readonly Part[], symbol: Symbol): RichText {
  return rich(
    ...parts.flatMap((part): RichText => {
      if (typeof part === 'string' || 'code' in part) return [part];
      if ('place' in part) return [place(part.place, symbol)];
      if ('address' in part) {
        const name = symbol(part.address);
        return [hexCode(part.address), name === undefined ? '' : ` (${name.replace(/\+0x0$/, '')})`];
      }
      const title = findRegister(part.register)?.title;
      return [code(part.register), title === undefined ? '' : `, ${lowered(title)}`];
    }),
  );
}
