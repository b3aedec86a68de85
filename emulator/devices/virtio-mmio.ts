/** A virtio-mmio slot with nothing in it (Virtual I/O Device specification 1.1, section 4.2): it only says that it is a slot, and empty. */
import { field } from './fields.ts';
import { RegisterDevice, registersOf } from './registers.ts';

const virtioMmio = registersOf<EmptyVirtioSlot>()({
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
    // QEMU's slots have the legacy interface unless told otherwise.
    value: 1,
    title: 'Version of the interface',
    fields: [field('Version', 31, 0, 'version', { 1: 'legacy', 2: 'virtio 1.0' })],
  },
  DeviceID: {
    offset: 0x008,
    width: 32,
    access: 'r',
    value: 0,
    title: 'Kind of device',
    fields: [field('ID', 31, 0, 'kind', { 0: 'none: the slot is empty', 1: 'network', 2: 'block', 3: 'console', 4: 'entropy' })],
  },
  VendorID: { offset: 0x00c, width: 32, access: 'r', value: 0x554d_4551, title: 'Who made it', fields: [field('Vendor', 31, 0, '"QEMU"')] },
});

export class EmptyVirtioSlot extends RegisterDevice<typeof virtioMmio> {
  constructor() {
    super('virtio-mmio', virtioMmio);
  }
}
