/** What every virtio-mmio slot says of itself (Virtual I/O Device specification 1.1, section 4.2.2), and a slot with nothing in it. */
import { field } from '../fields.ts';
import { RegisterDevice, registersOf } from '../registers.ts';

/** Values of the register Version. */
export const virtioVersions = { legacy: 1, modern: 2 } as const;
export type VirtioVersion = (typeof virtioVersions)[keyof typeof virtioVersions];

/** The registers that say what is in a slot. */
export const identity = {
  MagicValue: {
    offset: 0x000,
    width: 32,
    access: 'r',
    value: 0x7472_6976,
    title: 'Marks a slot',
    fields: [field('Magic', 31, 0, '"virt"')],
  },
  Version: {
    offset: 0x004,
    width: 32,
    access: 'r',
    title: 'Version of the interface',
    fields: [field('Version', 31, 0, 'version', { 1: 'legacy', 2: 'virtio 1.0' })],
  },
  DeviceID: {
    offset: 0x008,
    width: 32,
    access: 'r',
    title: 'Kind of device',
    fields: [field('ID', 31, 0, 'kind', { 0: 'none: the slot is empty', 1: 'network', 2: 'block', 3: 'console', 4: 'entropy' })],
  },
  VendorID: {
    offset: 0x00c,
    width: 32,
    access: 'r',
    value: 0x554d_4551,
    title: 'Who made it',
    fields: [field('Vendor', 31, 0, '"QEMU"')],
  },
} as const;

const table = registersOf<EmptyVirtioSlot>()({
  ...identity,
  Version: { ...identity.Version, peek: (slot): number => slot.version },
  DeviceID: { ...identity.DeviceID, value: 0 },
});

export class EmptyVirtioSlot extends RegisterDevice<typeof table> {
  constructor(readonly version: VirtioVersion = virtioVersions.legacy) {
    super('virtio-mmio', table);
  }
}
