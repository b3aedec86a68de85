import { PA, VA } from '../../emulator/base/addresses.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CPU_BLOCK } from '../../emulator/cpu/layout.ts';
import { CpuState } from '../../emulator/cpu/state.ts';
import type { StoredRegister } from '../../emulator/cpu/stored-registers.ts';
import { explainWalk, Mmu, readMap, readTables, type PhysicalReader, type TableNode, type TableRun } from '../../emulator/mmu/index.ts';
import { hex } from '../../emulator/base/hex.ts';
import { halves, RAM, RAM_BYTES } from './world.ts';

const rows = [{ from: PA(RAM), to: PA(RAM + RAM_BYTES), kind: 'normal' }] as const;

/** Memory full of plausible descriptors: the word at each address follows from the seed. */
class WildMemory implements PhysicalReader {
  low = 0;
  high = 0;
  constructor(public seed: number) {}

  read(pa: number): boolean {
    if (pa >= 2 ** 40) throw new Error(`read beyond the physical address size: ${pa.toString(16)}`);
    if (pa < RAM || pa >= RAM + RAM_BYTES) return false;
    const a = mix(Math.imul(pa, 0x9e37_79b1) ^ this.seed);
    const b = mix(a ^ 0x5bd1_e995);
    this.low = (RAM + (b & (RAM_BYTES - 1) & ~0xfff)) >>> 0;
    this.high = 0;
    const kind = a & 15;
    // Tables and leaves with random attributes, most of them accessed; now and then anything at all.
    if (kind < 14) {
      this.low = (this.low | (b & 0xffc) | (kind < 13 ? 0x400 : 0) | (a & 0x10 || kind < 8 ? 3 : 1)) >>> 0;
      this.high = a & 0x60 ? 0 : b & 0xffff_0000;
    } else {
      this.low = b;
      this.high = a;
    }
    return true;
  }
}
const mix = (x: number): number => {
  let h = Math.imul(x ^ (x >>> 15), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const tableBase = fc.nat({ max: RAM_BYTES / 4096 - 1 }).map((page) => BigInt(RAM + page * 4096));
const base = fc.oneof({ weight: 4, arbitrary: tableBase }, { weight: 1, arbitrary: word });
const idBits = fc.bigInt({ min: 0n, max: 3n }).map((n) => n << 48n);
const tsz = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 16, max: 39 }) }, { weight: 1, arbitrary: fc.nat(63) }).map(BigInt);

const registers: fc.Arbitrary<Partial<Record<StoredRegister, bigint>>> = fc
  .record({
    ttbr0: base,
    ttbr1: base,
    ttbr2: base,
    vttbr: base,
    ids: fc.tuple(idBits, idBits, idBits),
    t0: tsz,
    t1: tsz,
    t2: tsz,
    tv: fc.oneof(fc.integer({ min: 24, max: 39 }).map(BigInt), tsz),
    tcr: word,
    vtcr: fc.nat(0xffff_ffff).map(BigInt),
    sctlr: fc.nat(0xffff_ffff).map(BigInt),
    sctlr2: fc.nat(0xffff_ffff).map(BigInt),
    m: fc.boolean(),
    vm: fc.boolean(),
    hcr: word,
    mair: word,
  })
  .map((r) => ({
    TTBR0_EL1: r.ttbr0 | r.ids[0],
    TTBR1_EL1: r.ttbr1 | r.ids[1],
    TTBR0_EL2: r.ttbr2,
    VTTBR_EL2: r.vttbr | r.ids[2],
    TCR_EL1: (r.tcr & ~0x3f003fn & ~(1n << 7n)) | r.t0 | (r.t1 << 16n),
    TCR_EL2: (r.tcr & 0xffff_ffc0n) | r.t2,
    VTCR_EL2: (r.vtcr & ~0x3fn) | r.tv,
    SCTLR_EL1: (r.sctlr & ~1n) | (r.m ? 1n : 0n),
    SCTLR_EL2: r.sctlr2,
    // TGE and DC would leave stage 1 off most of the time.
    HCR_EL2: (r.hcr & ~(1n | (1n << 12n) | (1n << 27n))) | (r.vm ? 1n : 0n) | ((r.hcr >> 40n) & 7n ? 0n : 1n << 12n),
    MAIR_EL1: r.mair,
    MAIR_EL2: r.mair,
  }));

/** Addresses of both halves, small ones, and any. */
const address = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 39n) - 1n }),
  fc.bigInt({ min: 0n, max: (1n << 25n) - 1n }),
  fc.bigInt({ min: (1n << 64n) - (1n << 25n), max: (1n << 64n) - 1n }),
  fc.nat(RAM_BYTES).map((n) => BigInt(RAM + n)),
  word,
);
const access = fc.record({
  va: address,
  intent: fc.constantFrom('read', 'write', 'execute'),
  el: fc.constantFrom(0, 1, 2),
  bytes: fc.constantFrom(1, 2, 4, 8, 16),
  aligned: fc.boolean(),
  zero: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});
type Access = { va: bigint; intent: 'read' | 'write' | 'execute'; el: 0 | 1 | 2; bytes: number; aligned: boolean; zero: boolean };

function newMmu(memory: number | WildMemory, values: Partial<Record<StoredRegister, bigint>>): Mmu {
  const cpu = new CpuState(new ArrayBuffer(CPU_BLOCK));
  for (const [name, value] of Object.entries(values)) cpu.set(name as StoredRegister, value);
  cpu.setLevel(2, 1);
  return new Mmu(cpu, typeof memory === 'number' ? new WildMemory(memory) : memory);
}

/** What `probe` says of the same access, in the form of its outcome. */
function probed(mmu: Mmu, { va, intent, el, bytes, aligned, zero }: Access): object {
  const faultsOnDevice = zero && intent === 'write';
  const answer = mmu.probe(VA(va), intent, el, { bytes, mustBeAligned: aligned, faultsOnDevice });
  return answer.ok ? { pa: answer.pa, device: answer.device } : { fault: answer.fault };
}

/** The whole outcome of a translation. */
function outcome(mmu: Mmu, { va, intent, el, bytes, aligned, zero }: Access): object {
  if (!mmu.translate(...halves(va), intent, el, bytes, aligned, zero && intent === 'write')) return { fault: mmu.fault };
  const { pa, device, strict, readable, writable, executable } = mmu;
  return { pa, device, strict, readable, writable, executable };
}

function* leavesOf(node: TableNode | undefined): Generator<{ node: TableNode; run: TableRun }> {
  for (const run of node?.runs ?? []) {
    if (run.leaf) yield { node: node!, run };
    else yield* leavesOf(run.table);
  }
}

const RUNS = { numRuns: 400 };

describe('translation, whatever the registers and tables', () => {
  it('is foretold by a probe that changes nothing, from stale entries too', () => {
    let stale = 0;
    fc.assert(
      fc.property(fc.integer(), registers, fc.array(access, { maxLength: 20 }), (seed, values, accesses) => {
        const memory = new WildMemory(seed);
        const mmu = newMmu(memory, values);
        for (const a of [...accesses, ...accesses] as Access[]) {
          const { pa, misses } = mmu;
          const before = mmu.snapshot();
          const said = probed(mmu, a);
          expect(mmu.snapshot()).toEqual(before);
          expect({ pa: mmu.pa, misses: mmu.misses }).toEqual({ pa, misses });
          const happened = outcome(mmu, a);
          expect(happened).toMatchObject(said);
          // The tables change, and what the TLB keeps does not.
          memory.seed++;
          if ('pa' in said && mmu.misses === misses) stale++;
        }
      }),
      { numRuns: 150 },
    );
    expect(stale).toBeGreaterThan(20);
  });

  it('ends, with a PA below 2^40 that the access may use or a fault of its stages', () => {
    fc.assert(
      fc.property(fc.integer(), registers, fc.array(access, { maxLength: 20 }), (seed, values, accesses) => {
        const mmu = newMmu(seed, values);
        for (const a of accesses as Access[]) {
          if (mmu.translate(...halves(a.va), a.intent, a.el, a.bytes, a.aligned, a.zero)) {
            expect(mmu.pa).toBeLessThan(2 ** 40);
            expect(mmu.pa % 4096).toBe(Number(a.va & 0xfffn));
            expect({ read: mmu.readable, write: mmu.writable, execute: mmu.executable }[a.intent]).toBe(true);
          } else {
            const { level, stage, ipa, vaLow, vaHigh } = mmu.fault!;
            expect(level).toBeGreaterThanOrEqual(0);
            expect(level).toBeLessThanOrEqual(3);
            expect((BigInt(vaHigh) << 32n) | BigInt(vaLow)).toBe(a.va);
            if (stage === 2) expect(ipa).toBeLessThan(2 ** 48);
            else expect(ipa).toBeUndefined();
            if (a.el === 2) expect(stage).toBe(1);
          }
        }
      }),
      RUNS,
    );
  });

  it('is the same with and without the TLB while the tables do not change', () => {
    fc.assert(
      fc.property(fc.integer(), registers, fc.array(access, { maxLength: 30 }), (seed, values, accesses) => {
        const cached = newMmu(seed, values);
        const bare = newMmu(seed, values);
        for (const a of [...(accesses as Access[]), ...(accesses as Access[])]) {
          bare.invalidate('TLBI ALLE1', 0, 0);
          bare.invalidate('TLBI ALLE2', 0, 0);
          expect(outcome(cached, a)).toEqual(outcome(bare, a));
        }
      }),
      RUNS,
    );
  });

  it('goes on the same after a snapshot', () => {
    fc.assert(
      fc.property(fc.integer(), registers, fc.array(access, { maxLength: 20 }), (seed, values, accesses) => {
        const one = newMmu(seed, values);
        for (const a of accesses as Access[]) outcome(one, a);
        const other = newMmu(seed, values);
        other.restore(one.snapshot());
        expect(other.snapshot()).toEqual(one.snapshot());
        for (const a of accesses as Access[]) expect(outcome(other, a)).toEqual(outcome(one, a));
        expect(other.snapshot()).toEqual(one.snapshot());
      }),
      { numRuns: 100 },
    );
  });

  it('is what is explained: same address or fault, same rights, same reads', () => {
    fc.assert(
      fc.property(fc.integer(), registers, fc.array(access, { maxLength: 10 }), (seed, values, accesses) => {
        const mmu = newMmu(seed, values);
        for (const { va, intent, el } of accesses as Access[]) {
          const options = {
            regime: el === 2 ? 'el2' : 'el1',
            el,
            access: intent === 'read' ? 'r' : intent === 'write' ? 'w' : 'x',
          } as const;
          const before = mmu.snapshot();
          const walk = explainWalk(mmu, VA(va), options);
          const { access } = walk;
          expect(mmu.snapshot()).toEqual(before);
          const happened = outcome(mmu, { va, intent, el, bytes: 1, aligned: false, zero: false });
          const { result } = walk;
          if (result.ok) {
            expect(happened).toMatchObject({ pa: Number(result.pa) });
            if (access !== 'x') expect(happened).toMatchObject({ device: result.attributes.type === 'Device' });
            const rights = { readable: result.permissions.r, writable: result.permissions.w, executable: result.permissions.x };
            for (const [name, byLevel] of Object.entries(rights)) expect(happened).toHaveProperty(name, byLevel[`${el}`]);
          } else {
            const { kind, stage, level, onStage1Walk } = result.fault;
            expect(happened).toMatchObject({ fault: { kind, stage, level, onStage1Walk } });
            expect(result.hpfar === null).toBe(stage === 1);
          }
          const count = (steps: typeof walk.steps): number =>
            steps.reduce((n, s) => n + (s.read === undefined ? 0 : 1) + count(s.steps ?? []), 0);
          expect(count(walk.steps)).toBe(walk.reads);
          expect(JSON.parse(JSON.stringify(walk))).toEqual(walk);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('agrees with AT', () => {
    fc.assert(
      fc.property(fc.integer(), registers, fc.array(access, { maxLength: 10 }), (seed, values, accesses) => {
        const mmu = newMmu(seed, values);
        for (const { va, intent, el } of accesses as Access[]) {
          const operation = `AT ${el === 2 ? 'S1E2' : el === 1 ? 'S12E1' : 'S12E0'}${intent === 'write' ? 'W' : 'R'}` as const;
          const { par, fault } = mmu.addressTranslate(operation, ...halves(va));
          const ok = mmu.translate(...halves(va), intent === 'write' ? 'write' : 'read', el, 1, false);
          if (fault) expect(mmu.fault).toMatchObject({ kind: fault.kind, stage: fault.stage, level: fault.level });
          else expect((par & 1n) === 0n).toBe(ok);
          if (ok) expect(Number(par! & 0xffff_ffff_f000n)).toBe(mmu.pa - (mmu.pa % 4096));
        }
      }),
      RUNS,
    );
  });
});

describe('pictures of tables, whatever they hold', () => {
  it('show what a walk of each address finds: where it leads, its kind, attributes and rights', () => {
    let leaves = 0;
    fc.assert(
      fc.property(fc.integer(), registers, fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), (seed, values, picks) => {
        for (const register of ['TTBR0_EL1', 'TTBR1_EL1', 'TTBR0_EL2', 'VTTBR_EL2'] as const) {
          const isStage2 = register === 'VTTBR_EL2';
          const mmu = newMmu(seed, {
            ...values,
            HCR_EL2: isStage2 ? (1n << 31n) | 1n : 1n << 31n,
            SCTLR_EL1: isStage2 ? 0n : 1n,
            SCTLR_EL2: 1n,
          });
          const tree = readTables(mmu, register, { maxEntries: 5000 });
          expect(tree.counts.runs).toBeLessThan(5000 + 4 * 512);
          const found = [...leavesOf(tree.root)];
          for (const pick of picks) {
            if (found.length === 0) continue;
            leaves++;
            const { node, run } = found[pick % found.length];
            const index = run.index + (pick % run.count);
            const input = node.input + index * node.bytesPerEntry;
            const va = tree.base + BigInt(input) + BigInt(pick % node.bytesPerEntry);
            const walk = explainWalk(mmu, VA(va), {
              regime: register === 'TTBR0_EL2' ? 'el2' : 'el1',
              el: register === 'TTBR0_EL2' ? 2 : 1,
              access: 'r',
            });
            const { result } = walk;
            const leaf = run.leaf!;
            const output = run.output! + (index - run.index) * node.bytesPerEntry;
            expect(walk.steps.at(-1)).toMatchObject({ kind: run.kind, level: node.level, next: hex(output) });
            if (leaf.refused) {
              expect(result).toMatchObject({ fault: { kind: leaf.refused === 'access flag' ? 'accessFlag' : 'addressSize' } });
              continue;
            }
            const { permissions } = result;
            for (const [el, text] of Object.entries(leaf.permissions))
              expect((['r', 'w', 'x'] as const).map((right) => (permissions![right][el as '0'] ? right : '-')).join('')).toBe(text);
            if (!result.ok) continue;
            expect(result.pa).toBe(hex(output + (pick % node.bytesPerEntry)));
            const { stage1, stage2 } = result.attributes;
            expect(isStage2 ? stage2 : stage1).toMatchObject({ text: leaf.memory, shareability: leaf.shareability });
          }
        }
      }),
      { numRuns: 40 },
    );
    expect(leaves).toBeGreaterThan(100);
  });

  it('end', () => {
    fc.assert(
      fc.property(fc.integer(), registers, (seed, values) => {
        const mmu = newMmu(seed, values);
        for (const regime of ['el1', 'el2'] as const) {
          const map = readMap([{ mmu, regime }], { rows, maxRanges: 50 });
          for (const { from, to, size } of map.ribbons) {
            expect(size).toBeGreaterThan(0);
            for (const end of [from, to]) {
              const region = map.columns.find((c) => c.id === end.column)!.regions.find((r) => r.id === end.region)!;
              expect(BigInt(end.base)).toBeGreaterThanOrEqual(BigInt(region.base));
              expect(BigInt(end.base) + BigInt(size)).toBeLessThanOrEqual(BigInt(region.base) + BigInt(region.size));
            }
          }
        }
      }),
      { numRuns: 15 },
    );
  });
});
