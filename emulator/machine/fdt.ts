/**
 * Flattened device trees (Devicetree Specification v0.4, chapter 5): what a kernel is told about the board. Everything in them is
 * big-endian. A value is bytes; `cells` and its like build them.
 */
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';

export interface FdtProperty {
  readonly name: string;
  readonly value: Uint8Array;
}

export interface FdtNode {
  /** "cpu@0"; empty for the root. */
  readonly name: string;
  readonly properties: readonly FdtProperty[];
  readonly children: readonly FdtNode[];
}

export interface DeviceTree {
  readonly root: FdtNode;
  /** Ranges of PAs that the kernel must leave alone. */
  readonly reservations: readonly { readonly address: bigint; readonly bytes: bigint }[];
  readonly bootCpu: number;
}

const MAGIC = 0xd00dfeed;
const VERSION = 17;
const COMPATIBLE_VERSION = 16;
const HEADER = 40;
const token = { beginNode: 1, endNode: 2, property: 3, nop: 4, end: 9 } as const;
/** Bytes of a property's name: many properties can share one. The specification has 31. */
const MOST_NAME = 1024;
/** Deeper nesting than any real tree: a guard against damaged files. */
const MAX_DEPTH = 64;

// ---- building values

export const empty = new Uint8Array();

/** 32-bit big-endian cells. */
export function cells(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(4 * i, value));
  return bytes;
}

/** A number below 2^53 as two cells. */
export const twoCells = (value: number): [number, number] => [Math.floor(value / 2 ** 32), value % 2 ** 32];

/** Zero-terminated strings, one after the other. */
export const strings = (...values: readonly string[]): Uint8Array => new TextEncoder().encode(values.map((value) => `${value}\0`).join(''));

export const property = (name: string, value: Uint8Array = empty): FdtProperty => ({ name, value });

export const node = (name: string, properties: readonly FdtProperty[], children: readonly FdtNode[] = []): FdtNode => ({
  name,
  properties,
  children,
});

// ---- looking

/** The node at a path such as "/cpus/cpu@0"; "/" is the root. */
export function findNode({ root }: DeviceTree, path: string): FdtNode | undefined {
  let found: FdtNode | undefined = root;
  for (const name of path.split('/').filter(Boolean)) found = found?.children.find((child) => child.name === name);
  return found;
}

export const findProperty = (of: FdtNode | undefined, name: string): Uint8Array | undefined =>
  of?.properties.find((candidate) => candidate.name === name)?.value;

// ---- writing

export interface FdtLayout {
  /** Size that the header tells; the blob is padded with zeros to it. */
  readonly totalBytes?: number;
  /** Property names in the order in which the strings block begins. */
  readonly nameOrder?: readonly string[];
}

/** Throws RangeError where `totalBytes` is too small. */
export function writeFdt(
  { root, reservations, bootCpu }: DeviceTree,
  { totalBytes, nameOrder = [] }: FdtLayout = {},
): Uint8Array<ArrayBuffer> {
  const used = new Set<string>();
  collectNames(root, used);
  const names = new Map<string, number>();
  const block: number[] = [];
  for (const name of [...nameOrder.filter((name) => used.has(name)), ...used]) {
    if (names.has(name)) continue;
    names.set(name, block.length);
    append(block, strings(name));
  }

  const structure: number[] = [];
  writeNode(root, names, structure);
  structure.push(...cells(token.end));

  // The specification asks for a multiple of 8; 16 is what libfdt makes of it.
  const reservationOffset = (HEADER + 15) & ~15;
  const structureOffset = reservationOffset + 16 * (reservations.length + 1);
  const stringsOffset = structureOffset + structure.length;
  const end = stringsOffset + block.length;
  const total = totalBytes ?? end;
  if (total < end) throw new RangeError(`the device tree needs ${end} bytes, not ${total}`);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  const header = [
    MAGIC,
    total,
    structureOffset,
    stringsOffset,
    reservationOffset,
    VERSION,
    COMPATIBLE_VERSION,
    bootCpu,
    block.length,
    structure.length,
  ];
  header.forEach((value, i) => view.setUint32(4 * i, value));
  reservations.forEach((range, i) => {
    view.setBigUint64(reservationOffset + 16 * i, range.address);
    view.setBigUint64(reservationOffset + 16 * i + 8, range.bytes);
  });
  bytes.set(structure, structureOffset);
  bytes.set(block, stringsOffset);
  return bytes;
}

/** One by one: a call takes only so many arguments. */
function append(out: number[], bytes: Iterable<number>): void {
  for (const byte of bytes) out.push(byte);
}

function collectNames({ properties, children }: FdtNode, names: Set<string>): void {
  for (const { name } of properties) names.add(name);
  for (const child of children) collectNames(child, names);
}

function writeNode({ name, properties, children }: FdtNode, names: ReadonlyMap<string, number>, out: number[]): void {
  const pad = (): void => {
    while (out.length % 4) out.push(0);
  };
  append(out, cells(token.beginNode));
  append(out, strings(name));
  pad();
  for (const { name, value } of properties) {
    append(out, cells(token.property, value.length, names.get(name)!));
    append(out, value);
    pad();
  }
  for (const child of children) writeNode(child, names, out);
  out.push(...cells(token.endNode));
}

// ---- reading

/** Reads a blob; what follows its total size is ignored. Throws InputError. */
export function readFdt(bytes: Uint8Array, file: string): DeviceTree {
  return new FdtReader(bytes, file).tree();
}

class FdtReader {
  private readonly view: DataView;
  private at = 0;
  private end = 0;
  private names = empty;
  private namesOffset = 0;

  private readonly bytes: Uint8Array;
  private readonly file: string;

  constructor(bytes: Uint8Array, file: string) {
    // A host's kind of byte array may share memory where this one copies (`slice`).
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.file = file;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  tree(): DeviceTree {
    const { bytes, view } = this;
    if (bytes.length < HEADER) throw this.error(0, `a device tree has a header of ${HEADER} bytes, but the file has only ${bytes.length}`);
    const field = (index: number): number => view.getUint32(4 * index);
    if (field(0) !== MAGIC)
      throw this.error(0, 'this is not a flattened device tree', 'it should begin with d0 0d fe ed: compile sources with dtc -O dtb');
    if (field(1) > bytes.length)
      throw this.error(4, `the header says ${field(1)} bytes, but the file has ${bytes.length}`, 'the file is cut off');
    if (field(5) < COMPATIBLE_VERSION || field(6) > VERSION)
      throw this.error(20, `version ${field(5)} of the format`, `expected version ${VERSION}`);
    this.namesOffset = field(3);
    this.names = this.part(12, field(3), field(8), 'the strings block');
    this.part(8, field(2), field(9), 'the structure block');
    const reservations = this.reservations(field(4));
    this.at = field(2);
    this.end = field(2) + field(9);
    if (this.at % 4) throw this.error(8, `the structure block begins at ${hex(this.at)}`, 'expected a multiple of 4');
    if (this.token() !== token.beginNode) throw this.error(this.at - 4, 'the structure block should begin with the root node');
    const root = this.node(0);
    if (this.token() !== token.end)
      throw this.error(this.at - 4, 'something follows the root node', 'expected the end of the structure block');
    return { root, reservations, bootCpu: field(7) };
  }

  private part(header: number, offset: number, size: number, what: string): Uint8Array<ArrayBuffer> {
    if (offset + size > this.bytes.length)
      throw this.error(header, `${what} (${hex(offset)}, ${size} bytes) extends past the end of the file`);
    return this.bytes.slice(offset, offset + size);
  }

  private reservations(offset: number): { address: bigint; bytes: bigint }[] {
    const found = [];
    for (let at = offset; ; at += 16) {
      if (at + 16 > this.bytes.length) throw this.error(at, 'the memory reservations have no end', 'expected an entry of zeros');
      const range = { address: this.view.getBigUint64(at), bytes: this.view.getBigUint64(at + 8) };
      if (range.address === 0n && range.bytes === 0n) return found;
      found.push(range);
    }
  }

  /** The next token; NOPs are passed over. */
  private token(): number {
    for (;;) {
      const found = this.cell();
      if (found !== token.nop) return found;
    }
  }

  private node(depth: number): FdtNode {
    if (depth > MAX_DEPTH) throw this.error(this.at, `nodes are nested more than ${MAX_DEPTH} deep`, 'the file is damaged');
    const nameEnd = this.bytes.indexOf(0, this.at);
    if (nameEnd < 0 || nameEnd >= this.end) throw this.error(this.at, 'the name of a node has no end');
    const name = this.text(this.at, nameEnd);
    this.at = (nameEnd + 4) & ~3;
    const properties: FdtProperty[] = [];
    const children: FdtNode[] = [];
    for (;;) {
      const start = this.at;
      const found = this.token();
      if (found === token.endNode) return { name, properties, children };
      if (found === token.beginNode) children.push(this.node(depth + 1));
      else if (found === token.property) properties.push(this.property());
      else throw this.error(start, `${hex(found)} is not a valid token in a node`, 'the file is damaged');
    }
  }

  private property(): FdtProperty {
    const size = this.cell();
    const nameOffset = this.cell();
    if (this.at + size > this.end) throw this.error(this.at - 8, `a property of ${size} bytes extends past the end of the structure block`);
    const length = this.names.subarray(nameOffset, nameOffset + MOST_NAME).indexOf(0);
    const nameEnd = nameOffset + length;
    if (nameOffset >= this.names.length || length < 0)
      throw this.error(this.at - 4, `the name at ${hex(nameOffset)} of the strings block does not exist`);
    const value = this.bytes.slice(this.at, this.at + size);
    this.at += (size + 3) & ~3;
    return { name: this.text(this.namesOffset + nameOffset, this.namesOffset + nameEnd), value };
  }

  private cell(): number {
    if (this.at + 4 > this.end) throw this.error(this.at, 'the structure block ends within a node', 'the file is damaged');
    this.at += 4;
    return this.view.getUint32(this.at - 4);
  }

  private text(from: number, to: number): string {
    return new TextDecoder().decode(this.bytes.subarray(from, to));
  }

  private error(offset: number, problem: string, hint?: string): InputError {
    return new InputError(problem, { file: this.file, offset }, hint);
  }
}
