/**
 * The device tree of the board, the same as QEMU 7.2 makes for `-machine virt,dtb-randomness=off -cpu cortex-a53`: equal nodes,
 * properties, order and handles, so that the blob is equal byte for byte (but for padding, in which QEMU leaves old bytes).
 */
import { boardRows } from './board-table.ts';
import {
  addressed,
  clockHandle,
  compatible,
  handles,
  LEVEL_HIGH,
  PPI,
  ppi,
  range,
  type BoardOptions,
  type DeviceTreeOptions,
} from './board-row.ts';
import { cells, node, property, strings, writeFdt, type DeviceTree, type FdtNode, type FdtProperty } from './fdt.ts';

/** Size of the blob: QEMU leaves this much room. */
export const deviceTreeBytes = 1 << 20;

/** A GICv2 PPI also tells the CPUs it goes to: a mask from this bit on. */
const CPU_MASK = 8;

function boardDeviceTree(options: DeviceTreeOptions): DeviceTree {
  // What QEMU makes later comes earlier.
  const board = boardRows(options)
    .toReversed()
    .flatMap((row) => row.nodes?.(row, options) ?? []);
  const gic = board.findIndex(({ name }) => name.startsWith('intc'));
  const root = node(
    '',
    [
      property('interrupt-parent', cells(handles(options).gic)),
      property('model', strings('linux,dummy-virt')),
      ...addressed(2, 2),
      compatible('linux,dummy-virt'),
    ],
    [
      psci(options),
      ...board.slice(0, gic),
      node('pmu', [interrupts(options, ppi.performanceMonitors), compatible('arm,armv8-pmuv3')]),
      ...board.slice(gic),
      cpus(options),
      node('timer', [
        interrupts(options, ppi.securePhysicalTimer, ppi.physicalTimer, ppi.virtualTimer, ppi.hypervisorTimer),
        property('always-on'),
        compatible('arm,armv8-timer', 'arm,armv7-timer'),
      ]),
      node('apb-pclk', [
        property('phandle', cells(clockHandle)),
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

/** Private interrupts of the CPUs. */
function interrupts({ gic, cpus = 1 }: BoardOptions, ...ppis: readonly number[]): FdtProperty {
  const mask = gic === 2 ? ((1 << cpus) - 1) << CPU_MASK : 0;
  return property('interrupts', cells(...ppis.flatMap((number) => [PPI, number, LEVEL_HIGH | mask])));
}

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

function cpus(options: BoardOptions): FdtNode {
  const { cpus: count = 1 } = options;
  const { cpu } = handles(options);
  const numbers = range(0, count);
  const cores = numbers.map((n) => node(`core${n}`, [property('cpu', cells(cpu(n)))]));
  const map = node('cpu-map', [], [node('socket0', [], [node('cluster0', [], cores)])]);
  const nodes = numbers.map((n) =>
    node(`cpu@${n}`, [
      property('phandle', cells(cpu(n))),
      property('reg', cells(n)),
      ...(count > 1 ? [property('enable-method', strings('psci'))] : []),
      compatible('arm,cortex-a53'),
      property('device_type', strings('cpu')),
    ]),
  );
  return node('cpus', addressed(1, 0), [map, ...nodes]);
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
  'compatible #address-cells #size-cells model #clock-cells clock-frequency clock-output-names phandle always-on interrupts device_type enable-method reg cpu ' +
  'bank-width interrupt-parent #interrupt-cells interrupt-controller ranges #redistributor-regions msi-controller #msi-cells clocks clock-names ' +
  'stdout-path linux,pci-domain bus-range dma-coherent msi-map interrupt-map interrupt-map-mask #gpio-cells gpio-controller label linux,code gpios ' +
  'bootargs linux,initrd-start linux,initrd-end method cpu_suspend cpu_off cpu_on migrate'
).split(' ');
