/** The devices of the board, made and wired as its table says: the bus, the interrupt lines, what happens when time passes. */
import { NotBuilt } from '../base/errors.ts';
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import {
  nextTimerTick,
  pmuInterrupt,
  timerAsserted,
  timerNames,
  type CpuState,
  type InterruptLines,
  type TimerName,
} from '../cpu/index.ts';
import { unconnected, type Device, type InterruptLine, type TimeSource } from '../devices/device.ts';
import { Flash } from '../devices/flash.ts';
import { FwCfg } from '../devices/fw-cfg.ts';
import { GicV2, MsiFrame } from '../devices/gic-v2/index.ts';
import { PcieConfiguration, PcieWindow } from '../devices/pcie.ts';
import { Pl011 } from '../devices/pl011.ts';
import { Pl031 } from '../devices/pl031.ts';
import { Pl061 } from '../devices/pl061.ts';
import { EmptyVirtioSlot } from '../devices/virtio-mmio.ts';
import type { MachineMemory } from '../engine/index.ts';
import type { PhysicalReader } from '../mmu/index.ts';
import { boardRegions, gicv2mSpis, ppi, ppiIntid, spi, spiIntid, type BoardOptions, type BoardRegion } from './memory-map.ts';
import { Bus, type DeviceRegion, type HostRegion } from './bus.ts';
import { NS_PER_TICK } from './clock.ts';

export interface BoardParts {
  readonly memory: MachineMemory;
  readonly board: BoardOptions;
  readonly cpu: CpuState;
  /** The virtual clock, exact within an instruction too. */
  readonly time: TimeSource;
  /** A byte that the guest sends to the UART. */
  readonly onTransmit: (byte: number) => void;
  /** A device writes to memory: a PA, its offset in the WebAssembly memory, what, and the device's name in the board's table. */
  readonly writeMemory: (pa: number, hostOffset: number, bytes: Uint8Array, device: string) => void;
  /** Some PAs are memory now that were none before, or the other way round. */
  readonly onRemap: () => void;
}

export class Board {
  readonly bus: Bus;
  readonly uart: Pl011;
  readonly gpio: Pl061;
  readonly regions: readonly BoardRegion[];
  /** What table walks read. */
  readonly walkReader: PhysicalReader;
  /** The CPU's interrupt inputs: the GIC keeps them up to date. */
  readonly lines: InterruptLines;
  /** Undefined where the board has a GICv3. */
  readonly gic: GicV2 | undefined;
  private readonly cpu: CpuState;
  private readonly clock: Pl031;
  /** Lines that the CPU drives itself. */
  private readonly timerLines: Readonly<Record<TimerName, InterruptLine>>;
  private readonly pmuLine: InterruptLine;
  /** When a timer asserts its line next, in ns; -Infinity: registers changed, so that it must be found out. */
  private due = -Infinity;
  /** In the order in which their state is saved. */
  private readonly devices: readonly Device[];

  constructor({ memory, board, cpu, time, onTransmit, writeMemory, onRemap }: BoardParts) {
    this.cpu = cpu;
    this.regions = boardRegions(board);
    const lines = { irq: false, fiq: false, serror: false, virq: false, vfiq: false };
    this.lines = lines;
    const gic = board.gic === 2 ? new GicV2({ outputs: lines, maintenanceIntid: ppiIntid(ppi.gicMaintenance) }) : undefined;
    this.gic = gic;
    const ppiLine = (number: number): InterruptLine => gic?.line(ppiIntid(number)) ?? unconnected;
    const spiLine = (number: number): InterruptLine => gic?.line(spiIntid(number)) ?? unconnected;
    this.timerLines = {
      physical: ppiLine(ppi.physicalTimer),
      virtual: ppiLine(ppi.virtualTimer),
      hypervisor: ppiLine(ppi.hypervisorTimer),
    };
    this.pmuLine = ppiLine(ppi.performanceMonitors);
    this.uart = new Pl011(spiLine(spi.pl011));
    this.uart.onTransmit = onTransmit;
    this.clock = new Pl031(spiLine(spi.pl031), time);
    this.gpio = new Pl061(spiLine(spi.pl061));
    const fwCfg = new FwCfg({
      read: (pa, length) => this.bus.peekBytes(pa, length),
      write: (pa, bytes) => {
        const host = this.bus.hostAddress(pa);
        if (host < 0 || !this.bus.isWritable(pa) || !this.bus.isWritable(pa + bytes.length - 1)) return false;
        writeMemory(pa, host, bytes, 'fw-cfg');
        return true;
      },
    });
    const messageLines = Array.from({ length: gicv2mSpis }, (_, i) => spiLine(spi.gicv2m + i));
    // The GIC comes first: what else is loaded tells it the levels of lines that it knows by then.
    const byKind: Partial<Record<BoardRegion['kind'], Device>> = {
      ...(gic && {
        gicd: gic.distributor,
        gicc: gic.cpuInterface,
        gich: gic.virtualControl,
        gicv: gic.virtualCpuInterface,
        gicv2m: new MsiFrame(spiIntid(spi.gicv2m), messageLines),
      }),
      pl011: this.uart,
      pl031: this.clock,
      'fw-cfg': fwCfg,
      pl061: this.gpio,
      'virtio-mmio': new EmptyVirtioSlot(),
      'pcie-window': new PcieWindow(),
      'pcie-ecam': new PcieConfiguration(),
    };
    const flashes: Flash[] = [];
    const host: HostRegion[] = [];
    const windows: DeviceRegion[] = [];
    for (const { name, title, base, bytes, kind } of this.regions) {
      const backing = memory.regions.get(name);
      if (kind === 'flash' && backing) {
        const flash = new Flash(name, {
          bytes: memory.u8.subarray(backing.offset, backing.offset + bytes),
          write: (offset, written) => writeMemory(base + offset, backing.offset + offset, written, name),
          setMapped: (mapped) => this.bus.setMapped(name, mapped),
        });
        flashes.push(flash);
        host.push({ name, base, bytes, hostOffset: backing.offset, device: flash });
      } else if (backing) host.push({ name, base, bytes, hostOffset: backing.offset });
      else if (kind !== 'platform-bus') windows.push({ name, base, bytes, device: byKind[kind] ?? new Placeholder(name, title) });
    }
    this.bus = new Bus(memory.u8, host, windows);
    this.bus.onRemap = onRemap;
    this.devices = [...Object.values(byKind), ...flashes];
    this.walkReader = new WalkReader(this.bus, memory.u32);
  }

  /** What a person calls the region at a PA. */
  titleAt(pa: number): string | undefined {
    const name = this.bus.nameAt(pa);
    return this.regions.find((region) => region.name === name)?.title;
  }

  /** Registers of the generic timers were written. */
  timersChanged(): void {
    this.due = -Infinity;
  }
  /** The overflow bits of the performance monitors, or what decides whether they interrupt, may have changed. */
  pmuChanged(): void {
    this.pmuLine.setLevel(pmuInterrupt(this.cpu));
  }

  /** Does what is due at this moment of the virtual clock. Called before each entry to generated code. */
  elapse(ns: number): void {
    if (ns >= this.clock.nextEvent) this.clock.elapse();
    if (ns < this.due) return;
    const tick = Math.floor(ns / NS_PER_TICK);
    for (const name of timerNames) this.timerLines[name].setLevel(timerAsserted(this.cpu, name, tick));
    this.due = nextTimerTick(this.cpu, tick) * NS_PER_TICK;
  }

  /** The moment, in ns, at which something will change by itself; Infinity where nothing will. */
  nextEvent(ns: number): number {
    const timer = this.due === -Infinity ? nextTimerTick(this.cpu, Math.floor(ns / NS_PER_TICK)) * NS_PER_TICK : this.due;
    return Math.min(timer, this.clock.nextEvent);
  }

  /** To the state after power-on, but for the memory. */
  reset(): void {
    for (const device of this.devices) device.reset();
    this.gic?.update();
    this.timersChanged();
    this.pmuChanged();
  }

  save(writer: ByteWriter): void {
    for (const device of this.devices) device.save(writer);
  }
  load(reader: ByteReader): void {
    for (const device of this.devices) device.load(reader);
    this.gic?.update();
    this.timersChanged();
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
  low = 0;
  high = 0;

  /** `words`: all of the machine's WebAssembly memory. */
  constructor(
    private readonly bus: Bus,
    private readonly words: Uint32Array,
  ) {}

  read(pa: number): boolean {
    const { bus, words } = this;
    const host = bus.hostAddress(pa);
    if (host >= 0) {
      this.low = words[host >>> 2];
      this.high = words[(host >>> 2) + 1];
      return true;
    }
    if (!bus.peek(pa, 8)) return false;
    this.low = bus.low;
    this.high = bus.high;
    return true;
  }
}
