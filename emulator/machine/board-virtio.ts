/** The thirty-two virtio-mmio slots of the board, and what is plugged into them. Like QEMU, it fills the last slot first. */
import { PA } from '../base/addresses.ts';
import { Block } from '../devices/virtio/block.ts';
import { Console } from '../devices/virtio/console.ts';
import { EmptyVirtioSlot, virtioVersions } from '../devices/virtio/empty-slot.ts';
import { Entropy } from '../devices/virtio/entropy.ts';
import type { VirtioFunction } from '../devices/virtio/function.ts';
import { VirtioMmio } from '../devices/virtio/mmio.ts';
import { Network } from '../devices/virtio/network.ts';
import {
  compatible,
  interrupts,
  nodeName,
  placed,
  range,
  type BoardOptions,
  type BoardRow,
  type RowParts,
  type VirtioPlug,
} from './board-row.ts';
import { node, property } from './fdt.ts';

const SLOTS = 32;
const SLOT_BYTES = 0x200;
const FIRST_SLOT = PA(0x0a00_0000);
const FIRST_SPI = 16;

/** The family of the slots with nothing in them. */
export const emptySlots = 'virtio slots';

const titles = {
  block: 'virtio disk',
  entropy: 'virtio random numbers',
  console: 'virtio console',
  network: 'virtio network card',
} as const;

/** The region of the machine's memory that holds a disk, by the number of its plug. */
export const driveName = (plug: number): string => `drive${plug}`;

/** In the order in which QEMU makes them. */
export const virtioRows = (options: BoardOptions): readonly BoardRow[] =>
  range(0, SLOTS)
    .map((slot) => virtioSlot(slot, options))
    .reverse();

function virtioSlot(slot: number, { virtio = [], virtioVersion = 'legacy' }: BoardOptions): BoardRow {
  const number = SLOTS - 1 - slot;
  const plug = virtio.at(number);
  const version = virtioVersions[virtioVersion];
  const name = `virtio-mmio.${slot}`;
  return {
    name,
    title: plug ? titles[plug.kind] : `virtio slot ${slot}`,
    ...(!plug && { family: emptySlots }),
    kind: 'device',
    base: PA(FIRST_SLOT + slot * SLOT_BYTES),
    bytes: SLOT_BYTES,
    spis: [FIRST_SPI + slot],
    make: (parts) =>
      plug ? new VirtioMmio(name, functionOf(plug, number, parts), version, parts.lines[0], parts.dma) : new EmptyVirtioSlot(version),
    nodes: (row) => [
      node(nodeName('virtio_mmio', row), [property('dma-coherent'), interrupts(row, 'edge'), placed(row), compatible('virtio,mmio')]),
    ],
  };
}

function functionOf(plug: VirtioPlug, number: number, { dma, diskOf, onTransmit }: RowParts): VirtioFunction {
  switch (plug.kind) {
    case 'block':
      return new Block(dma, diskOf(driveName(number)), plug.readOnly);
    case 'entropy':
      return new Entropy(dma, plug.seed);
    case 'console':
      return new Console(dma, onTransmit);
    case 'network':
      return new Network();
  }
}
