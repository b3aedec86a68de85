/** Checking the MMU against recorded vectors: lines of text in, counts and sentences out. */
export { verifyMmu } from './verify-mmu.ts';
export { verifyWalks } from './verify-walks.ts';
export type { VerifyResult } from '../base/verify-result.ts';
