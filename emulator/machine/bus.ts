/**
 * The physical address space: finds what answers at a PA and passes accesses on. Values cross as unsigned 32-bit halves.
 * PAs have at most 40 bits. What a region does not cover is unassigned: an access there is an external abort.
 */
import { HostOffset, PA } from '../base/addresses.ts';
import { placesOf, truncate, type AccessBytes, type Device } from '../devices/device.ts';

/** Memory of the host that answers at a PA. */
export interface HostRegion {
  readonly name: string;
  readonly base: PA;
  readonly bytes: number;
  /** Where it begins in the machine's WebAssembly memory. */
  readonly hostOffset: HostOffset;
  /** Takes the writes, and the reads while the region is not mapped: flash. Absent: RAM. */
  readonly device?: Device;
}

/** A window through which a device answers. */
export interface DeviceRegion {
  readonly name: string;
  readonly base: PA;
  readonly bytes: number;
  readonly device: Device;
}

interface Region {
  readonly name: string;
  readonly base: PA;
  readonly end: PA;
  readonly device: Device | undefined;
  readonly hostOffset: HostOffset;
  /** The guest reads the host's memory directly. */
  mapped: boolean;
}

/** Where reads do not go to memory. */
export const NOT_MEMORY = HostOffset(-1);
const nowhere: Region = { name: '', base: PA(0), end: PA(0), device: undefined, hostOffset: NOT_MEMORY, mapped: false };

export class Bus {
  /** The value of the last `read` or `peek`: bits 31..0 and 63..32. */
  low = 0;
  high = 0;
  /** How often devices have been read or written to. */
  deviceAccesses = 0;
  /** Called when `hostAddress` answers differently from before for some addresses: cached answers are void. */
  onRemap: () => void = () => undefined;

  private readonly memory: Uint8Array;
  private readonly regions: readonly Region[];
  private last = nowhere;

  /** `memory`: all of the machine's WebAssembly memory. Throws where regions overlap. */
  constructor(memory: Uint8Array, host: readonly HostRegion[], devices: readonly DeviceRegion[]) {
    this.memory = memory;
    this.regions = [
      ...host.map(({ name, base, bytes, hostOffset, device }) => ({ name, base, end: PA(base + bytes), device, hostOffset, mapped: true })),
      ...devices.map(({ name, base, bytes, device }) => ({
        name,
        base,
        end: PA(base + bytes),
        device,
        hostOffset: NOT_MEMORY,
        mapped: false,
      })),
    ].sort((a, b) => a.base - b.base);
    this.regions.forEach((region, i) => {
      const next = this.regions[i + 1];
      if (next && region.end > next.base) throw new RangeError(`${region.name} overlaps ${next.name} on the bus`);
    });
  }

  /** The offset in the memory of the byte at `pa`, or -1 where reads do not go to memory. */
  hostAddress(pa: PA): HostOffset {
    const region = this.find(pa);
    return region.mapped ? HostOffset(region.hostOffset + (pa - region.base)) : NOT_MEMORY;
  }

  /** Whether writes at `pa` go to memory directly. */
  isWritable(pa: PA): boolean {
    const region = this.find(pa);
    return region.mapped && !region.device;
  }

  /**
   * Whether something answers an access of 1 to 8 bytes, all in one page, at `pa`. Devices answer only where it is naturally aligned, and
   * may refuse more. What nobody answers is an external abort.
   */
  accepts(pa: PA, bytes: number, isWrite: boolean): boolean {
    const region = this.find(pa);
    if (region === nowhere) return false;
    const { device } = region;
    if (!device || (region.mapped && !isWrite)) return pa + bytes <= region.end;
    if (pa % bytes !== 0 || !isPowerOfTwo(bytes)) return false;
    return device.accepts?.(pa - region.base, bytes, isWrite) ?? true;
  }

  /** Name of the region at `pa` in the board's table. */
  nameAt(pa: PA): string | undefined {
    const region = this.find(pa);
    return region === nowhere ? undefined : region.name;
  }

  /** The registers of the device that answers at `pa`, and the offset of `pa` in its window; undefined where none does. */
  deviceAt(pa: PA): { readonly registers: Device['registers']; readonly offset: number } | undefined {
    const { device, base } = this.find(pa);
    return device && { registers: device.registers, offset: pa - base };
  }

  /** Name of the device register at `pa`; undefined where memory answers, or no register that is known by name. */
  registerAt(pa: PA): string | undefined {
    const { device, base, mapped } = this.find(pa);
    if (!device || mapped) return undefined;
    const offset = pa - base;
    for (const register of device.registers ?? [])
      for (const place of placesOf(register)) if (offset >= place.offset && offset < place.offset + place.bytes) return place.name;
    return undefined;
  }

  /** Reads 1 to 8 bytes into `low` and `high`, as the guest does; `accepts` must have agreed. False: unassigned. */
  read(pa: PA, bytes: number): boolean {
    return this.get(pa, bytes, false);
  }

  /** The same without side effects: what the guest would read. */
  peek(pa: PA, bytes: number): boolean {
    return this.get(pa, bytes, true);
  }

  /** Writes 1 to 8 bytes, as the guest does; `accepts` must have agreed. False: unassigned. Whoever writes to memory this way tells the engine and the page tracker. */
  write(pa: PA, bytes: number, low: number, high: number): boolean {
    const region = this.find(pa);
    if (region === nowhere) return false;
    const offset = pa - region.base;
    if (region.device === undefined) {
      const { memory } = this;
      const at = region.hostOffset + offset;
      for (let i = 0; i < bytes; i++) memory[at + i] = i < 4 ? low >>> (8 * i) : high >>> (8 * i - 32);
      return true;
    }
    this.deviceAccesses++;
    if (bytes === 4 || bytes === 1 || bytes === 2) {
      region.device.write(offset, bytes, truncate(low, bytes));
      return true;
    }
    region.device.write(offset, 4, low >>> 0);
    region.device.write(offset + 4, 4, high >>> 0);
    return true;
  }

  /** Copies bytes from memory, or what the guest would read from devices; undefined where any of them is unassigned. */
  peekBytes(pa: PA, length: number): Uint8Array<ArrayBuffer> | undefined {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const at = PA(pa + done);
      const region = this.find(at);
      if (region === nowhere) return undefined;
      if (region.mapped) {
        const from = region.hostOffset + (at - region.base);
        const count = Math.min(length - done, region.end - at);
        bytes.set(this.memory.subarray(from, from + count), done);
        done += count;
      } else bytes[done++] = region.device!.peek(at - region.base, 1);
    }
    return bytes;
  }

  /** Reads of the region go to its memory (true) or to its device (false). */
  setMapped(name: string, mapped: boolean): void {
    const region = this.regions.find((candidate) => candidate.name === name && candidate.hostOffset >= 0);
    if (!region) throw new RangeError(`no host memory named ${name}`);
    if (region.mapped === mapped) return;
    region.mapped = mapped;
    this.onRemap();
  }

  private get(pa: PA, bytes: number, peek: boolean): boolean {
    const region = this.find(pa);
    if (region === nowhere) return false;
    const offset = pa - region.base;
    if (region.mapped) {
      const { memory } = this;
      const at = region.hostOffset + offset;
      let low = 0,
        high = 0;
      for (let i = 0; i < bytes; i++)
        if (i < 4) low |= memory[at + i] << (8 * i);
        else high |= memory[at + i] << (8 * i - 32);
      this.low = low >>> 0;
      this.high = high >>> 0;
      return true;
    }
    const device = region.device!;
    if (!peek) this.deviceAccesses++;
    this.high = 0;
    if (bytes === 4 || bytes === 1 || bytes === 2) this.low = ask(device, offset, bytes, peek);
    else {
      this.low = ask(device, offset, 4, peek);
      this.high = ask(device, offset + 4, 4, peek);
    }
    return true;
  }

  private find(pa: PA): Region {
    const { last } = this;
    if (pa >= last.base && pa < last.end) return last;
    const { regions } = this;
    let low = 0,
      high = regions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (regions[middle].end <= pa) low = middle + 1;
      else high = middle;
    }
    const found = regions[low];
    return found && pa >= found.base ? (this.last = found) : nowhere;
  }
}

const ask = (device: Device, offset: number, bytes: AccessBytes, peek: boolean): number =>
  peek ? device.peek(offset, bytes) : device.read(offset, bytes);

const isPowerOfTwo = (value: number): boolean => (value & (value - 1)) === 0;
