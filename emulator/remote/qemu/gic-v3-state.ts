/** The GICv3 in the stream in which QEMU sends its state: the registers of its frames and of the CPU interface, by name. One CPU. */
import type { Stream } from './stream.ts';

export interface GicV3State {
  /** GICD_ and GICR_, words; of registers of 64 bits, the lower half and the upper one with `_HIGH`. */
  readonly frames: Readonly<Record<string, number>>;
  /** ICC_ and ICH_. */
  readonly system: Readonly<Record<string, bigint>>;
}

/** INTIDs of SPIs end before this one, as QEMU keeps them; it has room for more than there are. */
const MOST = 1020;
const BITMAP_WORDS = 32;
const LIST_REGISTERS = 16;
/** Of banks by group and security, the ones of a GIC with one Security state: group 0, and non-secure group 1. */
const [GROUP0, GROUP1] = [0, 2];
/** Of banks by security alone. */
const NON_SECURE = 1;

const times = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));

/** `stream`: its section; undefined: there is none. */
export function gicV3Of(stream: Stream | undefined): GicV3State | undefined {
  if (!stream) return undefined;
  const words = (count: number): number[] => times(count, () => stream.u32());
  const wides = (count: number): bigint[] => times(count, () => stream.u64());
  const frames: Record<string, number> = {};
  const system: Record<string, bigint> = {};
  const bitmap = (name: string): void => words(BITMAP_WORDS).forEach((value, n) => (frames[`GICD_${name}${n}`] = value));
  const priorities = (prefix: string, count: number): void => {
    const bytes = stream.raw(count);
    for (let n = 0; n < count / 4; n++)
      frames[`${prefix}_IPRIORITYR${n}`] = [0, 1, 2, 3].reduce((word, i) => (word | (bytes[4 * n + i] << (8 * i))) >>> 0, 0);
  };
  /** A word of edges as two registers, with the upper of two bits for each. */
  const configuration = (prefix: string, n: number, edges: number): void => {
    for (const half of [0, 1])
      frames[`${prefix}_ICFGR${2 * n + half}`] = times(16, (i) => ((edges >>> (16 * half + i)) & 1) * 2 ** (2 * i + 1)).reduce(
        (a, b) => a + b,
      );
  };

  frames['GICD_CTLR'] = stream.u32();
  words(2);
  bitmap('IGROUPR');
  words(BITMAP_WORDS);
  bitmap('ISENABLER');
  bitmap('ISPENDR');
  bitmap('ISACTIVER');
  words(BITMAP_WORDS);
  words(BITMAP_WORDS).forEach((edges, n) => configuration('GICD', n, edges));
  priorities('GICD', MOST);
  wides(MOST).forEach((route, intid) => halves(`GICD_IROUTER${intid}`, route));
  words(Math.ceil(MOST / 16));

  // The first CPU.
  stream.u32();
  frames['GICR_CTLR'] = stream.u32();
  words(2);
  frames['GICR_WAKER'] = stream.u32();
  halves('GICR_PROPBASER', stream.u64());
  halves('GICR_PENDBASER', stream.u64());
  for (const name of ['IGROUPR0', 'ISENABLER0', 'ISPENDR0', 'ISACTIVER0']) frames[`GICR_${name}`] = stream.u32();
  configuration('GICR', 0, stream.u32());
  words(2);
  priorities('GICR', 32);
  system['ICC_CTLR_EL1'] = wides(2)[NON_SECURE];
  system['ICC_PMR_EL1'] = stream.u64();
  const points = wides(3);
  const active = wides(3 * 4);
  const enables = wides(3);
  stream.u64();
  for (const [group, bank] of [GROUP0, GROUP1].entries()) {
    system[`ICC_BPR${group}_EL1`] = points[bank];
    system[`ICC_AP${group}R0_EL1`] = active[4 * bank];
    system[`ICC_IGRPEN${group}_EL1`] = enables[bank];
  }
  if (stream.subsection('arm_gicv3_cpu/virt')) {
    const guests = wides(3 * 4);
    system['ICH_AP0R0_EL2'] = guests[4 * GROUP0];
    system['ICH_AP1R0_EL2'] = guests[4 * GROUP1];
    system['ICH_HCR_EL2'] = stream.u64();
    wides(LIST_REGISTERS).forEach((value, n) => (system[`ICH_LR${n}_EL2`] = value));
    system['ICH_VMCR_EL2'] = stream.u64();
  }
  return { frames, system };

  function halves(name: string, value: bigint): void {
    frames[name] = Number(value & 0xffff_ffffn);
    frames[`${name}_HIGH`] = Number(value >> 32n);
  }
}
