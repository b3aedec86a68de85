/** The accesses of the next instruction as the MMU is asked for them: with these, the walk of an address is that of the access. */
import { VA } from '../base/addresses.ts';
import { join64 } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import { maintenanceAccess, type ExceptionLevel, type MemoryFault } from '../cpu/index.ts';
import { operationOf, type MemoryAccess } from '../isa/index.ts';
import type { Machine } from '../machine/machine.ts';
import { alignmentRefusal, explainWalk, type ExplainOptions, type Walk } from '../mmu/index.ts';
import type { Access } from '../mmu/walk-types.ts';
import type { Outcome } from './outcome.ts';

export interface NextAccess {
  readonly va: VA;
  readonly options: Omit<ExplainOptions, 'at'>;
}

/** In their order, up to the one that is refused; of one that lies in two pages both parts. */
export function nextAccesses(machine: Machine, outcome: Outcome): NextAccess[] {
  const { exception, fault } = outcome;
  if (exception && !fault) return [];
  const all = allAccesses(machine, outcome);
  const refused = fault ? all.findIndex(({ va }) => va === vaOf(fault)) : -1;
  return refused < 0 ? all : all.slice(0, refused + 1);
}

function allAccesses({ cpu }: Machine, { word, decoded, saying }: Outcome): NextAccess[] {
  const { el, pc } = cpu;
  const asked = (va: VA, access: Access, level: ExceptionLevel, more: Partial<ExplainOptions>): NextAccess => ({
    va,
    options: { regime: level === 2 ? 'el2' : 'el1', el: level, from: el, access, ...more },
  });
  if (word === undefined) return [asked(pc, 'x', el, {})];
  const of = ({ kind, address, span }: MemoryAccess): NextAccess[] => {
    const { bytes, align = bytes, aligned = false, unprivileged = false } = span;
    const level = unprivileged && el === 1 ? 0 : el;
    const access = kind === 'write' ? 'w' : 'r';
    const first = asked(address, access, level, { word, bytes: align, mustBeAligned: aligned });
    const inPage = 4096 - Number(address & 0xfffn);
    if (bytes <= inPage) return [first];
    const next = VA(BigInt.asUintN(64, address + BigInt(inPage)));
    return [first, asked(next, access, level, { word, faultsOnDevice: address % BigInt(align) !== 0n })];
  };
  if (saying?.effects) return saying.effects.accesses.flatMap(of);
  const operation = decoded && operationOf(decoded);
  const intent = operation && maintenanceAccess(operation);
  if (!intent) return [];
  return [asked(VA(cpu.x(decoded.fields.Rt)), intent === 'write' ? 'w' : 'r', el, { word, faultsOnDevice: operation === 'DC ZVA' })];
}

/** The access of the next instruction to an address, of one kind where that is asked for. */
export const nextAccessTo = (machine: Machine, outcome: Outcome, va: VA, access?: Access): NextAccess | undefined =>
  nextAccesses(machine, outcome).find((one) => one.va === va && (access === undefined || one.options.access === access));

/** The access that the next instruction is refused. */
export const refusedAccess = (machine: Machine, outcome: Outcome): NextAccess | undefined =>
  outcome.fault && nextAccessTo(machine, outcome, vaOf(outcome.fault));

/** The walk of the address that the next instruction is refused; undefined where no walk refuses it. */
export function refusedWalk(machine: Machine, outcome: Outcome): Walk | undefined {
  const asked = refusedAccess(machine, outcome);
  return asked && explainWalk(machine.mmu, asked.va, asked.options);
}

/** Whether the next instruction is refused for being unaligned, or DC ZVA, in Device memory, which QEMU 7.2 lets through; what must be aligned in any memory, it refuses too. */
export function isRefusedAsDevice(machine: Machine, outcome: Outcome): boolean {
  const asked = outcome.fault?.kind === 'alignment' ? refusedAccess(machine, outcome) : undefined;
  if (!asked) return false;
  const { regime, access, bytes = 1, mustBeAligned = false } = asked.options;
  const context = machine.mmu.context(regime);
  return alignmentRefusal(context, Number(asked.va & 0xfffn), access === 'w' ? 'write' : 'read', bytes, mustBeAligned) === undefined;
}

const vaOf = ({ vaLow, vaHigh }: MemoryFault): VA => VA(join64(vaLow, vaHigh));

/** What decided that the next instruction is refused, in a sentence; empty where its fault says all there is to say. */
export function refusalReason(machine: Machine, outcome: Outcome): string {
  const { fault } = outcome;
  if (!fault || fault.kind === 'spAlignment' || fault.kind === 'pcAlignment' || fault.kind === 'watchpoint') return '';
  if (fault.kind === 'external') {
    const at = machine.mmu.probe(vaOf(fault), fault.access, machine.cpu.el);
    const name = at.ok ? machine.board.bus.nameAt(at.pa) : undefined;
    return at.ok ? ` ${name === undefined ? 'Nothing answers' : `The ${name} does not answer this access`} at PA ${hex(at.pa)}.` : '';
  }
  const walk = refusedWalk(machine, outcome);
  return walk ? ` ${decidedText(walk, fault)}` : '';
}

/** Why an address is refused with this fault, by the walk of it. */
export function decidedText({ result }: Walk, { kind, stage, level }: MemoryFault): string {
  const isThis = !result.ok && result.fault.kind === kind && result.fault.stage === stage && result.fault.level === level;
  return isThis ? result.decidedBy.text : 'The TLB still holds an older translation, which refuses it.';
}
