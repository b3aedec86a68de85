/** The door of the folder. */
export { Mmu } from './mmu.ts';
export type { PhysicalReader } from './physical.ts';
export { RegimeContext, type Regime } from './regime.ts';
export type { TlbiOperation } from './maintenance.ts';
export type { AtOperation, AtResult } from './address-translate.ts';
export { verifyMmu, verifyWalks, type VerifyResult } from './verify.ts';
export type { ExplainOptions } from './explain.ts';
export type * from './walk-types.ts';
