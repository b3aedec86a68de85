/** PCI Express on the board: the configuration space and the windows. */
import { PA } from '../base/addresses.ts';
import { PcieConfiguration, PcieWindow } from '../devices/pcie.ts';
import {
  addressed,
  compatible,
  GiB,
  handles,
  KiB,
  LEVEL_HIGH,
  MiB,
  nodeName,
  placed,
  range,
  SPI,
  type BoardOptions,
  type BoardRow,
} from './board-row.ts';
import { cells, node, property, strings, twoCells, type FdtNode } from './fdt.ts';

const window = (name: string, title: string, base: PA, bytes: number): BoardRow => ({
  name,
  title,
  family: 'PCIe',
  kind: 'window',
  base,
  bytes,
  make: () => new PcieWindow(),
});
const memory = window('pcie-mmio', 'PCIe memory window', PA(0x1000_0000), 0x2eff_0000);
const ports = window('pcie-pio', 'PCIe port window', PA(0x3eff_0000), 64 * KiB);
const memory64 = window('pcie-mmio-high', 'PCIe memory window, 64-bit', PA(0x80_0000_0000), 512 * GiB);

export const pcieRows: readonly BoardRow[] = [
  memory,
  ports,
  memory64,
  {
    name: 'pcie-ecam',
    title: 'PCIe configuration space',
    family: 'PCIe',
    kind: 'device',
    base: PA(0x40_1000_0000),
    bytes: 256 * MiB,
    spis: range(3, 4),
    make: () => new PcieConfiguration(),
    nodes: (row, options) => [hostBridge(row, options)],
  },
];

function hostBridge(row: BoardRow, options: BoardOptions): FdtNode {
  const { gic, messages } = handles(options);
  const spis = row.spis!;
  // Device d, pin p (from 1) is wired to line (d + p - 1) mod 4.
  const interruptMap = [0, 1, 2, 3].flatMap((device) =>
    [1, 2, 3, 4].flatMap((pin) => [device << 11, 0, 0, pin, gic, 0, 0, SPI, spis[(device + pin - 1) % 4], LEVEL_HIGH]),
  );
  const ranges = (space: number, bus: number, { base, bytes }: BoardRow): number[] => [
    space,
    ...twoCells(bus),
    ...twoCells(base),
    ...twoCells(bytes),
  ];
  const IO = 0x100_0000;
  const MEMORY_32 = 0x200_0000;
  const MEMORY_64 = 0x300_0000;
  return node(nodeName('pcie', memory), [
    property('interrupt-map-mask', cells(3 << 11, 0, 0, 7)),
    property('interrupt-map', cells(...interruptMap)),
    property('#interrupt-cells', cells(1)),
    property(
      'ranges',
      cells(...ranges(IO, 0, ports), ...ranges(MEMORY_32, memory.base, memory), ...ranges(MEMORY_64, memory64.base, memory64)),
    ),
    placed(row),
    // Only the GICv2 takes messages.
    ...(options.gic === 2 ? [property('msi-map', cells(0, messages, 0, 0x1_0000))] : []),
    property('dma-coherent'),
    property('bus-range', cells(0, 255)),
    property('linux,pci-domain', cells(0)),
    ...addressed(3, 2),
    property('device_type', strings('pci')),
    compatible('pci-host-ecam-generic'),
  ]);
}
