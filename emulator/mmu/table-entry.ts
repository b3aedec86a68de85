/** One entry of a tree, in full: where it lies, what it says, field by field. */
import { IPA } from '../base/addresses.ts';
import { join64 } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import { HCR_EL2, SCTLR_EL1, SCTLR_EL2 } from '../cpu/registers/bits.ts';
import { mmuWith, readControls, setControl, type Controls } from './controls.ts';
import { decodeDescriptor, descriptorVerdict, type DescriptorPlace } from './descriptor.ts';
import { nextAddress } from './descriptor-reader.ts';
import type { Mmu } from './mmu.ts';
import { WalkRecorder } from './recorder.ts';
import { lookupShift, type TableRoot } from './regime.ts';
import type { Descriptor } from './table-changes.ts';
import type { DescriptorField, Hex, WalkStep } from './walk-types.ts';

/** An entry as the walker reads it. */
export type TableEntry = Pick<
  WalkStep,
  'stage' | 'level' | 'table' | 'index' | 'entries' | 'ipa' | 'pa' | 'value' | 'kind' | 'fields' | 'next' | 'verdict'
>;

/**
 * The entry of `level` that translates an input address (VA, or IPA for VTTBR_EL2), found by a walk; also while the stage is off, as if it
 * were on. Undefined where the walk does not come that far down.
 */
export function readEntry(mmu: Mmu, register: TableRoot['register'], input: bigint, level: number): TableEntry | undefined {
  const on = mmuWith(switchedOn(readControls(mmu.cpu), register), mmu.memory);
  const context = on.context(register === 'TTBR0_EL2' ? 'el2' : 'el1');
  const recorder = new WalkRecorder(context, on.memory);
  const { walker } = on;
  walker.trace = recorder;
  if (register === 'VTTBR_EL2') walker.stage2(context, IPA(Number(input)), false);
  else walker.walk(context, Number(input & 0xffff_ffffn), Number(input >> 32n), 'read', register === 'TTBR0_EL2' ? 2 : 1, false, true);
  const stage = register === 'VTTBR_EL2' ? 2 : 1;
  return recorder.steps.find((step) => step.stage === stage && step.level === level);
}

/** The registers with the stage of a base register on. */
export function switchedOn(controls: Controls, register: TableRoot['register']): Controls {
  const changed = controls.slice();
  if (register === 'VTTBR_EL2') setControl(changed, 'HCR_EL2', HCR_EL2.VM, 0);
  else if (register === 'TTBR0_EL2') setControl(changed, 'SCTLR_EL2', SCTLR_EL2.M, 0);
  else {
    setControl(changed, 'SCTLR_EL1', SCTLR_EL1.M, 0);
    setControl(changed, 'HCR_EL2', 0, HCR_EL2.DC | HCR_EL2.TGE);
  }
  return changed;
}

/** What a descriptor said that is known by its value only: that of another instant. */
export function decodeEntry(
  place: DescriptorPlace,
  { low, high, kind }: Descriptor,
): { value: Hex; fields: Readonly<Record<string, DescriptorField>>; verdict: string } {
  const value = join64(low, high);
  const { level, granuleBits } = place;
  const next =
    kind === 'invalid' || kind === 'reserved' ? null : hex(nextAddress(kind, low, high, lookupShift(level, granuleBits), granuleBits));
  return { value: hex(value), fields: decodeDescriptor(place, value, kind), verdict: descriptorVerdict(place, kind, next) };
}
