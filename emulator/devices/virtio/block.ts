/** A disk (Virtual I/O Device specification 1.1, section 5.2), with the features of QEMU 7.2's virtio-blk-device. */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import type { DmaMemory } from '../dma.ts';
import type { ServedQueue, VirtioFunction } from './function.ts';
import { BrokenQueue, readSegments, roomOf, writeSegments, type Chain } from './virtqueue.ts';

export const SECTOR = 512;

/** The disk's contents. */
export interface DiskMemory {
  /** Only to read: `write` is how it is changed. */
  readonly bytes: Uint8Array;
  /** Writes to the disk from an offset on. */
  write(offset: number, bytes: Uint8Array): void;
}

const feature = {
  segMax: 2,
  geometry: 4,
  readOnly: 5,
  blockSize: 6,
  scsi: 7,
  flush: 9,
  topology: 10,
  configureCache: 11,
  discard: 13,
  writeZeroes: 14,
} as const;
const request = { in: 0, out: 1, flush: 4, getId: 8, discard: 11, writeZeroes: 13 } as const;
const status = { ok: 0, error: 1, unsupported: 2 } as const;

const HEADER = 16;
const CONFIGURATION = 57;
const WRITEBACK = 32;
/** Segments of a request beside its header and status. */
const MOST_SEGMENTS = 254;
/** Of a discard or a write of zeros. */
const MOST_SECTORS = 0x3f_ffff;
const RANGE = 16;
const UNMAP = 1;
const ID_BYTES = 20;
/** The geometry that QEMU supposes. */
const HEADS = 16;
const SECTORS_A_TRACK = 63;

const bits = (...numbers: number[]): number => numbers.reduce((mask, number) => mask | (1 << number), 0);

export class Block implements VirtioFunction {
  readonly id = 2;
  readonly queues = 1;
  readonly features: number;
  readonly legacyFeatures = bits(feature.scsi);
  readonly configuration = new Uint8Array(CONFIGURATION);

  constructor(
    private readonly memory: DmaMemory,
    private readonly disk: DiskMemory,
    private readonly isReadOnly: boolean,
  ) {
    const { segMax, geometry, readOnly, blockSize, flush, topology, configureCache, discard, writeZeroes } = feature;
    const always = bits(segMax, geometry, blockSize, flush, topology, configureCache, discard, writeZeroes);
    this.features = isReadOnly ? always | bits(readOnly) : always;
    this.reset();
  }

  private get sectors(): number {
    return this.disk.bytes.length / SECTOR;
  }

  reset(): void {
    const view = new DataView(this.configuration.buffer);
    const { sectors } = this;
    view.setUint32(0, sectors, true);
    view.setUint32(12, MOST_SEGMENTS, true);
    view.setUint16(16, Math.min(16383, Math.max(2, Math.floor(sectors / (HEADS * SECTORS_A_TRACK)))), true);
    view.setUint8(18, HEADS);
    view.setUint8(19, SECTORS_A_TRACK);
    view.setUint32(20, SECTOR, true);
    view.setUint8(WRITEBACK, 1);
    view.setUint16(34, this.queues, true);
    // Sectors and segments of a discard, its alignment; sectors and segments of a write of zeros, which may unmap.
    [MOST_SECTORS, 1, 1, MOST_SECTORS, 1].forEach((value, i) => view.setUint32(36 + 4 * i, value, true));
    view.setUint8(56, 1);
  }

  configure(offset: number, value: number): void {
    if (offset === WRITEBACK) this.configuration[WRITEBACK] = value ? 1 : 0;
  }

  /** A driver that does not choose how writes are cached gets a cache if it knows how to flush it (section 5.2.5.2). */
  start(has: (feature: number) => boolean): void {
    if (!has(feature.configureCache)) this.configuration[WRITEBACK] = has(feature.flush) ? 1 : 0;
  }

  serve(_number: number, queue: ServedQueue): void {
    for (let chain = queue.take(); chain; chain = queue.take()) queue.give(chain, this.carryOut(chain));
  }

  /** Answers how many bytes of the chain it wrote; the last one of them is the status. */
  private carryOut({ readable, writable }: Chain): number {
    const room = roomOf(writable);
    if (roomOf(readable) < HEADER || room === 0) throw new BrokenQueue('a request without header or status');
    const given = readSegments(this.memory, readable);
    const header = new DataView(given.buffer, given.byteOffset, HEADER);
    const kind = header.getUint32(0, true);
    const sector = header.getUint32(8, true) + header.getUint32(12, true) * 2 ** 32;
    const answer = this.answerTo(kind, sector, given.subarray(HEADER), room - 1);
    const [code, bytes] = typeof answer === 'number' ? [answer, undefined] : [status.ok, answer];
    if (bytes) writeSegments(this.memory, writable, bytes);
    writeSegments(this.memory, writable, Uint8Array.of(code), room - 1);
    return kind === request.in ? room : 1 + (bytes?.length ?? 0);
  }

  /** A status, or what is read. */
  private answerTo(kind: number, sector: number, given: Uint8Array, room: number): number | Uint8Array {
    switch (kind) {
      case request.in:
        return this.isOnDisk(sector, room) ? this.disk.bytes.slice(sector * SECTOR, sector * SECTOR + room) : status.error;
      case request.out:
        if (this.isReadOnly || !this.isOnDisk(sector, given.length)) return status.error;
        this.disk.write(sector * SECTOR, given);
        return status.ok;
      case request.flush:
        return status.ok;
      case request.getId:
        return new Uint8Array(Math.min(ID_BYTES, room));
      case request.discard:
      case request.writeZeroes:
        return this.clear(kind, given);
      default:
        return status.unsupported;
    }
  }

  /** Discards a range, or fills it with zeros: what is discarded may read as anything, and reads as it was. */
  private clear(kind: number, given: Uint8Array): number {
    if (given.length !== RANGE || this.isReadOnly) return given.length > RANGE ? status.unsupported : status.error;
    const view = new DataView(given.buffer, given.byteOffset, RANGE);
    const sector = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
    const sectors = view.getUint32(8, true);
    const flags = view.getUint32(12, true);
    if (flags & ~UNMAP || (kind === request.discard && flags & UNMAP)) return status.unsupported;
    if (sectors > MOST_SECTORS || !this.isOnDisk(sector, sectors * SECTOR)) return status.error;
    if (kind === request.writeZeroes) this.disk.write(sector * SECTOR, new Uint8Array(sectors * SECTOR));
    return status.ok;
  }

  private isOnDisk(sector: number, bytes: number): boolean {
    return bytes % SECTOR === 0 && sector <= this.sectors && bytes / SECTOR <= this.sectors - sector;
  }

  save(writer: ByteWriter): void {
    writer.flag(this.configuration[WRITEBACK] === 1);
  }
  load(reader: ByteReader): void {
    this.configuration[WRITEBACK] = reader.flag() ? 1 : 0;
  }
}
