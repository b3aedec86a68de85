/**
 * QEMU's log of exceptions (`-d int`) as lines of a trap file, to be compared with others. The log knows less than a trap file does: of both only
 * what it says is compared.
 */
import { hex } from '../../base/hex.ts';
import { exceptionClass } from '../../cpu/events.ts';
import { exceptionClassOf } from '../../cpu/index.ts';
import { exceptionClasses } from '../../cpu/syndrome.ts';
import type { TrapFields } from '../../time/trap-line.ts';
import type { ToldTrap } from '../../session/target.ts';
import { InterruptLog } from './interrupt-log.ts';

/** As a trap file calls what has no syndrome, or one that QEMU does not tell. */
const asynchronous: Readonly<Record<string, string>> = {
  'Virtual IRQ': 'vIRQ',
  'Virtual FIQ': 'vFIQ',
  'Virtual SERR': 'vSError',
};
const isAsynchronous = (type: unknown): boolean => /^v?(IRQ|FIQ|SError)$/.test(String(type));

const { instructionAbortLower, instructionAbortSame, dataAbortLower, dataAbortSame, pcAlignment, watchpointLower, watchpointSame } =
  exceptionClasses;
/** The exceptions of which the architecture says what FAR_ELx holds. */
const withFar: ReadonlySet<number> = new Set([
  ...[instructionAbortLower, instructionAbortSame, dataAbortLower, dataAbortSame, pcAlignment, watchpointLower, watchpointSame],
]);

/** Whether a text begins as such a log does. */
export const isInterruptLog = (text: string): boolean => /^(Taking exception \d+ \[|Exception return from AArch)/m.test(text);

/** All of a log. `n` counts its traps: the log does not tell instants. */
export const trapsOfLog = (text: string): TrapFields[] =>
  new InterruptLog().feed(text.endsWith('\n') ? text : `${text}\n`).map((trap, n) => ({ n, ...fieldsOf(trap) }));

function fieldsOf({ kind, name, from, to, esr, far, elr, pc }: ToldTrap): TrapFields {
  const text = (value: bigint | number | null): string | null => (value === null ? null : hex(value));
  return { kind, type: asynchronous[name] ?? name, from, to, esr: text(esr), far: text(far), elr: text(elr), pc: text(pc) };
}

/** Of lines of a trap file what a log says, too. An interrupt comes in anywhere, so where it was taken, and its return leads, is left out. */
export function loggedFields(lines: readonly TrapFields[]): TrapFields[] {
  /** Whether the exceptions whose handlers have not returned are interrupts, the innermost last. */
  const open: boolean[] = [];
  return lines.map(({ n, kind, type, from, to, esr, far, elr, pc }) => {
    if (kind === 'psci') return { n, kind, from };
    if (kind !== 'exception') return { n, kind, from, to, pc: open.pop() === true ? null : pc };
    const isInterrupt = isAsynchronous(type);
    open.push(isInterrupt);
    if (isInterrupt) return { n, kind, type, from, to, esr: null, far: null, elr: null, pc };
    const syndrome = Number(esr);
    return {
      ...{ n, kind, from, to, esr, elr, pc },
      type: exceptionClassOf(syndrome)?.brief ?? type,
      far: withFar.has(exceptionClass(syndrome)) ? far : null,
    };
  });
}
