/**
 * What the handler of a trap changed: registers, memory and devices, found by running it again and looking at every store. Nothing is
 * guessed from the code: what is listed happened.
 */
import { PA, VA } from '../base/addresses.ts';
import { hex, wideHex } from '../base/hex.ts';
import { storedRegisters } from '../cpu/stored-registers.ts';
import type { Watched, WatchReport } from '../machine/watches.ts';
import { LastAnswer } from './last-answer.ts';
import { registerWords } from './register-words.ts';
import type { Names, Subject } from './subject.ts';
import type { ChangedMemory, DeviceWrite, HandlerChanges, Level } from './views.ts';

/** A handler that runs longer is not repeated store by store. */
const MOST_STEPS = 200_000;
/** More is counted, not listed. */
const MOST_RUNS = 24;
const MOST_DEVICE_WRITES = 16;
const MOST_CHARACTERS = 200;
/** What lies this near below a stack pointer was pushed there and is left over. */
const STACK = 0x1000n;
const PAGE = 4096;

const allStores: Watched = { memory: [{ pa: PA(0), bytes: 2 ** 40, access: 'w' }], registers: [] };

const known = new LastAnswer<HandlerChanges>();

/** Between instants `from`, right after the exception entry, and `to`, right after the return. `level` is the handler's. */
export const handlerChanges = (subject: Subject, from: number, to: number, level: Level): HandlerChanges =>
  known.of(subject.timeline.traps, `${from} ${to} ${subject.names.version}`, () => repeated(subject, from, to, level));

function repeated(subject: Subject, from: number, to: number, level: Level): HandlerChanges {
  const { timeline, machine } = subject;
  return timeline.excursion(
    from,
    (): HandlerChanges => {
      const before = registers(subject);
      const isShort = to - from <= MOST_STEPS;
      const stores = new Stores();
      const stop = machine.watches.onReport.on((report) => stores.note(report));
      try {
        timeline.forwardTo(to, isShort ? { watched: allStores } : {});
      } finally {
        stop();
      }
      const after = registers(subject);
      return {
        registers: [...before]
          .filter(([name, value]) => after.get(name) !== value)
          .map(([name, value]) => {
            const now = after.get(name)!;
            return { name, before: wideHex(value), after: wideHex(now), text: changeWords(subject, name, value, now) };
          }),
        memory: isShort ? stores.memory(subject.names.of(level), machine.cpu.stackPointer(level)) : null,
        devices: isShort ? stores.devices(subject) : null,
      };
    },
    { key: `changes until ${to}`, moves: true },
  );
}

function registers({ machine: { cpu } }: Subject): Map<string, bigint> {
  const values = new Map<string, bigint>(Array.from({ length: 31 }, (_, i) => [`x${i}`, cpu.x(i)]));
  for (let i = 0; i < 32; i++) values.set(`v${i}`, cpu.v(i));
  values.set('FPCR', BigInt(cpu.fpcr)).set('FPSR', BigInt(cpu.fpsr));
  for (const name of storedRegisters) values.set(name, cpu.current(name));
  return values;
}

/** At the instant of `after`. */
function changeWords(subject: Subject, name: string, before: bigint, after: bigint): string {
  if (/^ELR_EL/.test(name) && after === before + 4n) return 'the instruction is skipped';
  if (/^v\d/.test(name)) return '';
  return /^x\d/.test(name) ? (subject.names.of(subject.machine.cpu.el).symbol(VA(after)) ?? '') : registerWords(name, after, subject);
}

/** All stores of a stretch, by the bytes that they changed. */
class Stores {
  private readonly bytes = new Map<number, { readonly before: number; after: number; readonly va: VA | undefined }>();
  private readonly toDevices: { readonly n: number; readonly pa: PA; readonly value: Uint8Array }[] = [];

  note(report: WatchReport): void {
    if (report.kind !== 'memory' || report.access !== 'w') return;
    const { n, pa, va, before, after } = report;
    if (!before) return void this.toDevices.push({ n, pa, value: after });
    after.forEach((byte, i) => {
      const first = this.bytes.get(pa + i);
      if (first) first.after = byte;
      else this.bytes.set(pa + i, { before: before[i], after: byte, va: va === undefined ? undefined : VA(va + BigInt(i)) });
    });
  }

  /** Runs of bytes that have another value in the end. */
  memory(names: Names, sp: VA): ChangedMemory {
    const changed = [...this.bytes].filter(([, { before, after }]) => before !== after).sort(([a], [b]) => a - b);
    const runs: { pa: number; va: VA | undefined; before: number[]; after: number[] }[] = [];
    for (const [pa, { before, after, va }] of changed) {
      const last = runs.at(-1);
      // Bytes of one word belong together, those that stayed the same among them too.
      if (last && pa - (last.pa + last.before.length) < 8 && Math.floor(pa / 8) === Math.floor(last.pa / 8)) {
        for (let gap = last.pa + last.before.length; gap < pa; gap++) {
          const byte = this.bytes.get(gap)?.after;
          if (byte === undefined) break;
          last.before.push(byte);
          last.after.push(byte);
        }
      }
      if (last && pa === last.pa + last.before.length && last.before.length < 16) {
        last.before.push(before);
        last.after.push(after);
      } else runs.push({ pa, va, before: [before], after: [after] });
    }
    const isLeftOver = ({ va }: { readonly va: VA | undefined }): boolean => va !== undefined && va < sp && va >= sp - STACK;
    const listed = (some: typeof runs): ChangedMemory['runs'] =>
      some.slice(0, MOST_RUNS).map(({ pa, va, before, after }) => ({
        pa: hex(pa),
        before: value(before),
        after: value(after),
        text: va === undefined ? 'written by a device' : (names.symbol(va) ?? `VA ${hex(va)}`),
      }));
    const [leftOver, kept] = [runs.filter(isLeftOver), runs.filter((run) => !isLeftOver(run))];
    return {
      bytes: changed.length,
      pages: new Set(changed.map(([pa]) => Math.floor(pa / PAGE))).size,
      runs: listed(kept),
      more: Math.max(0, kept.length - MOST_RUNS),
      leftOver: listed(leftOver),
      moreLeftOver: Math.max(0, leftOver.length - MOST_RUNS),
    };
  }

  devices({ machine: { board } }: Subject): { readonly writes: readonly DeviceWrite[]; readonly more: number } {
    const writes: DeviceWrite[] = [];
    let more = 0;
    /** Characters sent one after the other are one row. */
    let sent = '';
    for (const { n, pa, value: bytes } of this.toDevices) {
      const register = board.bus.registerAt(pa);
      const isLetter = register === 'UARTDR' && ((bytes[0] >= 0x20 && bytes[0] < 0x7f) || bytes[0] === 0x0a || bytes[0] === 0x0d);
      if (isLetter && sent && sent.length < MOST_CHARACTERS) {
        sent += String.fromCharCode(bytes[0]);
        const first = writes.pop()!;
        writes.push({ ...first, value: `${sent.length} characters`, text: onConsole(sent) });
        continue;
      }
      if (writes.length === MOST_DEVICE_WRITES) {
        more++;
        continue;
      }
      sent = isLetter ? String.fromCharCode(bytes[0]) : '';
      writes.push({
        n,
        register: register ?? hex(pa),
        value: value([...bytes]),
        text: isLetter ? onConsole(sent) : (board.titleAt(pa) ?? ''),
      });
    }
    return { writes, more };
  }
}

const onConsole = (sent: string): string => `${JSON.stringify(sent)} on the console`;

/** Up to eight bytes as the number that they are in little endian, more in the order of memory. */
const value = (bytes: readonly number[]): string => {
  const digits = (list: readonly number[]): string[] => list.map((byte) => byte.toString(16).padStart(2, '0'));
  return bytes.length <= 8 ? `0x${digits([...bytes].reverse()).join('')}` : digits(bytes).join(' ');
};
