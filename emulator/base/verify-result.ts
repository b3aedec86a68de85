/** What came of checking the machine against a file of recorded results. */
export interface VerifyResult {
  passed: number;
  failed: number;
  /** The first failures, one sentence each. */
  readonly failures: string[];
  /** Differences that are right, by reason: the recording departs from the architecture, or the architecture leaves the choice. */
  readonly informational: Record<string, number>;
}

export const emptyResult = (): VerifyResult => ({ passed: 0, failed: 0, failures: [], informational: {} });

const FAILURES_KEPT = 100;

export function addFailure(result: VerifyResult, sentence: string): void {
  result.failed++;
  if (result.failures.length < FAILURES_KEPT) result.failures.push(sentence);
}

export function addInformational(result: VerifyResult, reason: string): void {
  result.informational[reason] = (result.informational[reason] ?? 0) + 1;
}
