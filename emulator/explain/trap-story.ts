/** One trap from its cause to the return, and lines for the list of traps. */
import { bits } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import type { CpuEvent, ExceptionEvent, ReturnEvent } from '../cpu/events.ts';
import type { TrapLog } from '../time/trap-log.ts';
import { decodedRegister } from './decoded-register.ts';
import { detailedEvent } from './events.ts';
import { handlerChanges } from './handler-changes.ts';
import { disassembled } from './levels.ts';
import { placeOf, type Subject } from './subject.ts';
import { faultIpa, trapName, trapSentence, trapWords, type WordsSource } from './trap-words.ts';
import type { SubStep, TrapRow, TrapStoryView } from './views.ts';

/** What a line of the list is made from: the recording, and what is known of the program in it. */
export type RowSource = WordsSource & { readonly timeline: { readonly traps: TrapLog } };

export function trapRow(source: RowSource, index: number): TrapRow {
  const { traps } = source.timeline;
  const event = traps.get(index);
  const end = traps.returnOf(index);
  return {
    index,
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
  if (index >= traps.length) return null;
  const row = trapRow(subject, index);
  const event = detailedEvent(subject, row.n);
  const end = row.kind === 'exception' ? traps.returnOf(index) : undefined;
  const back = end === undefined ? undefined : traps.get(end);
  return {
    row,
    sentence: trapSentence(event, names),
    cause: {
      text: event.causeWord === undefined ? 'instruction fetch' : disassembled(event.causeWord, event.causePc),
      place: placeOf(names, event.causePc),
      operands: event.kind === 'psci' || /^(HVC|SVC|SMC)$/.test(row.type) ? `x0 = ${hex(event.x0)}` : '',
    },
    rule: event.kind === 'psci' ? { text: 'Nothing traps this call, so the firmware of the board answers it.', bits: [] } : event.rule,
    steps: event.kind === 'psci' ? [] : (event.steps ?? []).map(({ name, ...step }): SubStep => ({ title: name, ...step })),
    syndrome: event.kind === 'exception' && event.esr !== null ? decodedRegister(`ESR_EL${event.to}`, BigInt(event.esr)) : null,
    addresses: event.kind === 'exception' ? addresses(subject, event) : [],
    handler: {
      place: placeOf(names, event.kind === 'psci' ? event.causePc + 4n : event.pc),
      steps: row.steps,
      returnsAt: end === undefined ? null : traps.step(end),
    },
    returned:
      back?.kind === 'return' && event.kind === 'exception'
        ? { place: placeOf(names, back.pc), to: back.to, vmid: back.vmid, text: returnText(event, back) }
        : null,
    nested: { rows: within(subject, index, end), more: end === undefined ? 0 : Math.max(0, end - index - 1 - MOST_NESTED) },
    changes: end === undefined || row.kind !== 'exception' ? null : handlerChanges(subject, row.n + 1, traps.step(end) + 1, row.to),
  };
}

/** More traps inside a handler are counted, not listed. */
const MOST_NESTED = 12;

/** What happened while the handler ran. */
const within = (subject: Subject, index: number, end: number | undefined): TrapRow[] =>
  Array.from({ length: Math.max(0, Math.min(MOST_NESTED, (end ?? 0) - index - 1)) }, (_, i) => trapRow(subject, index + 1 + i));

function addresses({ names, machine }: Subject, event: Extract<CpuEvent, { kind: 'exception' }>): TrapStoryView['addresses'] {
  const list: { name: string; value: string; text: string }[] = [];
  if (event.far !== null)
    list.push({ name: `FAR_EL${event.to}`, value: hex(event.far), text: names.symbol(event.far) ?? 'the virtual address that was used' });
  if (event.hpfar !== null)
    list.push({ name: 'HPFAR_EL2', value: hex(event.hpfar), text: `bits 39:4 are the page of the IPA: ${hex(bits(event.hpfar, 39, 4))}` });
  const ipa = faultIpa(event);
  if (ipa !== undefined) {
    const register = machine.board.bus.registerAt(Number(ipa));
    const what = register === undefined ? '' : `; the board has ${register} at this address`;
    list.push({ name: 'IPA', value: hex(ipa), text: `page from HPFAR_EL2, offset from FAR_EL2${what}` });
  }
  return list;
}

function returnText({ elr, vmid, from }: ExceptionEvent, back: ReturnEvent): string {
  if (back.vmid !== vmid && back.to < 2) return `another guest, VM ${back.vmid}`;
  if (back.to !== from) return `EL${back.to}, not EL${from} where it came from`;
  if (back.pc === elr) return 'where it was interrupted';
  return back.pc === elr + 4n ? 'the next instruction' : 'somewhere else';
}
