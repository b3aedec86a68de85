/** The machine as the recorder of single instructions had it: EL1 and its tables set up, the instruction at EL0. */
import { HostOffset, PA } from '../../base/addresses.ts';
import { cpuLayout } from '../../cpu/index.ts';
import type { CpuState } from '../../cpu/state.ts';
import { defaultMachineOptions, forSteps, Machine } from '../machine.ts';
import { STATE_BYTES, stateLayout, viewOf, type IsaVector, type IsaVectorSet } from './isa-vectors.ts';

/** VAs of the recorder's map, and the PAs behind them. */
const CODE = { va: 0x400000, pa: 0x4100_0000, pages: 16 };
export const SCRATCH = { va: 0x411000, pa: 0x4110_0000 };
const READ_ONLY = { va: 0x413000, pa: 0x4110_1000 };
const PRIVILEGED = { va: 0x414000, pa: 0x4110_2000 };
const TABLES = 0x4080_0000;

// Descriptors (Arm ARM D5.3): table or page, AF and inner shareable, AP[2:1], UXN and PXN.
const TABLE = 3n;
const PAGE = (1n << 10n) | (3n << 8n) | 3n;
const access = { el0Read: 3n << 6n, el0Write: 1n << 6n, el1Only: 0n };
const PXN = 1n << 53n;
const XN = 3n << 53n;

export class RecordedMachine {
  readonly machine = new Machine({ ...defaultMachineOptions, memoryBytes: 32 << 20 });
  readonly cpu: CpuState = this.machine.cpu;
  /** The scratch page in the machine's memory. */
  readonly scratch: Uint8Array;
  private readonly states: DataView;
  private readonly codeAt: number;

  constructor(private readonly set: IsaVectorSet) {
    const { machine } = this;
    this.states = viewOf(set.states);
    for (const page of [SCRATCH, READ_ONLY, PRIVILEGED]) machine.writePhysical(PA(page.pa), set.scratch);
    this.writeTables();
    this.codeAt = machine.board.bus.hostAddress(PA(CODE.pa));
    const scratchAt = machine.board.bus.hostAddress(PA(SCRATCH.pa));
    this.scratch = machine.memory.u8.subarray(scratchAt, scratchAt + 4096);
    for (const [name, value] of Object.entries({
      HCR_EL2: 1n << 31n,
      CPTR_EL2: 0x33ffn & ~(1n << 10n),
      MAIR_EL1: 0xffn,
      TCR_EL1: 25n | (1n << 8n) | (1n << 10n) | (3n << 12n) | (1n << 23n) | (2n << 32n),
      TTBR0_EL1: BigInt(TABLES),
      SCTLR_EL1: 0x34d0_da1dn,
      CPACR_EL1: 3n << 20n,
      CNTKCTL_EL1: 0n,
      PMUSERENR_EL0: 0n,
      TPIDR_EL0: 0n,
      TPIDRRO_EL0: 0n,
    }))
      machine.change(name, value);
  }

  private writeTables(): void {
    const tables = Array.from({ length: 3 }, () => new BigUint64Array(512));
    const [level1, level2, level3] = tables as [BigUint64Array, BigUint64Array, BigUint64Array];
    level1[0] = BigInt(TABLES + 4096) | TABLE;
    // Blocks of 1 GiB for EL1 alone.
    for (let gib = 1; gib < 4; gib++) level1[gib] = (BigInt(gib) << 30n) | (1n << 54n) | (PAGE - 2n);
    level2[2] = BigInt(TABLES + 8192) | TABLE;
    for (let page = 0; page < CODE.pages; page++) level3[page] = BigInt(CODE.pa + page * 4096) | PAGE | access.el0Read | PXN;
    const slot = ({ va }: { readonly va: number }): number => (va >>> 12) & 511;
    level3[slot(SCRATCH)] = BigInt(SCRATCH.pa) | PAGE | access.el0Write | XN;
    level3[slot(READ_ONLY)] = BigInt(READ_ONLY.pa) | PAGE | access.el0Read | XN;
    level3[slot(PRIVILEGED)] = BigInt(PRIVILEGED.pa) | PAGE | access.el1Only | XN;
    tables.forEach((table, i) => this.machine.writePhysical(PA(TABLES + i * 4096), new Uint8Array(table.buffer)));
  }

  /** One step from the vector's state. */
  run({ state, word, pc }: IsaVector): void {
    const { machine, cpu, states } = this,
      at = state * STATE_BYTES;
    cpu.setLevel(0, 0);
    for (let r = 0; r < 32; r++) cpu.u64[r] = states.getBigUint64(at + r * 8, true);
    cpu.bytes.set(this.set.states.subarray(at + stateLayout.v, at + STATE_BYTES), cpuLayout.v);
    cpu.nzcv = states.getUint32(at + stateLayout.pstate, true) >>> 28;
    cpu.daif = 15;
    cpu.il = 0;
    cpu.fpcr = states.getUint32(at + stateLayout.fpcr, true);
    cpu.fpsr = states.getUint32(at + stateLayout.fpsr, true);
    cpu.waiting = false;
    // An ERET came before: it opens the monitor and sets the event register (Arm ARM B2.9.1, D1.16.1).
    cpu.clearExclusive();
    cpu.event = true;
    cpu.set('ESR_EL1', 0n);
    cpu.set('FAR_EL1', 0n);
    machine.environment.levelChanged();
    cpu.pc = BigInt(pc);
    this.writeCode(pc, word);
    machine.run(forSteps(1));
    this.writeCode(pc, 0);
  }
  private writeCode(pc: number, word: number): void {
    const host = this.codeAt + ((pc - CODE.va) & ~3);
    this.machine.memory.u32[host >>> 2] = word;
    this.machine.engine.code.invalidate(HostOffset(host), 4);
  }
  /** The scratch page as it was before. */
  restoreScratch(): void {
    this.scratch.set(this.set.scratch);
  }
  /** NZCV before. */
  nzcvBefore({ state }: IsaVector): number {
    return this.states.getUint32(state * STATE_BYTES + stateLayout.pstate, true) >>> 28;
  }
}
