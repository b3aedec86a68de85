import { hex } from '../../../base/hex.ts';
import { decode } from '../../../isa/index.ts';
import type { Examination } from '../examination.ts';
import type { SpinRead } from '../ending.ts';
import type { Rule } from '../rule.ts';

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
    if (!read) return [];
    const { pc, pa, register } = read;
    const device = register === undefined ? undefined : machine.board.regions.find(({ base, bytes }) => pa >= base && pa < base + bytes);
    const value = device ? device.name : (machine.peekWord((pa & ~3) as typeof pa) ?? 0);
    const store = register === undefined ? exam.history.stores.findLast((one) => pa >= one.pa && pa < one.pa + one.bytes) : undefined;
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

/** A device's register, else memory that is not the stack. */
function decisive({ machine }: Examination, reads: readonly SpinRead[]): SpinRead | undefined {
  const isOnStack = ({ pc }: SpinRead): boolean => decode(machine.fetchWord(pc) ?? 0)?.fields.Rn === 31;
  return reads.findLast(({ register }) => register !== undefined) ?? reads.findLast((read) => !isOnStack(read)) ?? reads.at(-1);
}
