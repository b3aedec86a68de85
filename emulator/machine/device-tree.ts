/**
 * The device tree of the board, the same as QEMU 7.2 makes for `-machine virt,dtb-randomness=off -cpu cortex-a53`: equal nodes,
 * properties, order and handles, so that the blob is equal byte for byte (but for padding, in which QEMU leaves old bytes).
 */
import { cells, node, property, strings, twoCells, writeFdt, type DeviceTree, type FdtNode, type FdtProperty } from './fdt.ts';
import { flashBytes, ppi, ramBase, spi, virtioSlotBytes, virtioSlots, type BoardOptions } from './memory-map.ts';

export interface DeviceTreeOptions extends BoardOptions {
  /** Kernel command line. */
  readonly append?: string;
  /** Firmware is in flash. Then QEMU's board reports its power button by ACPI, and the tree has no GPIO. */
  readonly firmware?: boolean;
  /** PAs of the initial RAM disk: first byte and first after it. */
  readonly initrd?: { readonly start: number; readonly end: number } | undefined;
}

/** Size of the blob: QEMU leaves this much room. */
export const deviceTreeBytes = 1 << 20;

/** Handles by which nodes refer to each other. */
const handle = { clock: 0x8000, cpu: 0x8001, gic: 0x8002, msi: 0x8003, gpio: 0x8004 } as const;

/** First cell of an interrupt specifier, and its last: how it signals (Linux bindings, arm,gic). */
const SPI = 0;
const PPI = 1;
const RISING_EDGE = 1;
const LEVEL_HIGH = 4;
/** A GICv2 PPI also tells the CPUs it goes to: a mask from bit 8 on. */
const CPU_0 = 1 << 8;

const compatible = (...names: string[]): FdtProperty => property('compatible', strings(...names));
const registers = (...ranges: readonly (readonly [base: number, bytes: number])[]): FdtProperty =>
  property('reg', cells(...ranges.flat().flatMap(twoCells)));
const clocked = (...names: string[]): FdtProperty[] => [
  property('clock-names', strings(...names)),
  property('clocks', cells(...names.map(() => handle.clock))),
];
const addressed = (addressCells: number, sizeCells: number): FdtProperty[] => [
  property('#size-cells', cells(sizeCells)),
  property('#address-cells', cells(addressCells)),
];

function boardDeviceTree(options: DeviceTreeOptions): DeviceTree {
  const ppiFlags = LEVEL_HIGH | (options.gic === 2 ? CPU_0 : 0);
  const root = node(
    '',
    [
      property('interrupt-parent', cells(handle.gic)),
      property('model', strings('linux,dummy-virt')),
      ...addressed(2, 2),
      compatible('linux,dummy-virt'),
    ],
    [
      psci(options),
      memory(options),
      platformBus(),
      node('fw-cfg@9020000', [property('dma-coherent'), registers([0x902_0000, 0x18]), compatible('qemu,fw-cfg-mmio')]),
      ...Array.from({ length: virtioSlots }, (_, slot) => virtio(slot)),
      ...(options.firmware ? [] : [gpioKeys(), gpio()]),
      pcie(),
      node('pl031@9010000', [
        ...clocked('apb_pclk'),
        property('interrupts', cells(SPI, spi.pl031, LEVEL_HIGH)),
        registers([0x901_0000, 0x1000]),
        compatible('arm,pl031', 'arm,primecell'),
      ]),
      node('pl011@9000000', [
        ...clocked('uartclk', 'apb_pclk'),
        property('interrupts', cells(SPI, spi.pl011, LEVEL_HIGH)),
        registers([0x900_0000, 0x1000]),
        compatible('arm,pl011', 'arm,primecell'),
      ]),
      node('pmu', [property('interrupts', cells(PPI, ppi.performanceMonitors, ppiFlags)), compatible('arm,armv8-pmuv3')]),
      interruptController(options),
      node('flash@0', [property('bank-width', cells(4)), registers([0, flashBytes], [flashBytes, flashBytes]), compatible('cfi-flash')]),
      cpus(),
      node('timer', [
        property(
          'interrupts',
          cells(
            ...[ppi.securePhysicalTimer, ppi.physicalTimer, ppi.virtualTimer, ppi.hypervisorTimer].flatMap((number) => [
              PPI,
              number,
              ppiFlags,
            ]),
          ),
        ),
        property('always-on'),
        compatible('arm,armv8-timer', 'arm,armv7-timer'),
      ]),
      node('apb-pclk', [
        property('phandle', cells(handle.clock)),
        property('clock-output-names', strings('clk24mhz')),
        property('clock-frequency', cells(24_000_000)),
        property('#clock-cells', cells(0)),
        compatible('fixed-clock'),
      ]),
      chosen(options),
    ],
  );
  return { root, reservations: [], bootCpu: 0 };
}

/** The blob, `deviceTreeBytes` long. */
export const deviceTreeBlob = (options: DeviceTreeOptions): Uint8Array<ArrayBuffer> =>
  writeFdt(boardDeviceTree(options), { totalBytes: deviceTreeBytes, nameOrder });

function psci({ el2 }: BoardOptions): FdtNode {
  return node('psci', [
    property('migrate', cells(0xc400_0005)),
    property('cpu_on', cells(0xc400_0003)),
    property('cpu_off', cells(0x8400_0002)),
    property('cpu_suspend', cells(0xc400_0001)),
    property('method', strings(el2 ? 'smc' : 'hvc')),
    compatible('arm,psci-1.0', 'arm,psci-0.2', 'arm,psci'),
  ]);
}

const memory = ({ memoryBytes }: BoardOptions): FdtNode =>
  node(`memory@${ramBase.toString(16)}`, [registers([ramBase, memoryBytes]), property('device_type', strings('memory'))]);

function platformBus(): FdtNode {
  return node('platform-bus@c000000', [
    property('interrupt-parent', cells(handle.gic)),
    property('ranges', cells(0, ...twoCells(0x0c00_0000), 0x0200_0000)),
    property('#address-cells', cells(1)),
    property('#size-cells', cells(1)),
    compatible('qemu,platform', 'simple-bus'),
  ]);
}

function virtio(slot: number): FdtNode {
  const base = 0x0a00_0000 + slot * virtioSlotBytes;
  return node(`virtio_mmio@${base.toString(16)}`, [
    property('dma-coherent'),
    property('interrupts', cells(SPI, spi.virtio + slot, RISING_EDGE)),
    registers([base, virtioSlotBytes]),
    compatible('virtio,mmio'),
  ]);
}

function gpioKeys(): FdtNode {
  const KEY_POWER = 116;
  const poweroff = node('poweroff', [
    property('gpios', cells(handle.gpio, 3, 0)),
    property('linux,code', cells(KEY_POWER)),
    property('label', strings('GPIO Key Poweroff')),
  ]);
  return node('gpio-keys', [compatible('gpio-keys')], [poweroff]);
}

function gpio(): FdtNode {
  return node('pl061@9030000', [
    property('phandle', cells(handle.gpio)),
    ...clocked('apb_pclk'),
    property('interrupts', cells(SPI, spi.pl061, LEVEL_HIGH)),
    property('gpio-controller'),
    property('#gpio-cells', cells(2)),
    compatible('arm,pl061', 'arm,primecell'),
    registers([0x903_0000, 0x1000]),
  ]);
}

function pcie(): FdtNode {
  // Device d, pin p (from 1) is wired to SPI 3 + (d + p - 1) mod 4.
  const interruptMap = [0, 1, 2, 3].flatMap((device) =>
    [1, 2, 3, 4].flatMap((pin) => [device << 11, 0, 0, pin, handle.gic, 0, 0, SPI, spi.pcie + ((device + pin - 1) % 4), LEVEL_HIGH]),
  );
  const window = (space: number, bus: number, base: number, bytes: number): number[] => [
    space,
    ...twoCells(bus),
    ...twoCells(base),
    ...twoCells(bytes),
  ];
  const IO = 0x100_0000;
  const MEMORY_32 = 0x200_0000;
  const MEMORY_64 = 0x300_0000;
  return node('pcie@10000000', [
    property('interrupt-map-mask', cells(3 << 11, 0, 0, 7)),
    property('interrupt-map', cells(...interruptMap)),
    property('#interrupt-cells', cells(1)),
    property(
      'ranges',
      cells(
        ...window(IO, 0, 0x3eff_0000, 0x1_0000),
        ...window(MEMORY_32, 0x1000_0000, 0x1000_0000, 0x2eff_0000),
        ...window(MEMORY_64, 0x80_0000_0000, 0x80_0000_0000, 0x80_0000_0000),
      ),
    ),
    registers([0x40_1000_0000, 0x1000_0000]),
    property('msi-map', cells(0, handle.msi, 0, 0x1_0000)),
    property('dma-coherent'),
    property('bus-range', cells(0, 255)),
    property('linux,pci-domain', cells(0)),
    ...addressed(3, 2),
    property('device_type', strings('pci')),
    compatible('pci-host-ecam-generic'),
  ]);
}

function interruptController({ gic, el2 }: BoardOptions): FdtNode {
  const maintenance = property('interrupts', cells(PPI, ppi.gicMaintenance, LEVEL_HIGH));
  const common = [property('ranges'), ...addressed(2, 2), property('interrupt-controller'), property('#interrupt-cells', cells(3))];
  const frame = 0x1_0000;
  if (gic === 2) {
    const virtual: [number, number][] = el2
      ? [
          [0x0803_0000, frame],
          [0x0804_0000, frame],
        ]
      : [];
    return node(
      'intc@8000000',
      [
        property('phandle', cells(handle.gic)),
        ...(el2 ? [maintenance] : []),
        registers([0x0800_0000, frame], [0x0801_0000, frame], ...virtual),
        compatible('arm,cortex-a15-gic'),
        ...common,
      ],
      [
        node('v2m@8020000', [
          property('phandle', cells(handle.msi)),
          registers([0x0802_0000, 0x1000]),
          property('msi-controller'),
          compatible('arm,gic-v2m-frame'),
        ]),
      ],
    );
  }
  return node(
    'intc@8000000',
    [
      property('phandle', cells(handle.gic)),
      ...(el2 ? [maintenance] : []),
      registers([0x0800_0000, frame], [0x080a_0000, 0xf6_0000]),
      property('#redistributor-regions', cells(1)),
      compatible('arm,gic-v3'),
      ...common,
    ],
    [
      node('its@8080000', [
        property('phandle', cells(handle.msi)),
        registers([0x0808_0000, 0x2_0000]),
        property('#msi-cells', cells(1)),
        property('msi-controller'),
        compatible('arm,gic-v3-its'),
      ]),
    ],
  );
}

function cpus(): FdtNode {
  const core = node('core0', [property('cpu', cells(handle.cpu))]);
  const map = node('cpu-map', [], [node('socket0', [], [node('cluster0', [], [core])])]);
  const cpu = node('cpu@0', [
    property('phandle', cells(handle.cpu)),
    property('reg', cells(0)),
    compatible('arm,cortex-a53'),
    property('device_type', strings('cpu')),
  ]);
  return node('cpus', addressed(1, 0), [map, cpu]);
}

function chosen({ append, initrd }: DeviceTreeOptions): FdtNode {
  return node('chosen', [
    ...(initrd ? [property('linux,initrd-end', cells(initrd.end)), property('linux,initrd-start', cells(initrd.start))] : []),
    ...(append ? [property('bootargs', strings(append))] : []),
    property('stdout-path', strings('/pl011@9000000')),
  ]);
}

/** Property names in the order in which QEMU comes to use them. */
export const nameOrder: readonly string[] = (
  'compatible #address-cells #size-cells model #clock-cells clock-frequency clock-output-names phandle always-on interrupts device_type reg cpu ' +
  'bank-width interrupt-parent #interrupt-cells interrupt-controller ranges #redistributor-regions msi-controller #msi-cells clocks clock-names ' +
  'stdout-path linux,pci-domain bus-range dma-coherent msi-map interrupt-map interrupt-map-mask #gpio-cells gpio-controller label linux,code gpios ' +
  'bootargs linux,initrd-start linux,initrd-end method cpu_suspend cpu_off cpu_on migrate'
).split(' ');
