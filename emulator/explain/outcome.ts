/** What the next step will do unless an interrupt comes first: asked of the code that does it, of which nothing changes. */
import { join64 } from '../base/bits.ts';
import { NotBuilt } from '../base/errors.ts';
import {
  abortException,
  bigEndian,
  checksStackAlignment,
  cpuLayout,
  foretellSystem,
  illegalStateException,
  judgeSystem,
  maintenanceAccess,
  undefinedException,
  type AccessIntent,
  type CpuState,
  type Exception,
  type MemoryFault,
} from '../cpu/index.ts';
import { decode, operationOf, say, type Decoded, type MemoryAccess, type Saying, type SeenState } from '../isa/index.ts';
import type { Machine } from '../machine/machine.ts';

export interface Outcome {
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
  const nothing = { decoded: undefined, exception: undefined, fault: undefined, saying: undefined, after: undefined };
  const fetch = machine.mmu.probe(cpu.pc, 'execute', cpu.el, { bytes: 4, mustBeAligned: true });
  const word = fetch.ok ? machine.peekWord(BigInt(fetch.pa)) : undefined;
  if (word === undefined) {
    const fault = fetch.ok ? faultAt(cpu.pc, 'execute', 'external') : fetch.fault;
    return { ...nothing, word, fault, exception: abortException(cpu, fault, undefined) };
  }
  const decoded = decode(word);
  if (cpu.il) return { ...nothing, word, decoded, exception: illegalStateException(cpu) };
  if (!decoded) return { ...nothing, word, exception: undefinedException(cpu) };

  const looker = new Looker(machine);
  const saying = say(decoded, looker.state);
  if (saying?.effects) {
    const fault = saying.effects.refused && looker.fault;
    return { ...nothing, word, decoded, saying, fault, exception: fault && abortException(cpu, fault, word) };
  }
  const exception = judgeSystem(cpu, decoded, environment);
  if (exception || decoded.definition.notBuilt) return { ...nothing, word, decoded, saying, exception };
  const fault = maintenanceFault(machine, decoded);
  if (fault) return { ...nothing, word, decoded, saying, fault, exception: abortException(cpu, fault, word) };
  return { ...nothing, word, decoded, saying, after: foretold(machine, decoded) };
}

function foretold({ cpu, environment }: Machine, decoded: Decoded): CpuState | undefined {
  try {
    return foretellSystem(cpu, decoded, environment);
  } catch (error) {
    if (error instanceof NotBuilt) return undefined;
    throw error;
  }
}

/** The fault of the address of a cache maintenance instruction. */
function maintenanceFault({ cpu, mmu, board: { bus } }: Machine, decoded: Decoded): MemoryFault | undefined {
  const operation = operationOf(decoded);
  const intent = operation && maintenanceAccess(operation);
  if (!intent) return undefined;
  const isZero = operation === 'DC ZVA';
  const va = isZero ? zeroBlock(cpu.x(decoded.fields.Rt)) : cpu.x(decoded.fields.Rt);
  const probe = mmu.probe(va, intent, cpu.el, { faultsOnDevice: isZero });
  if (!probe.ok) return probe.fault;
  return isZero && !bus.isWritable(probe.pa) ? faultAt(cpu.x(decoded.fields.Rt), 'write', 'external') : undefined;
}

/** The block of 64 bytes that DC ZVA zeroes (DCZID_EL0.BS = 4). */
export const zeroBlock = (va: bigint): bigint => va & ~63n;

const faultAt = (va: bigint, access: AccessIntent, kind: MemoryFault['kind']): MemoryFault => ({
  kind,
  access,
  stage: 1,
  level: 0,
  onStage1Walk: false,
  ipa: undefined,
  vaLow: Number(va & 0xffff_ffffn),
  vaHigh: Number(va >> 32n),
});

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
      x: (number) => cpu.x(number),
      get: (name) => cpu.get(name),
      refusesStackPointer: () => this.refusesStackPointer(),
      refuses: (access) => this.refuses(access),
      load: (address, bytes) => this.load(address, bytes),
    };
  }

  private refusesStackPointer(): boolean {
    const { cpu } = this.machine;
    if ((cpu.sp & 15n) === 0n || !checksStackAlignment(cpu, cpu.el)) return false;
    this.fault = faultAt(cpu.sp, 'read', 'spAlignment');
    return true;
  }

  /** As `MemoryAccess.dataMiss` goes about it: the translation, that of the next page, watchpoints, and whether anything answers. */
  private refuses({ kind, address, span }: MemoryAccess): boolean {
    const { cpu, mmu, board, engineHost } = this.machine;
    const { bytes, align = bytes, aligned: mustBeAligned = false, unprivileged = false } = span;
    const first = mmu.probe(address, kind, cpu.el, { bytes: align, mustBeAligned, unprivileged });
    if (!first.ok) return this.refused(first.fault);
    const inPage = 4096 - Number(address & 0xfffn);
    const isUnaligned = address % BigInt(align) !== 0n;
    if (bytes > inPage) {
      const next = mmu.probe(BigInt.asUintN(64, address + BigInt(inPage)), kind, cpu.el, { unprivileged, faultsOnDevice: isUnaligned });
      if (!next.ok) return this.refused(next.fault);
    }
    const [low, high] = [Number(address & 0xffff_ffffn), Number(address >> 32n)];
    const offset = engineHost.access.watchpoints.hit(cpu, low, high, bytes, kind === 'write', unprivileged && cpu.el === 1 ? 0 : cpu.el);
    if (offset >= 0) return this.refused(faultAt(address + BigInt(offset), kind, 'watchpoint'));
    for (let at = 0; at < bytes && bytes <= inPage; at += align)
      if (!board.bus.accepts(first.pa + at, align, kind === 'write')) return this.refused(faultAt(address + BigInt(at), kind, 'external'));
    return false;
  }
  private refused(fault: MemoryFault): true {
    this.fault = fault;
    return true;
  }

  /** By a peek: no device notices. In the byte order of the level. */
  private load(address: bigint, bytes: number): bigint | undefined {
    const value = this.peek(address, bytes);
    if (value === undefined || !bigEndian(this.machine.cpu)) return value;
    return BigInt.asUintN(bytes * 8, swapBytes(value) >> BigInt(64 - bytes * 8));
  }
  private peek(address: bigint, bytes: number): bigint | undefined {
    const { mmu, cpu, board } = this.machine;
    const { bus } = board;
    const at = mmu.probe(address, 'read', cpu.el);
    if (!at.ok) return undefined;
    const inPage = 4096 - (at.pa & 0xfff);
    if (bytes <= inPage) return bus.peek(at.pa, bytes) ? BigInt.asUintN(bytes * 8, join64(bus.low, bus.high)) : undefined;
    const [low, high] = [this.peek(address, inPage), this.peek(address + BigInt(inPage), bytes - inPage)];
    return low === undefined || high === undefined ? undefined : low | (high << BigInt(inPage * 8));
  }
}

const swapBytes = (value: bigint): bigint => {
  let swapped = 0n;
  for (let i = 0n; i < 64n; i += 8n) swapped = (swapped << 8n) | ((value >> i) & 0xffn);
  return swapped;
};
