// Arm ARM C4.1.94: loads and stores of SIMD&FP registers. Not built; see simd-and-fp.ts.
import { bit32, bits32 } from '../../base/bits.ts';
import { notBuilt } from '../define.ts';

const what = 'Advanced SIMD and floating point';

/** LD1 to LD4 of whole registers: opcode by the number of registers; no de-interleaving of single doublewords. */
const multiple = (w: number): boolean => {
  const opcode = bits32(w, 15, 12);
  if ([2, 6, 7, 10].includes(opcode)) return true;
  return [0, 4, 8].includes(opcode) && (bits32(w, 11, 10) !== 3 || bit32(w, 30) === 1);
};
notBuilt(what, 'Advanced SIMD load/store multiple structures', '0x 0011000 x 000000 xxxx xx xxxxx xxxxx', multiple);
notBuilt(what, 'Advanced SIMD load/store multiple structures (post-indexed)', '0x 0011001 x 0 xxxxx xxxx xx xxxxx xxxxx', multiple);

/** One lane, or (opcode 11x) one element to all lanes. */
const oneLane = (w: number): boolean => {
  const S = bit32(w, 12),
    size = bits32(w, 11, 10);
  switch (bits32(w, 15, 14)) {
    case 0:
      return true;
    case 1:
      return (size & 1) === 0;
    case 2:
      return size === 0 || (size === 1 && S === 0);
    default:
      return bit32(w, 22) === 1 && S === 0;
  }
};
notBuilt(what, 'Advanced SIMD load/store single structure', '0x 0011010 xx 00000 xxx x xx xxxxx xxxxx', oneLane);
notBuilt(what, 'Advanced SIMD load/store single structure (post-indexed)', '0x 0011011 xx xxxxx xxx x xx xxxxx xxxxx', oneLane);

const upTo128 = (w: number): boolean => bits32(w, 31, 30) !== 3;
notBuilt(what, 'load register (literal, SIMD&FP)', 'xx 011 1 00 xxxxxxxxxxxxxxxxxxx xxxxx', upTo128);
notBuilt(what, 'load/store register pair (SIMD&FP)', 'xx 101 1 0xx x xxxxxxx xxxxx xxxxx xxxxx', upTo128);

/** opc<1> with size 00 is the 128-bit register. */
const sized = (w: number): boolean => bit32(w, 23) === 0 || bits32(w, 31, 30) === 0;
notBuilt(
  what,
  'load/store register (SIMD&FP, unscaled, indexed)',
  'xx 111 1 00 xx 0 xxxxxxxxx xx xxxxx xxxxx',
  (w) => sized(w) && bits32(w, 11, 10) !== 2,
);
notBuilt(what, 'load/store register (SIMD&FP, register offset)', 'xx 111 1 00 xx 1 xxxxx x1x x 10 xxxxx xxxxx', sized);
notBuilt(what, 'load/store register (SIMD&FP, unsigned offset)', 'xx 111 1 01 xx xxxxxxxxxxxx xxxxx xxxxx', sized);
