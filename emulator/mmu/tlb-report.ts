/** What the TLB holds for an address, and whether the tables say something else by now. */
import type { VA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import { faultName, type AccessIntent } from '../cpu/faults.ts';
import { faultKinds } from './fault-reason.ts';
import { memoryText } from './attribute-words.ts';
import { effectiveAttributes } from './attributes.ts';
import type { Mmu } from './mmu.ts';
import { right } from './permissions.ts';
import type { Regime } from './regime.ts';
import { attributesOf, infoField, leafBitsOf, packInfo, pageOf, rightsAt } from './tlb-entry.ts';
import { tagField } from './tlb.ts';
import type { ByLevel, TlbEntry, TlbReport } from './walk-types.ts';

/** For an access: where stage 1 is off, what kind of memory an entry gives depends on whether it is a fetch. */
export function reportTlb(mmu: Mmu, va: VA, regime: Regime, access: AccessIntent): TlbReport {
  const e = mmu.find(va, regime);
  if (e < 0) return { hit: false };
  const difference = differenceFromTables(mmu, e, va, regime);
  return {
    hit: true,
    entry: describeEntry(mmu, e, access),
    stale: difference !== undefined,
    ...(difference === undefined ? {} : { difference }),
  };
}

function describeEntry(mmu: Mmu, e: number, access: AccessIntent): TlbEntry {
  const { tlb } = mmu;
  const tag = tlb.tag[e];
  const info = tlb.info[e];
  const regime: Regime = tag & tagField.el2 ? 'el2' : 'el1';
  const stage1 = regime === 'el2' || (tag & tagField.stage1) !== 0;
  const stage2 = (tag & tagField.stage2) !== 0;
  const attributes = effectiveAttributes(mmu.context(regime), access, attributesOf(info, stage1, stage2));
  const page = (BigInt(tlb.pageHigh[e]) << 32n) | BigInt(tlb.pageLow[e]);
  return {
    regime,
    va: hex(page << 12n),
    leafBytes: 2 ** tlb.leafBits[e],
    pa: hex(tlb.paPage[e] * 4096),
    ipa: stage2 ? hex(tlb.ipaPage[e] * 4096) : null,
    asid: tag & tagField.global ? null : tag & tagField.asid,
    vmid: regime === 'el2' ? null : (tag & tagField.vmid) >>> 16,
    stage1,
    stage2,
    permissions: permissionTexts(info, regime),
    memory: memoryText(attributes.attribute),
  };
}

function permissionTexts(info: number, regime: Regime): ByLevel<string> {
  const text = (el: number): string => {
    const rights = rightsAt(info, el);
    return (rights & right.read ? 'r' : '-') + (rights & right.write ? 'w' : '-') + (rights & right.execute ? 'x' : '-');
  };
  return regime === 'el2' ? { '2': text(2) } : { '0': text(0), '1': text(1) };
}

/** Walks the tables for an access that the entry allows, and compares. */
function differenceFromTables(mmu: Mmu, e: number, va: VA, regime: Regime): string | undefined {
  const { tlb, walker } = mmu;
  const context = mmu.context(regime);
  const info = tlb.info[e];
  const el = regime === 'el2' ? 2 : rightsAt(info, 1) ? 1 : 0;
  const rights = rightsAt(info, el);
  const intent = rights & right.read ? 'read' : rights & right.execute ? 'execute' : 'write';
  if (!walker.walk(context, Number(va & 0xffff_ffffn), Number(va >> 32n), intent, el, false, true))
    return `the tables no longer allow it: stage ${walker.faultStage} ${faultName(faultKinds[walker.faultReason])}, level ${walker.faultLevel}`;
  const differences: string[] = [];
  if (pageOf(walker.pa) !== tlb.paPage[e])
    differences.push(`PA ${hex(tlb.paPage[e] * 4096)} in the TLB, ${hex(pageOf(walker.pa) * 4096)} in the tables`);
  const changed = packInfo(walker, context) ^ info;
  const rightsMask = (1 << infoField.stage1Level) - 1;
  if (changed & rightsMask) differences.push('permissions');
  if (changed & ~rightsMask) differences.push('attributes or level');
  if (leafBitsOf(walker, context) !== tlb.leafBits[e]) differences.push('size');
  return differences.length ? differences.join(', ') : undefined;
}
