/**
 * Which guests have run, and what their translation was controlled by: the registers as they were when each was last left for EL2.
 * A hypervisor keeps the registers of a waiting guest in memory of its own; here they are known all the same.
 */
import type { CpuEvent } from '../cpu/events.ts';
import { HCR_EL2 } from '../cpu/registers/bits.ts';
import type { CpuState } from '../cpu/state.ts';
import { hasControls, readControls, type Controls } from '../mmu/index.ts';

interface Snapshot {
  /** The exception that left the guest. */
  readonly n: number;
  readonly controls: Controls;
}

export class GuestLog {
  /** By VMID, in order; one that changed nothing is not kept, so each holds until the next. */
  private readonly snapshots = new Map<number, Snapshot[]>();

  record(event: CpuEvent, cpu: CpuState): void {
    if (event.kind !== 'exception' || event.from === 2 || event.to !== 2 || (cpu.low('HCR_EL2') & (HCR_EL2.VM | HCR_EL2.DC)) === 0) return;
    let known = this.snapshots.get(event.vmid);
    if (!known) this.snapshots.set(event.vmid, (known = []));
    const last = known.at(-1);
    if (!last || !hasControls(cpu, last.controls)) known.push({ n: event.n, controls: readControls(cpu) });
  }

  /** A log of its own of what happened before instant `at`. */
  before(at: number): GuestLog {
    const log = new GuestLog();
    for (const vmid of this.seenBefore(at))
      log.snapshots.set(
        vmid,
        this.snapshots.get(vmid)!.filter(({ n }) => n < at),
      );
    return log;
  }

  /** VMIDs of the guests that ran under stage 2 and were left before instant `at`, ascending. */
  seenBefore(at: number): number[] {
    return [...this.snapshots]
      .filter(([, [first]]) => first.n < at)
      .map(([vmid]) => vmid)
      .sort((a, b) => a - b);
  }

  /** Registers of a guest as it was last left before instant `at`. */
  leftBefore(vmid: number, at: number): Controls | undefined {
    const known = this.snapshots.get(vmid) ?? [];
    let low = 0;
    let high = known.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (known[middle].n < at) low = middle + 1;
      else high = middle;
    }
    return known[low - 1]?.controls;
  }
}
