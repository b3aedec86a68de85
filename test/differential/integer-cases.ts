/** Cases of random integer instructions: every definition, random operands, at EL0, EL1 and EL2 with the MMU on and memory Normal. */
import { definitions, isFloatingPoint } from '../../emulator/isa/index.ts';
import { branchingBy, randomWordOf } from '../isa/random-words.ts';
import { DATA_BYTES, place, type Case, type CodeArea, word } from './cases.ts';
import type { Choices } from '../isa/choices.ts';
import type { Recorder } from './run.ts';
import { baseline, flatMap, SCTLR_EL1_OFF, SCTLR_EL2_OFF } from './setting.ts';

/** What would leave the sequence for good, or asks for more of a setting than there is here; system-cases.ts has them. */
const left = /^(B|BL|BR|BLR|RET|ERET|WFI|WFE|SVC|HVC|SMC|MSR \(.*\)|MRS|SYS|SYSL|DRPS|DCPS\d)$/;
const usable = definitions.filter((definition) => !isFloatingPoint(definition) && !left.test(definition.name));
const memory = usable.filter(({ name }) => /^(LD|ST|PRF)/.test(name));
const computing = usable.filter(({ name }) => !/^(LD|ST|PRF)/.test(name));
const LENGTH = 12;
/** Load-exclusive and store-exclusive (C4.1.94): o2 = 0. */
const isExclusive = (w: number): boolean => (w & 0x3f80_0000) === 0x0800_0000;

export function integerCase(choose: Choices, recorder: Recorder, area: CodeArea): Case {
  const random = (): number => Number(choose.bits(32));
  const chosen = Array.from({ length: LENGTH }, () => choose.of(choose.once(2) ? memory : computing));
  // A store-exclusive of another size than the load-exclusive is CONSTRAINED UNPREDICTABLE (B2.9.5): QEMU does not mind, we let it fail.
  const size = choose.once(3) ? 0x8020_0000 + choose.below(2) * 0x4000_0000 : choose.below(4) * 0x4000_0000;
  // Branches go forward, by at most three instructions.
  const code = chosen
    .map((definition) => branchingBy(definition, randomWordOf(definition, random), 1 + choose.below(3)))
    .map((w) => (isExclusive(w) ? ((w & 0x3fdf_ffff) | size) >>> 0 : w));
  const entry = area.add([...code, ...['nop', 'nop', 'nop', 'svc #1', 'hvc #1', 'nop'].map(word)], 64);
  const el = choose.below(3);
  const data = BigInt(place.data);
  const address = (): bigint => {
    const offset = choose.once(3) ? 0x1000 * (1 + choose.below(2)) - choose.below(20) : choose.below(DATA_BYTES);
    return data + BigInt(choose.once(2) ? offset & ~15 : offset);
  };
  const value = (): bigint => {
    if (choose.once(2)) return address();
    return choose.once(3)
      ? choose.bits(64)
      : choose.of([0n, 1n, -1n, 8n, -8n, 16n, choose.bits(12), 1n << 63n, 1n << 31n, choose.bits(32)]);
  };
  const strict = choose.once(4) ? 2n : 0n;
  const stack = (): bigint => data + 0x800n + BigInt(choose.below(0x80)) * (choose.once(3) ? 8n : 16n);
  return {
    system: Object.entries({ ...baseline(recorder), ...flatMap, SCTLR_EL1: SCTLR_EL1_OFF | 0x1005n | strict }),
    sctlrEl2: SCTLR_EL2_OFF | 0x1005n | strict,
    entry,
    spsr: (choose.bits(4) << 28n) | (15n << 6n) | (el === 0 ? 0n : BigInt(el * 4 + 1)),
    x: Array.from({ length: 31 }, value),
    sp: [stack(), stack(), stack()],
    memory: [],
    code: { pa: entry, length: LENGTH },
    text: code.map((w) => w.toString(16).padStart(8, '0')).join(' '),
  };
}
