/**
 * What an UNDEFINED instruction is, and what to do about it. Those of later versions of the architecture are known by their place in the
 * encoding (Arm ARM C4.1 "A64 instruction set encoding").
 */
import { VA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import type { ExceptionEvent } from '../cpu/events.ts';
import { disassemble } from '../isa/index.ts';
import type { BoardRegion } from '../machine/board-row.ts';
import type { DetailedEvent } from './events.ts';

interface Later {
  readonly mask: number;
  readonly value: number;
  /** "an SVE instruction". */
  readonly what: string;
  /** For the compiler, beside the version of the architecture. */
  readonly option?: string;
}
const signed = '-mbranch-protection=none';
const later: readonly Later[] = [
  { mask: 0x3fff_fc00, value: 0x38bf_c000, what: 'a load-acquire of Armv8.3 (FEAT_LRCPC)' },
  { mask: 0x3f20_0c00, value: 0x3820_0000, what: 'an atomic instruction of Armv8.1 (FEAT_LSE)' },
  { mask: 0x3fa0_7c00, value: 0x08a0_7c00, what: 'a compare and swap of Armv8.1 (FEAT_LSE)' },
  { mask: 0xbfa0_7c00, value: 0x0820_7c00, what: 'a compare and swap of Armv8.1 (FEAT_LSE)' },
  { mask: 0xffff_8000, value: 0xdac1_0000, what: 'a pointer authentication of Armv8.3 (FEAT_PAuth)', option: signed },
  { mask: 0xffe0_fc00, value: 0x9ac0_3000, what: 'a pointer authentication of Armv8.3 (FEAT_PAuth)', option: signed },
  { mask: 0xfe1f_f800, value: 0xd61f_0800, what: 'an authenticated branch of Armv8.3 (FEAT_PAuth)', option: signed },
  { mask: 0xff20_0400, value: 0xf820_0400, what: 'an authenticated load of Armv8.3 (FEAT_PAuth)', option: signed },
  { mask: 0x1e00_0000, value: 0x0400_0000, what: 'an SVE instruction' },
  { mask: 0x9e00_0000, value: 0x8000_0000, what: 'an SME instruction' },
]; // prettier-ignore

interface AdvisedBoard {
  readonly gic: { readonly version: 2 | 3 };
  readonly regions: readonly BoardRegion[];
}

/** Advice on an exception that the program can be built without, with a space before it; empty where there is none. */
export function buildAdvice({ type, from, to, causeWord }: DetailedEvent & ExceptionEvent, board: AdvisedBoard): string {
  // A level that traps its own use of the registers has nobody who would switch them; one that traps another's does it on purpose.
  if (type === 'FP' && from === to)
    return ` Nothing at EL${to} has enabled them: compile the program with -mgeneral-regs-only, or enable them first.`;
  return type === 'Undefined' && causeWord !== undefined ? undefinedAdvice(causeWord, board) : '';
}

function undefinedAdvice(word: number, board: AdvisedBoard): string {
  if (word >>> 16 === 0) return ' Memory that holds no code often reads so: execution may have left the program.';
  const text = disassemble(word, VA(0n));
  if (!text) return '';
  if (text.problem === undefined) {
    const isOfGic3 = text.operands.split(', ').some((operand) => /^ic[ch]_/.test(operand));
    return isOfGic3 ? gicAdvice(board) : '';
  }
  const known = later.find(({ mask, value }) => (word & mask) >>> 0 === value);
  if (!known) return '';
  const options = ['-march=armv8-a', ...(known.option ? [known.option] : [])].join(' ');
  return ` It is ${known.what}, which a Cortex-A53 does not have: compile with ${options}.`;
}

function gicAdvice({ gic, regions }: AdvisedBoard): string {
  if (gic.version === 3) return '';
  const places = regions.filter(({ family }) => family === 'GIC').map(({ title, base }) => `${title} at ${hex(base)}`);
  return ` It is for a GICv3. This board has a GICv2, which is programmed through memory (${places.join(', ')}): build the program for a GICv2, or choose a GICv3 (--gic 3).`;
}
