/**
 * A walk as rows: one for each stage-1 fetch, with the stage-2 fetches that its address took before it, and a last one for the result.
 * Reads are numbered in the order in which hardware makes them.
 */
import type { Walk } from '../../../emulator/session/views.ts';

export type WalkStep = Walk['steps'][number];

export interface WalkRow {
  /** The stage-1 fetch; null in the row of the data itself. */
  readonly stage1: WalkStep | null;
  /** Stage-2 fetches that turn this row's address into a PA. */
  readonly stage2: readonly WalkStep[];
  /** The address that this row asks for. */
  readonly asks: { readonly space: 'VA' | 'IPA' | 'PA'; readonly address: string };
  /** The result (PA or fault) is at the end of this row. */
  readonly ends: boolean;
}

export interface Read {
  readonly number: number;
  readonly step: WalkStep;
  readonly row: number;
}

export function walkRows(walk: Walk): WalkRow[] {
  const rows: WalkRow[] = [];
  const nested = walk.stages.stage2?.on ?? false;
  const first = walk.steps.filter((step) => step.stage === 1);
  const last = walk.steps.filter((step) => step.stage === 2);
  for (const step of first)
    rows.push({
      stage1: step,
      stage2: step.steps ?? [],
      asks: step.ipa !== null ? { space: 'IPA', address: step.ipa } : { space: 'PA', address: step.descriptorAddress },
      // Stage 2 refused the fetch itself.
      ends: step.read === undefined,
    });
  if (rows.at(-1)?.ends) return rows;
  const { result } = walk;
  // Refused before the first read: the address is not translated at all.
  if (!result.ok && walk.stages.stage1.on && first.length === 0)
    return [{ stage1: null, stage2: last, asks: { space: 'VA', address: walk.va }, ends: true }];
  const output = result.ok ? (result.ipa ?? result.pa) : (first.at(-1)?.next ?? walk.va);
  const address = result.ok ? output : nested ? withOffset(walk, first, output) : output;
  rows.push({ stage1: null, stage2: last, asks: { space: nested ? 'IPA' : 'PA', address }, ends: true });
  return rows;
}

/** The address inside the page that stage 1 found. */
function withOffset(walk: Walk, stage1: readonly WalkStep[], base: string): string {
  const leaf = stage1.at(-1);
  if (!leaf || leaf.next === null) return base;
  const mask = (1n << BigInt(leaf.indexBits.low)) - 1n;
  return `0x${(BigInt(base) | (BigInt(walk.va) & mask)).toString(16)}`;
}

/** All reads that happened, in their order. */
export function walkReads(walk: Walk): Read[] {
  const reads: Read[] = [];
  walkRows(walk).forEach((row, r) => {
    for (const step of row.stage2) if (step.read !== undefined) reads.push({ number: step.read, step, row: r });
    if (row.stage1?.read !== undefined) reads.push({ number: row.stage1.read, step: row.stage1, row: r });
  });
  return reads.sort((a, b) => a.number - b.number);
}

/** Levels of stage 2 that appear, from the start level down: the columns. */
export function stage2Levels(rows: readonly WalkRow[]): number[] {
  const levels = new Set(rows.flatMap((row) => row.stage2.map((step) => step.level)));
  return [...levels].sort((a, b) => a - b);
}
