/** The door of the folder. */
export { Mmu } from './mmu.ts';
export type { PhysicalReader } from './physical.ts';
export { RegimeContext, TableRoot, type Regime } from './regime.ts';
export type { TlbiOperation } from './maintenance.ts';
export type { AtOperation, AtResult } from './address-translate.ts';
export type { ExplainOptions } from './explain.ts';
export {
  inputOf,
  mappedRanges,
  readTables,
  type MappedRange,
  type TableNode,
  type TableRun,
  type TableTree,
  type TreeOptions,
} from './tables.ts';
export { tablesToJson, type RunJson, type TableJson, type TablesJson } from './tables-json.ts';
export type { LeafInfo } from './leaf.ts';
export { readMap, type AddressMap, type MapOptions, type SpaceColumn, type SpaceRegion, type SpaceRibbon } from './map.ts';
export { reach, type AddressSpace, type Reached } from './reach.ts';
export { aliasesOf, type Alias } from './reverse.ts';
export { describeEntry } from './tlb-report.ts';
export { verifyMmu, verifyWalks, type VerifyResult } from './verify.ts';
export type * from './walk-types.ts';
