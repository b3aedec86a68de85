/** Where an address of any space leads, for those who look on: the walker's answer for the page that holds it. Changes nothing. */
import { IPA, PA, VA } from '../base/addresses.ts';
import type { ExceptionLevel } from '../cpu/state.ts';
import { stage2MemoryText } from './attribute-words.ts';
import { explainWalk } from './explain.ts';
import { faultKinds } from './fault-reason.ts';
import { faultText } from './fault-words.ts';
import { rightsText } from './leaf.ts';
import type { Mmu } from './mmu.ts';
import { PA_BITS, powersOfTwo } from './regime.ts';
import type { ByLevel, Permissions } from './walk-types.ts';

export type AddressSpace = 'va' | 'ipa' | 'pa';

export type Reached =
  | {
      readonly ok: true;
      readonly pa: PA;
      /** The IPA on the way; undefined where there is none. */
      readonly ipa: IPA | undefined;
      /** "rw-" by level; empty where no stage decides it. */
      readonly permissions: ByLevel<string>;
      /** "Normal, Write-Back"; empty where no stage decides it. */
      readonly memory: string;
    }
  | { readonly ok: false; /** "Stage 1 translation fault, level 2". */ readonly text: string };

/** Follows an address that somebody gave, with the space that it belongs to. */
export function reach(mmu: Mmu, space: AddressSpace, address: bigint, el: ExceptionLevel): Reached {
  if (space === 'va') return reachVirtual(mmu, VA(address), el);
  if (address >> BigInt(PA_BITS)) return { ok: false, text: `Beyond the ${PA_BITS}-bit physical address space of a Cortex-A53` };
  return space === 'ipa' ? reachIntermediate(mmu, IPA(Number(address))) : physical(PA(Number(address)));
}

const physical = (pa: PA): Reached => ({ ok: true, pa, ipa: undefined, permissions: {}, memory: '' });

/** Follows an IPA of EL1&0 as a read would; it is a PA where stage 2 is off. */
export function reachIntermediate(mmu: Mmu, ipa: IPA): Reached {
  const context = mmu.context('el1');
  if (!context.stage2) return physical(PA(ipa));
  const { walker } = mmu;
  if (!walker.stage2(context, ipa, false)) {
    const kind = faultKinds[walker.faultReason];
    const { faultStage: stage, faultLevel: level, faultOnStage1Walk: onStage1Walk } = walker;
    const halves = { vaLow: ipa >>> 0, vaHigh: Math.floor(ipa / powersOfTwo[32]) };
    return { ok: false, text: faultText({ kind, stage, level, onStage1Walk, ipa, access: 'read', ...halves }) };
  }
  const rights = rightsText(walker.stage2Leaf.rights);
  return { ok: true, pa: walker.pa, ipa, permissions: { '0': rights, '1': rights }, memory: stage2MemoryText(walker.stage2Leaf.memAttr) };
}

/** Follows a VA as a read by level `el` would, in the regime of that level. */
export function reachVirtual(mmu: Mmu, va: VA, el: ExceptionLevel): Reached {
  const { result } = explainWalk(mmu, va, { regime: el === 2 ? 'el2' : 'el1', el, access: 'r' });
  if (!result.ok) return { ok: false, text: result.text };
  const { pa, ipa, permissions, attributes } = result;
  return {
    ok: true,
    pa: PA(Number(pa)),
    ipa: ipa === null ? undefined : IPA(Number(ipa)),
    permissions: permissionTexts(permissions),
    memory: attributes.text,
  };
}

const permissionTexts = ({ r, w, x }: Permissions): ByLevel<string> =>
  Object.fromEntries(
    (['0', '1', '2'] as const)
      .filter((el) => r[el] !== undefined)
      .map((el) => [el, (r[el] ? 'r' : '-') + (w[el] ? 'w' : '-') + (x[el] ? 'x' : '-')]),
  );
