/**
 * The `virt` board as one table: everything that answers at a physical address, and which interrupts it raises. The same as QEMU 7.2's
 * `virt` machine with one CPU. What is named here and has no device yet is a placeholder: `built: false`.
 */

/** The device that serves a region; `virtio-mmio` and the frames of one GIC are told apart by the region. */
export type DeviceKind =
  | 'flash'
  | 'gicd'
  | 'gicc'
  | 'gicv2m'
  | 'gich'
  | 'gicv'
  | 'gicr'
  | 'its'
  | 'pl011'
  | 'pl031'
  | 'fw-cfg'
  | 'pl061'
  | 'virtio-mmio'
  | 'platform-bus'
  | 'pcie-window'
  | 'pcie-ecam'
  | 'ram';

export interface BoardRegion {
  /** Unique: "ram", "pl011", "virtio-mmio.3". */
  readonly name: string;
  /** What a person calls it. */
  readonly title: string;
  /** First PA and size in bytes. */
  readonly base: number;
  readonly bytes: number;
  readonly kind: DeviceKind;
  /** Shared peripheral interrupts, numbered from 0; the GIC's INTID is 32 more. */
  readonly spis?: readonly number[];
  /** False: a placeholder for what is not built yet, or room for what nobody has plugged in. */
  readonly built: boolean;
}

export interface BoardOptions {
  /** RAM, from 16 MiB to 2 GiB. */
  readonly memoryBytes: number;
  readonly gic: 2 | 3;
  /** False: no EL2, hence no virtual interface of the GIC. */
  readonly el2: boolean;
}

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

export const ramBase = 0x4000_0000;
export const flashBytes = 64 * MiB;
export const virtioSlots = 32;
export const virtioSlotBytes = 0x200;

/** Private peripheral interrupts, numbered from 0; the GIC's INTID is 16 more (Arm DEN 0094, base system architecture, table 14). */
export const ppi = {
  performanceMonitors: 7,
  gicMaintenance: 9,
  hypervisorTimer: 10,
  virtualTimer: 11,
  securePhysicalTimer: 13,
  physicalTimer: 14,
} as const;

/** Shared peripheral interrupts, numbered from 0. */
export const spi = { pl011: 1, pl031: 2, pcie: 3, pl061: 7, virtio: 16, gicv2m: 48, platformBus: 112 } as const;
export const gicv2mSpis = 64;

/** INTIDs of PPIs and SPIs at the GIC. */
export const ppiIntid = (number: number): number => 16 + number;
export const spiIntid = (number: number): number => 32 + number;

const gicVirtualRegions: readonly BoardRegion[] = [
  { name: 'gich', title: 'GIC virtual interface control', base: 0x0803_0000, bytes: 4 * KiB, kind: 'gich', built: true },
  { name: 'gicv', title: 'GIC virtual CPU interface', base: 0x0804_0000, bytes: 8 * KiB, kind: 'gicv', built: true },
];

const gicRegions = ({ gic, el2 }: BoardOptions): BoardRegion[] =>
  gic === 2
    ? [
        { name: 'gicd', title: 'GIC distributor', base: 0x0800_0000, bytes: 4 * KiB, kind: 'gicd', built: true },
        { name: 'gicc', title: 'GIC CPU interface', base: 0x0801_0000, bytes: 8 * KiB, kind: 'gicc', built: true },
        { name: 'gicv2m', title: 'GIC message-signalled interrupts', base: 0x0802_0000, bytes: 4 * KiB, kind: 'gicv2m', built: true },
        ...(el2 ? gicVirtualRegions : []),
      ]
    : [
        { name: 'gicd', title: 'GIC distributor', base: 0x0800_0000, bytes: 64 * KiB, kind: 'gicd', built: false },
        { name: 'its', title: 'GIC interrupt translation service', base: 0x0808_0000, bytes: 128 * KiB, kind: 'its', built: false },
        { name: 'gicr', title: 'GIC redistributor', base: 0x080a_0000, bytes: 128 * KiB, kind: 'gicr', built: false },
      ];

const virtioRegions: readonly BoardRegion[] = Array.from({ length: virtioSlots }, (_, slot) => ({
  name: `virtio-mmio.${slot}`,
  title: `virtio slot ${slot}`,
  base: 0x0a00_0000 + slot * virtioSlotBytes,
  bytes: virtioSlotBytes,
  kind: 'virtio-mmio',
  spis: [spi.virtio + slot],
  built: true,
}));

const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

/** All regions of the board, by rising address. */
export function boardRegions(options: BoardOptions): readonly BoardRegion[] {
  return [
    { name: 'flash0', title: 'Flash, first bank', base: 0, bytes: flashBytes, kind: 'flash', built: true },
    { name: 'flash1', title: 'Flash, second bank', base: flashBytes, bytes: flashBytes, kind: 'flash', built: true },
    ...gicRegions(options),
    { name: 'pl011', title: 'UART', base: 0x0900_0000, bytes: 4 * KiB, kind: 'pl011', spis: [spi.pl011], built: true },
    { name: 'pl031', title: 'Real-time clock', base: 0x0901_0000, bytes: 4 * KiB, kind: 'pl031', spis: [spi.pl031], built: true },
    { name: 'fw-cfg', title: 'Firmware configuration', base: 0x0902_0000, bytes: 0x18, kind: 'fw-cfg', built: true },
    { name: 'pl061', title: 'GPIO', base: 0x0903_0000, bytes: 4 * KiB, kind: 'pl061', spis: [spi.pl061], built: true },
    ...virtioRegions,
    {
      name: 'platform-bus',
      title: 'Platform bus (empty)',
      base: 0x0c00_0000,
      bytes: 32 * MiB,
      kind: 'platform-bus',
      spis: range(spi.platformBus, 64),
      built: false,
    },
    { name: 'pcie-mmio', title: 'PCIe memory window', base: 0x1000_0000, bytes: 0x2eff_0000, kind: 'pcie-window', built: true },
    { name: 'pcie-pio', title: 'PCIe port window', base: 0x3eff_0000, bytes: 64 * KiB, kind: 'pcie-window', built: true },
    { name: 'ram', title: 'RAM', base: ramBase, bytes: options.memoryBytes, kind: 'ram', built: true },
    {
      name: 'pcie-ecam',
      title: 'PCIe configuration space',
      base: 0x40_1000_0000,
      bytes: 256 * MiB,
      kind: 'pcie-ecam',
      spis: range(spi.pcie, 4),
      built: true,
    },
    {
      name: 'pcie-mmio-high',
      title: 'PCIe memory window, 64-bit',
      base: 0x80_0000_0000,
      bytes: 512 * GiB,
      kind: 'pcie-window',
      built: true,
    },
  ];
}
