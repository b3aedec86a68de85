/** Runs prepared cases in QEMU and in our machine and returns what the recorder wrote. */
import { PA } from '../../emulator/base/addresses.ts';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadImage } from '../../emulator/machine/loader.ts';
import { forSteps, Machine } from '../../emulator/machine/machine.ts';
import { deterministic, QEMU } from '../firmware/qemu.ts';
import type { CodeArea } from './cases.ts';
import { packCases, place, RECORD, type Case, type Recording } from './cases.ts';
import { flatTables } from './setting.ts';

const RAM_BYTES = place.end - 0x4000_0000;

/** The recorder as an ELF image, and the VA (= PA) of the vectors it has for EL1. */
export interface Recorder {
  readonly image: Buffer;
  readonly el1Vectors: bigint;
}
export function buildRecorder(): Recorder {
  const folder = mkdtempSync(join(tmpdir(), 'recorder-'));
  try {
    const elf = join(folder, 'recorder.elf');
    const flags = ['-nostdlib', '-static', '-Wl,-Ttext=0x40200000', '-Wl,--build-id=none', '-Wl,-n'];
    execFileSync('aarch64-linux-gnu-gcc', [...flags, '-o', elf, join(import.meta.dirname, 'recorder.S')]);
    const symbols = execFileSync('aarch64-linux-gnu-nm', [elf], { encoding: 'utf8' });
    return { image: readFileSync(elf), el1Vectors: BigInt(`0x${/^(\w+) T el1_vectors$/m.exec(symbols)![1]}`) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is in memory before the recorder starts. */
export interface Load {
  readonly cases: Uint8Array;
  readonly code: Uint8Array;
  readonly data: Uint8Array;
}
export interface Recorded {
  /** The records, one after the other. */
  readonly log: BigUint64Array;
}

const ordinary: Recording = { limit: 24, sums: false };
export function packLoad(cases: readonly Case[], area: CodeArea, data: Uint8Array, recording = ordinary): Load {
  const packed = packCases(cases, area, recording);
  return { cases: new Uint8Array(packed.buffer), code: new Uint8Array(Uint32Array.from(area.words).buffer), data };
}

const parts = ({ cases, code, data }: Load) => [
  { name: 'cases', pa: place.cases, bytes: cases },
  { name: 'code', pa: place.code, bytes: code },
  { name: 'data', pa: place.pristine, bytes: data },
  ...flatTables().map((table, n) => ({ name: `table${n}`, ...table })),
];

/** At most: the last exception of a case is the one that is one too many. */
function logBytes({ cases }: Load): number {
  const [count, limit] = new BigUint64Array(cases.buffer, cases.byteOffset, 2);
  return Number(count * limit) * RECORD;
}

function records(bytes: Uint8Array): BigUint64Array {
  const all = new BigUint64Array(bytes.slice().buffer);
  let end = all.length;
  while (end > 0 && all.subarray(end - RECORD / 8, end).every((value) => value === 0n)) end -= RECORD / 8;
  return all.subarray(0, end);
}

/** Throws where the recorder does not come to its end within `steps`. */
export function runOurs({ image }: Recorder, load: Load, steps = 2e8): Recorded & { readonly machine: Machine } {
  const options = { memoryBytes: RAM_BYTES, gic: 2, el2: true } as const;
  const machine = new Machine(options);
  machine.load(loadImage(image, 'recorder.elf', options));
  for (const { pa, bytes } of parts(load)) machine.writePhysical(PA(pa), bytes);
  const stop = machine.run(forSteps(steps));
  if (machine.stop?.kind !== 'off')
    throw new Error(`ours: ${machine.stopSentence() ?? stop}, at EL${machine.cpu.el} 0x${machine.cpu.pc.toString(16)}`);
  const at = (pa: number, bytes: number): Uint8Array => {
    const host = machine.board.bus.hostAddress(PA(pa));
    return machine.memory.u8.slice(host, host + bytes);
  };
  return { machine, log: records(at(place.log, logBytes(load))) };
}

/** Rejects where QEMU does not come to the end of the recorder in `timeout` milliseconds. */
export async function runQemu({ image }: Recorder, load: Load, timeout = 30_000): Promise<Recorded> {
  const folder = mkdtempSync(join(tmpdir(), 'differential-'));
  const file = (name: string): string => join(folder, name);
  const loaders = parts(load).flatMap(({ name, pa, bytes }) => {
    writeFileSync(file(name), bytes);
    return ['-device', `loader,file=${file(name)},addr=0x${pa.toString(16)},force-raw=on`];
  });
  writeFileSync(file('recorder.elf'), image);
  const board = ['-machine', 'virt,virtualization=on,dtb-randomness=off', '-cpu', 'cortex-a53', '-m', String(RAM_BYTES >> 20)];
  // It waits for `cont`: events are sent only to who has negotiated.
  const alone = ['-nodefaults', '-display', 'none', '-qmp', 'stdio', '-action', 'shutdown=pause', '-S'];
  const qemu = spawn(QEMU, [...board, ...alone, ...deterministic, '-kernel', file('recorder.elf'), ...loaders]);
  try {
    let text = '';
    qemu.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    qemu.stderr.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    const send = (command: object): void => void qemu.stdin.write(`${JSON.stringify(command)}\n`);
    const save = (pa: number, size: number, name: string): void =>
      send({ execute: 'pmemsave', arguments: { val: pa, size, filename: file(name) } });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`QEMU did not end: ${text}`)), timeout);
      let asked = false;
      qemu.on('error', reject);
      qemu.on('close', () => {
        clearTimeout(timer);
        resolve();
      });
      send({ execute: 'qmp_capabilities' });
      send({ execute: 'cont' });
      qemu.stdout.on('data', () => {
        if (asked || !text.includes('"SHUTDOWN"')) return;
        asked = true;
        save(place.log, logBytes(load), 'log.bin');
        send({ execute: 'quit' });
      });
    });
    return { log: records(readFileSync(file('log.bin'))) };
  } finally {
    qemu.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}
