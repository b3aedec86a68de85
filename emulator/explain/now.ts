/** One sentence about this instant: where a newcomer looks first. */
import { hex } from '../base/hex.ts';
import { disassemble, disassemblyText } from '../isa/index.ts';
import { exceptionLoopSentence } from './exception-loop.ts';
import { lastEvent, type DetailedEvent } from './events.ts';
import { explainInstruction } from './instruction.ts';
import { heldSentences } from './interrupt-words.ts';
import type { Subject } from './subject.ts';
import { levelTitle, trapSentence } from './trap-words.ts';
import type { NowView, RichText } from './views.ts';
import { waitingSentence } from './waiting.ts';
import { code, rich } from './words.ts';

interface NowOptions {
  /** Instants rush by, so only lasting facts are given. */
  readonly isRunning?: boolean;
  /** Nothing is said of what the next step will do. */
  readonly isHeld?: boolean;
}

export function nowView(subject: Subject, { isRunning: running = false, isHeld = false }: NowOptions = {}): NowView {
  const { machine, timeline } = subject;
  const { cpu } = machine;
  const event = running || isHeld ? undefined : lastEvent(subject);
  const { stage2, vmid, asid } = machine.mmu.describe('el1');
  const moved = event && event.kind !== 'psci' && event.from !== event.to ? { from: event.from } : {};
  return {
    at: timeline.at,
    ...moved,
    level: cpu.el,
    sentence: isHeld
      ? heldSentence(subject)
      : running && !cpu.waiting
        ? runningSentence(subject)
        : rich(changeSentence(subject), sentence(subject, event), heldWords(subject)),
    refused: event?.refused ?? null,
    pc: hex(cpu.pc),
    vmid: stage2?.on && cpu.el < 2 ? vmid : null,
    asid: cpu.el < 2 ? (asid?.value ?? null) : null,
  };
}

/** Before the answer to a question. */
function heldSentence({ machine }: Subject): RichText {
  const { el, pc } = machine.cpu;
  const word = machine.fetchWord(pc);
  const next = word === undefined ? 'the next instruction' : code(disassemblyText(disassemble(word, pc)));
  return rich(`${levelTitle(el, machine.options.el2)} is about to execute `, next, '. What happens next is your question.');
}

function runningSentence({ machine, names }: Subject): RichText {
  const { el, pc } = machine.cpu;
  const place = names
    .of(el)
    .symbol(pc)
    ?.replace(/\+0x[0-9a-f]+$/, '');
  return rich(`${levelTitle(el, machine.options.el2)} is running`, place === undefined ? '.' : rich(', in ', code(place), '.'));
}

/** Interrupts that are pending and do not come. In WFI they are among what could wake it. */
const heldWords = ({ machine }: Subject): string => (machine.cpu.waiting || machine.stop ? '' : heldSentences(machine));

/** What a person changed at this instant, with a space after it; empty where it was nothing. */
function changeSentence({ timeline }: Subject): RichText {
  const changes = timeline.inputs.changesAt(timeline.at);
  if (changes.length === 0) return [];
  // The last change of each register counts.
  const values = new Map(changes.flatMap((change) => (change.kind === 'change' ? [[change.register, change.value]] : [])));
  const written = changes.reduce((sum, change) => sum + (change.kind === 'memory' ? change.bytes.length : 0), 0);
  const parts = [
    ...[...values].map(([register, value]) => rich(code(register), ' to ', code(hex(value)))),
    ...(written > 0 ? [rich(`${written} ${written === 1 ? 'byte' : 'bytes'} of memory`)] : []),
  ];
  return rich('Changed by hand: ', ...parts.flatMap((part, i) => [i === 0 ? '' : ', ', part]), '. ');
}

/** Who called the firmware to stop the machine or its last CPU that was on; undefined where it stopped otherwise. */
function switchedOff({ machine: { stop, mmu, options }, timeline: { traps } }: Subject): string | undefined {
  const last = traps.length - 1;
  if (!stop || (stop.kind !== 'off' && stop.kind !== 'cpu-off') || last < 0 || traps.kind(last) !== 'psci') return undefined;
  const from = traps.levelBefore(last);
  const who = levelTitle(from, options.el2);
  const { stage2, vmid } = mmu.describe('el1');
  const guest = from < 2 && stage2?.on ? ` (VMID ${vmid})` : '';
  const did =
    stop.kind === 'off'
      ? 'switched the machine off (PSCI SYSTEM_OFF)'
      : `switched off the ${stop.isLast ? 'last CPU that was on' : 'only CPU'} (PSCI CPU_OFF): nothing can switch it on again`;
  return `${who[0].toLowerCase()}${who.slice(1)}${guest} ${did}`;
}

function sentence(subject: Subject, event: DetailedEvent | undefined): RichText {
  const { machine, timeline, names } = subject;
  const stopped = timeline.at === timeline.end ? machine.stopSentence() : undefined;
  if (stopped) return rich(`The machine has stopped: ${switchedOff(subject) ?? stopped}.`);
  const loop = exceptionLoopSentence(subject);
  if (loop) return loop;
  if (machine.cpu.waiting) return waitingSentence(subject);
  if (event) return trapSentence(event, subject);
  if (timeline.at === 0 && timeline.isFromPowerOn)
    return rich('Nothing has run yet. The processor is about to execute the first instruction, at ', code(hex(machine.cpu.pc)), '.');
  const word = machine.fetchWord(machine.cpu.pc);
  const where = names.of(machine.cpu.el).symbol(machine.cpu.pc);
  return rich(
    where === undefined ? 'Next: ' : rich('In ', code(where.replace(/\+0x0$/, '')), ': '),
    ...(word === undefined ? [] : [code(disassemblyText(disassemble(word, machine.cpu.pc))), '. ']),
    explainInstruction(subject),
  );
}
