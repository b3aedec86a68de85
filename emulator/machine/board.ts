/** The board, made and wired as its table says: the bus, the devices, the interrupt lines, what happens when time passes. */
import { HostOffset, PA } from '../base/addresses.ts';
import { NotBuilt } from '../base/errors.ts';
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import type { Counted, CpuState, InterruptLines } from '../cpu/index.ts';
import type { Device, TimedDevice, TimeSource } from '../devices/device.ts';
import type { Gic } from '../devices/gic/index.ts';
import { GicV2 } from '../devices/gic-v2/index.ts';
import { GicV3, type SystemRegisters } from '../devices/gic-v3/index.ts';
import type { DiskMemory } from '../devices/virtio/block.ts';
import { VirtioMmio } from '../devices/virtio/mmio.ts';
import { FwCfg } from '../devices/fw-cfg.ts';
import { Pl011 } from '../devices/pl011.ts';
import { Pl061 } from '../devices/pl061.ts';
import { RegisterDevice, type RegisterTable } from '../devices/registers.ts';
import type { MachineMemory } from '../engine/index.ts';
import type { PhysicalReader } from '../mmu/index.ts';
import { ppi, ppiIntid, spiIntid, type BoardOptions, type BoardRegion, type BoardRow, type RowParts } from './board-row.ts';
import { boardRegions, boardRows } from './board-table.ts';
import { Bus, type DeviceRegion, type HostRegion } from './bus.ts';
import { CpuWires } from './cpu-wires.ts';

export interface BoardParts {
  readonly memory: MachineMemory;
  readonly board: BoardOptions;
  readonly cpus: readonly CpuState[];
  /** The virtual clock, exact within an instruction too. */
  readonly time: TimeSource & Counted;
  /** A byte that the guest sends to the UART. */
  readonly onTransmit: (byte: number) => void;
  /** A device writes to memory: a PA, its offset in the WebAssembly memory, what, and the device's name in the board's table. */
  readonly writeMemory: (pa: PA, hostOffset: HostOffset, bytes: Uint8Array, device: string) => void;
  /** A disk is written: memory that has no PA. */
  readonly writeDisk: (hostOffset: HostOffset, bytes: Uint8Array) => void;
  /** Some PAs are memory now that were none before, or the other way round. */
  readonly onRemap: () => void;
}

export class Board {
  readonly bus: Bus;
  readonly uart: Pl011;
  readonly gpio: Pl061;
  readonly fwCfg: FwCfg;
  readonly regions: readonly BoardRegion[];
  /** What table walks read. */
  readonly walkReader: PhysicalReader;
  /** The interrupt inputs of each CPU: the GIC keeps them up to date. */
  readonly linesOf: readonly InterruptLines[];
  readonly gic: Gic;
  private readonly v3: GicV3 | undefined;
  /** Devices that act by themselves. */
  readonly timed: readonly TimedDevice[];
  private readonly wires: readonly CpuWires[];
  /** The devices whose state follows from what their registers show, with their PAs. */
  readonly telling: readonly { readonly name: string; readonly base: PA; readonly device: RegisterDevice<RegisterTable> }[];
  /** In the order in which their state is saved. */
  readonly devices: readonly Device[];

  constructor({ memory, board, cpus, time, onTransmit, writeMemory, writeDisk, onRemap }: BoardParts) {
    this.regions = boardRegions(board);
    const outputs = cpus.map(() => ({ irq: false, fiq: false, serror: false, virq: false, vfiq: false }));
    this.linesOf = outputs;
    const settings = { outputs, maintenanceIntid: ppiIntid(ppi.gicMaintenance) };
    const hcr = cpus.map((cpu) => ({
      read: (): number => cpu.low('ICH_HCR_EL2'),
      write: (value: number): void => cpu.setHalves('ICH_HCR_EL2', value, 0),
    }));
    const [v2, v3] = board.gic === 2 ? [new GicV2(settings), undefined] : [undefined, new GicV3({ ...settings, hcr })];
    const gic = v2 ?? v3;
    this.gic = gic;
    this.v3 = v3;
    this.wires = cpus.map((cpu, index) => new CpuWires(cpu, time, (number) => gic.line(ppiIntid(number), index)));

    const { regions, u8 } = memory;
    const diskOf = (name: string): DiskMemory => {
      const { offset, bytes } = regions.get(name)!;
      return { bytes: u8.subarray(offset, offset + bytes), write: (at, written) => writeDisk(HostOffset(offset + at), written) };
    };
    const partsOf = ({ name, base, bytes, spis = [] }: BoardRow): RowParts => {
      const { offset } = regions.get(name) ?? {};
      return {
        lines: spis.map((number) => gic.line(spiIntid(number))),
        time,
        onTransmit,
        v2,
        v3,
        cpus: cpus.length,
        dma: this.dmaOf(name, memory.u8, writeMemory),
        diskOf,
        flash:
          offset === undefined
            ? undefined
            : {
                bytes: u8.subarray(offset, offset + bytes),
                write: (at, written) => writeMemory(PA(base + at), HostOffset(offset + at), written, name),
                setMapped: (mapped) => this.bus.setMapped(name, mapped),
              },
      };
    };
    const host: HostRegion[] = [];
    const windows: DeviceRegion[] = [];
    const devices: Device[] = [];
    const telling: (typeof this.telling)[number][] = [];
    for (const row of boardRows(board)) {
      const { name, base, bytes } = row;
      const made = row.make?.(partsOf(row));
      if (made) devices.push(made);
      if (made instanceof RegisterDevice && made.telling.length > 0)
        telling.push({ name, base, device: made as RegisterDevice<RegisterTable> });
      const backing = regions.get(name);
      const device = made ?? (row.kind === 'device' ? new Placeholder(row) : undefined);
      if (backing) host.push({ name, base, bytes, hostOffset: HostOffset(backing.offset), ...(device && { device }) });
      else if (device) windows.push({ name, base, bytes, device });
    }
    this.bus = new Bus(u8, host, windows);
    this.bus.onRemap = onRemap;
    this.devices = [...devices, ...gic.inCpu];
    this.telling = telling;
    this.timed = devices.filter((device): device is TimedDevice => 'elapse' in device);
    this.uart = this.find(Pl011);
    this.gpio = this.find(Pl061);
    this.fwCfg = this.find(FwCfg);
    this.walkReader = new WalkReader(this.bus, memory.u32);
  }

  private find<T extends Device>(type: new (...args: never[]) => T): T {
    return this.devices.find((device): device is T => device instanceof type)!;
  }

  /** The guest's memory, as the device of this name reaches it. Devices are made before the bus that they are on. */
  private dmaOf(name: string, memory: Uint8Array, writeMemory: BoardParts['writeMemory']): RowParts['dma'] {
    return {
      read: (pa, length) => {
        const first = this.bus.hostAddress(pa);
        const isWhole = first >= 0 && this.bus.hostAddress(PA(pa + length - 1)) === first + length - 1;
        return isWhole ? memory.slice(first, first + length) : undefined;
      },
      isWritable: (pa, length) => this.bus.hostAddress(pa) >= 0 && this.bus.isWritable(pa) && this.bus.isWritable(PA(pa + length - 1)),
      write: (pa, bytes) => writeMemory(pa, this.bus.hostAddress(pa), bytes, name),
    };
  }

  /** From now on accesses and questions are those of this CPU. */
  select(cpu: number): void {
    this.gic.select(cpu);
  }
  /** The interrupt inputs of the current CPU. */
  get lines(): InterruptLines {
    return this.linesOf[this.gic.distributor.current];
  }
  /** The CPU interface of a GICv3, of the current CPU. */
  get systemRegisters(): SystemRegisters | undefined {
    return this.v3?.registers;
  }
  systemRegistersOf(cpu: number): SystemRegisters | undefined {
    return this.v3?.sides[cpu].registers;
  }

  /** What a person calls the region at a PA. */
  titleAt(pa: PA): string | undefined {
    const name = this.bus.nameAt(pa);
    return this.regions.find((region) => region.name === name)?.title;
  }

  /** Bytes that a person types: for a virtio console whose driver listens, otherwise for the UART. */
  input(bytes: Uint8Array): void {
    (this.listening ?? this.uart).receive(bytes);
  }
  private get listening(): VirtioMmio | undefined {
    return this.devices.find((device): device is VirtioMmio => device instanceof VirtioMmio && device.listens);
  }
  /** Names of the devices that a person reaches: consoles and the power button. */
  get inputDevices(): readonly string[] {
    return [this.uart, this.gpio, ...(this.listening ? [this.listening] : [])].map(({ name }) => name);
  }

  /** Registers of the generic timers of a CPU were written. */
  timersChanged(cpu: number): void {
    this.wires[cpu].timersChanged();
  }
  /** The overflow bits of the performance monitors of a CPU, or what decides whether they interrupt, may have changed. */
  pmuChanged(cpu: number): void {
    this.wires[cpu].pmuChanged();
  }

  /** Does what is due at this moment of the virtual clock. Called before each entry to generated code. */
  elapse(ns: number): void {
    for (const device of this.timed) if (ns >= device.nextEvent) device.elapse();
    for (const wires of this.wires) wires.elapse(ns);
  }

  /** The moment, in ns, at which something will change by itself; Infinity where nothing will. */
  nextEvent(ns: number): number {
    let first = Infinity;
    for (const wires of this.wires) first = Math.min(first, wires.nextEvent(ns));
    for (const device of this.timed) first = Math.min(first, device.nextEvent);
    return first;
  }

  /** A CPU has been reset. */
  cpuReset(cpu: number): void {
    for (const device of this.v3?.inCpuOf(cpu) ?? []) device.reset();
    this.wires[cpu].timersChanged();
    this.wires[cpu].pmuChanged();
  }
  /** To the state after power-on, but for the memory. */
  reset(): void {
    for (const device of this.devices) device.reset();
    this.gic.update();
    for (const wires of this.wires) {
      wires.timersChanged();
      wires.pmuChanged();
    }
  }

  save(writer: ByteWriter): void {
    for (const device of this.devices) device.save(writer);
  }
  load(reader: ByteReader): void {
    for (const device of this.devices) device.load(reader);
    this.gic.update();
    for (const wires of this.wires) wires.timersChanged();
  }
}

/** Stands where the board has a device that is not built yet. It must not be taken for an empty place, so touching it stops the machine. */
class Placeholder implements Device {
  readonly registers = [];
  readonly name: string;
  private readonly title: string;
  constructor({ name, title }: BoardRow) {
    this.name = name;
    this.title = title;
  }
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
    throw new NotBuilt(
      `the device "${this.title}" (${this.name}, register at offset 0x${offset.toString(16)})`,
      'leave out the driver of this device, or its node in the device tree',
    );
  }
}

/** Table walks read what an access would, but change nothing by it. */
class WalkReader implements PhysicalReader {
  low = 0;
  high = 0;

  /** `words`: all of the machine's WebAssembly memory. */
  constructor(
    private readonly bus: Bus,
    private readonly words: Uint32Array,
  ) {}

  read(pa: PA): boolean {
    const { bus, words } = this;
    const host = bus.hostAddress(pa);
    if (host >= 0) {
      this.low = words[host >>> 2];
      this.high = words[(host >>> 2) + 1];
      return true;
    }
    if (!bus.peek(pa, 8)) return false;
    bus.deviceAccesses++;
    this.low = bus.low;
    this.high = bus.high;
    return true;
  }
}
