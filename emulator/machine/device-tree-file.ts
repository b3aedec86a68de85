/** A device tree that the user brings: memory, command line and initial RAM disk are written into it, as QEMU does with `-dtb`. */
import { InputError } from '../base/errors.ts';
import type { DeviceTreeOptions } from './board-row.ts';
import { ramBase } from './board-table.ts';
import { cells, findProperty, node, property, readFdt, strings, twoCells, writeFdt, type FdtNode } from './fdt.ts';

/** Returns the amended blob. Throws InputError. */
export function amendDeviceTree(
  bytes: Uint8Array,
  file: string,
  { memoryBytes, append, initrd }: DeviceTreeOptions,
): Uint8Array<ArrayBuffer> {
  const tree = readFdt(bytes, file);
  const { root } = tree;
  const addressCells = cellCount(root, '#address-cells'),
    sizeCells = cellCount(root, '#size-cells');
  if (addressCells === 0 || sizeCells === 0) {
    const hint = 'expected #address-cells and #size-cells of 1 or 2';
    throw new InputError('the root of the device tree has no usable #address-cells and #size-cells', { file }, hint);
  }
  const number = (value: number, width: number): number[] => (width === 2 ? twoCells(value) : [value]);
  const memory = node(`memory@${ramBase.toString(16)}`, [
    property('reg', cells(...number(ramBase, addressCells), ...number(memoryBytes, sizeCells))),
    property('device_type', strings('memory')),
  ]);
  const given = root.children.find(({ name }) => name === 'chosen') ?? node('chosen', []);
  const added = [
    ...(initrd ? [property('linux,initrd-end', cells(initrd.end)), property('linux,initrd-start', cells(initrd.start))] : []),
    ...(append ? [property('bootargs', strings(append))] : []),
  ];
  const chosen = {
    ...given,
    properties: [...added, ...given.properties.filter(({ name }) => !added.some((other) => other.name === name))],
  };
  const others = root.children.filter(({ name }) => name !== 'chosen' && name !== 'memory' && !name.startsWith('memory@'));
  return writeFdt({ ...tree, root: { ...root, children: [memory, ...others, chosen] } });
}

/** 1 or 2; 0 where the property is missing or makes no sense. */
function cellCount(root: FdtNode, name: string): 0 | 1 | 2 {
  const value = findProperty(root, name);
  const count = value?.length === 4 ? new DataView(value.buffer, value.byteOffset).getUint32(0) : 0;
  return count === 1 || count === 2 ? count : 0;
}
