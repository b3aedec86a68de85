/** What happened, in words: for the Now line, the list of traps and their stories. */
import { bits32 } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import {
  exceptionClass,
  instructionSpecificSyndrome,
  isOnTableWalk,
  refusedIpa,
  type CpuEvent,
  type ExceptionEvent,
} from '../cpu/events.ts';
import { modeName } from '../cpu/spsr.ts';
import { exceptionClassName } from '../cpu/syndrome-text.ts';
import { systemRegisterName } from '../isa/index.ts';
import { psciName, psciReturns } from '../machine/psci.ts';
import type { ProgramNames } from './subject.ts';
import type { Level, RichText } from './views.ts';
import { code, rich } from './words.ts';

const levelNames: Readonly<Record<Level, string>> = { 0: 'the program at EL0', 1: 'the guest at EL1', 2: 'the hypervisor' };
/** "The hypervisor", "The guest at EL1": at the start of a sentence. */
export const levelTitle = (el: Level): string => levelNames[el][0].toUpperCase() + levelNames[el].slice(1);

/** Name of a PSCI function, or its number. */
const psciWords = (id: number): string => psciName(BigInt(id)) ?? `function ${hex(id)}`;

/** Fault status codes of aborts, by their upper bits (Arm ARM D17.2.37, DFSC). */
function faultWords(status: number): string {
  const level = `level ${status & 3}`;
  switch (status >> 2) {
    case 0:
      return `address size fault, ${level}`;
    case 1:
      return `translation fault, ${level}`;
    case 2:
      return `access flag fault, ${level}`;
    case 3:
      return `permission fault, ${level}`;
    case 5:
      return `external abort on a table walk, ${level}`;
  }
  return status === 0x10 ? 'external abort' : status === 0x21 ? 'alignment fault' : `fault ${hex(status)}`;
}

/** The intermediate physical address of a stage-2 fault. */
export const faultIpa = ({ esr, hpfar, far }: ExceptionEvent): bigint | undefined =>
  hpfar === null ? undefined : refusedIpa(esr ?? 0, hpfar, far ?? 0n);

const accessSize = (iss: number): string => ['1 byte', '2 bytes', '4 bytes', '8 bytes'][bits32(iss, 23, 22)];

/** The register that a trapped MSR or MRS names (ISS of EC 0x18). */
function trappedRegister(iss: number): { readonly name: string; readonly isRead: boolean } {
  const name = systemRegisterName(bits32(iss, 21, 20), bits32(iss, 16, 14), bits32(iss, 13, 10), bits32(iss, 4, 1), bits32(iss, 19, 17));
  return { name: name ?? 'a system register', isRead: (iss & 1) === 1 };
}

/** "write" or "read", and how wide where the syndrome says it (ISV). */
const accessVerb = (iss: number): string => (iss & (1 << 6) ? 'write' : 'read');
const hasSize = (iss: number): boolean => (iss & (1 << 24)) !== 0;

/** As short as a label: "HVC", "Data abort", "WFI", "MSR". */
export function trapName(event: CpuEvent): string {
  if (event.kind === 'psci') return 'PSCI';
  if (event.kind !== 'exception') return event.kind === 'return' ? 'Return' : 'Illegal return';
  const { type, esr } = event;
  if (type !== 'Trap' || esr === null) return typeTitle(type);
  const iss = instructionSpecificSyndrome(esr);
  if (exceptionClass(esr) === 0x01) return iss & 1 ? 'WFE' : 'WFI';
  return iss & 1 ? 'MRS' : 'MSR';
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

/** A few words for a line of the list: "hvc #0x1, in hv_putc", "write UARTDR, 4 bytes". */
export function trapWords(event: CpuEvent, { names, machine }: WordsSource): string {
  if (event.kind === 'psci') return psciWords(event.function);
  if (event.kind !== 'exception') {
    const place = names.symbol(event.pc)?.replace(/\+0x0$/, '') ?? hex(event.pc);
    return event.kind === 'return' ? `to ${modeName(event.spsr & 0x1f)} at ${place}` : `illegal return: ${event.rule.text}`;
  }
  const { type, esr, elr } = event;
  const within = functionAt(names, type === 'HVC' || type === 'SVC' ? elr - 4n : elr);
  if (esr === null) return `${type.startsWith('v') ? 'virtual interrupt' : 'interrupt'}${within}`;
  const iss = instructionSpecificSyndrome(esr);
  switch (type) {
    case 'HVC':
    case 'SVC':
    case 'SMC':
      return `${type.toLowerCase()} #${hex(iss & 0xffff)}${callWords(event)}${within.replace(',', '')}`;
    case 'Trap': {
      if (exceptionClass(esr) === 0x01) return `${iss & 1 ? 'wfe' : 'wfi'}${within}`;
      const { name, isRead } = trappedRegister(iss);
      return `${isRead ? 'read' : 'write'} of ${name}`;
    }
    case 'DataAbort':
      return abortWords(event, iss, machine.board.bus);
    case 'InstructionAbort':
      return `fetch at ${hex(event.far ?? 0n)}: ${faultWords(iss & 0x3f)}`;
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
/** What words need to know beside the event. */
export interface WordsSource {
  readonly names: ProgramNames;
  readonly machine: { readonly board: { readonly bus: { registerAt(pa: number): string | undefined } } };
}

function functionAt(names: ProgramNames, address: bigint): string {
  const symbol = names.symbol(address)?.replace(/\+0x[0-9a-f]+$/, '');
  return symbol === undefined ? '' : `, in ${symbol}`;
}

/** An access to a device that stage 2 keeps from the guest is told by the register that the board has at this address. */
function abortWords(event: ExceptionEvent, iss: number, bus: { registerAt(pa: number): string | undefined }): string {
  const ipa = faultIpa(event);
  const status = iss & 0x3f;
  if (ipa !== undefined && isOnTableWalk(iss))
    return `walk of ${hex(event.far ?? 0n)}, table at IPA page ${hex(ipa)}: ${faultWords(status)}`;
  const register = ipa === undefined ? undefined : bus.registerAt(Number(ipa));
  if (register !== undefined && status >> 2 === 1) return `${accessVerb(iss)} ${register}${hasSize(iss) ? `, ${accessSize(iss)}` : ''}`;
  const where = register ?? (ipa === undefined ? hex(event.far ?? 0n) : `IPA ${hex(ipa)}`);
  return `${accessVerb(iss)}${hasSize(iss) ? ` of ${accessSize(iss)}` : ''} at ${where}: ${faultWords(status)}`;
}

/** What happened, as one sentence. */
export function trapSentence(event: CpuEvent, names: ProgramNames): RichText {
  if (event.kind === 'psci') {
    const end = psciReturns(BigInt(event.function)) ? ` answered ${hex(event.result)}.` : ', which does not return.';
    return rich(`${levelTitle(event.from)} called the firmware: PSCI `, code(psciWords(event.function)), end);
  }
  const { from, to } = event;
  const target = names.symbol(event.pc);
  const at = target === undefined ? rich(code(hex(event.pc))) : rich(code(target));
  if (event.kind !== 'exception') {
    if (event.kind === 'illegal-return') {
      return rich('The ', code('eret'), ` at EL${from} is illegal: the level stays and PSTATE.IL is set. ${event.rule.text}`);
    }
    const verb = from === to ? `EL${from} returned to itself` : `EL${from} handed over to EL${to}`;
    return rich(`${verb} with `, code('eret'), '. It goes on at ', at, '.');
  }
  return rich(exceptionSentence(event), ` EL${to} is about to run its first handler instruction.`);
}

function exceptionSentence(event: ExceptionEvent): RichText {
  const { type, esr, from, to } = event;
  const who = levelTitle(from);
  const iss = esr === null ? 0 : instructionSpecificSyndrome(esr);
  switch (type) {
    case 'HVC':
      return rich(`${who} asked the hypervisor for a service with `, code(`hvc #${iss & 0xffff}`), '.');
    case 'SVC':
      return rich(`${who} asked ${to === 2 ? 'the hypervisor' : 'its kernel'} for a service with `, code(`svc #${iss & 0xffff}`), '.');
    case 'SMC':
      return rich(`${who} called the firmware with `, code(`smc #${iss & 0xffff}`), '; the hypervisor caught it.');
    case 'IRQ':
    case 'FIQ':
      return rich(`An interrupt (${type}) arrived while EL${from} was running.`);
    case 'vIRQ':
    case 'vFIQ':
      return rich(`A virtual interrupt (${type}), made by the hypervisor, reached the guest.`);
    case 'SError':
    case 'vSError':
      return rich(`An asynchronous error (${type}) arrived while EL${from} was running.`);
    case 'Trap':
      if (exceptionClass(esr!) === 0x01)
        return rich(`${who} wanted to wait with `, code(iss & 1 ? 'wfe' : 'wfi'), '; a control bit makes that trap.');
      return rich(
        `${who} tried a ${trappedRegister(iss).isRead ? 'read' : 'write'} of `,
        code(trappedRegister(iss).name),
        '; a control bit makes that trap.',
      );
    case 'DataAbort': {
      const ipa = faultIpa(event);
      if (ipa !== undefined && isOnTableWalk(iss))
        return rich(
          `${who} used address `,
          code(hex(event.far ?? 0n)),
          '; the walk came to a table in the page at IPA ',
          code(hex(ipa)),
          `, which stage 2 does not allow: ${faultWords(iss & 0x3f)}.`,
        );
      const verb = iss & (1 << 6) ? 'wrote to' : 'read from';
      return ipa === undefined
        ? rich(`${who} ${verb} address `, code(hex(event.far ?? 0n)), `: ${faultWords(iss & 0x3f)}.`)
        : rich(`${who} ${verb} `, code(hex(ipa)), `, which stage 2 does not allow: ${faultWords(iss & 0x3f)}.`);
    }
    case 'InstructionAbort':
      return rich(`${who} could not fetch an instruction at `, code(hex(event.far ?? 0n)), `: ${faultWords(iss & 0x3f)}.`);
    case 'FP':
      return rich(`${who} used a floating-point or SIMD register; a control bit makes that trap.`);
    case 'Undefined':
      return rich(`${who} executed an instruction that is undefined there.`);
    default:
      return rich(`${who}: ${esr === null ? type : exceptionClassName(esr)}.`);
  }
}
