/** One trap from its cause to the return, and lines for the list of traps. */
import { PA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import { hasHpfar, isInterrupt, isOnTableWalk, type CpuEvent, type ExceptionEvent, type ReturnEvent } from '../cpu/events.ts';
import { HPFAR_EL2, wideValueIn } from '../cpu/registers/bits.ts';
import { psciName } from '../machine/psci.ts';
import type { TrapLog } from '../time/trap-log.ts';
import { decodedRegister } from './decoded-register.ts';
import { detailedEvent, type DetailedEvent } from './events.ts';
import { repetition } from './exception-loop.ts';
import { handlerCalls } from './handler-calls.ts';
import { handlerChanges } from './handler-changes.ts';
import { disassembled } from './instruction-text.ts';
import { maskedSentence } from './interrupt-mask.ts';
import { raisedSentence } from './interrupt-raised.ts';
import { stillActiveSentence } from './interrupt-words.ts';
import { LastAnswer } from './last-answer.ts';
import { placeOf, type Subject } from './subject.ts';
import { faultIpa, trapName, trapSentence, trapWords, type WordsSource } from './trap-words.ts';
import type { RichText, TrapRow, TrapStoryView } from './views.ts';
import { rich } from './words.ts';

/** What a line of the list is made from: the recording, and what is known of the program in it. */
export type RowSource = WordsSource & { readonly timeline: { readonly traps: TrapLog } };

/** Rows that cannot change any more, by recording: while the machine runs, the same ones are shown frame after frame. */
const finished = new WeakMap<TrapLog, { readonly version: number; readonly rows: Map<number, TrapRow> }>();
const MOST_FINISHED = 4096;

export function trapRow(source: RowSource, index: number): TrapRow {
  const { traps } = source.timeline;
  const { version } = source.names;
  let kept = finished.get(traps);
  if (kept?.version !== version) finished.set(traps, (kept = { version, rows: new Map<number, TrapRow>() }));
  const { rows } = kept;
  const known = rows.get(index);
  if (known) return known;
  const row = makeRow(source, index);
  if (rows.size >= MOST_FINISHED) rows.clear();
  if (row.kind !== 'exception' || row.steps !== null) rows.set(index, row);
  return row;
}

function makeRow(source: RowSource, index: number): TrapRow {
  const { traps } = source.timeline;
  const event = traps.get(index);
  const end = traps.returnOf(index);
  return {
    index,
    number: traps.number(index) ?? null,
    n: event.n,
    kind: event.kind,
    type: traps.type(index),
    name: trapName(event),
    from: event.from,
    to: event.kind === 'psci' ? event.from : event.to,
    vmid: traps.vmidAfter(index),
    text: trapWords(event, source),
    steps: end === undefined ? null : traps.step(end) - event.n,
  };
}

export function trapStory(subject: Subject, index: number): TrapStoryView | null {
  const { timeline, names } = subject;
  const { traps } = timeline;
  if (index < traps.first || index >= traps.length) return null;
  const row = trapRow(subject, index);
  const event = detailedEvent(subject, row.n);
  // The exception entry and the return between which the handler ran, whichever of them the story is about.
  const begin = row.kind === 'exception' ? index : row.kind === 'return' ? traps.endedBy(index) : undefined;
  const end = row.kind === 'return' ? index : row.kind === 'exception' ? traps.returnOf(index) : undefined;
  const entry = begin === undefined ? undefined : (traps.get(begin) as ExceptionEvent);
  const isDone = begin !== undefined && end !== undefined;
  return {
    row,
    sentence: rich(trapSentence(event, subject), raised(subject, event), ...afterReturn(subject, entry, end), ...inLoop(subject, index)),
    cause: {
      text: event.causeWord === undefined ? 'instruction fetch' : disassembled(event.causeWord, event.causePc),
      place: event.causePlace,
      args: event.kind === 'psci' || /^(HVC|SVC|SMC)$/.test(row.type) ? args(event) : [],
    },
    rule: event.kind === 'psci' ? { text: 'Nothing traps this call, so the board’s firmware handles it.', bits: [] } : event.rule,
    steps: event.kind === 'psci' ? [] : (event.steps ?? []),
    syndrome: syndrome(event),
    refused: event.refused ?? null,
    addresses: event.kind === 'exception' ? addresses(subject, event) : [],
    handler: entry
      ? {
          place: placeOf(names.met(entry.to, entry.vmid, entry.n), entry.pc),
          steps: end === undefined ? null : traps.step(end) - entry.n,
          returnsAt: end === undefined ? null : traps.step(end),
          calls: handlerCalls(subject, entry.n + 1, end === undefined ? timeline.end : traps.step(end), entry.to),
        }
      : null,
    ends: row.kind === 'return' && begin !== undefined ? trapRow(subject, begin) : null,
    returned: end === undefined ? null : returned(subject, entry, traps.get(end)),
    nested: {
      rows: isDone ? within(subject, begin, end) : [],
      more: isDone ? Math.max(0, end - begin - 1 - MOST_NESTED) : 0,
    },
    changes: isDone ? handlerChanges(subject, entry!.n + 1, traps.step(end) + 1, entry!.to) : null,
  };
}

const syndrome = (event: DetailedEvent): TrapStoryView['syndrome'] =>
  event.kind === 'psci'
    ? null
    : event.kind !== 'exception'
      ? decodedRegister(`SPSR_EL${event.from}`, BigInt(event.spsr))
      : event.esr === null
        ? null
        : decodedRegister(`ESR_EL${event.to}`, BigInt(event.esr));

/** X0 to X3 of a call. Only function identifiers of PSCI have names that are known. */
const args = ({ args: values, argSymbols, kind }: DetailedEvent): TrapStoryView['cause']['args'] =>
  values.map((value, i) => ({
    name: `x${i}`,
    value: hex(value),
    text: (i === 0 ? (psciName(value) ?? (kind === 'psci' ? 'not a function of PSCI' : undefined)) : undefined) ?? argSymbols[i] ?? '',
  }));

/** What raised an interrupt, and what had masked it if it had to wait. */
const raised = (subject: Subject, event: DetailedEvent): string =>
  event.kind === 'exception' && isInterrupt(event.type) ? `${raisedSentence(subject, event)}${maskedSentence(subject, event)}` : '';

/** That the interrupt that a handler was for is still active when it has returned. */
const active = new LastAnswer<string>();
function afterReturn({ machine, timeline }: Subject, entry: ExceptionEvent | undefined, end: number | undefined): RichText {
  const intid = entry?.intid ?? null;
  if (!entry || end === undefined || intid === null || entry.listRegister !== null) return [];
  const at = timeline.traps.step(end) + 1;
  const look = (): string => stillActiveSentence(machine, intid);
  return rich(active.of(timeline.traps, String(at), () => timeline.excursion(at, look, { key: `INTID ${intid}` })));
}

/** That the trap is one of those that repeat for ever. */
function inLoop({ timeline }: Subject, index: number): RichText {
  const loop = timeline.loopAt(timeline.end);
  if (!loop || index < loop.first) return [];
  return rich(` This is an exception loop: ${repetition(timeline.traps, loop)}, and nothing can end this.`);
}

/** The instruction that a handler returned to. */
const nextWord = new LastAnswer<number | undefined>();

function returned(subject: Subject, entry: ExceptionEvent | undefined, back: CpuEvent): TrapStoryView['returned'] {
  if (back.kind !== 'return') return null;
  const { machine, timeline, names } = subject;
  const fetch = (): number | undefined => machine.fetchWord(back.pc);
  const word = nextWord.of(timeline.traps, String(back.n), () => timeline.excursion(back.n + 1, fetch, { key: `word at ${back.pc}` }));
  return {
    place: placeOf(names.met(back.to, back.vmid, back.n), back.pc),
    to: back.to,
    vmid: back.vmid,
    text: entry ? returnText(entry, back) : '',
    instruction: word === undefined ? 'an address that cannot be fetched' : disassembled(word, back.pc),
  };
}

/** More traps inside a handler are counted, not listed. */
const MOST_NESTED = 12;

/** What happened while the handler ran. */
const within = (subject: Subject, begin: number, end: number): TrapRow[] =>
  Array.from({ length: Math.max(0, Math.min(MOST_NESTED, end - begin - 1)) }, (_, i) => trapRow(subject, begin + 1 + i));

function addresses({ machine }: Subject, event: Extract<DetailedEvent, { kind: 'exception' }>): TrapStoryView['addresses'] {
  const list: { name: string; value: string; text: string }[] = [];
  if (event.far !== null) list.push({ name: `FAR_EL${event.to}`, value: hex(event.far), text: event.farSymbol ?? 'the faulting VA' });
  if (event.hpfar !== null)
    list.push({
      name: 'HPFAR_EL2',
      value: hex(event.hpfar),
      text: `bits 39:4 are the page of the IPA: ${hex(wideValueIn(event.hpfar, HPFAR_EL2.FIPA))}`,
    });
  const ipa = faultIpa(event);
  if (ipa !== undefined) {
    const register = machine.board.bus.registerAt(PA(ipa));
    const what = register === undefined ? '' : `; the board has ${register} at this address`;
    const from = isOnTableWalk(event.esr ?? 0)
      ? 'page of the table that the walk reached, from HPFAR_EL2'
      : hasHpfar(event.esr ?? 0)
        ? 'page from HPFAR_EL2, offset from FAR_EL2'
        : 'page from HPFAR_EL2, offset from FAR_EL2; software may not rely on HPFAR_EL2 after this fault';
    list.push({ name: 'IPA', value: hex(ipa), text: from + what });
  }
  return list;
}

function returnText({ elr, vmid, from }: ExceptionEvent, back: ReturnEvent): string {
  if (back.vmid !== vmid && back.to < 2) return `another guest, VMID ${back.vmid}`;
  if (back.to !== from) return `EL${back.to}, not EL${from}, where it came from`;
  if (back.pc === elr) return 'where it was interrupted';
  return back.pc === elr + 4n ? 'the next instruction' : 'somewhere else';
}
