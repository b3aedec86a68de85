/** A window of the bus behind which each CPU has a device of its own: an access reaches that of the CPU that makes it. */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import type { AccessBytes, Device } from '../device.ts';

export class Banked implements Device {
  readonly name: string;
  readonly registers: Device['registers'];

  /** `current`: that of the CPU that accesses. */
  constructor(
    private readonly all: readonly Device[],
    private readonly current: () => Device,
  ) {
    ({ name: this.name, registers: this.registers } = all[0]);
  }

  read(offset: number, bytes: AccessBytes): number {
    return this.current().read(offset, bytes);
  }
  write(offset: number, bytes: AccessBytes, value: number): void {
    this.current().write(offset, bytes, value);
  }
  peek(offset: number, bytes: AccessBytes): number {
    return this.current().peek(offset, bytes);
  }
  reset(): void {
    for (const device of this.all) device.reset();
  }
  save(writer: ByteWriter): void {
    for (const device of this.all) device.save(writer);
  }
  load(reader: ByteReader): void {
    for (const device of this.all) device.load(reader);
  }
}
