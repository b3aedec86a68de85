/** What happened, in words: for the Now line, the list of traps and their stories. */
import { type IPA, PA, VA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import {
  exceptionClass,
  faultStatus,
  instructionSpecificSyndrome,
  isOfWrite,
  isOnTableWalk,
  refusedIpa,
  type CpuEvent,
  type ExceptionEvent,
} from '../cpu/events.ts';
import { stackAlignmentBits } from '../cpu/aborts.ts';
import { faultStatuses, faultStatusText } from '../cpu/faults.ts';
import { ISS_DATA, ISS_IMMEDIATE, ISS_WAITING, SPSR, valueIn } from '../cpu/registers/bits.ts';
import { modeName } from '../cpu/spsr.ts';
import { exceptionClassName } from '../cpu/syndrome-text.ts';
import { exceptionClasses, trappedWord } from '../cpu/syndrome.ts';
import { disassemble } from '../isa/index.ts';
import type { BoardRegion } from '../machine/board-row.ts';
import { callOwner, psciName, psciResult, psciReturns } from '../machine/psci.ts';
import { disassembled } from './instruction-text.ts';
import type { DetailedEvent } from './events.ts';
import { interruptName } from './interrupt-words.ts';
import type { Names, RecordedNames, Subject } from './subject.ts';
import { buildAdvice } from './undefined-words.ts';
import type { Level, RichText, Rule } from './views.ts';
import { code, rich } from './words.ts';

const levelTitles: Readonly<Record<Level, string>> = { 0: 'The program at EL0', 1: 'The guest at EL1', 2: 'The hypervisor' };
/** "The hypervisor", "The guest at EL1": at the start of a sentence. Without EL2 there are no guests. */
export const levelTitle = (el: Level, hasEl2 = true): string => (el === 1 && !hasEl2 ? 'The kernel at EL1' : levelTitles[el]);

/** Why an abort happened, from its syndrome. */
export const abortReason = (esr: number): string => faultStatusText(faultStatus(esr));

/** The intermediate physical address of a stage-2 fault. */
export const faultIpa = ({ esr, hpfar, far }: ExceptionEvent): IPA | undefined =>
  hpfar === null ? undefined : refusedIpa(esr ?? 0, hpfar, far ?? VA(0n));

const accessSize = (iss: number): string => ['1 byte', '2 bytes', '4 bytes', '8 bytes'][valueIn(iss, ISS_DATA.SAS)];

/** The instruction that a syndrome of EC 0x18 names: "mrs x0, ctr_el0", "dc zva, x0", "msr daifset, #0x2". */
function trappedInstruction(esr: number): { readonly mnemonic: string; readonly operands: string } {
  const word = trappedWord(esr);
  return disassemble(word, VA(0n)) ?? { mnemonic: 'sys', operands: hex(word) };
}
/** Of a trapped MSR or MRS of a register: "read of CTR_EL0", "write of HCR_EL2". Of all others the instruction itself. */
function trappedWords(esr: number): string {
  const { mnemonic, operands } = trappedInstruction(esr);
  const [first, second] = operands.split(', ');
  if (mnemonic === 'mrs') return `read of ${second.toUpperCase()}`;
  return mnemonic === 'msr' && !second.startsWith('#') ? `write of ${first.toUpperCase()}` : `${mnemonic} ${operands}`;
}

/** ISS.CM: cache maintenance or an address translation, which access nothing. */
const isMaintenance = (iss: number): boolean => (iss & ISS_DATA.CM) !== 0;
/** What was done to an address. */
const accessVerb = (iss: number): string => (isMaintenance(iss) ? 'cache maintenance or AT' : isOfWrite(iss) ? 'write' : 'read');
const hasSize = (iss: number): boolean => (iss & ISS_DATA.ISV) !== 0;
const isTranslationFault = (iss: number): boolean => {
  const { code, levels } = faultStatuses.translation;
  return levels.some((level) => faultStatus(iss) === code + level);
};

/** As short as a label: "HVC", "Data abort", "WFI", "MSR". */
export function trapName(event: CpuEvent): string {
  if (event.kind === 'psci') return 'PSCI';
  if (event.kind !== 'exception') return event.kind === 'return' ? 'Return' : 'Illegal return';
  const { type, esr } = event;
  if (type !== 'Trap' || esr === null) return typeTitle(type);
  const iss = instructionSpecificSyndrome(esr);
  return exceptionClass(esr) === exceptionClasses.wfx
    ? iss & ISS_WAITING.TI
      ? 'WFE'
      : 'WFI'
    : trappedInstruction(esr).mnemonic.toUpperCase();
}
const typeTitles: Readonly<Record<string, string>> = {
  DataAbort: 'Data abort',
  InstructionAbort: 'Fetch abort',
  PCAlignment: 'PC alignment',
  SPAlignment: 'SP alignment',
  IllegalState: 'Illegal state',
  Trap: 'Trapped',
  ERET: 'Return',
};
/** A type of traps as a label. */
export const typeTitle = (type: string): string => typeTitles[type] ?? type;

/** The instruction that an exception is about: a call returns behind its own, all others to the one that they are about. */
export const causeAddress = ({ type, elr }: ExceptionEvent): VA => (type === 'HVC' || type === 'SVC' ? VA(elr - 4n) : elr);

/** A few words for a line of the list: "hvc #0x1, in hv_putc", "write UARTDR, 4 bytes". */
export function trapWords(event: CpuEvent, { names, machine }: WordsSource): string {
  if (event.kind === 'psci') {
    const id = event.function;
    const result = psciReturns(id) ? `: ${psciResult(id, event.result) ?? hex(event.result)}` : '';
    return `${psciName(id) ?? `${callOwner(id)}, ${hex(id)}`}${result}`;
  }
  if (event.kind !== 'exception') {
    const place =
      names
        .met(event.to, event.vmid, event.n)
        .symbol(event.pc)
        ?.replace(/\+0x0$/, '') ?? hex(event.pc);
    return event.kind === 'return' ? `to ${modeName(event.spsr & SPSR.M)} at ${place}` : event.rule.text;
  }
  const { type, esr } = event;
  const within = functionAt(names.met(event.from, event.vmid, event.n), causeAddress(event));
  if (esr === null) return `${interruptWords(event, machine.board.regions)}${within}`;
  const iss = instructionSpecificSyndrome(esr);
  switch (type) {
    case 'HVC':
    case 'SVC':
    case 'SMC':
      return `${type.toLowerCase()} #${hex(iss & ISS_IMMEDIATE)}${callWords(event)}${within.replace(',', '')}`;
    case 'Trap': {
      if (exceptionClass(esr) === exceptionClasses.wfx) return `${iss & ISS_WAITING.TI ? 'wfe' : 'wfi'}${within}`;
      return trappedWords(esr);
    }
    case 'DataAbort':
      return abortWords(event, iss, machine.board.bus);
    case 'InstructionAbort':
      return `fetch at ${hex(event.far ?? 0n)}: ${abortReason(iss)}`;
    case 'FP':
      return `floating point or SIMD${within}`;
    case 'Undefined':
      return `UNDEFINED instruction${within}`;
    case 'PCAlignment':
      return `misaligned PC ${hex(event.far ?? 0n)}`;
    default:
      return `${exceptionClassName(esr)}${within}`;
  }
}
/** What a call asks for: the name of a PSCI function, else X0. */
function callWords({ type, x0 }: ExceptionEvent): string {
  if (x0 === null) return '';
  const name = type === 'SVC' ? undefined : psciName(x0);
  return name === undefined ? `, x0 = ${hex(x0)}` : `, ${name}`;
}
/** Who asks for an interrupt: "the virtual timer, INTID 27 (PPI 11)", "virtual INTID 27, from list register 0". */
function interruptWords({ type, intid, listRegister }: ExceptionEvent, regions: readonly BoardRegion[]): string {
  if (!type.startsWith('v')) return intid === null ? 'no INTID from the GIC' : interruptName(intid, regions);
  if (intid === null) return `made pending by HCR_EL2.${type === 'vIRQ' ? 'VI' : 'VF'}`;
  return `virtual INTID ${intid}, from list register ${listRegister}`;
}

/** What words need to know beside the event. */
export interface WordsSource {
  readonly names: RecordedNames;
  readonly machine: {
    readonly board: { readonly bus: { registerAt(pa: PA): string | undefined }; readonly regions: readonly BoardRegion[] };
  };
}

function functionAt(names: Names, address: VA): string {
  const symbol = names.symbol(address)?.replace(/\+0x[0-9a-f]+$/, '');
  return symbol === undefined ? '' : `, in ${symbol}`;
}

/** An access to a device that stage 2 keeps from the guest is described by the register that the board has at this address. */
function abortWords(event: ExceptionEvent, iss: number, bus: { registerAt(pa: PA): string | undefined }): string {
  const ipa = faultIpa(event);
  if (ipa !== undefined && isOnTableWalk(iss)) return `walk of ${hex(event.far ?? 0n)}, table at IPA page ${hex(ipa)}: ${abortReason(iss)}`;
  const register = ipa === undefined ? undefined : bus.registerAt(PA(ipa));
  if (register !== undefined && isTranslationFault(iss))
    return `${accessVerb(iss)} ${register}${hasSize(iss) ? `, ${accessSize(iss)}` : ''}`;
  const where = register ?? (ipa === undefined ? hex(event.far ?? 0n) : `IPA ${hex(ipa)}`);
  return `${accessVerb(iss)}${hasSize(iss) ? ` of ${accessSize(iss)}` : ''} at ${where}: ${abortReason(iss)}`;
}

/** What happened, as one sentence or a few. */
export function trapSentence(event: DetailedEvent, { names, machine }: Pick<Subject, 'names' | 'machine'>): RichText {
  const who = levelTitle(event.from, machine.options.el2);
  if (event.kind === 'psci') return firmwareSentence(event, who);
  const { from, to } = event;
  const at = code(names.met(to, event.vmid, event.n).symbol(event.pc) ?? hex(event.pc));
  if (event.kind === 'exception')
    return rich(
      exceptionSentence(event, who, machine.board.regions),
      buildAdvice(event, machine.board),
      ` EL${to} is about to run the first instruction of its handler.`,
    );
  if (event.kind === 'illegal-return')
    return rich('The ', code('eret'), ` at EL${from} is illegal: the level stays the same and PSTATE.IL is set. ${event.rule.text}`);
  const verb = from === to ? `EL${from} returned to itself` : `EL${from} handed over to EL${to}`;
  const beside = event.circumstance === undefined ? '' : ` ${event.circumstance}`;
  return rich(verb, ' with ', code('eret'), `.${beside} Execution continues at `, at, '.');
}

function firmwareSentence({ function: id, result, args }: Extract<DetailedEvent, { kind: 'psci' }>, who: string): RichText {
  const name = psciName(id);
  const call =
    name === undefined
      ? rich(`${callOwner(id)}, function `, code(hex(id)))
      : rich(name.startsWith('PSCI_') ? '' : 'PSCI ', code(psciCall(name, args)));
  if (!psciReturns(id)) return rich(`${who} called the firmware: `, call, ', which does not return.');
  return rich(`${who} called the firmware: `, call, '. It returned ', code(psciResult(id, result) ?? hex(result)), '.');
}
/** With what it is about: "PSCI_FEATURES of CPU_ON", "CPU_ON of CPU 0x1". */
function psciCall(name: string, [, about]: readonly bigint[]): string {
  if (name === 'PSCI_FEATURES') return `${name} of ${psciName(about) ?? hex(about)}`;
  return name === 'CPU_ON' || name === 'AFFINITY_INFO' ? `${name} of CPU ${hex(about)}` : name;
}

/** The instruction that caused an event; undefined where it could not be fetched. */
const instructionOf = ({ causeWord, causePc }: DetailedEvent): { readonly code: string } | undefined =>
  causeWord === undefined ? undefined : code(disassembled(causeWord, causePc));

/** The bit that decides: "HCR_EL2.TWI = 1". */
const bitWords = ({ bits: [bit] }: Rule): string => (bit ? `${bit.register}.${bit.field} = ${bit.value}` : 'a control bit');

/** The bit that has SP checked at a level: "SCTLR_EL1.SA = 1". */
function stackCheck(el: Level): string {
  const { register, field } = stackAlignmentBits[el];
  return `${register}.${field} = 1`;
}

type DetailedException = Extract<DetailedEvent, { kind: 'exception' }>;

function exceptionSentence(event: DetailedException, who: string, regions: readonly BoardRegion[]): RichText {
  const { type, esr, from, to, circumstance } = event;
  const iss = esr === null ? 0 : instructionSpecificSyndrome(esr);
  const instruction = instructionOf(event) ?? 'an instruction';
  const because = circumstance === undefined ? '' : `: ${circumstance}`;
  const decided = circumstance ? ` ${circumstance}` : '';
  const trapped = (): string => `${bitWords(event.rule)} traps it.`;
  switch (type) {
    case 'HVC':
      return rich(
        `${who} asked ${from === to ? 'its own level' : 'the hypervisor'} for a service with `,
        code(`hvc #${hex(iss & ISS_IMMEDIATE)}`),
        '.',
      );
    case 'SVC':
      return rich(
        `${who} asked ${from === to ? 'its own level' : `EL${to}`} for a service with `,
        code(`svc #${hex(iss & ISS_IMMEDIATE)}`),
        '.',
      );
    case 'SMC':
      return rich(
        `${who} called the firmware with `,
        code(`smc #${hex(iss & ISS_IMMEDIATE)}`),
        '; HCR_EL2.TSC = 1 traps it to the hypervisor.',
      );
    case 'IRQ':
    case 'FIQ':
      return event.intid === null
        ? rich(`An ${type} arrived while EL${from} was running; the GIC reports no INTID for it.`)
        : rich(`An ${type} from ${interruptName(event.intid, regions)}, arrived while EL${from} was running${because}.`);
    case 'vIRQ':
    case 'vFIQ':
      return event.intid === null
        ? rich(`A virtual ${type.slice(1)} reached EL1: HCR_EL2.${type === 'vIRQ' ? 'VI' : 'VF'} = 1 makes it pending, without an INTID.`)
        : rich(`A virtual ${type.slice(1)} with INTID ${event.intid} reached EL1, from list register ${event.listRegister} of the GIC.`);
    case 'SError':
      return rich(`An SError (asynchronous external abort) arrived while EL${from} was running.`);
    case 'vSError':
      return rich('A virtual SError reached EL1: HCR_EL2.VSE = 1 made it pending.');
    case 'Trap':
      if (exceptionClass(esr!) === exceptionClasses.wfx)
        return rich(`${who} would have waited at `, code(iss & ISS_WAITING.TI ? 'wfe' : 'wfi'), `, but ${trapped()}`);
      return rich(`${who} tried to execute `, instruction, `; ${trapped()}`);
    case 'DataAbort':
      if (isOnTableWalk(iss)) return walkSentence(event, who, iss, decided);
      return rich(
        `${who} ${abortedAccess(event, iss)} VA `,
        code(hex(event.far ?? 0n)),
        ...stage2Place(event),
        `: ${abortReason(iss)}.${decided}`,
      );
    case 'InstructionAbort':
      if (isOnTableWalk(iss)) return walkSentence(event, who, iss, decided);
      return rich(
        `${who} could not fetch the instruction at VA `,
        code(hex(event.far ?? 0n)),
        ...stage2Place(event),
        `: ${abortReason(iss)}.${decided}`,
      );
    case 'PCAlignment':
      return rich(`The PC of EL${from} is misaligned: `, code(hex(event.elr)), ' is not a multiple of 4.', ...ledBy(event));
    case 'SPAlignment':
      return rich(
        `${who} used SP as a base with `,
        instruction,
        `, but SP is not a multiple of 16, and ${stackCheck(from)} requires it. QEMU 7.2 does not check it.`,
      );
    case 'IllegalState':
      return rich(
        `EL${from} cannot execute `,
        instruction,
        ': PSTATE.IL = 1, set by an illegal return or restored from an SPSR in which IL is set.',
      );
    case 'FP':
      return rich(`${who} tried to execute `, instruction, `, which uses the floating-point and SIMD registers; ${trapped()}`);
    case 'Undefined':
      return rich(`${who} executed `, instruction, `, which is UNDEFINED.${event.reason ? ` ${event.reason.text}` : ''}`);
    case 'BRK':
      return rich(`${who} executed the breakpoint instruction `, code(`brk #${hex(iss & ISS_IMMEDIATE)}`), '.');
    case 'Breakpoint':
      return rich(`A hardware breakpoint matched at EL${from}, before `, instruction, '.');
    case 'Watchpoint':
      return rich(`${who} accessed VA `, code(hex(event.far ?? 0n)), ' with ', instruction, ': a watchpoint matched.');
    case 'Step':
      return rich(`Software step: EL${from} has executed one instruction; the next is `, instruction, '.');
  }
}

/** "wrote to", "stored zeros with dc zva, x0 to", "executed dc cvac, x0 for". */
function abortedAccess(event: DetailedException, iss: number): string {
  const text = instructionOf(event)?.code;
  if (isMaintenance(iss)) return text === undefined ? 'maintained the cache for' : `executed ${text} for`;
  if (text?.startsWith('dc zva')) return 'tried to store zeros with dc zva to';
  return isOfWrite(iss) ? 'tried to write to' : 'tried to read from';
}
const walkSentence = (event: DetailedException, who: string, iss: number, decided: string): RichText =>
  rich(
    `${who} used VA `,
    code(hex(event.far ?? 0n)),
    '; the stage 1 walk reached a table in the page at IPA ',
    code(hex(faultIpa(event) ?? 0n)),
    `, which stage 2 refuses: ${abortReason(iss)}.${decided}`,
  );
/** "(IPA 0x9000000), which stage 2 refuses". */
function stage2Place(event: DetailedException): RichText {
  const ipa = faultIpa(event);
  return ipa === undefined ? [] : rich(' (IPA ', code(hex(ipa)), '), which stage 2 refuses');
}

function ledBy({ cameFrom }: DetailedException): RichText {
  if (!cameFrom || cameFrom.word === undefined) return [];
  return rich(' ', code(disassembled(cameFrom.word, cameFrom.pc)), ' at ', code(hex(cameFrom.pc)), ' led there.');
}
