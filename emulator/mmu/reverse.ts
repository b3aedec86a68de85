/** Which virtual addresses reach a physical one. */
import { hex } from '../base/hex.ts';
import type { Mmu } from './mmu.ts';
import type { Regime } from './regime.ts';
import { inputsOf, readTree } from './tables.ts';
import type { Hex } from './walk-types.ts';

export interface Alias {
  readonly va: Hex;
  /** Null where stage 2 is off. */
  readonly ipa: Hex | null;
}

/** The VAs of a regime that translate to `pa` (bytes, below 2^40), at most `limit` of them, by ascending IPA. A stage that is off passes addresses through. */
export function aliasesOf(mmu: Mmu, regime: Regime, pa: number, limit = 16): Alias[] {
  const context = mmu.context(regime);
  const ipas = context.stage2 ? inputsOf(readTree(mmu, context, context.stage2Root), pa, limit) : [pa];
  const trees = context.stage1
    ? [context.lower, ...(context.upper ? [context.upper] : [])].map((root) => readTree(mmu, context, root))
    : undefined;
  const aliases: Alias[] = [];
  for (const ipa of ipas) {
    const ipaText = context.stage2 ? hex(ipa) : null;
    const vas = trees?.flatMap((tree) => inputsOf(tree, ipa, limit).map((input) => hex(tree.base + BigInt(input)))) ?? [hex(ipa)];
    aliases.push(...vas.map((va) => ({ va, ipa: ipaText })));
  }
  return aliases.slice(0, limit);
}
