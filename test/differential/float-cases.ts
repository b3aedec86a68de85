/**
 * Cases that are programs of floating point and SIMD: every definition of them, with loads and stores, flags, branches, bounded loops, modes of
 * FPCR, and exceptions in the middle. Often floating point is trapped at the start: the recorder then makes it available and goes on.
 */
import { decode, definitions, isFloatingPoint, type Definition, type FieldName } from '../../emulator/isa/index.ts';
import { readFields } from '../../emulator/isa/pattern.ts';
import { floatDoubleword, floatQuadword } from '../isa/random-floats.ts';
import { branchingBy, randomWordOf, withField } from '../isa/random-words.ts';
import { DATA_BYTES, place, type Case, type CodeArea, word } from './cases.ts';
import type { Choices } from '../isa/choices.ts';
import type { Recorder } from './run.ts';
import { baseline, flatMap, SCTLR_EL1_OFF, SCTLR_EL2_OFF } from './setting.ts';

export const floating = definitions.filter(isFloatingPoint);
const isMove = ({ name }: Definition): boolean => /^(LD|ST)/.test(name);
const moves = floating.filter(isMove);
const computing = floating.filter((definition) => !isMove(definition));
const named = (names: RegExp): Definition[] =>
  definitions.filter((definition) => !isFloatingPoint(definition) && names.test(definition.name));
const integer = named(/^(ADDS|SUBS|ANDS|BICS|ADC|SBC|CC|CS|ADD|SUB|MADD|ORR|UBFM|SBFM)/);
const branches = named(/^(B\.cond|CBN?Z|TBN?Z|B|BL)$/);
const controls = ['mrs x1, fpcr', 'mrs x2, fpsr', 'msr fpcr, xzr', 'msr fpsr, x4', 'msr fpsr, xzr', 'msr nzcv, x5', 'mrs x6, nzcv'].map(
  word,
);
const setFPCR = word('msr fpcr, x3');
const exceptions = ['svc #2', 'hvc #3', 'brk #5', 'hlt #1', '.inst 0'].map(word);

/** Instructions of a program, without the bodies that are repeated. */
const LENGTH = 40;
/** X0 to X15 take results. */
const RESULTS = 16;
/** Small distances, for addresses. */
const DISTANCES = [16, 17, 18];
/** Counts loops. */
const COUNTER = 19;
/** Point at the data. 31: the stack pointer, which does too. */
const POINTERS = [20, 21, 22, 23, 24, 25, 31];
/** Point at nothing, at code, which cannot be written, and at the end of what is mapped. */
const FAULTING = [26, 27, 28];
const MAPPED_BYTES = 0x20_0000;
/** CPTR_EL2.TFP. */
const TFP = 1n << 10n;

const anyWordOf = (choose: Choices, definition: Definition): number => randomWordOf(definition, () => Number(choose.bits(32)));

/** A word of the definition whose registers keep to what they are for. */
function wordOf(choose: Choices, definition: Definition): number {
  let w = anyWordOf(choose, definition);
  // Seldom one that is not allocated.
  while (decode(w)?.definition !== definition && !choose.once(64)) w = anyWordOf(choose, definition);
  const set = (name: FieldName, value: number): void => void (w = withField(definition, w, name, value));
  const has = readFields(definition.pattern, w);
  // 31 is the stack pointer to some of the integer instructions.
  set('Rd', isFloatingPoint(definition) && choose.once(16) ? 31 : choose.below(RESULTS));
  if (!isMove(definition)) return w;
  const faults = choose.once(40);
  set('Rn', choose.of(faults ? FAULTING : POINTERS));
  if (has.Rm !== 31) set('Rm', choose.of(DISTANCES));
  set('imm12', has.imm12 & 0xff);
  set('imm19', choose.below(LENGTH) - LENGTH / 4);
  // What is added to a pointer is small: in a loop it is added again. Before the end of what is mapped little memory belongs to the case.
  if (faults || definition.name.includes('-index')) for (const name of ['imm7', 'imm9'] as const) set(name, choose.below(16) - 8);
  return w;
}

/** A part of a program: one instruction, or some with a branch over them or back to their beginning. */
function part(choose: Choices, depth: number): number[] {
  const some = (count: number): number[] => Array.from({ length: count }, () => part(choose, depth + 1)).flat();
  const kind = choose.below(24);
  if (kind < 9 || depth > 2) return [wordOf(choose, choose.of(computing))];
  if (kind < 16) return [wordOf(choose, choose.of(moves))];
  if (kind < 18) return [wordOf(choose, choose.of(integer))];
  if (kind < 19) return [choose.of(controls)];
  // AHP, DN, FZ, RMode; seldom anything.
  if (kind < 20) return choose.once(8) ? [setFPCR] : [word(`movz x3, #${choose.bits(5) << 6n}, lsl #16`), setFPCR];
  if (kind < 21) return choose.once(3) ? [choose.of(exceptions)] : [];
  if (kind < 23 || depth > 0) {
    const skipped = some(1 + choose.below(4));
    const branch = choose.of(branches);
    return [branchingBy(branch, anyWordOf(choose, branch), 1 + skipped.length), ...skipped];
  }
  const body = [...some(2 + choose.below(6)), word(`sub x${COUNTER}, x${COUNTER}, #1`)];
  const back = word(`cbnz x${COUNTER}, 0x0`);
  return [word(`movz x${COUNTER}, #${2 + choose.below(5)}`), ...body, branchingBy(decode(back)!.definition, back, -body.length)];
}

/** What these cases have in memory. */
export const floatData = (choose: Choices): Uint8Array =>
  new Uint8Array(BigUint64Array.from({ length: DATA_BYTES / 8 }, () => floatDoubleword(choose)).buffer);

export function floatCase(choose: Choices, recorder: Recorder, area: CodeArea): Case {
  const code: number[] = [];
  while (code.length < LENGTH) code.push(...part(choose, 0));
  const entry = area.add([...code, ...['svc #1', 'hvc #1', 'nop'].map(word)], 64);
  const el = choose.below(3);
  const pointer = (): bigint => BigInt(place.data + 0x1800 + (choose.once(3) ? choose.below(0x1000) : choose.below(0x100) * 16));
  const x = Array.from({ length: 31 }, () => (choose.once(2) ? choose.bits(64) : floatDoubleword(choose)));
  for (const n of DISTANCES) x[n] = choose.once(4) ? -BigInt(choose.below(64)) : BigInt(choose.below(16) * choose.of([1, 8, 16]));
  for (const n of POINTERS) if (n < 31) x[n] = pointer();
  const end = BigInt(place.data + MAPPED_BYTES);
  const edge = BigInt(choose.below(32) - 16) + (choose.once(2) ? end : BigInt(place.data));
  FAULTING.forEach((n, i) => (x[n] = [0x7000_0000_0000n, entry, edge][i]));
  const strict = choose.once(4) ? 2n : 0n;
  // E0E: data of EL0 is big-endian.
  const E0E = choose.once(6) ? 1n << 24n : 0n;
  const system = {
    ...baseline(recorder),
    ...flatMap,
    SCTLR_EL1: SCTLR_EL1_OFF | 0x1005n | strict | E0E,
    CPACR_EL1: choose.of([3n, 3n, 0n, 1n, 2n]) << 20n,
    CPTR_EL2: 0x33ffn | (choose.once(4) ? TFP : 0n),
  };
  return {
    system: Object.entries(system),
    sctlrEl2: SCTLR_EL2_OFF | 0x1005n | strict,
    entry,
    spsr: (choose.bits(4) << 28n) | (15n << 6n) | (el === 0 ? 0n : BigInt(el * 4 + 1)),
    x,
    sp: [pointer(), pointer(), pointer()],
    float: {
      // AHP, DN, FZ, RMode.
      fpcr: choose.once(2) ? 0n : choose.bits(5) << 22n,
      fpsr: choose.once(2) ? 0n : choose.some(0x0800_009fn),
      v: Array.from({ length: 32 }, () => floatQuadword(choose)),
    },
    memory: Array.from({ length: 20 }, (_, n) => [end - BigInt(8 * (n + 1)), floatDoubleword(choose)] as const),
    code: { pa: entry, length: code.length },
    text: code.map((w) => w.toString(16).padStart(8, '0')).join(' '),
  };
}
