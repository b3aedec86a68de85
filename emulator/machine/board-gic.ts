/** The interrupt controller of the board: GICv2, or GICv3 without an interrupt translation service. */
import { PA } from '../base/addresses.ts';
import { MsiFrame } from '../devices/gic-v2/index.ts';
import {
  addressed,
  compatible,
  handles,
  KiB,
  LEVEL_HIGH,
  nodeName,
  placed,
  PPI,
  ppi,
  range,
  spiIntid,
  type BoardOptions,
  type BoardRow,
} from './board-row.ts';
import { cells, node, property, type FdtNode, type FdtProperty } from './fdt.ts';

export const gicRows = (options: BoardOptions): readonly BoardRow[] => {
  const windows = options.gic === 3 ? gicv3(options) : options.el2 ? [distributor, ...gicv2, ...virtualInterface] : [distributor, ...gicv2];
  return windows.map((row) => ({ ...row, family: 'GIC' }));
};

/** How much of the address space the device tree gives each window of a GICv2. */
const FRAME = 64 * KiB;
const FIRST_MESSAGE_SPI = 48;

const gicv2: readonly BoardRow[] = [
  {
    name: 'gicc',
    title: 'GIC CPU interface',
    kind: 'device',
    base: PA(0x0801_0000),
    bytes: 8 * KiB,
    make: ({ v2 }) => v2!.window('cpuInterface'),
  },
  {
    name: 'gicv2m',
    title: 'GIC message-signalled interrupts',
    kind: 'device',
    base: PA(0x0802_0000),
    bytes: 4 * KiB,
    spis: range(FIRST_MESSAGE_SPI, 64),
    make: ({ lines }) => new MsiFrame(spiIntid(FIRST_MESSAGE_SPI), lines),
  },
];
const virtualInterface: readonly BoardRow[] = [
  {
    name: 'gich',
    title: 'GIC virtual interface control',
    kind: 'device',
    base: PA(0x0803_0000),
    bytes: 4 * KiB,
    make: ({ v2 }) => v2!.window('virtualControl'),
  },
  {
    name: 'gicv',
    title: 'GIC virtual CPU interface',
    kind: 'device',
    base: PA(0x0804_0000),
    bytes: 8 * KiB,
    make: ({ v2 }) => v2!.window('virtualCpuInterface'),
  },
];
const [cpuInterface, messages] = gicv2;

const distributor: BoardRow = {
  name: 'gicd',
  title: 'GIC distributor',
  kind: 'device',
  base: PA(0x0800_0000),
  bytes: 4 * KiB,
  make: ({ v2 }) => v2!.distributor,
  nodes: (row, options) => {
    const { el2 } = options;
    const frames = [row, cpuInterface, ...(el2 ? virtualInterface : [])].map(({ base }) => ({ base, bytes: FRAME }));
    const frame = node(nodeName('v2m', messages), [
      property('phandle', cells(handles(options).messages)),
      placed(messages),
      property('msi-controller'),
      compatible('arm,gic-v2m-frame'),
    ]);
    return [controller(row, options, [placed(...frames), compatible('arm,cortex-a15-gic')], frame)];
  },
};

const REDISTRIBUTORS = PA(0x080a_0000);
const REDISTRIBUTOR_BYTES = 128 * KiB;
const redistributor = (cpu: number): BoardRow => ({
  name: cpu === 0 ? 'gicr' : `gicr.${cpu}`,
  title: cpu === 0 ? 'GIC redistributor' : `GIC redistributor of CPU ${cpu}`,
  kind: 'device',
  base: PA(REDISTRIBUTORS + cpu * REDISTRIBUTOR_BYTES),
  bytes: REDISTRIBUTOR_BYTES,
  make: ({ v3 }) => v3!.sides[cpu].redistributor,
});
/** Room for the redistributors of 123 CPUs. */
const REDISTRIBUTORS_BYTES = 0xf6_0000;

const gicv3 = ({ cpus = 1 }: BoardOptions): readonly BoardRow[] => [
  {
    name: 'gicd',
    title: 'GIC distributor',
    kind: 'device',
    base: PA(0x0800_0000),
    bytes: 64 * KiB,
    make: ({ v3 }) => v3!.distributor,
    nodes: (row, options) => {
      const windows = [row, { base: REDISTRIBUTORS, bytes: REDISTRIBUTORS_BYTES }];
      return [controller(row, options, [placed(...windows), property('#redistributor-regions', cells(1)), compatible('arm,gic-v3')])];
    },
  },
  ...range(0, cpus).map(redistributor),
];

const controller = (row: BoardRow, options: BoardOptions, properties: readonly FdtProperty[], ...children: readonly FdtNode[]): FdtNode =>
  node(
    nodeName('intc', row),
    [
      property('phandle', cells(handles(options).gic)),
      ...(options.el2 ? [property('interrupts', cells(PPI, ppi.gicMaintenance, LEVEL_HIGH))] : []),
      ...properties,
      property('ranges'),
      ...addressed(2, 2),
      property('interrupt-controller'),
      property('#interrupt-cells', cells(3)),
    ],
    children,
  );
