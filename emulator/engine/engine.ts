/** Runs the instructions of one CPU with exact budgets, and turns to the machine for all that is not computation or plain memory. */
import { HostOffset, type VA } from '../base/addresses.ts';
import type { CpuState } from '../cpu/state.ts';
import { decode } from '../isa/index.ts';
import { CodeCache } from './code-cache.ts';
import { FastTlb } from './fast-tlb.ts';
import { accessKind, type EngineHost } from './host.ts';
import { EMPTY_BANK, TLB_BYTES, type EngineLayout } from './layout.ts';
import type { MachineMemory } from './memory.ts';
import { Exit } from './tier0-target.ts';
import { Tier0, type Tier0Statistics, type Tuning } from './tier0.ts';

export class Engine {
  readonly fastTlb: FastTlb;
  readonly code: CodeCache;
  /** All engines that run code from this memory, this one among them. */
  together: readonly Engine[] = [this];
  private readonly cpu: CpuState;
  private readonly host: EngineHost;
  private readonly i32: Int32Array;
  private readonly u32: Uint32Array;
  private readonly layout: EngineLayout;
  private readonly tier0: Tier0;
  /** Steps that will have been done when the count in memory reaches zero. */
  private goal = 0;
  private bankKey = 0;
  /** The instruction at pc is being repeated with its store going to the scratch area. */
  private storeAllowed = false;
  /** The record of the instruction at pc that runs although there is a stop in front of it; 0: none. */
  private passing = 0;

  /** The CPU's block must be one of those that `createMachineMemory` laid out. */
  constructor(memory: MachineMemory, cpu: CpuState, host: EngineHost, tuning?: Tuning) {
    const area = memory.cpus.find(({ block }) => block === cpu.base);
    if (!area) throw new Error(`the memory has no CPU block at ${cpu.base}`);
    this.cpu = cpu;
    this.host = host;
    this.i32 = memory.i32;
    this.u32 = memory.u32;
    this.layout = area.layout;
    const imports = {
      dataMiss: (low: number, high: number, kind: number) => this.dataMiss(low >>> 0, high >>> 0, kind),
      misalignedStackPointer: () => (host.misalignedStackPointer() ? 1 : 0),
    };
    this.tier0 = new Tier0(memory.memory, area.layout, imports, tuning);
    this.code = new CodeCache(memory, area.layout, area.records, this.tier0, (at) => {
      for (const { fastTlb } of this.together) fastTlb.withholdWrites(at);
    });
    this.fastTlb = new FastTlb(memory, area.layout, (at) => this.together.some(({ code }) => code.holdsCode(at)));
    this.setBank(0, 0);
  }

  /** Steps completed in this call of `run`, without the instruction under way. For use inside host calls. */
  get elapsed(): number {
    return this.goal - this.i32[this.layout.count >>> 2];
  }

  /** Handlers made so far, how many of them are in the loop, and how often the loop was made. */
  get statistics(): Tier0Statistics {
    return this.tier0.statistics;
  }

  /** Offset in the memory of 64 bytes that stand in for what is not plain memory (see `EngineHost.dataMiss`). */
  get scratch(): HostOffset {
    return HostOffset(this.layout.scratch);
  }

  /**
   * From the next instruction on data accesses use the fast TLB of `bank`, unprivileged ones that of `unprivilegedBank`, and fetches the
   * page cache of `bank`. A bank is an exception level, 0..2; what it translates by is the machine's business, which clears it.
   * Without `direct` the machine is asked about every data access: generated code reads and writes memory as little-endian only.
   */
  setBank(bank: number, unprivilegedBank: number, direct = true): void {
    const { layout, u32 } = this;
    this.bankKey = bank << 2;
    u32[layout.bankKey >>> 2] = this.bankKey;
    u32[layout.dataTlb >>> 2] = layout.tlbs + (direct ? bank : EMPTY_BANK) * TLB_BYTES;
    u32[layout.unprivilegedTlb >>> 2] = layout.tlbs + (direct ? unprivilegedBank : EMPTY_BANK) * TLB_BYTES;
  }

  /** VAs in front of which `run` stops. Cheap where they have not changed. */
  setStops(vas: ReadonlySet<VA>): void {
    this.code.setStops(vas);
  }

  /**
   * Runs at most `budget` steps from cpu.pc on and returns the steps done. Returns early after any step that left generated code (the
   * machine's own instruction, UNDEFINED, a fault, a store to a device), so that the machine can look at interrupts, events and its clock;
   * and in front of a stop, unless that is where it began.
   */
  run(budget: number): number {
    const { layout, u32 } = this;
    // An error of the machine may have ended the last run.
    this.storeAllowed = false;
    this.rearm();
    u32[layout.floatingPoint >>> 2] = 0;
    for (let done = 0; done < budget;) {
      const alone = this.storeAllowed || this.passing !== 0,
        slice = alone ? 1 : Math.min(budget - done, this.tier0.slice);
      this.goal = done + slice;
      const exit = alone ? this.tier0.enterAlone(slice) : this.tier0.enter(slice);
      if (this.tier0.adapt(this.elapsed - done, (share) => this.code.takeCounts(share))) this.code.joinAll();
      done = this.elapsed;
      // After the last step where it leads is the next one's concern.
      if (exit === Exit.budget || (exit === Exit.fetch && done === this.goal)) {
        if (alone) return this.finishAlone(done);
      } else if (exit === Exit.fetch) {
        if (!this.fetch()) return this.leave(exit, done);
      } else if (exit === Exit.decode) this.code.decode(u32[layout.record >>> 2]);
      else if (exit === Exit.store) this.storeAllowed = true;
      else if (exit === Exit.stop) {
        if (done > 0 && this.code.stopsAt(this.cpu.pc)) return done;
        this.passing = u32[layout.record >>> 2]!;
        this.code.decodePast(this.passing);
      } else if (exit === Exit.floatingPoint && this.host.floatingPoint()) u32[layout.floatingPoint >>> 2] = 1;
      else return this.leave(exit, done);
    }
    return budget;
  }

  /** The end of an instruction that ran alone: because of its store to the scratch area, or because there is a stop in front of it. */
  private finishAlone(done: number): number {
    this.rearm();
    if (this.storeAllowed) {
      this.storeAllowed = false;
      this.goal--;
      this.host.finishStore();
    }
    return done;
  }

  /** The machine's turn, for one step. */
  private leave(exit: Exit, done: number): number {
    const { host, code } = this,
      record = this.u32[this.layout.record >>> 2];
    this.storeAllowed = false;
    this.rearm();
    if (exit === Exit.machine) host.system(code.instructionAt(record));
    else if (exit === Exit.guarded) host.system(decode(code.wordAt(record))!);
    else if (exit === Exit.floatingPoint) host.floatingPointTrap();
    else if (exit === Exit.undefined) host.undefined(code.wordAt(record));
    else host.fault(exit === Exit.fault ? code.wordAt(record) : undefined);
    return done + 1;
  }

  private rearm(): void {
    if (this.passing !== 0) this.code.stopBefore(this.passing);
    this.passing = 0;
  }

  /** Finds the page at pc; false where the fetch faults. */
  private fetch(): boolean {
    const { cpu } = this,
      at = this.host.fetchPage(cpu.pcLow, cpu.pcHigh);
    if (at < 0) return false;
    if (cpu.pcLow & 3) throw new Error('a page was given for a misaligned pc');
    this.code.enter(cpu.pcLow, cpu.pcHigh, this.bankKey, at);
    return true;
  }

  private dataMiss(vaLow: number, vaHigh: number, kind: number): number {
    const at = this.host.dataMiss(vaLow, vaHigh, kind, this.storeAllowed);
    if (at >= 0 && kind & accessKind.write) this.invalidate(HostOffset(at), kind & 0xff);
    return at;
  }

  /** Bytes of the memory are stored to by this CPU: what any engine has decoded from them goes. */
  invalidate(host: HostOffset, bytes: number): void {
    for (const { code } of this.together) code.invalidate(host, bytes);
  }
}
