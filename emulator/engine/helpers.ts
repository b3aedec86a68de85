/** Functions in WebAssembly that handlers call: what is too long, or too rare, to be in every one of them. */
import { cpuLayout } from '../cpu/layout.ts';
import { conditionHolds, flagKindNames, flagKinds, pack } from './flags.ts';
import { accessKind } from './host.ts';
import { PAGE_CACHE_ENTRIES, PAGE_STRIDE, RECORD, tlbEntry, type EngineLayout } from './layout.ts';
import { constant, local } from './values.ts';
import { Code, ModuleWriter, type Signature } from './wasm.ts';

export const helperSignatures = {
  /** (VA, access kind, record, TLB entry): host address, or what `dataMiss` says. */
  miss: { parameters: ['i64', 'i32', 'i32', 'i32'], results: ['i32'] },
  /** (record): whether a stack pointer that is not aligned faults. */
  stackPointer: { parameters: ['i32'], results: ['i32'] },
  /** (VA): its record, or 0 and cpu.pc = VA where its page is not in the page cache or it is not a multiple of 4. */
  lookup: { parameters: ['i64'], results: ['i32'] },
  /** (record): writes it and cpu.pc for TypeScript. */
  leave: { parameters: ['i32'], results: [] },
  /** (kind, a, b): NZCV */
  nzcv: { parameters: ['i32', 'i64', 'i64'], results: ['i32'] },
  /** (kind, a, b, condition) */
  holds: { parameters: ['i32', 'i64', 'i64', 'i32'], results: ['i32'] },
  /** (accumulator, data, bytes, polynomial) */
  crc32: { parameters: ['i32', 'i64', 'i32', 'i32'], results: ['i32'] },
} as const satisfies Record<string, Signature>;

/** What the helpers call in TypeScript: see `EngineHost`. */
export interface HelperImports extends Record<string, unknown> {
  readonly dataMiss: (vaLow: number, vaHigh: number, kind: number) => number;
  /** Not zero where it faults. */
  readonly misalignedStackPointer: () => number;
}

export type HelperName = keyof typeof helperSignatures;
export const helperNames = Object.keys(helperSignatures) as HelperName[];

/** Writes the VA of the record `at` bytes behind the one in local `record`. */
export function putPC(code: Code, layout: EngineLayout, record: number, at = 0): void {
  code.i32(0).access('i64.load', layout.pageVA);
  code.get(record);
  if (at) code.i32(at).op('i32.add');
  code
    .i32(PAGE_STRIDE - 1)
    .op('i32.and')
    .i32(Math.log2(RECORD / 4))
    .op('i32.shr_u', 'i64.extend_i32_u', 'i64.add');
}

function leave(layout: EngineLayout): Code {
  const code = new Code(helperSignatures.leave),
    record = 0;
  code.i32(0).get(record).access('i32.store', layout.record);
  code.i32(0);
  putPC(code, layout, record);
  return code.access('i64.store', layout.cpu + cpuLayout.pc);
}

/**
 * The fast path found no entry, or the access is not aligned. Inside one page that the entry covers, an unaligned access is as good as an
 * aligned one unless the page or the access insists on alignment. Otherwise TypeScript is asked (32-bit halves only, no BigInt).
 */
function miss(layout: EngineLayout, leaveIndex: number, dataMiss: number): Code {
  const code = new Code(helperSignatures.miss),
    [va, kind, record, entry] = [0, 1, 2, 3];
  code.get(kind).i32(accessKind.aligned).op('i32.and').get(entry).access('i32.load', tlbEntry.strict).op('i32.or', 'i32.eqz').if();
  code.get(va).i64(~0xfffn).op('i64.and');
  code.get(entry).access('i64.load', tlbEntry.writeTag).get(entry).access('i64.load', tlbEntry.readTag);
  code.get(kind).i32(accessKind.write).op('i32.and', 'select', 'i64.eq');
  // ... and its last byte is in the same page:
  code
    .get(va)
    .op('i32.wrap_i64')
    .i32(0xfff)
    .op('i32.and')
    .get(kind)
    .i32(0xff)
    .op('i32.and', 'i32.add')
    .i32(0x1000)
    .op('i32.le_u', 'i32.and');
  code.if();
  code.get(va).op('i32.wrap_i64').get(entry).access('i32.load', tlbEntry.addend).op('i32.add', 'return').end();
  code.end();
  code.get(record).call(leaveIndex);
  return code.get(va).op('i32.wrap_i64').get(va).i64(32n).op('i64.shr_u', 'i32.wrap_i64').get(kind).call(dataMiss);
}

function stackPointer(leaveIndex: number, misalignedStackPointer: number): Code {
  return new Code(helperSignatures.stackPointer).get(0).call(leaveIndex).call(misalignedStackPointer);
}

function lookup(layout: EngineLayout): Code {
  const code = new Code(helperSignatures.lookup),
    va = 0,
    entry = code.local('i32');
  // Entries are 16 bytes: bits 19..12 of the VA, shifted to 11..4.
  code
    .get(va)
    .op('i32.wrap_i64')
    .i32(8)
    .op('i32.shr_u')
    .i32((PAGE_CACHE_ENTRIES - 1) << 4)
    .op('i32.and')
    .tee(entry);
  code.access('i64.load', layout.pageCache);
  // Bits 1..0 of the VA stay in the key, where they must be zero.
  code.get(va).i64(~0xffcn).op('i64.and').i32(0).access('i64.load', layout.bankKey).op('i64.or', 'i64.eq').if();
  code.i32(0).get(va).i64(~0xfffn).op('i64.and').access('i64.store', layout.pageVA);
  code.get(entry).access('i32.load', layout.pageCache + 8);
  code
    .get(va)
    .op('i32.wrap_i64')
    .i32(0xfff)
    .op('i32.and')
    .i32(Math.log2(RECORD / 4))
    .op('i32.shl', 'i32.add', 'return')
    .end();
  code
    .i32(0)
    .get(va)
    .access('i64.store', layout.cpu + cpuLayout.pc);
  return code.i32(0);
}

function nzcv(): Code {
  const code = new Code(helperSignatures.nzcv);
  for (const kind of flagKindNames) {
    code.get(0).i32(flagKinds[kind]).op('i32.eq').if();
    pack(kind, local('i64', 1), local('i64', 2)).use().put(code);
    code.op('return').end();
  }
  return code.i32(0);
}

/** ConditionHolds for flags of any kind: bring them into packed form. */
function holds(nzcvIndex: number): Code {
  const code = new Code(helperSignatures.holds),
    packed = code.local('i64');
  code.get(0).get(1).get(2).call(nzcvIndex).op('i64.extend_i32_u').set(packed);
  for (let cond = 0; cond < 14; cond++) {
    code.get(3).i32(cond).op('i32.eq').if();
    conditionHolds(cond, 'packed', local('i64', packed), constant(64, 0n)).use().put(code);
    code.op('return').end();
  }
  return code.i32(1);
}

/** BitReverse(Poly32Mod2(BitReverse(acc):..., poly)) of the manual's CRC32, done byte by byte on the reversed values. */
function crc32(): Code {
  const code = new Code(helperSignatures.crc32),
    [accumulator, data, bytes, polynomial] = [0, 1, 2, 3];
  const again = code.loop();
  code.get(accumulator).get(data).op('i32.wrap_i64').i32(0xff).op('i32.and', 'i32.xor').set(accumulator);
  for (let bit = 0; bit < 8; bit++) {
    code.get(accumulator).i32(1).op('i32.shr_u');
    code.i32(0).get(accumulator).i32(1).op('i32.and', 'i32.sub').get(polynomial).op('i32.and', 'i32.xor').set(accumulator);
  }
  code.get(data).i64(8n).op('i64.shr_u').set(data);
  code.get(bytes).i32(1).op('i32.sub').tee(bytes).if();
  code.branch(again).end().end();
  return code.get(accumulator);
}

/** The module that every other one imports from. It imports `memory` and the `HelperImports`. */
export function helperModule(memoryPages: number, layout: EngineLayout): Uint8Array<ArrayBuffer> {
  const module = new ModuleWriter();
  module.importMemory(memoryPages);
  const dataMiss = module.importFunction('dataMiss', { parameters: ['i32', 'i32', 'i32'], results: ['i32'] });
  const misalignedStackPointer = module.importFunction('misalignedStackPointer', { parameters: [], results: ['i32'] });
  const leaveIndex = module.add(leave(layout), 'leave');
  module.add(stackPointer(leaveIndex, misalignedStackPointer), 'stackPointer');
  module.add(miss(layout, leaveIndex, dataMiss), 'miss');
  module.add(lookup(layout), 'lookup');
  const nzcvIndex = module.add(nzcv(), 'nzcv');
  module.add(holds(nzcvIndex), 'holds');
  module.add(crc32(), 'crc32');
  return module.finish();
}
