/**
 * QEMU's log of exceptions (`-d int`), read as it grows:
 *
 *   Taking exception 4 [Data Abort] on CPU 0
 *   ...from EL1 to EL2
 *   ...with ESR 0x24/0x93c18046        (EC / whole ESR)
 *   ...with FAR 0x80200000             (aborts only)
 *   ...with ELR 0x800000f0
 *   ...to EL2 PC 0x40080c00 PSTATE 0x3c9
 *   Exception return from AArch64 EL2 to AArch64 EL1 PC 0x800000f0
 *
 * A PSCI call is an exception "to EL3" that ends with "...handled as PSCI call". Lines of another form are left out: other things can be
 * logged in the same file.
 */
import type { ExceptionLevel } from '../../cpu/index.ts';
import type { ToldTrap } from '../../session/target.ts';

/** What an interrupt leaves in the log as its ESR is that of the exception before. */
const asynchronous = new Set(['IRQ', 'FIQ', 'Virtual IRQ', 'Virtual FIQ', 'Virtual SERR']);

const RETURN = /^Exception return from AArch(?:64|32) EL(\d) to AArch(?:64|32) EL(\d) PC (0x[0-9a-f]+)/;
const ILLEGAL_RETURN = /^Illegal exception return at EL(\d): resuming execution at (0x[0-9a-f]+)/;
/** The line that ends the lines of an exception. */
const LAST = /^\.\.\.(to EL\d PC|handled as PSCI call)/;

const level = (digit: string): ExceptionLevel => Number(digit) as ExceptionLevel;
const none = { name: '', esr: null, far: null, elr: null, pc: null } as const;

export class InterruptLog {
  /** The beginning of a line. */
  private rest = '';
  /** The lines so far of an exception. */
  private lines: string[] = [];

  /** The traps that the text completes. */
  feed(text: string): ToldTrap[] {
    const found: ToldTrap[] = [];
    const all = (this.rest + text).split('\n');
    this.rest = all.pop()!;
    for (const line of all) {
      const trap = this.take(line);
      if (trap) found.push(trap);
    }
    return found;
  }

  private take(line: string): ToldTrap | undefined {
    if (line.startsWith('Taking exception ')) {
      this.lines = [line];
      return undefined;
    }
    if (this.lines.length > 0) {
      this.lines.push(line);
      if (!LAST.test(line)) return undefined;
      const { lines } = this;
      this.lines = [];
      return exceptionOf(lines);
    }
    const [, from, to, pc] = RETURN.exec(line) ?? [];
    if (from !== undefined) return { ...none, kind: 'return', from: level(from), to: level(to), pc: BigInt(pc) };
    const [, at, next] = ILLEGAL_RETURN.exec(line) ?? [];
    return at === undefined ? undefined : { ...none, kind: 'illegal-return', from: level(at), to: level(at), pc: BigInt(next) };
  }
}

function exceptionOf(lines: readonly string[]): ToldTrap | undefined {
  const text = lines.join('\n');
  const [, name] = /^Taking exception \d+ \[(.+)\]/.exec(text) ?? [];
  const [, from, to] = /^\.\.\.from EL(\d) to EL(\d)/m.exec(text) ?? [];
  if (name === undefined || from === undefined) return undefined;
  if (/^\.\.\.handled as PSCI call/m.test(text)) return { ...none, kind: 'psci', from: level(from), to: level(from) };
  const [, pc] = /^\.\.\.to EL\d PC (0x[0-9a-f]+)/m.exec(text) ?? [];
  const of = (what: string): string | undefined => new RegExp(`^\\.\\.\\.with ${what}(0x[0-9a-f]+)`, 'm').exec(text)?.[1];
  const esr = asynchronous.has(name) ? undefined : of('ESR 0x[0-9a-f]+/');
  const [far, elr] = [of('FAR '), of('ELR ')];
  return {
    kind: 'exception',
    name,
    from: level(from),
    to: level(to),
    esr: esr === undefined ? null : Number(esr),
    far: far === undefined ? null : BigInt(far),
    elr: elr === undefined ? null : BigInt(elr),
    pc: pc === undefined ? null : BigInt(pc),
  };
}
