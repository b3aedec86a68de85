/**
 * Where the code was that the run met: of each page that an exception, a return or a watched write came from or went to, the physical page
 * behind it then. A list of traps names its places from this, whatever the machine's tables are at the instant that is shown.
 */
import { VA, type PA } from '../base/addresses.ts';
import { currentVmid } from '../cpu/exceptions.ts';
import type { CpuEvent, ExceptionLevel } from '../cpu/index.ts';
import type { Machine } from '../machine/machine.ts';

/** Samples beyond this many are not taken: a program that maps pages anew for each exception. */
const MOST_SAMPLES = 1 << 16;

/** What was behind a page from step `n` on. */
interface Sample {
  readonly n: number;
  /** Of the page's first byte; undefined where nothing was mapped. */
  readonly pa: PA | undefined;
  /** A copy of the program's own bytes (`ImagePlaces.isCopy`). */
  readonly isCopy: boolean;
}
/** What is behind a VA now, for a level. */
type Look = (va: VA, el: ExceptionLevel) => Omit<Sample, 'n'>;
interface Page {
  /** By rising step. */
  readonly samples: Sample[];
  /** The registers that the last look depended on. */
  stamp: number;
}

const RECENT = 16;

/** EL2 beside the VMIDs, which end at 255. */
const EL2_REGIME = 256;

export class CodePages {
  private readonly regimes: (Map<number, Page> | undefined)[] = [];
  private count = 0;
  /** Pages looked at since the registers that control translation changed: exceptions come from few, one after the other. */
  private readonly recent = { page: new Float64Array(RECENT), regime: new Int16Array(RECENT).fill(-1), contexts: -1 };

  /** Begins to listen. */
  listen(machine: Machine, look: Look): void {
    machine.onEvent.on((event) => this.met(event, machine, look));
    machine.watches.onReport.on(({ n, pc, el }) =>
      this.note(machine, Number(pc & 0xffff_ffffn), Number(pc >> 32n), el, currentVmid(machine.cpu), n, look),
    );
  }

  /** The same as it was known at instant `n`, for a second run that goes on from there. */
  upTo(n: number): CodePages {
    const known = new CodePages();
    this.regimes.forEach((pages, regime) => {
      const copied = new Map<number, Page>();
      for (const [number, { samples }] of pages ?? []) {
        const then = samples.filter((sample) => sample.n <= n);
        // The next look is a new one, whatever the registers were.
        if (then.length > 0) copied.set(number, { samples: then, stamp: NaN });
        known.count += then.length;
      }
      known.regimes[regime] = copied;
    });
    return known;
  }

  /** The code that is about to run at the instant that the machine stands at. */
  here(machine: Machine, look: Look): void {
    const { cpu, steps } = machine;
    this.note(machine, cpu.pcLow, cpu.pcHigh, cpu.el, currentVmid(cpu), steps, look);
  }

  /** Of a VA of code that the run met at step `n`; undefined where it met none on this page. */
  at(va: VA, el: ExceptionLevel, vmid: number, n: number): Sample | undefined {
    const samples = this.regimes[el === 2 ? EL2_REGIME : vmid]?.get(Number(va >> 12n))?.samples;
    return samples && (samples.findLast((sample) => sample.n <= n) ?? samples[0]);
  }

  /** Levels that ran code in a range of VAs, EL1 and EL0 as EL1. */
  ranIn(from: VA, to: VA): (1 | 2)[] {
    const [first, last] = [Number(from >> 12n), Number(to >> 12n)];
    const ran = (pages: Map<number, Page> | undefined): boolean =>
      pages !== undefined && [...pages.keys()].some((page) => page >= first && page <= last);
    return [...(ran(this.regimes[EL2_REGIME]) ? [2 as const] : []), ...(this.regimes.slice(0, EL2_REGIME).some(ran) ? [1 as const] : [])];
  }

  /** The machine is right after the event. Halves of addresses, since this happens with each exception. */
  private met(event: CpuEvent, machine: Machine, look: Look): void {
    if (event.kind === 'psci') return;
    const { n, from, to, vmid } = event;
    const { cpu } = machine;
    this.note(machine, cpu.pcLow, cpu.pcHigh, to, vmid, n, look);
    if (event.kind !== 'exception') return;
    const elr = to === 2 ? 'ELR_EL2' : 'ELR_EL1';
    const low = cpu.low(elr);
    const high = cpu.high(elr);
    this.note(machine, low, high, from, vmid, n, look);
    // ELR is behind a call: the call may be the last instruction of the page before.
    if ((low & 0xfff) === 0) this.note(machine, (low - 4) >>> 0, low === 0 ? (high - 1) >>> 0 : high, from, vmid, n, look);
  }

  private note({ cpu, mmu }: Machine, low: number, high: number, el: ExceptionLevel, vmid: number, n: number, look: Look): void {
    const regime = el === 2 ? EL2_REGIME : vmid;
    const { recent } = this;
    if (recent.contexts !== mmu.contexts) {
      recent.contexts = mmu.contexts;
      recent.regime.fill(-1);
    }
    const at = ((low >>> 12) ^ regime) % RECENT;
    const number = high * 2 ** 20 + (low >>> 12);
    if (recent.page[at] === number && recent.regime[at] === regime) return;
    recent.page[at] = number;
    recent.regime[at] = regime;
    const pages = (this.regimes[regime] ??= new Map<number, Page>());
    // Bit 0 of SCTLR_ELx, and where the tables are.
    const stamp =
      el === 2
        ? cpu.low('TTBR0_EL2') ^ (cpu.low('SCTLR_EL2') & 1)
        : cpu.low('TTBR0_EL1') ^ (cpu.low('SCTLR_EL1') & 1) ^ Math.imul(cpu.low('VTTBR_EL2'), 31);
    let page = pages.get(number);
    if (page?.stamp === stamp || this.count >= MOST_SAMPLES) return;
    if (!page) pages.set(number, (page = { samples: [], stamp }));
    page.stamp = stamp;
    const found = look(VA((BigInt(high) << 32n) | (BigInt(low & ~0xfff) & 0xffff_ffffn)), el);
    const before = page.samples.findLastIndex((sample) => sample.n <= n);
    const known = page.samples[before];
    if (known?.pa === found.pa && known?.isCopy === found.isCopy && known !== undefined) return;
    page.samples.splice(before + 1, 0, { n, ...found });
    this.count++;
  }
}
