/** What a distributor keeps for several CPUs: which CPUs each SPI targets (GICD_ITARGETSR), and who sent each SGI that is pending. */
import { INTERRUPTS, WORDS } from '../gic/interrupts.ts';
import { RegisterDevice, registersOf } from '../registers.ts';
import { words } from '../state.ts';

/** As many as a GICv2 can have. */
const MOST_CPUS = 8;
const kept = registersOf()(
  {},
  {
    /** A byte for each interrupt, with a bit for each CPU. */
    targets: words(INTERRUPTS / 4),
    /** Four words for each CPU that they are sent to: a byte for each SGI, with a bit for each CPU that sent it. */
    senders: words(4 * MOST_CPUS),
  },
);

export class Sharing extends RegisterDevice<typeof kept> {
  /** For each CPU a bit for each interrupt that can be signalled to it. It follows from the targets. */
  readonly targeting: readonly Uint32Array[];
  /** A bit for each CPU, in each of four bytes. */
  private readonly mask: number;

  constructor(cpus: number) {
    super('sharing', kept);
    this.mask = ((1 << cpus) - 1) * 0x0101_0101;
    // Private interrupts are for the CPU itself.
    this.targeting = Array.from({ length: cpus }, () => new Uint32Array(WORDS).fill(0xffff_ffff, 0, 1));
  }

  targets(n: number): number {
    return this.state.targets[n];
  }
  /** Those of SGIs and PPIs are fixed. */
  setTargets(n: number, value: number, mask: number): void {
    if (n < 8) return;
    this.state.targets[n] = (this.state.targets[n] & ~mask) | (value & this.mask);
    this.follow(n);
  }
  isTarget(intid: number, cpu: number): boolean {
    return ((this.targeting[cpu][intid >>> 5] >>> (intid & 31)) & 1) === 1;
  }
  private follow(n: number): void {
    for (const [cpu, bits] of this.targeting.entries())
      for (let intid = 4 * n; intid < 4 * n + 4; intid++) {
        const bit = 1 << (intid & 31);
        if ((byteOf(this.state.targets[n], intid & 3) >> cpu) & 1) bits[intid >>> 5] |= bit;
        else bits[intid >>> 5] &= ~bit;
      }
  }

  /** Four SGIs, a byte each. */
  senders(to: number, n: number): number {
    return this.state.senders[4 * to + n];
  }
  setSenders(to: number, n: number, value: number): void {
    this.state.senders[4 * to + n] = value & this.mask;
  }
  send(sgi: number, from: number, to: number): void {
    this.state.senders[4 * to + (sgi >> 2)] |= 1 << (8 * (sgi & 3) + from);
  }
  /** The CPU with the lowest number that has sent it. */
  firstSender(sgi: number, to: number): number {
    const senders = byteOf(this.senders(to, sgi >> 2), sgi & 3);
    return senders === 0 ? 0 : 31 - Math.clz32(senders & -senders);
  }
  /** It was acknowledged; returns whether others have sent it too. */
  receive(sgi: number, from: number, to: number): boolean {
    this.state.senders[4 * to + (sgi >> 2)] &= ~(1 << (8 * (sgi & 3) + from));
    return byteOf(this.senders(to, sgi >> 2), sgi & 3) !== 0;
  }

  protected override clear(): void {
    super.clear();
    this.loaded();
  }
  protected override loaded(): void {
    for (let n = 8; n < INTERRUPTS / 4; n++) this.follow(n);
  }
}

export const byteOf = (word: number, i: number): number => (word >>> (8 * i)) & 0xff;
