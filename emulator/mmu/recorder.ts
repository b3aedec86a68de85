/** Keeps what the walker tells, as the steps of a Walk. */
import type { OA, PA } from '../base/addresses.ts';
import { join64 } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import { contiguousField } from './contiguous.ts';
import { decodeDescriptor, descriptorVerdict } from './descriptor.ts';
import type { PhysicalReader } from './physical.ts';
import { lookupShift, type RegimeContext, type TableRoot } from './regime.ts';
import type { DecodedDescriptor, WalkTrace } from './trace.ts';
import type { DescriptorField, WalkStep } from './walk-types.ts';

type Mutable<T> = { -readonly [key in keyof T]: T[key] };
/** A step under construction. */
export type Draft = Omit<Mutable<WalkStep>, 'fields' | 'steps'> & {
  fields: Record<string, DescriptorField>;
  steps?: Draft[];
};

export class WalkRecorder implements WalkTrace {
  readonly steps: Draft[] = [];
  private reads = 0;
  /** Fetches begun and not finished: a stage-1 fetch, and within it one of stage 2. */
  private readonly open: { readonly step: Draft; readonly granuleBits: number }[] = [];

  constructor(
    private readonly context: RegimeContext,
    private readonly memory: PhysicalReader,
  ) {}

  begin(stage: 1 | 2, level: number, root: TableRoot, table: OA, index: number, entries: number, address: OA): void {
    const low = lookupShift(level, root.granuleBits);
    const step: Draft = {
      stage,
      level,
      table: hex(table),
      index,
      entries,
      indexBits: { high: low + Math.log2(entries) - 1, low },
      descriptorAddress: hex(address),
      ipa: stage === 1 && this.context.stage2 ? hex(address) : null,
      pa: null,
      value: null,
      kind: null,
      fields: {},
      next: null,
      verdict: '',
    };
    const parent = this.open.at(-1)?.step;
    if (parent) (parent.steps ??= []).push(step);
    else this.steps.push(step);
    this.open.push({ step, granuleBits: root.granuleBits });
  }

  decoded(pa: PA, { low, high, kind, next }: DecodedDescriptor, control: number): void {
    const { step, granuleBits } = this.open.pop()!;
    const { context, memory } = this;
    const { stage, level } = step;
    const value = join64(low, high);
    const leadsOn = kind !== 'invalid' && kind !== 'reserved';
    const place = { context, stage, level, granuleBits, control };
    step.read = ++this.reads;
    step.pa = hex(pa);
    step.value = hex(value);
    step.kind = kind;
    step.fields = decodeDescriptor(place, value, kind);
    step.next = leadsOn ? hex(next) : null;
    step.verdict = descriptorVerdict(place, kind, step.next);
    if ((kind === 'block' || kind === 'page') && step.fields['Contiguous'].value === '1')
      Object.assign(step.fields, contiguousField(memory, place, step.entries, step.index, pa));
  }

  refused(pa?: PA): void {
    const { step } = this.open.pop()!;
    if (pa === undefined) step.verdict = 'stage 2 refuses the address of this descriptor';
    else {
      step.read = ++this.reads;
      step.pa = hex(pa);
      step.verdict = 'there is no memory at this address: external abort';
    }
  }
}
