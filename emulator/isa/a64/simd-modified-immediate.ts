// Arm ARM C4.1.96, Advanced SIMD modified immediate. `each` is what AdvSIMDExpandImm() makes of the eight bits, in one lane.
import { define } from '../define.ts';
import type { LaneBits } from '../builder.ts';
import { byteMask, expandImm } from '../pseudocode.ts';
import { range } from './simd-lanes.ts';

type Part = Readonly<Record<'abc' | 'defgh', number>> & { readonly hw?: number; readonly sh?: number };
const imm8Of = ({ abc, defgh }: Part): number => abc * 32 + defgh;
const shiftedLeft = (f: Part): bigint => BigInt(imm8Of(f)) << BigInt(8 * (f.hw ?? f.sh ?? 0));
const onesShiftedIn = (f: Part): bigint => ((BigInt(imm8Of(f)) + 1n) << BigInt(8 * (f.sh! + 1))) - 1n;
const bytes = (f: Part): bigint => byteMask(imm8Of(f));

const words = '<Vd>.<T=s>, #<imm8bits>{, lsl #<hw*8>}';
const halves = '<Vd>.<T=h>, #<imm8bits>{, lsl #<sh*8>}';
const mask = '<Vd>.<T=s>, #<imm8bits>, msl #<msl>';
for (const [name, Q, op, cmode, text, bits, value] of [
  ['MOVI (words)', 'Q', 0, '0 hw 0', words, 32, shiftedLeft],
  ['MVNI (words)', 'Q', 1, '0 hw 0', words, 32, shiftedLeft],
  ['ORR (immediate, words)', 'Q', 0, '0 hw 1', words, 32, shiftedLeft],
  ['BIC (immediate, words)', 'Q', 1, '0 hw 1', words, 32, shiftedLeft],
  ['MOVI (halfwords)', 'Q', 0, '10 sh 0', halves, 16, shiftedLeft],
  ['MVNI (halfwords)', 'Q', 1, '10 sh 0', halves, 16, shiftedLeft],
  ['ORR (immediate, halfwords)', 'Q', 0, '10 sh 1', halves, 16, shiftedLeft],
  ['BIC (immediate, halfwords)', 'Q', 1, '10 sh 1', halves, 16, shiftedLeft],
  ['MOVI (words, ones shifted in)', 'Q', 0, '110 sh', mask, 32, onesShiftedIn],
  ['MVNI (words, ones shifted in)', 'Q', 1, '110 sh', mask, 32, onesShiftedIn],
  ['MOVI (bytes)', 'Q', 0, '1110', '<Vd>.<T=b>, #<imm8bits>', 8, (f) => BigInt(imm8Of(f))],
  ['FMOV (vector, immediate, single)', 'Q', 0, '1111', '<Vd>.<T=s>, #<imm8float>', 32, (f) => expandImm(imm8Of(f), 32)],
  ['MOVI (scalar)', '0', 1, '1110', '<Dd>, #<imm8bytes>', 64, bytes],
  ['MOVI (doublewords)', '1', 1, '1110', '<Vd>.2d, #<imm8bytes>', 64, bytes],
  ['FMOV (vector, immediate, double)', '1', 1, '1111', '<Vd>.2d, #<imm8float>', 64, (f) => expandImm(imm8Of(f), 64)],
] as const satisfies [string, string, 0 | 1, string, string, LaneBits, (f: Part) => bigint][]) {
  const mnemonic = name.split(' ')[0].toLowerCase(),
    lane = { 8: 'byte', 16: 'halfword', 32: 'word', 64: 'doubleword' }[bits],
    says = {
      movi: Q === '0' ? 'Sets <name:Dd> to <each>' : `Sets each ${lane} of <Vd> to <each>`,
      fmov: `Sets each ${lane} of <Vd> to <imm8float>`,
      mvni: `Sets each ${lane} of <Vd> to the inverse of <each>`,
      orr: `Sets the bits <each> in each ${lane} of <Vd>`,
      bic: `Clears the bits <each> in each ${lane} of <Vd>`,
    }[mnemonic]!;
  define(
    name,
    `0 ${Q} ${op} 0111100000 abc ${cmode} 01 defgh Vd`,
    `${mnemonic} ${text}`,
    (f) => {
      const each = value(f);
      return { each, all: range(64 / bits).reduce((all, i) => all | (each << BigInt(i * bits)), 0n) };
    },
    (b, { Vd, all, ...rest }) => {
      const immediate = b.splat(64, b.add(b.constant(64, 0), all)),
        old = b.vector(Vd),
        result =
          mnemonic === 'mvni'
            ? b.bitwise('xor', immediate, b.splat(64, b.constant(64, -1n)))
            : mnemonic === 'orr'
              ? b.bitwise('or', old, immediate)
              : mnemonic === 'bic'
                ? b.bitwise('andNot', old, immediate)
                : immediate;
      b.setVector(Vd, result, Q === '1' || ('Q' in rest && rest.Q) ? 128 : 64);
    },
  ).says(says);
}
