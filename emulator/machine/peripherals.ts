/** The devices of the board, made and wired as its table says: the bus, the interrupt lines, what happens when time passes. */
import { NotBuilt } from '../base/errors.ts';
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import { nextTimerTick, type CpuState, type InterruptLines } from '../cpu/index.ts';
import { unconnected, type Device } from '../devices/device.ts';
import { Pl011 } from '../devices/pl011.ts';
import type { MachineMemory } from '../engine/index.ts';
import type { PhysicalReader } from '../mmu/index.ts';
import { boardRegions, type BoardOptions, type BoardRegion } from './memory-map.ts';
import { Bus, type DeviceRegion, type HostRegion } from './bus.ts';

const NS_PER_TICK = 16;

export interface PeripheralOptions {
  readonly memory: MachineMemory;
  readonly board: BoardOptions;
  readonly cpu: CpuState;
  /** A byte that the guest sends to the UART. */
  readonly onTransmit: (byte: number) => void;
}

export class Peripherals {
  readonly bus: Bus;
  readonly uart: Pl011;
  readonly regions: readonly BoardRegion[];
  /** What table walks read. */
  readonly walkReader: PhysicalReader;
  readonly lines: InterruptLines = { irq: false, fiq: false, serror: false, virq: false, vfiq: false };
  private readonly cpu: CpuState;
  /** In the order in which their state is saved. */
  private readonly devices: readonly Device[];

  constructor({ memory, board, cpu, onTransmit }: PeripheralOptions) {
    this.cpu = cpu;
    this.regions = boardRegions(board);
    this.uart = new Pl011(unconnected);
    this.uart.onTransmit = onTransmit;
    const byKind: Partial<Record<BoardRegion['kind'], Device>> = { pl011: this.uart };
    const host: HostRegion[] = [];
    const windows: DeviceRegion[] = [];
    for (const { name, title, base, bytes, kind } of this.regions) {
      const backing = memory.regions.get(name);
      if (backing) host.push({ name, base, bytes, hostOffset: backing.offset });
      else windows.push({ name, base, bytes, device: byKind[kind] ?? new Placeholder(name, title) });
    }
    this.bus = new Bus(memory.u8, host, windows);
    this.devices = Object.values(byKind).filter((device) => device !== undefined);
    this.walkReader = new WalkReader(this.bus);
  }

  /** What a person calls the region at a PA. */
  titleAt(pa: number): string | undefined {
    const name = this.bus.nameAt(pa);
    return this.regions.find((region) => region.name === name)?.title;
  }

  /** Does what is due at this moment of the virtual clock. */
  elapse(_ns: number): void {}

  /** The moment, in ns, at which something will change by itself; Infinity where nothing will. */
  nextEvent(ns: number): number {
    const tick = nextTimerTick(this.cpu, Math.floor(ns / NS_PER_TICK));
    return tick === Infinity ? Infinity : tick * NS_PER_TICK;
  }

  save(writer: ByteWriter): void {
    for (const device of this.devices) device.save(writer);
  }
  load(reader: ByteReader): void {
    for (const device of this.devices) device.load(reader);
  }
}

/** Stands where the board has a device that is not built yet. It must not be taken for an empty place, so touching it stops the machine. */
class Placeholder implements Device {
  readonly registers = [];
  constructor(
    readonly name: string,
    private readonly title: string,
  ) {}
  read(offset: number): never {
    return this.stop(offset);
  }
  write(offset: number): never {
    return this.stop(offset);
  }
  peek(): number {
    return 0;
  }
  reset(): void {}
  save(): void {}
  load(): void {}
  private stop(offset: number): never {
    throw new NotBuilt(`the device "${this.title}" (${this.name}, register at offset 0x${offset.toString(16)})`);
  }
}

/** Table walks read what an access would, but change nothing by it. */
class WalkReader implements PhysicalReader {
  constructor(private readonly bus: Bus) {}
  get low(): number {
    return this.bus.low;
  }
  get high(): number {
    return this.bus.high;
  }
  read(pa: number): boolean {
    return this.bus.peek(pa, 8);
  }
}
