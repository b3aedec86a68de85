/** The door of the folder. */
export { Mmu, type Probe, type ProbeOptions } from './mmu.ts';
export type { AsidDescription, RegimeDescription, RootDescription, StageDescription } from './describe.ts';
export type { PhysicalReader } from './physical.ts';
export { RegimeContext, TableRoot, type Regime } from './regime.ts';
export type { TlbiOperation } from './maintenance.ts';
export type { AtOperation, AtResult } from './address-translate.ts';
export { explainWalk, type ExplainOptions } from './explain.ts';
export { inputOf, type TableNode, type TableRun, type TableTree } from './table-types.ts';
export { mappedRanges, readTables, type MappedRange, type TreeOptions } from './tables.ts';
export { outlineTree, type Outline, type OutlineOptions, type OutlineRow, type TableOutline } from './outline.ts';
export { entryMatcher, entryTraitNames, type EntryFilter, type EntryTrait } from './table-filter.ts';
export { compareTrees, descriptorIn, type ChangeKind, type EntryChange, type TreeChanges } from './table-changes.ts';
export { decodeEntry, readEntry, switchedOn, type TableEntry } from './table-entry.ts';
export { hasControls, mmuWith, readControls, type Controls } from './controls.ts';
export type { LeafInfo } from './leaf.ts';
export {
  reachableMemory,
  readMap,
  type AddressMap,
  type PhysicalRange,
  type SpaceColumn,
  type SpaceControl,
  type SpaceRegion,
} from './map.ts';
export { reach, type AddressSpace, type Reached } from './reach.ts';
export { aliasesOf, ipasOf, reachesOf, type Alias, type Reach } from './reverse.ts';
export { largestRun, leafAt, type TreeLeaf } from './table-leaves.ts';
export { describeEntry } from './tlb-report.ts';
export { verifyMmu, verifyWalks, type VerifyResult } from './verify.ts';
export type * from './walk-types.ts';
