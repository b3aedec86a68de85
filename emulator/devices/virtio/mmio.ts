/**
 * A virtio-mmio slot with a device in it (Virtual I/O Device specification 1.1, sections 4.2.2 and 4.2.4), with the modern interface or the
 * legacy one, as QEMU 7.2 has both. Requests are carried out when the driver notifies the device, within the store that does it.
 */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import { truncate, type AccessBytes, type InterruptLine } from '../device.ts';
import type { DmaMemory } from '../dma.ts';
import { bit, field } from '../fields.ts';
import { RegisterDevice, registersOf } from '../registers.ts';
import { number, words } from '../state.ts';
import { identity, virtioVersions, type VirtioVersion } from './empty-slot.ts';
import type { ServedQueue, VirtioFunction } from './function.ts';
import { BrokenQueue, feature, MOST_ENTRIES, Virtqueue } from './virtqueue.ts';

const MOST_QUEUES = 2;
const CONFIGURATION = 0x100;
const CONFIGURATION_WORDS = 64;
const ONES = 0xffff_ffff;
/** QueueSel takes any number that a device could have queues for. */
const MOST_CHOSEN = 1024;
/** PAs are numbers here: no memory lies above. */
const MOST_PA = 2 ** 52;
const commonFeatures = (1 << feature.indirect) | (1 << feature.eventIdx);
const onlyLegacyFeatures = 1 << feature.notifyOnEmpty;
/** Bit 32: the device has the modern interface. */
const VERSION_1 = 1;
/** Parts of a queue whose PAs the modern interface has registers for, two each. */
const parts = { table: 0, available: 1, used: 2 } as const;

const queueAddress = (part: keyof typeof parts, half: 0 | 1, offset: number) =>
  ({
    offset,
    width: 32,
    access: 'w',
    title: `PA of the chosen queue's ${{ table: 'descriptor table', available: 'available ring', used: 'used ring' }[part]}, ${half ? 'upper' : 'lower'} half`,
    fields: [field('PA', 31, 0, 'half of a physical address')],
    write: (slot: VirtioMmio, value: number): void => slot.setQueueAddress(part, half, value),
  }) as const;

const table = registersOf<VirtioMmio>()(
  {
    ...identity,
    Version: { ...identity.Version, peek: (slot): number => slot.version },
    DeviceID: { ...identity.DeviceID, peek: (slot): number => slot.plugged.id },
    DeviceFeatures: {
      offset: 0x010,
      width: 32,
      access: 'r',
      title: 'What the device offers, in the half that DeviceFeaturesSel chooses',
      fields: [field('Features', 31, 0, 'bits of features')],
      peek: (slot): number => slot.offered(slot.state.deviceHalf),
    },
    DeviceFeaturesSel: {
      offset: 0x014,
      width: 32,
      access: 'w',
      title: 'Chooses bits 0 to 31 or 32 to 63',
      fields: [field('Half', 31, 0, 'which half', { 0: 'lower', 1: 'upper' })],
      write: (slot, value): void => void (slot.state.deviceHalf = value ? 1 : 0),
    },
    DriverFeatures: {
      offset: 0x020,
      width: 32,
      access: 'w',
      title: 'What the driver accepts, in the half that DriverFeaturesSel chooses',
      fields: [field('Features', 31, 0, 'bits of features')],
      write: (slot, value): void => slot.accept(value),
    },
    DriverFeaturesSel: {
      offset: 0x024,
      width: 32,
      access: 'w',
      title: 'Chooses bits 0 to 31 or 32 to 63',
      fields: [field('Half', 31, 0, 'which half', { 0: 'lower', 1: 'upper' })],
      write: (slot, value): void => void (slot.state.driverHalf = value ? 1 : 0),
    },
    GuestPageSize: {
      offset: 0x028,
      width: 32,
      access: 'w',
      title: 'Legacy: the unit of QueuePFN in bytes',
      fields: [field('Bytes', 31, 0, 'a power of two')],
      write: (slot, value): void => slot.setPageSize(value),
    },
    QueueSel: {
      offset: 0x030,
      width: 32,
      access: 'w',
      title: 'Chooses a queue',
      fields: [field('Queue', 31, 0, 'number of the queue')],
      write: (slot, value): void => slot.chooseQueue(value),
    },
    QueueNumMax: {
      offset: 0x034,
      width: 32,
      access: 'r',
      title: 'How many entries the chosen queue can have; 0: there is no such queue',
      fields: [field('Entries', 31, 0, 'entries')],
      peek: (slot): number => (slot.queue ? MOST_ENTRIES : 0),
    },
    QueueNum: {
      offset: 0x038,
      width: 32,
      access: 'w',
      title: 'How many entries it has',
      fields: [field('Entries', 31, 0, 'entries')],
      write: (slot, value): void => slot.setEntries(value),
    },
    QueueAlign: {
      offset: 0x03c,
      width: 32,
      access: 'w',
      title: 'Legacy: alignment of the used ring',
      fields: [field('Bytes', 31, 0, 'a power of two')],
      write: (slot, value): void => slot.setAlignment(value),
    },
    QueuePFN: {
      offset: 0x040,
      width: 32,
      access: 'rw',
      title: 'Legacy: where the chosen queue lies, in pages; 0 resets the device',
      fields: [field('Page', 31, 0, 'number of the page')],
      peek: (slot): number => slot.queuePage,
      write: (slot, value): void => slot.setQueuePage(value),
    },
    QueueReady: {
      offset: 0x044,
      width: 32,
      access: 'rw',
      title: 'Modern: the chosen queue may be used',
      fields: [bit('Ready', 0, 'it may be used')],
      peek: (slot): number => (slot.isReady ? 1 : 0),
      write: (slot, value): void => slot.setReady(value !== 0),
    },
    QueueNotify: {
      offset: 0x050,
      width: 32,
      access: 'w',
      title: 'Chains wait in the queue of this number',
      fields: [field('Queue', 31, 0, 'number of the queue')],
      write: (slot, value): void => slot.notify(value),
    },
    InterruptStatus: {
      offset: 0x060,
      width: 32,
      access: 'r',
      title: 'Why the device interrupts',
      fields: [bit('Configuration', 1, 'the configuration changed'), bit('Used', 0, 'chains were given back')],
    },
    InterruptACK: {
      offset: 0x064,
      width: 32,
      access: 'w',
      title: 'Clears reasons to interrupt',
      fields: [bit('Configuration', 1, 'clear it'), bit('Used', 0, 'clear it')],
      write: (slot, value): void => void (slot.state.InterruptStatus &= ~value),
    },
    Status: {
      offset: 0x070,
      width: 32,
      access: 'rw',
      title: 'How far the driver has come; 0 resets the device',
      fields: [
        bit('FAILED', 7, 'the driver has given up'),
        bit('DEVICE_NEEDS_RESET', 6, 'the device has met an error'),
        bit('FEATURES_OK', 3, 'the features are settled'),
        bit('DRIVER_OK', 2, 'the driver is ready'),
        bit('DRIVER', 1, 'there is a driver for it'),
        bit('ACKNOWLEDGE', 0, 'the device was noticed'),
      ],
      stored: 0xff,
      write: (slot, value): void => slot.setStatus(value & 0xff),
    },
    QueueDescLow: queueAddress('table', 0, 0x080),
    QueueDescHigh: queueAddress('table', 1, 0x084),
    QueueDriverLow: queueAddress('available', 0, 0x090),
    QueueDriverHigh: queueAddress('available', 1, 0x094),
    QueueDeviceLow: queueAddress('used', 0, 0x0a0),
    QueueDeviceHigh: queueAddress('used', 1, 0x0a4),
    SHMLenLow: {
      offset: 0x0b0,
      width: 32,
      access: 'r',
      value: ONES,
      title: 'Size of shared memory, lower half',
      fields: [field('Size', 31, 0, 'bytes', { [ONES]: 'there is none' })],
    },
    SHMLenHigh: {
      offset: 0x0b4,
      width: 32,
      access: 'r',
      value: ONES,
      title: 'Size of shared memory, upper half',
      fields: [field('Size', 31, 0, 'bytes', { [ONES]: 'there is none' })],
    },
    ConfigGeneration: {
      offset: 0x0fc,
      width: 32,
      access: 'r',
      title: 'Modern: counts changes of the configuration',
      fields: [field('Generation', 31, 0, 'changes')],
      peek: (slot): number => (slot.isLegacy ? 0 : slot.state.generation),
    },
    Config: {
      offset: CONFIGURATION,
      width: 32,
      access: 'rw',
      count: CONFIGURATION_WORDS,
      inside: 'bytes',
      title: 'What is particular to the kind of device',
      fields: [field('Configuration', 31, 0, 'as the kind of device has it')],
      peek: (slot, index): number => slot.configurationWord(index),
      write: (slot, value, index, mask): void => slot.configure(index, value, mask),
    },
  },
  {
    deviceHalf: number({ max: 1 }),
    driverHalf: number({ max: 1 }),
    /** What the driver wrote to DriverFeatures, and what of it counts. */
    written: words(2),
    accepted: words(2),
    /** Legacy: bits of an offset in a page. */
    pageShift: number({ max: 31 }),
    chosen: number({ max: MOST_CHOSEN - 1 }),
    /** Modern: a bit for each number that can be chosen. QEMU keeps it for queues that the device does not have, too. */
    ready: words(MOST_CHOSEN / 32),
    /** Modern: PAs written, six words a queue. */
    addresses: words(6 * MOST_QUEUES),
    generation: number(),
    /** The driver broke a rule: nothing more is done before a reset. */
    broken: number({ max: 1 }),
  },
);
const { DRIVER_OK, FEATURES_OK, DEVICE_NEEDS_RESET } = table.bits.Status;
const { Used, Configuration } = table.bits.InterruptStatus;

export class VirtioMmio extends RegisterDevice<typeof table> {
  readonly isLegacy: boolean;
  private readonly queues: readonly Virtqueue[];

  constructor(
    name: string,
    readonly plugged: VirtioFunction,
    readonly version: VirtioVersion,
    private readonly line: InterruptLine,
    memory: DmaMemory,
  ) {
    super(name, table);
    this.isLegacy = version === virtioVersions.legacy;
    this.queues = Array.from({ length: plugged.queues }, () => new Virtqueue(memory));
  }

  // ---- accesses: registers are accessed by words, the configuration by any size

  override read(offset: number, bytes: AccessBytes): number {
    return this.reaches(offset, bytes) ? super.read(offset, bytes) : missing(offset, bytes);
  }
  override peek(offset: number, bytes: AccessBytes): number {
    return this.reaches(offset, bytes) ? super.peek(offset, bytes) : missing(offset, bytes);
  }
  override write(offset: number, bytes: AccessBytes, value: number): void {
    if (this.reaches(offset, bytes)) super.write(offset, bytes, value);
  }
  private reaches(offset: number, bytes: AccessBytes): boolean {
    return offset < CONFIGURATION ? bytes === 4 : offset - CONFIGURATION + bytes <= this.plugged.configuration.length;
  }
  protected override changed(): void {
    this.line.setLevel(this.state.InterruptStatus !== 0);
  }

  // ---- features

  /** Bits 0 to 31 of what the device offers, or 32 to 63. */
  offered(half: number): number {
    const { features, legacyFeatures } = this.plugged;
    if (this.isLegacy) return half ? 0 : (features | legacyFeatures | onlyLegacyFeatures | commonFeatures) >>> 0;
    return half ? VERSION_1 : (features | commonFeatures) >>> 0;
  }
  accept(value: number): void {
    const { state } = this;
    if (!this.isLegacy) state.written[state.driverHalf] = value;
    else if (state.driverHalf === 0) this.settle([value, 0]);
  }
  /** Features once settled stay so. */
  private settle(wanted: ArrayLike<number>): void {
    const { state } = this;
    if (state.Status & FEATURES_OK) return;
    for (const half of [0, 1]) state.accepted[half] = wanted[half] & this.offered(half);
  }
  private readonly has = (number: number): boolean => ((this.state.accepted[number >> 5] >>> (number & 31)) & 1) === 1;

  setStatus(value: number): void {
    if (!this.isLegacy && value & FEATURES_OK) this.settle(this.state.written);
    if (value & DRIVER_OK) this.plugged.start?.(this.has);
    this.state.Status = value;
    if (value === 0) this.resetDevice();
  }

  // ---- queues

  /** The one chosen; undefined where there is none of this number. */
  get queue(): Virtqueue | undefined {
    return this.queues[this.state.chosen];
  }
  chooseQueue(value: number): void {
    if (value < MOST_CHOSEN) this.state.chosen = value;
  }
  setEntries(value: number): void {
    const { queue } = this;
    if (!queue || value === 0 || value > MOST_ENTRIES) return;
    queue.entries = value;
    if (this.isLegacy && queue.table !== 0) queue.placeAt(queue.table);
  }
  setAlignment(value: number): void {
    if (!this.isLegacy || !this.queue || value === 0) return;
    this.queue.alignment = value;
    if (this.queue.table !== 0) this.queue.placeAt(this.queue.table);
  }
  setPageSize(value: number): void {
    if (this.isLegacy) this.state.pageShift = value === 0 ? 0 : 31 - Math.clz32(value & -value);
  }
  get queuePage(): number {
    return this.isLegacy && this.queue ? Math.floor(this.queue.table / 2 ** this.state.pageShift) >>> 0 : 0;
  }
  setQueuePage(value: number): void {
    if (!this.isLegacy) return;
    if (value === 0) this.resetDevice();
    else this.queue?.placeAt(value * 2 ** this.state.pageShift);
  }
  setQueueAddress(part: keyof typeof parts, half: 0 | 1, value: number): void {
    if (!this.isLegacy && this.queue) this.state.addresses[6 * this.state.chosen + 2 * parts[part] + half] = value;
  }
  get isReady(): boolean {
    const { ready, chosen } = this.state;
    return ((ready[chosen >> 5] >>> (chosen & 31)) & 1) === 1;
  }
  setReady(isReady: boolean): void {
    const { queue, state } = this;
    if (this.isLegacy) return;
    const bit = 1 << (state.chosen & 31);
    if (isReady) state.ready[state.chosen >> 5] |= bit;
    else state.ready[state.chosen >> 5] &= ~bit;
    if (!isReady || !queue) return;
    const address = (part: number): number => {
      const at = 6 * state.chosen + 2 * part;
      return (state.addresses[at] + state.addresses[at + 1] * 2 ** 32) % MOST_PA;
    };
    queue.table = address(parts.table);
    queue.available = address(parts.available);
    queue.used = address(parts.used);
  }

  /** Works through the queue of this number. */
  notify(number: number): void {
    const queue = this.queues.at(number);
    if (number >= this.queues.length || !queue || queue.table === 0 || this.state.broken) return;
    let given = false;
    const served: ServedQueue = {
      take: () => queue.take(this.has),
      give: (chain, written) => {
        queue.give(chain, written);
        given = true;
      },
    };
    try {
      this.plugged.serve(number, served);
      if (given && queue.wantsNotice(this.has)) this.state.InterruptStatus |= Used;
    } catch (error) {
      if (!(error instanceof BrokenQueue)) throw error;
      this.breakDown();
    }
    this.changed();
  }
  private breakDown(): void {
    const { state } = this;
    state.broken = 1;
    if (this.isLegacy) return;
    state.Status |= DEVICE_NEEDS_RESET;
    if (!(state.Status & DRIVER_OK)) return;
    state.InterruptStatus |= Used | Configuration;
    state.generation = (state.generation + 1) >>> 0;
  }

  /** Whether it takes bytes from outside and its driver listens. */
  get listens(): boolean {
    return this.plugged.incoming !== undefined && (this.state.Status & DRIVER_OK) !== 0;
  }
  receive(bytes: Uint8Array): void {
    const { incoming } = this.plugged;
    if (!incoming) return;
    incoming.put(bytes);
    this.notify(incoming.queue);
  }

  // ---- configuration

  configurationWord(index: number): number {
    const { configuration } = this.plugged;
    return [3, 2, 1, 0].reduce((word, i) => ((word << 8) | (configuration[4 * index + i] ?? 0)) >>> 0, 0);
  }
  configure(index: number, value: number, mask: number): void {
    for (let i = 0; i < 4; i++) {
      const offset = 4 * index + i;
      if ((mask >>> (8 * i)) & 0xff && offset < this.plugged.configuration.length)
        this.plugged.configure(offset, (value >>> (8 * i)) & 0xff);
    }
  }

  // ---- state

  /** As the driver resets it. */
  private resetDevice(): void {
    const { state } = this;
    state.Status = state.InterruptStatus = state.chosen = state.broken = 0;
    state.accepted.fill(0);
    state.ready.fill(0);
    for (const queue of this.queues) queue.reset();
    this.plugged.reset();
  }
  override reset(): void {
    super.reset();
    this.resetDevice();
    this.changed();
  }
  override save(writer: ByteWriter): void {
    super.save(writer);
    for (const queue of this.queues) queue.save(writer);
    this.plugged.save(writer);
  }
  override load(reader: ByteReader): void {
    super.load(reader);
    for (const queue of this.queues) queue.load(reader);
    this.plugged.load(reader);
  }
}

/** What is read where there is nothing: registers are zero, the configuration is ones. */
const missing = (offset: number, bytes: AccessBytes): number => (offset < CONFIGURATION ? 0 : truncate(ONES, bytes));
