/** One trap from its cause to the return, and lines for the list of traps. */
import { bits } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import type { CpuEvent } from '../cpu/events.ts';
import type { TrapLog } from '../time/trap-log.ts';
import { decodedRegister } from './decoded-register.ts';
import { detailedEvent } from './events.ts';
import { disassembled } from './levels.ts';
import { placeOf, type Subject } from './subject.ts';
import { faultIpa, trapName, trapSentence, trapWords, type WordsSource } from './trap-words.ts';
import type { Level, SubStep, TrapRow, TrapStoryView } from './views.ts';

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
    returned: back?.kind === 'return' ? { place: placeOf(names, back.pc), to: back.to, text: returnText(event.causePc, back.pc) } : null,
    changes: end === undefined ? [] : changes(subject, row.n, traps.step(end) + 1),
  };
}

function addresses({ names }: Subject, event: Extract<CpuEvent, { kind: 'exception' }>): TrapStoryView['addresses'] {
  const list: { name: string; value: string; text: string }[] = [];
  if (event.far !== null)
    list.push({ name: `FAR_EL${event.to}`, value: hex(event.far), text: names.symbol(event.far) ?? 'the virtual address that was used' });
  if (event.hpfar !== null)
    list.push({ name: 'HPFAR_EL2', value: hex(event.hpfar), text: `bits 39:4 are the page of the IPA: ${hex(bits(event.hpfar, 39, 4))}` });
  const ipa = faultIpa(event);
  if (ipa !== undefined) list.push({ name: 'IPA', value: hex(ipa), text: 'page from HPFAR_EL2, offset from FAR_EL2' });
  return list;
}

function returnText(cause: bigint, returned: bigint): string {
  if (returned === cause) return 'the same instruction, to be tried again';
  return returned === cause + 4n ? 'the instruction after it' : 'somewhere else';
}

/** General registers and the return state that differ between the instant of the trap and the one after its return. */
function changes({ timeline, machine }: Subject, before: number, after: number): TrapStoryView['changes'] {
  const look = (): Map<string, bigint> => {
    const { cpu } = machine;
    const values = new Map<string, bigint>(Array.from({ length: 31 }, (_, i) => [`x${i}`, cpu.x(i)]));
    for (const level of [0, 1, 2] as Level[]) values.set(`SP_EL${level}`, cpu.stackPointer(level));
    return values;
  };
  const first = timeline.excursion(before, look);
  const last = timeline.excursion(after, look);
  return [...first]
    .filter(([name, value]) => last.get(name) !== value)
    .map(([name, value]) => ({ name, before: hex(value), after: hex(last.get(name)!), text: name === 'x0' ? 'the answer' : '' }));
}
