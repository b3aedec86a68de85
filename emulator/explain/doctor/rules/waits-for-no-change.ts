import type { VA } from '../../../base/addresses.ts';
import { hex } from '../../../base/hex.ts';
import { decode } from '../../../isa/index.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { Examination } from '../examination.ts';
import type { SpinRead } from '../ending.ts';
import { noun, taken } from '../fault-words.ts';
import type { Store } from '../history.ts';
import type { Found, Rule } from '../rule.ts';

/** Asked where no other rule knows why: the same reads for ever, with a branch that hangs on them. */
export const waitsForNoChange: Rule = {
  id: 'polling',
  kind: 'broken',
  title: 'The program polls for what never changes',
  looksAt: 'the reads of a loop in which the machine stays as it is',
  find(exam) {
    const { ending, machine } = exam;
    if (ending.kind !== 'spin' || !ending.isConditional) return [];
    const read = decisive(exam, ending.reads);
    if (!read) return [neverReads(exam)];
    const { pc, pa, register } = read;
    if (register === undefined && /^pcie/.test(machine.board.bus.nameAt(pa) ?? '')) return [nothingThere(exam, read)];
    const device = register === undefined ? undefined : machine.board.regions.find(({ base, bytes }) => pa >= base && pa < base + bytes);
    const value = device ? device.name : (machine.peekWord((pa & ~3) as typeof pa) ?? 0);
    const store = register === undefined ? exam.history.stores.findLast((one) => pa >= one.pa && pa < one.pa + one.bytes) : undefined;
    if (store && isExclusive(machine, pc) && isExclusive(machine, store.pc)) return [lockIsHeld(exam, read, store)];
    return [
      {
        sentence: device
          ? `The loop at ${exam.name(pc)} reads ${register} of the ${device.title} until it changes, but nothing that is set will change it.`
          : `The loop at ${exam.name(pc)} reads the memory at ${hex(pa)} until it changes, but no code that can still run writes it: ${store ? `the last to do so was ${exam.name(store.pc)}` : 'nobody has written it so far'}, no interrupt can come that would, and there is no other CPU.`,
        fix: device
          ? `Look up in the manual of the device what sets this bit of ${register}, and do that first; end the loop after a time.`
          : 'Let something write it: an interrupt handler whose interrupt is enabled and unmasked, or the code itself before the loop.',
        pc,
        at: exam.at,
        evidence: [
          exam.step(exam.at, pc, `reads ${register ?? hex(pa)}`, { ...(register === undefined ? {} : { register }) }),
          ...(typeof value === 'number'
            ? [{ text: `the word there is ${hex(value)}`, address: hex(pa), value: hex(value), at: exam.at }]
            : []),
          ...(store ? [exam.step(store.n, store.pc, `wrote ${hex(store.after)} there`, { value: hex(store.after) })] : []),
        ],
        links: [
          { panel: 'code', subject: hex(pc) },
          ...(device ? [] : [{ panel: 'memory' as const, subject: hex(read.va ?? BigInt(pa)) }]),
        ],
      },
    ];
  },
};

/** A branch that hangs on registers only, which nothing in its loop changes. */
function neverReads(exam: Examination): Found {
  const pc = exam.waitsAt;
  return {
    title: 'A loop that never reads what it waits for',
    sentence: `The loop at ${exam.name(pc)} decides by a register whether there is another round, and nothing in it changes the register or reads memory: it has no end, whatever an interrupt handler or a device writes.`,
    fix: 'Read the variable anew in each round: in C it must be volatile, or the compiler reads it once, before the loop.',
    pc,
    at: exam.at,
    evidence: [exam.step(exam.at, pc, 'in the loop')],
    links: [{ panel: 'code', subject: hex(pc) }],
  };
}

/** A window behind which there is no device. */
function nothingThere(exam: Examination, { pc, pa, va }: SpinRead): Found {
  const { board } = exam.machine;
  const window = board.regions.find(({ base, bytes }) => pa >= base && pa < base + bytes)!;
  const uart = board.regions.find(({ name }) => name === 'pl011')!;
  return {
    title: 'The program polls an address at which there is no device',
    sentence: `The loop at ${exam.name(pc)} reads physical address ${hex(pa)} until it changes. That is in the ${window.title}, and no device answers there.`,
    fix: `Take the addresses of devices from the device tree of this board: its UART, for example, is at ${hex(uart.base)}.`,
    pc,
    at: exam.at,
    evidence: [exam.step(exam.at, pc, `reads ${hex(pa)}`, { value: hex(pa) })],
    links: [
      { panel: 'code', subject: hex(pc) },
      { panel: 'walk', subject: hex(va ?? BigInt(pa)) },
    ],
  };
}

/** A word that one of the same exclusive pairs has set: a lock, whose holder does not get on. */
function lockIsHeld(exam: Examination, { pc, pa, va }: SpinRead, store: Store): Found {
  const interrupted = exam.open.find(({ n }) => n > store.n);
  const holder = interrupted
    ? `The ${noun(interrupted.type)} at instant ${interrupted.n} interrupted the code that holds it, at ${exam.name(interrupted.elr)}, and its handler now waits for the same lock`
    : 'Who holds it now waits for it again';
  return {
    title: 'A lock is waited for by its holder',
    sentence: `The loop at ${exam.name(pc)} waits for the lock at ${hex(pa)}, which ${exam.name(store.pc)} took at instant ${store.n} and nobody has released. ${holder}: neither goes on.`,
    fix: interrupted
      ? 'Mask interrupts (msr daifset, #2) for as long as a lock is held that a handler takes too.'
      : 'Release the lock on every way out, with a store-release (stlr) of 0, before it is taken again.',
    pc,
    at: exam.at,
    evidence: [
      exam.step(store.n, store.pc, 'takes the lock', { address: hex(store.pc), value: hex(store.after) }),
      ...(interrupted ? [taken(exam, interrupted)] : []),
      exam.step(exam.at, pc, 'waits for it'),
    ],
    links: [
      { panel: 'code', subject: hex(pc) },
      { panel: 'memory', subject: hex(va ?? BigInt(pa)) },
    ],
  };
}
const isExclusive = (machine: Machine, pc: VA): boolean => /^(LD|ST)[AL]?X/.test(decode(machine.fetchWord(pc) ?? 0)?.definition.name ?? '');

/** A device's register, else memory that is not the stack. */
function decisive({ machine }: Examination, reads: readonly SpinRead[]): SpinRead | undefined {
  const isOnStack = ({ pc }: SpinRead): boolean => decode(machine.fetchWord(pc) ?? 0)?.fields.Rn === 31;
  return reads.findLast(({ register }) => register !== undefined) ?? reads.findLast((read) => !isOnStack(read)) ?? reads.at(-1);
}
