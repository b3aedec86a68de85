/**
 * PCI Express without devices: the configuration space (PCI Express base specification, section 7.2.2, ECAM), where only the host bridge
 * answers, and the windows through which devices' memory would be reached. What is not there reads as all ones.
 */
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import { truncate, type AccessBytes, type Device, type RegisterDescription } from './device.ts';

const CONFIGURATION_BYTES = 256;
const ones = (bytes: AccessBytes): number => truncate(0xffff_ffff, bytes);

const hostBridgeRegisters: readonly RegisterDescription[] = [
  { name: 'Vendor ID', offset: 0x00, width: 16, access: 'r', title: 'Of bus 0, device 0: the host bridge' },
  { name: 'Device ID', offset: 0x02, width: 16, access: 'r', title: 'QEMU generic PCIe host bridge' },
  { name: 'Command', offset: 0x04, width: 16, access: 'rw', title: 'What the device may do on the bus' },
  { name: 'Status', offset: 0x06, width: 16, access: 'r', title: 'What happened to it' },
  { name: 'Class', offset: 0x08, width: 32, access: 'r', title: 'Class code and revision: a host bridge' },
  { name: 'Cache line size', offset: 0x0c, width: 8, access: 'rw', title: 'Without meaning in PCI Express' },
  { name: 'Subsystem', offset: 0x2c, width: 32, access: 'r', title: 'Vendor and ID of the subsystem' },
  { name: 'Interrupt line', offset: 0x3c, width: 8, access: 'rw', title: 'For the use of software' },
];

/** Bytes of the host bridge's configuration that are not zero after reset, and which of their bits can be written. */
const initial: readonly (readonly [offset: number, bytes: readonly number[]])[] = [
  [0x00, [0x36, 0x1b, 0x08, 0x00]],
  [0x0a, [0x00, 0x06]],
  [0x2c, [0xf4, 0x1a, 0x00, 0x11]],
];
const writable: readonly (readonly [offset: number, mask: number])[] = [
  [0x04, 0x07],
  [0x05, 0x05],
  [0x0c, 0xff],
  [0x3c, 0xff],
];
/** Everything behind the header is free for capabilities, of which there are none. */
const CAPABILITIES = 0x40;

export class PcieConfiguration implements Device {
  readonly name = 'pcie-ecam';
  readonly registers = hostBridgeRegisters;
  private readonly bridge = new Uint8Array(CONFIGURATION_BYTES);
  private readonly mask = new Uint8Array(CONFIGURATION_BYTES);

  constructor() {
    for (const [offset, mask] of writable) this.mask[offset] = mask;
    this.mask.fill(0xff, CAPABILITIES);
    this.reset();
  }

  reset(): void {
    this.bridge.fill(0);
    for (const [offset, bytes] of initial) this.bridge.set(bytes, offset);
  }

  read(offset: number, bytes: AccessBytes): number {
    return this.peek(offset, bytes);
  }
  peek(offset: number, bytes: AccessBytes): number {
    if (offset + bytes > CONFIGURATION_BYTES) return ones(bytes);
    let value = 0;
    for (let i = 0; i < bytes; i++) value |= this.bridge[offset + i] << (8 * i);
    return value >>> 0;
  }
  write(offset: number, bytes: AccessBytes, value: number): void {
    if (offset + bytes > CONFIGURATION_BYTES) return;
    for (let i = 0; i < bytes; i++) {
      const mask = this.mask[offset + i];
      this.bridge[offset + i] = (this.bridge[offset + i] & ~mask) | ((value >>> (8 * i)) & mask);
    }
  }

  save(writer: ByteWriter): void {
    writer.raw(this.bridge);
  }
  load(reader: ByteReader): void {
    this.bridge.set(reader.raw(CONFIGURATION_BYTES));
  }
}

/** A window onto a bus on which nobody answers. */
export class PcieWindow implements Device {
  readonly name = 'pcie-window';
  readonly registers = [];

  read(_offset: number, bytes: AccessBytes): number {
    return ones(bytes);
  }
  peek(_offset: number, bytes: AccessBytes): number {
    return ones(bytes);
  }
  write(): void {}
  reset(): void {}
  save(): void {}
  load(): void {}
}
