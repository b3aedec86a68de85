/** What a row of the board's table says, and what rows share: interrupt numbers and the vocabulary of device-tree nodes. */
import type { PA } from '../base/addresses.ts';
import type { Device, InterruptLine, TimeSource } from '../devices/device.ts';
import type { FlashMemory } from '../devices/flash.ts';
import type { DmaMemory } from '../devices/dma.ts';
import type { DiskMemory } from '../devices/virtio/block.ts';
import type { GicV2 } from '../devices/gic-v2/index.ts';
import type { GicV3 } from '../devices/gic-v3/index.ts';
import { cells, property, strings, twoCells, type FdtNode, type FdtProperty } from './fdt.ts';

/** What can be plugged in. A disk's contents are in the machine's memory, under the name that `driveName` (board-virtio.ts) gives. */
export type VirtioPlug =
  | { readonly kind: 'block'; /** A multiple of 512. */ readonly bytes: number; readonly readOnly: boolean }
  | { readonly kind: 'entropy'; readonly seed: number }
  | { readonly kind: 'console' }
  | { readonly kind: 'network' };

export interface BoardOptions {
  /** RAM, from 16 MiB to 2 GiB. */
  readonly memoryBytes: number;
  readonly gic: 2 | 3;
  /** False: no EL2, hence no virtual interface of the GIC. */
  readonly el2: boolean;
  /** How many CPUs there are, by default one. */
  readonly cpus?: number;
  /** What is plugged into the virtio slots, in the order of QEMU's `-device`. */
  readonly virtio?: readonly VirtioPlug[];
  /** The interface of all of them; by default the legacy one, as QEMU's. */
  readonly virtioVersion?: 'legacy' | 'modern';
}

export interface DeviceTreeOptions extends BoardOptions {
  /** Kernel command line. */
  readonly append?: string;
  /** Firmware is in flash. Then QEMU's board reports its power button by ACPI, and the tree has no GPIO. */
  readonly firmware?: boolean;
  /** PAs of the initial RAM disk: first byte and first after it. */
  readonly initrd?: { readonly start: number; readonly end: number } | undefined;
}

/** A range of PAs of the board, as maps of physical memory show it. */
export interface BoardRegion {
  /** Unique: "ram", "pl011", "virtio-mmio.3". */
  readonly name: string;
  /** What a person calls it. */
  readonly title: string;
  /** One name for several that belong together: "GIC"; the title of one without companions. */
  readonly family: string;
  /** First PA and size in bytes. */
  readonly base: PA;
  readonly bytes: number;
  /** `window`: room for what may be plugged in. */
  readonly kind: 'ram' | 'flash' | 'device' | 'window';
  /** Shared peripheral interrupts, numbered from 0; the GIC's INTID is 32 more. */
  readonly spis?: readonly number[];
  /** False: its device is not built yet, or it is a window that is not on the bus. */
  readonly built: boolean;
}

/** Something of the board at a range of PAs: how it is made, wired and described in the device tree. */
export interface BoardRow extends Omit<BoardRegion, 'built' | 'family'> {
  readonly family?: string;
  /** Makes the device. Absent for RAM, for a window that is empty, and for a device that is not built yet: touching that stops the machine. */
  make?(this: void, parts: RowParts): Device;
  /** Its nodes of the device tree, in QEMU's order. Absent where the node of another row describes it. */
  nodes?(this: void, row: BoardRow, options: DeviceTreeOptions): readonly FdtNode[];
}

/** What a device may be made of. */
export interface RowParts {
  /** Of the row's interrupts, in their order. */
  readonly lines: readonly InterruptLine[];
  readonly time: TimeSource;
  /** A byte that the guest sends to the UART. */
  readonly onTransmit: (byte: number) => void;
  /** The guest's memory, as the device reaches it by itself. */
  readonly dma: DmaMemory;
  /** The interrupt controller that the board has, of one version or the other; its windows have their own rows. */
  readonly v2: GicV2 | undefined;
  readonly v3: GicV3 | undefined;
  /** How many CPUs there are. */
  readonly cpus: number;
  /** The memory of the host behind the row: of flash. */
  readonly flash: FlashMemory | undefined;
  /** The contents of a disk, by the name of its region of the machine's memory. */
  readonly diskOf: (name: string) => DiskMemory;
}

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

/** Private peripheral interrupts, numbered from 0; the GIC's INTID is 16 more (Arm DEN 0094, base system architecture, table 14). */
export const ppi = {
  performanceMonitors: 7,
  gicMaintenance: 9,
  hypervisorTimer: 10,
  virtualTimer: 11,
  securePhysicalTimer: 13,
  physicalTimer: 14,
} as const;

/** INTIDs of PPIs and SPIs at the GIC. */
export const ppiIntid = (number: number): number => 16 + number;
export const spiIntid = (number: number): number => 32 + number;

/** Numbers that follow each other. */
export const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

// ---- device-tree nodes

/** Handle of the board's only clock. */
export const clockHandle = 0x8000;
/** The handles of other nodes are given out in order, those of the CPUs from the last to the first. Only a GICv2 has a node for messages. */
export function handles({
  gic,
  cpus = 1,
}: BoardOptions): Readonly<Record<'gic' | 'messages' | 'gpio', number>> & { cpu(this: void, n: number): number } {
  const afterCpus = clockHandle + 1 + cpus;
  return { cpu: (n) => clockHandle + cpus - n, gic: afterCpus, messages: afterCpus + 1, gpio: afterCpus + (gic === 2 ? 2 : 1) };
}

/** First cell of an interrupt specifier, and its last: how it signals (Linux bindings, arm,gic). */
export const SPI = 0;
export const PPI = 1;
const RISING_EDGE = 1;
export const LEVEL_HIGH = 4;

export const compatible = (...names: string[]): FdtProperty => property('compatible', strings(...names));
/** "pl011@9000000" */
export const nodeName = (name: string, { base }: Pick<BoardRow, 'base'>): string => `${name}@${base.toString(16)}`;
export const placed = (...ranges: readonly Pick<BoardRow, 'base' | 'bytes'>[]): FdtProperty =>
  property('reg', cells(...ranges.flatMap(({ base, bytes }) => [...twoCells(base), ...twoCells(bytes)])));
export const interrupts = ({ spis = [] }: BoardRow, how: 'level' | 'edge' = 'level'): FdtProperty =>
  property('interrupts', cells(...spis.flatMap((spi) => [SPI, spi, how === 'level' ? LEVEL_HIGH : RISING_EDGE])));
/** Driven by the board's only clock, under these names. */
export const clocked = (...names: string[]): FdtProperty[] => [
  property('clock-names', strings(...names)),
  property('clocks', cells(...names.map(() => clockHandle))),
];
export const addressed = (addressCells: number, sizeCells: number): FdtProperty[] => [
  property('#size-cells', cells(sizeCells)),
  property('#address-cells', cells(addressCells)),
];
