/** What raised an interrupt that was taken: the write that set the timer, the byte that came to the UART, the write that sent it or put it into a list register. */
import { PA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import type { ExceptionEvent } from '../cpu/events.ts';
import { timerRegisterNames } from '../cpu/timer.ts';
import { placesOf } from '../devices/device.ts';
import type { Board } from '../machine/board.ts';
import { spiIntid } from '../machine/board-row.ts';
import type { Watched, WatchReport } from '../machine/watches.ts';
import { findReports } from '../time/search.ts';
import type { Timeline } from '../time/timeline.ts';
import { SGIS } from './interrupt-source.ts';
import { timerOf } from './interrupt-words.ts';
import { LastAnswer } from './last-answer.ts';
import type { Subject } from './subject.ts';
import { count, grouped } from './words.ts';
import { writeOf } from './writes.ts';

/** So many steps of the past count, the same on any host; between keyframes a little more of it is looked at. */
const MOST_STEPS = 4_000_000;
const MOST_LOOKED_AT = 4 * MOST_STEPS;

interface Raised {
  readonly watched: Watched;
  /** What the write did: "set the timer". */
  readonly did: string;
}

/** A sentence with a space before it; empty where it is not known. */
export function raisedSentence(subject: Subject, event: ExceptionEvent): string {
  const { timeline, machine } = subject;
  const { intid, type, n } = event;
  if (intid === spiIntid(1) && !type.startsWith('v')) return receivedSentence(timeline, n);
  const raised = raisedBy(machine.board, event);
  if (!raised) return '';
  const report = lastReport.of(timeline.traps, `${type} ${n}`, () => findLast(timeline, raised.watched, n));
  if (!report) return '';
  const { by, after, symbol, file, line, pc, at } = writeOf(subject, report);
  const source = file === undefined ? '' : ` (${file}:${line})`;
  const what = report.kind === 'register' ? report.register : (machine.board.bus.registerAt(report.pa) ?? 'a device');
  const value = after === null ? '' : `: ${what} = ${after}`;
  const who = by.kind === 'hand' ? 'A change by hand' : `The ${by.name} in ${symbol ?? pc}${source}`;
  return ` ${who} ${raised.did} at instant ${grouped(at)}${value}.`;
}
const lastReport = new LastAnswer<WatchReport | undefined>();

function raisedBy(board: Board, { intid, type, listRegister }: ExceptionEvent): Raised | undefined {
  const registers = (...names: string[]): Watched => ({ memory: [], registers: names });
  if (intid === null) return /^v(IRQ|FIQ)$/.test(type) ? { watched: registers('HCR_EL2'), did: 'made it pending' } : undefined;
  if (listRegister !== null) {
    const name = board.gic.names.listRegister(listRegister);
    return { watched: writesOf(board, name), did: `put it into ${name}` };
  }
  const timer = timerOf(intid);
  if (timer) return { watched: registers(timerRegisterNames[timer].compare), did: 'set the timer' };
  if (intid >= SGIS) return undefined;
  const { names, distributor } = board.gic;
  return { watched: writesOf(board, names.sendSgi(distributor.interrupts.group(intid))), did: 'sent it' };
}

/** Writes to a register of the GIC: a place on the bus, or a system register. */
function writesOf({ gic, regions }: Board, name: string): Watched {
  const memory = gic.devices.flatMap((device) => {
    const place = device.registers.flatMap(placesOf).find((one) => one.name === name);
    const region = regions.find((one) => one.name === device.name);
    return place && region ? [{ pa: PA(region.base + place.offset), bytes: 4, access: 'w' as const }] : [];
  });
  return { memory, registers: memory.length > 0 ? [] : [name] };
}

/** The last write before step `n`, if it is not too long ago. */
function findLast(timeline: Timeline, watched: Watched, n: number): WatchReport | undefined {
  const search = findReports(timeline, watched, n, 1);
  for (;;) {
    const { done, value } = search.next();
    if (done) return value ? value.findLast((report) => n - report.n <= MOST_STEPS) : undefined;
    if (value * n > MOST_LOOKED_AT) {
      search.return([]);
      return undefined;
    }
  }
}

/** The last bytes that had come in by then. */
function receivedSentence({ inputs }: Timeline, n: number): string {
  const last = inputs.all().findLast((event) => event.kind === 'bytes' && event.n <= n);
  if (last?.kind !== 'bytes') return '';
  const [first] = last.bytes;
  const what =
    last.bytes.length > 1
      ? count(last.bytes.length, 'byte')
      : `The byte ${hex(first)}${first > 0x20 && first < 0x7f ? ` ("${String.fromCharCode(first)}")` : ''}`;
  return ` ${what} had come to the UART at instant ${grouped(last.n)}.`;
}
