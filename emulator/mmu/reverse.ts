/** Which virtual addresses reach a physical one. */
import { IPA, VA, type PA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import { explainWalk } from './explain.ts';
import type { Mmu } from './mmu.ts';
import type { Regime } from './regime.ts';
import { inputsOf, readTree } from './tables.ts';
import type { ByLevel, Hex, Permissions } from './walk-types.ts';

export interface Alias {
  readonly va: Hex;
  /** Null where stage 2 is off. */
  readonly ipa: Hex | null;
}

/** An alias with what both stages together allow there; null where the walk ends in a fault all the same. */
export interface Reach extends Alias {
  /** "rw-" by level. */
  readonly permissions: ByLevel<string> | null;
  readonly memory: string | null;
}

/** The VAs of a regime that translate to `pa` (bytes, below 2^40), at most `limit` of them, by ascending IPA. A stage that is off passes addresses through. */
export function aliasesOf(mmu: Mmu, regime: Regime, pa: PA, limit = 16): Alias[] {
  const context = mmu.context(regime);
  const ipas = context.stage2 ? inputsOf(readTree(mmu, context, context.stage2Root), pa, limit).map(IPA) : [IPA(pa)];
  if (ipas.length === 0) return [];
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

/** IPAs that stage 2 maps to `pa`; undefined where stage 2 is off. */
export function ipasOf(mmu: Mmu, pa: PA, limit = 16): Hex[] | undefined {
  const context = mmu.context('el1');
  return context.stage2 ? inputsOf(readTree(mmu, context, context.stage2Root), pa, limit).map(hex) : undefined;
}

/** The same as `aliasesOf`, with what each of them may do. */
export function reachesOf(mmu: Mmu, regime: Regime, pa: PA, limit = 16): Reach[] {
  return aliasesOf(mmu, regime, pa, limit).map((alias) => {
    const { result } = explainWalk(mmu, VA(BigInt(alias.va)), { regime, el: regime === 'el2' ? 2 : 1, access: 'r' });
    return {
      ...alias,
      permissions: result.permissions ? byLevel(result.permissions) : null,
      memory: result.ok ? result.attributes.text : null,
    };
  });
}

const byLevel = ({ r, w, x }: Permissions): ByLevel<string> =>
  Object.fromEntries(
    (['0', '1', '2'] as const)
      .filter((el) => r[el] !== undefined)
      .map((el) => [el, `${r[el] ? 'r' : '-'}${w[el] ? 'w' : '-'}${x[el] ? 'x' : '-'}`]),
  );
