/**
 * Which guests have run, and what their translation was controlled by: the registers as they were when each was last left for EL2.
 * A hypervisor keeps the registers of a waiting guest in memory of its own; here they are known all the same.
 */
import type { CpuEvent } from '../cpu/events.ts';
import { HCR_EL2 } from '../cpu/registers/bits.ts';
import type { CpuState } from '../cpu/state.ts';
import { lowerBound } from './columns.ts';
import { hasControls, readControls, type Controls } from '../mmu/index.ts';

interface Snapshot {
  /** The exception that left the guest. */
  readonly n: number;
  readonly controls: Controls;
}

/** Bytes that a snapshot takes, with the objects around it. */
const SNAPSHOT_BYTES = 256;

export class GuestLog {
  /** By VMID, in order; one that changed nothing is not kept, so each holds until the next. */
  private readonly snapshots = new Map<number, Snapshot[]>();
  /** By VMID: the first exception that left the guest. */
  private readonly firstLeft = new Map<number, number>();
  private count = 0;

  /** Bytes that this takes. */
  get held(): number {
    return this.count * SNAPSHOT_BYTES;
  }

  /** Forgets about so many of the bytes that this takes, the oldest snapshots of each guest first. What each was left with last stays. */
  forget(bytes: number): void {
    const share = bytes / this.held;
    for (const known of this.snapshots.values())
      this.count -= known.splice(0, Math.min(known.length - 1, Math.ceil(known.length * share))).length;
  }

  record(event: CpuEvent, cpu: CpuState): void {
    if (event.kind !== 'exception' || event.from === 2 || event.to !== 2 || (cpu.low('HCR_EL2') & (HCR_EL2.VM | HCR_EL2.DC)) === 0) return;
    let known = this.snapshots.get(event.vmid);
    if (!known) {
      this.snapshots.set(event.vmid, (known = []));
      this.firstLeft.set(event.vmid, event.n);
    }
    const last = known.at(-1);
    if (last && hasControls(cpu, last.controls)) return;
    known.push({ n: event.n, controls: readControls(cpu) });
    this.count++;
  }

  /** A separate log of what happened before instant `at`. */
  before(at: number): GuestLog {
    const log = new GuestLog();
    for (const vmid of this.seenBefore(at)) {
      const known = this.snapshots.get(vmid)!.filter(({ n }) => n < at);
      log.snapshots.set(vmid, known);
      log.firstLeft.set(vmid, this.firstLeft.get(vmid)!);
      log.count += known.length;
    }
    return log;
  }

  /** VMIDs of the guests that ran under stage 2 and were left before instant `at`, ascending. */
  seenBefore(at: number): number[] {
    return [...this.firstLeft]
      .filter(([, first]) => first < at)
      .map(([vmid]) => vmid)
      .sort((a, b) => a - b);
  }

  /** Registers of a guest as it was last left before instant `at`; undefined where it was not, or where that is forgotten. */
  leftBefore(vmid: number, at: number): Controls | undefined {
    const known = this.snapshots.get(vmid) ?? [];
    return known[lowerBound(known.length, at, (i) => known[i].n) - 1]?.controls;
  }
}
