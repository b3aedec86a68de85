/** Bytes that arrive at the UART, against QEMU's PL011 with a socket at its other end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { Pl011 } from '../../emulator/devices/pl011.ts';
import { compare, read, readSpiLevels, SpiLevels, write, type Ours } from './compare.ts';
import { QtestBoard, type Operation } from './qtest.ts';

const base = 0x0900_0000;
const DR = base,
  RSR = base + 4,
  FR = base + 0x18,
  LCR = base + 0x2c,
  IMSC = base + 0x38,
  RIS = base + 0x3c,
  MIS = base + 0x40,
  ICR = base + 0x44;
const RXFE = 0x10;

let folder: string, server: Server, board: QtestBoard, socket: Socket, uart: Pl011, ours: Ours;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'elscope-uart-'));
  const path = join(folder, 'uart');
  const connected = new Promise<Socket>((resolve) => (server = createServer(resolve)));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  board = new QtestBoard(['-serial', `unix:${path}`]);
  socket = await connected;
  const levels = new SpiLevels();
  uart = new Pl011(levels.line(1));
  ours = {
    devices: [
      { device: uart, base },
      { device: levels, base: SpiLevels.base },
    ],
  };
});
afterEach(() => {
  board.close();
  socket.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});

/** The same bytes arrive at both. */
async function send(text: string): Promise<void> {
  socket.write(text);
  while ((await board.read(FR)) & RXFE) await new Promise((resolve) => setTimeout(resolve, 5));
  uart.receive(new TextEncoder().encode(text));
}

const look: Operation[] = [read(FR), read(RIS), read(MIS), read(RSR), readSpiLevels];
const taken = (times: number): Operation[] => Array.from({ length: times }, () => [read(DR), ...look]).flat();

describe('received bytes', () => {
  it('without FIFO: one at a time', async () => {
    await compare(board, ours, [write(IMSC, 0x10), ...look]);
    await send('A');
    await compare(board, ours, [...look, ...taken(3)]);
    await send('B');
    await compare(board, ours, [...look, write(ICR, 0x10), ...look, ...taken(2)]);
  });

  it('with FIFO: up to sixteen', async () => {
    await compare(board, ours, [write(LCR, 0x70), write(IMSC, 0x7ff), ...look]);
    await send('0123456789');
    await compare(board, ours, [...look, ...taken(5), write(ICR, 0x7ff), ...look, ...taken(6)]);
    await send('abcdefghijklmnop');
    await compare(board, ours, [...look, ...taken(18), write(DR, 0x58), ...look, write(ICR, 0x20), ...look]);
  });
});
