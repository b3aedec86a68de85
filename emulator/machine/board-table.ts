/**
 * The `virt` board as one table: everything that answers at a physical address. The same as QEMU 7.2's `virt` machine. A new
 * device is a row here.
 */
import { PA } from '../base/addresses.ts';
import { Flash } from '../devices/flash.ts';
import { FwCfg } from '../devices/fw-cfg.ts';
import { Pl011 } from '../devices/pl011.ts';
import { Pl031 } from '../devices/pl031.ts';
import { Pl061 } from '../devices/pl061.ts';
import { gicRows } from './board-gic.ts';
import { pcieRows } from './board-pcie.ts';
import {
  clocked,
  compatible,
  GiB,
  handles,
  interrupts,
  KiB,
  MiB,
  nodeName,
  placed,
  range,
  type BoardOptions,
  type BoardRegion,
  type BoardRow,
} from './board-row.ts';
import { virtioRows } from './board-virtio.ts';
import { smbiosFiles } from './smbios.ts';
import { cells, node, property, strings, twoCells, type FdtNode } from './fdt.ts';

export const ramBase = PA(GiB);
export const flashBytes = 64 * MiB;

/** The whole board, in the order in which QEMU makes it, which is the reverse of the device tree's. */
export const boardRows = (options: BoardOptions): readonly BoardRow[] => [
  ...flashRows,
  ...gicRows(options),
  {
    name: 'pl011',
    title: 'UART',
    kind: 'device',
    base: PA(0x0900_0000),
    bytes: 4 * KiB,
    spis: [1],
    make: ({ lines: [line], onTransmit }) => new Pl011(line, onTransmit),
    nodes: (row) => [
      node(nodeName('pl011', row), [
        ...clocked('uartclk', 'apb_pclk'),
        interrupts(row),
        placed(row),
        compatible('arm,pl011', 'arm,primecell'),
      ]),
    ],
  },
  {
    name: 'pl031',
    title: 'Real-time clock',
    kind: 'device',
    base: PA(0x0901_0000),
    bytes: 4 * KiB,
    spis: [2],
    make: ({ lines: [line], time }) => new Pl031(line, time),
    nodes: (row) => [
      node(nodeName('pl031', row), [...clocked('apb_pclk'), interrupts(row), placed(row), compatible('arm,pl031', 'arm,primecell')]),
    ],
  },
  ...pcieRows,
  {
    name: 'pl061',
    title: 'GPIO',
    kind: 'device',
    base: PA(0x0903_0000),
    bytes: 4 * KiB,
    spis: [7],
    make: ({ lines: [line] }) => new Pl061(line),
    nodes: (row, options) => (options.firmware ? [] : [powerButton(options), gpio(row, options)]),
  },
  ...virtioRows(options),
  {
    name: 'fw-cfg',
    title: 'Firmware configuration',
    kind: 'device',
    base: PA(0x0902_0000),
    bytes: 0x18,
    make: ({ dma, cpus }) => new FwCfg(dma, cpus, smbiosFiles(options)),
    nodes: (row) => [node(nodeName('fw-cfg', row), [property('dma-coherent'), placed(row), compatible('qemu,fw-cfg-mmio')])],
  },
  {
    name: 'platform-bus',
    title: 'Platform bus (empty)',
    kind: 'window',
    base: PA(0x0c00_0000),
    bytes: 32 * MiB,
    spis: range(112, 64),
    nodes: ({ base, bytes }, options) => [
      node(`platform-bus@${base.toString(16)}`, [
        property('interrupt-parent', cells(handles(options).gic)),
        property('ranges', cells(0, ...twoCells(base), bytes)),
        property('#address-cells', cells(1)),
        property('#size-cells', cells(1)),
        compatible('qemu,platform', 'simple-bus'),
      ]),
    ],
  },
  {
    name: 'ram',
    title: 'RAM',
    kind: 'ram',
    base: ramBase,
    bytes: options.memoryBytes,
    nodes: (row) => [node(nodeName('memory', row), [placed(row), property('device_type', strings('memory'))])],
  },
];

/** What lies at which physical addresses, by rising address and without overlaps: for maps of physical memory and names of addresses. */
export const boardRegions = (options: BoardOptions): readonly BoardRegion[] =>
  boardRows(options)
    .map(({ name, title, family = title, base, bytes, kind, spis = [], make }) => ({
      name,
      title,
      family,
      base,
      bytes,
      kind,
      spis,
      built: kind === 'ram' || make !== undefined,
    }))
    .sort((a, b) => a.base - b.base);

const bank = (name: string, title: string, base: PA): BoardRow => ({
  name,
  title,
  family: 'Flash',
  kind: 'flash',
  base,
  bytes: flashBytes,
  make: ({ flash }) => new Flash(name, flash!),
});
const flashRows: readonly BoardRow[] = [
  {
    ...bank('flash0', 'Flash, first bank', PA(0)),
    nodes: (row) => [
      node(nodeName('flash', row), [
        property('bank-width', cells(4)),
        placed(row, { base: PA(flashBytes), bytes: flashBytes }),
        compatible('cfi-flash'),
      ]),
    ],
  },
  bank('flash1', 'Flash, second bank', PA(flashBytes)),
];

const gpio = (row: BoardRow, options: BoardOptions): FdtNode =>
  node(nodeName('pl061', row), [
    property('phandle', cells(handles(options).gpio)),
    ...clocked('apb_pclk'),
    interrupts(row),
    property('gpio-controller'),
    property('#gpio-cells', cells(2)),
    compatible('arm,pl061', 'arm,primecell'),
    placed(row),
  ]);

function powerButton(options: BoardOptions): FdtNode {
  const PIN = 3;
  const KEY_POWER = 116;
  const poweroff = node('poweroff', [
    property('gpios', cells(handles(options).gpio, PIN, 0)),
    property('linux,code', cells(KEY_POWER)),
    property('label', strings('GPIO Key Poweroff')),
  ]);
  return node('gpio-keys', [compatible('gpio-keys')], [poweroff]);
}
