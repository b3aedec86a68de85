/** An instruction as it is written. */
import type { VA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import { disassemble } from '../isa/index.ts';

export function disassembled(word: number, pc: VA): string {
  const line = disassemble(word, pc);
  return line ? `${line.mnemonic} ${line.operands}`.trim() : `undefined (${hex(word)})`;
}
