/**
 * PCI Express without devices: the configuration space (PCI Express base specification, section 7.2.2, ECAM), where only the host bridge
 * answers, and the windows through which devices' memory would be reached. What is not there reads as all ones.
 */
import { truncate, type AccessBytes } from './device.ts';
import { bit, field } from './fields.ts';
import { RegisterDevice, registersOf } from './registers.ts';

/** Of each function on the bus; the host bridge is bus 0, device 0, function 0. */
const CONFIGURATION_BYTES = 256;
const ones = (bytes: AccessBytes): number => truncate(0xffff_ffff, bytes);

const hostBridge = registersOf<PcieConfiguration>({ inside: 'bytes' })({
  'Vendor ID': {
    offset: 0x00,
    width: 16,
    access: 'r',
    value: 0x1b36,
    title: 'Who made it',
    fields: [field('Vendor', 15, 0, 'vendor', { 0x1b36: 'Red Hat' })],
  },
  'Device ID': {
    offset: 0x02,
    width: 16,
    access: 'r',
    value: 0x0008,
    title: 'Which device of the vendor it is',
    fields: [field('Device', 15, 0, 'device', { 8: 'QEMU generic PCIe host bridge' })],
  },
  Command: {
    offset: 0x04,
    width: 16,
    access: 'rw',
    title: 'What the device may do on the bus',
    fields: [
      bit('Interrupt disable', 10, 'it must not interrupt by INTx'),
      bit('SERR# enable', 8, 'it reports errors'),
      bit('Bus master enable', 2, 'it may access memory'),
      bit('Memory space enable', 1, 'it answers in the memory windows'),
      bit('I/O space enable', 0, 'it answers in the port window'),
    ],
  },
  Status: {
    offset: 0x06,
    width: 16,
    access: 'r',
    value: 0,
    title: 'What happened to it',
    fields: [
      bit('Signaled system error', 14, 'it reported an error'),
      bit('Received master abort', 13, 'nobody answered it'),
      bit('Capabilities list', 4, 'it has capabilities'),
      bit('Interrupt status', 3, 'it asks for INTx'),
    ],
  },
  'Revision ID': { offset: 0x08, width: 8, access: 'r', value: 0, title: 'Revision', fields: [field('Revision', 7, 0, 'revision')] },
  'Programming interface': {
    offset: 0x09,
    width: 8,
    access: 'r',
    value: 0,
    title: 'Part of the class code',
    fields: [field('Interface', 7, 0, 'interface')],
  },
  Class: {
    offset: 0x0a,
    width: 16,
    access: 'r',
    value: 0x0600,
    title: 'What kind of device it is',
    fields: [field('Base class', 15, 8, 'kind', { 6: 'bridge' }), field('Subclass', 7, 0, 'which of the kind', { 0: 'host bridge' })],
  },
  'Cache line size': {
    offset: 0x0c,
    width: 8,
    access: 'rw',
    title: 'Without meaning in PCI Express',
    fields: [field('Words', 7, 0, 'words of 32 bits')],
  },
  'Subsystem vendor ID': {
    offset: 0x2c,
    width: 16,
    access: 'r',
    value: 0x1af4,
    title: 'Who made the subsystem',
    fields: [field('Vendor', 15, 0, 'vendor', { 0x1af4: 'Red Hat (virtio)' })],
  },
  'Subsystem ID': {
    offset: 0x2e,
    width: 16,
    access: 'r',
    value: 0x1100,
    title: 'Which subsystem it is',
    fields: [field('Subsystem', 15, 0, 'subsystem', { 0x1100: 'QEMU' })],
  },
  'Interrupt line': { offset: 0x3c, width: 8, access: 'rw', title: 'For the use of software', fields: [field('Line', 7, 0, 'line')] },
  // Behind the header there is room for capabilities, of which there are none.
  Unused: {
    offset: 0x40,
    width: 32,
    access: 'rw',
    count: (CONFIGURATION_BYTES - 0x40) / 4,
    title: 'Room for capabilities: it keeps what is written',
    fields: [field('Unused', 31, 0, 'without meaning')],
  },
});

export class PcieConfiguration extends RegisterDevice<typeof hostBridge> {
  constructor() {
    super('pcie-ecam', hostBridge);
  }
  override read(offset: number, bytes: AccessBytes): number {
    return this.peek(offset, bytes);
  }
  override peek(offset: number, bytes: AccessBytes): number {
    return offset < CONFIGURATION_BYTES ? super.peek(offset, bytes) : ones(bytes);
  }
}

const nothing = registersOf<PcieWindow>()({});

/** A window onto a bus on which nobody answers. */
export class PcieWindow extends RegisterDevice<typeof nothing> {
  constructor() {
    super('pcie-window', nothing);
  }
  override read(_offset: number, bytes: AccessBytes): number {
    return ones(bytes);
  }
  override peek(_offset: number, bytes: AccessBytes): number {
    return ones(bytes);
  }
}
