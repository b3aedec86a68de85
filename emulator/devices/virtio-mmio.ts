/** A virtio-mmio slot with nothing in it (Virtual I/O Device specification 1.1, section 4.2): it only says that it is a slot, and empty. */
import { truncate, type AccessBytes, type Device, type RegisterDescription } from './device.ts';

/** The legacy interface, which QEMU's slots have unless told otherwise. */
const VERSION = 1;

const virtioMmioRegisters: readonly RegisterDescription[] = [
  { name: 'MagicValue', offset: 0x000, width: 32, access: 'r', title: '"virt"' },
  { name: 'Version', offset: 0x004, width: 32, access: 'r', title: 'Version of the interface; 1: legacy' },
  { name: 'DeviceID', offset: 0x008, width: 32, access: 'r', title: 'Kind of device; 0: none' },
  { name: 'VendorID', offset: 0x00c, width: 32, access: 'r', title: 'Who made it: "QEMU"' },
];
const values = [0x7472_6976, VERSION, 0, 0x554d_4551];

export class EmptyVirtioSlot implements Device {
  readonly name = 'virtio-mmio';
  readonly registers = virtioMmioRegisters;

  read(offset: number, bytes: AccessBytes): number {
    return this.peek(offset, bytes);
  }
  peek(offset: number, bytes: AccessBytes): number {
    return truncate(offset % 4 === 0 ? (values[offset >> 2] ?? 0) : 0, bytes);
  }
  write(): void {}
  reset(): void {}
  save(): void {}
  load(): void {}
}
