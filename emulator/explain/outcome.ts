/** What the next step will do, asked of the code that does it, without changing anything. */
import { VA } from '../base/addresses.ts';
import { join64 } from '../base/bits.ts';
import { NotBuilt } from '../base/errors.ts';
import {
  abortException,
  bigEndian,
  branchHigh,
  checksStackAlignment,
  copyOf,
  cpuLayout,
  CpuState,
  foretellSystem,
  insteadException,
  isAfterFetch,
  judgeFp,
  judgeSystem,
  maintenanceAccess,
  toTakeInstead,
  undefinedException,
  type AccessIntent,
  type Exception,
  type MemoryFault,
} from '../cpu/index.ts';
import { accessKind, kindOf } from '../engine/index.ts';
import {
  decode,
  isFloatingPoint,
  operationOf,
  say,
  type Decoded,
  type MemoryAccess,
  type Saying,
  type SeenState,
  type SystemOperationName,
} from '../isa/index.ts';
import type { Machine } from '../machine/machine.ts';
import { zeroAccess } from '../machine/memory-access.ts';
import type { AtOperation } from '../mmu/index.ts';

export interface Outcome {
  /** What is taken before the instruction: an interrupt or a debug exception. The rest is what the instruction would do without it. */
  readonly instead: Exception | undefined;
  /** Undefined where it cannot be fetched. */
  readonly word: number | undefined;
  readonly decoded: Decoded | undefined;
  /** The exception that the step takes, and the fault of an address that is its reason. */
  readonly exception: Exception | undefined;
  readonly fault: MemoryFault | undefined;
  /** The instruction in words, and its effects where it runs by itself. */
  readonly saying: Saying | undefined;
  /** The CPU after an instruction that the machine executes; undefined where what it does is elsewhere. */
  readonly after: CpuState | undefined;
}

export function outcomeOf(machine: Machine): Outcome {
  const { cpu, environment } = machine;
  const before = toTakeInstead(cpu, environment.lines);
  const fetch = machine.mmu.probe(cpu.pc, 'execute', cpu.el, { bytes: 4, mustBeAligned: true });
  const word = fetch.ok ? machine.peekWord(fetch.pa) : undefined;
  const isInstead = before !== undefined && before !== 'IllegalState' && (word !== undefined || !isAfterFetch(before));
  const instead = isInstead ? insteadException(cpu, environment, before) : undefined;
  const nothing = { instead, decoded: undefined, exception: undefined, fault: undefined, saying: undefined, after: undefined };
  if (word === undefined) {
    const fault = fetch.ok ? faultAt(cpu.pc, 'execute', 'external') : fetch.fault;
    return { ...nothing, word, fault, exception: abortException(cpu, fault, undefined) };
  }
  const decoded = decode(word);
  if (cpu.il) return { ...nothing, word, decoded, exception: insteadException(cpu, environment, 'IllegalState') };
  if (!decoded) return { ...nothing, word, exception: undefinedException(cpu) };

  const looker = new Looker(machine);
  const saying = say(decoded, looker.state);
  const fpTrap = isFloatingPoint(decoded.definition) ? judgeFp(cpu) : undefined;
  if (fpTrap) return { ...nothing, word, decoded, saying, exception: fpTrap };
  if (saying?.effects) {
    const fault = saying.effects.refused && looker.fault;
    return { ...nothing, word, decoded, saying, fault, exception: fault && abortException(cpu, fault, word) };
  }
  const exception = judgeSystem(cpu, decoded, environment);
  if (exception) return { ...nothing, word, decoded, saying, exception };
  const operation = operationOf(decoded);
  if (!operation) return { ...nothing, word, decoded, saying, after: foretold(machine, decoded) };
  const done = performed(machine, operation, VA(cpu.x(decoded.fields.Rt)));
  if (done instanceof CpuState) return { ...nothing, word, decoded, saying, after: done };
  return { ...nothing, word, decoded, saying, fault: done, exception: abortException(cpu, done, word) };
}

function foretold({ cpu, environment }: Machine, decoded: Decoded): CpuState | undefined {
  try {
    return foretellSystem(cpu, decoded, environment);
  } catch (error) {
    if (error instanceof NotBuilt) return undefined;
    throw error;
  }
}

/** The CPU after TLB or cache maintenance or an address translation; or the fault of its operand, a VA, that ends it. */
function performed({ cpu, mmu, engineHost }: Machine, operation: SystemOperationName, va: VA): CpuState | MemoryFault {
  const [low, high] = halvesOf(va);
  const after = copyOf(cpu);
  after.advance();
  if (operation === 'DC ZVA') return engineHost.access.refusal(low, high, zeroAccess) ?? after;
  if (operation.startsWith('AT ')) {
    const result = mmu.addressTranslate(operation as AtOperation, low, high);
    if (result.fault) return result.fault;
    after.set('PAR_EL1', result.par);
    return after;
  }
  const intent = maintenanceAccess(operation);
  const probe = intent && mmu.probe(va, intent, cpu.el);
  return probe?.ok === false ? probe.fault : after;
}

const halvesOf = (va: VA): [low: number, high: number] => [Number(va & 0xffff_ffffn), Number(va >> 32n)];

/** A fault that no stage of translation finds. */
function faultAt(va: VA, access: AccessIntent, kind: MemoryFault['kind']): MemoryFault {
  const [vaLow, vaHigh] = halvesOf(va);
  return { kind, access, stage: 1, level: 0, onStage1Walk: false, ipa: undefined, vaLow, vaHigh };
}

/** Looks at the machine for one instruction. */
class Looker {
  /** Why the last access that was refused was. */
  fault: MemoryFault | undefined;
  readonly state: SeenState;

  constructor(private readonly machine: Machine) {
    const { cpu } = machine;
    const { pc, sp, nzcv, el, spsel, daif } = cpu;
    this.state = {
      ...{ pc, sp, nzcv, el, spsel, daif },
      exclusiveBytes: cpu.u32[cpuLayout.exclusiveBytes >> 2],
      exclusiveAddress: cpu.u64[cpuLayout.exclusiveAddress >> 3],
      fpcr: cpu.fpcr,
      bigEndian: bigEndian(cpu),
      x: (number) => cpu.x(number),
      v: (number) => cpu.v(number),
      get: (name) => cpu.get(name),
      refusesStackPointer: () => this.refusesStackPointer(),
      refuses: (access) => this.refuses(access),
      branchTarget: (address) => VA(join64(Number(address & 0xffff_ffffn), branchHigh(cpu, cpu.el, Number(address >> 32n)))),
      load: (address, bytes) => this.peek(address, bytes),
    };
  }

  private refusesStackPointer(): boolean {
    const { cpu } = this.machine;
    if ((cpu.sp & 15n) === 0n || !checksStackAlignment(cpu, cpu.el)) return false;
    this.fault = faultAt(cpu.sp, 'read', 'spAlignment');
    return true;
  }

  private refuses({ kind, address, span }: MemoryAccess): boolean {
    const [low, high] = halvesOf(address);
    this.fault = this.machine.engineHost.access.refusal(low, high, kindOf(span) | (kind === 'write' ? accessKind.write : 0));
    return this.fault !== undefined;
  }

  /** No device notices. */
  private peek(address: VA, bytes: number): bigint | undefined {
    const { mmu, cpu, board } = this.machine;
    const { bus } = board;
    const at = mmu.probe(address, 'read', cpu.el);
    if (!at.ok) return undefined;
    const inPage = 4096 - (at.pa & 0xfff);
    if (bytes <= inPage) return bus.peek(at.pa, bytes) ? BigInt.asUintN(bytes * 8, join64(bus.low, bus.high)) : undefined;
    const [low, high] = [this.peek(address, inPage), this.peek(VA(address + BigInt(inPage)), bytes - inPage)];
    return low === undefined || high === undefined ? undefined : low | (high << BigInt(inPage * 8));
  }
}
