/** Whether the machine can go on, and why not: what PSCI calls and missing parts of the architecture make of it. */
import { VA } from '../base/addresses.ts';
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import { hex } from '../base/hex.ts';
import type { ExceptionLevel } from '../cpu/index.ts';

/** Why the machine cannot go on. `by`: the level that called the firmware. */
export type MachineStop =
  | { readonly kind: 'off'; readonly by: ExceptionLevel }
  /** The program ended itself, by its call of the debugger. `code`: 0 where all went well. */
  | { readonly kind: 'exit'; readonly by: ExceptionLevel; readonly code: number }
  /** The board is on, but none of its CPUs is. `isLast`: there are others, which were off before. */
  | { readonly kind: 'cpu-off'; readonly by: ExceptionLevel; readonly isLast?: true }
  /** It came to something of the architecture that is not built: `what` names it, `advice` says what can be done without it. */
  | { readonly kind: 'not-built'; readonly what: string; readonly advice?: string; readonly pc: VA };

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export class Power {
  /** Undefined while the machine can go on. */
  stop: MachineStop | undefined;

  /** `restart`: what SYSTEM_RESET does. */
  constructor(readonly restart: () => void) {}

  /** Why it stopped, as a sentence. */
  sentence(): string | undefined {
    const { stop } = this;
    if (!stop) return undefined;
    if (stop.kind === 'off') return `EL${stop.by} switched the machine off (PSCI SYSTEM_OFF)`;
    if (stop.kind === 'exit') return `EL${stop.by} ended the program with exit code ${stop.code} (semihosting SYS_EXIT)`;
    if (stop.kind === 'cpu-off')
      return `EL${stop.by} switched off the ${stop.isLast ? 'last CPU that was on' : 'only CPU'} (PSCI CPU_OFF): nothing can switch it on again`;
    return `the instruction at ${hex(stop.pc)} needs something not yet implemented: ${stop.what}${stop.advice ? `. ${sentence(stop.advice)}` : ''}`;
  }

  save(writer: ByteWriter): void {
    const { stop } = this;
    writer.text(stop ? JSON.stringify(stop.kind === 'not-built' ? { ...stop, pc: hex(stop.pc) } : stop) : '');
  }
  load(reader: ByteReader): void {
    const text = reader.text();
    const stop = text === '' ? undefined : (JSON.parse(text) as MachineStop);
    this.stop = stop?.kind === 'not-built' ? { ...stop, pc: VA(BigInt(stop.pc)) } : stop;
  }
}
