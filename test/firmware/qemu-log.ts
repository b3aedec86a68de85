/**
 * Reads QEMU's `-d int` log:
 *
 *   Taking exception 4 [Data Abort] on CPU 0
 *   ...from EL1 to EL2
 *   ...with ESR 0x24/0x93c18046        (EC / whole ESR)
 *   ...with FAR 0x80200000             (aborts only)
 *   ...with ELR 0x800000f0
 *   ...to EL2 PC 0x40080c00 PSTATE 0x3c9
 *   Exception return from AArch64 EL2 to AArch64 EL1 PC 0x800000f0
 *
 * A PSCI call is an exception "to EL3" that ends with "...handled as PSCI call".
 */

export interface QemuException {
  readonly kind: 'exception';
  /** As ELscope's trap files name it: `HVC`, `DataAbort`, `vIRQ` ... */
  readonly type: string;
  /** As QEMU's log names it: `Hypervisor Call`, `Data Abort` ... */
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Syndrome; null for interrupts. `iss` is 25 bits. QEMU logs the ESR of the last synchronous exception for an interrupt; it is left out. */
  readonly ec: number | null;
  readonly il: number | null;
  readonly iss: number | null;
  readonly esr: number | null;
  /** FAR_ELx where the log has it (aborts). */
  readonly far: bigint | null;
  readonly elr: bigint;
  /** The vector entered, and PSTATE there. */
  readonly pc: bigint;
  readonly pstate: number;
}

export interface QemuReturn {
  readonly kind: 'return' | 'illegal-return';
  readonly from: number;
  readonly to: number;
  /** Where it goes on. */
  readonly pc: bigint;
}

export interface QemuPsci {
  readonly kind: 'psci';
  readonly from: number;
}

export type QemuEvent = QemuException | QemuReturn | QemuPsci;

const asynchronous: Readonly<Record<string, string>> = {
  IRQ: 'IRQ',
  FIQ: 'FIQ',
  'Virtual IRQ': 'vIRQ',
  'Virtual FIQ': 'vFIQ',
  'Virtual SERR': 'vSError',
};

const byClass: Readonly<Record<number, string>> = {
  0x00: 'Undefined',
  0x01: 'Trap',
  0x07: 'FP',
  0x0e: 'IllegalState',
  0x15: 'SVC',
  0x16: 'HVC',
  0x17: 'SMC',
  0x18: 'Trap',
  0x20: 'InstructionAbort',
  0x21: 'InstructionAbort',
  0x22: 'PCAlignment',
  0x24: 'DataAbort',
  0x25: 'DataAbort',
  0x26: 'SPAlignment',
  0x2c: 'FP',
  0x2f: 'SError',
  0x30: 'Breakpoint',
  0x31: 'Breakpoint',
  0x32: 'Step',
  0x33: 'Step',
  0x34: 'Watchpoint',
  0x35: 'Watchpoint',
  0x3c: 'BRK',
};

const ERET = /^Exception return from AArch(?:64|32) EL(\d) to AArch(?:64|32) EL(\d) PC (0x[0-9a-f]+)/;
const ILLEGAL_ERET = /^Illegal exception return at EL(\d): resuming execution at (0x[0-9a-f]+)/;

/** The line that ends an exception. */
const LAST = /^\.\.\.(to EL\d PC|handled as PSCI call)/;

/** Throws where the log has a form that this reader does not know, rather than leave something out. */
export function parseInterruptLog(log: string): QemuEvent[] {
  const events: QemuEvent[] = [];
  const lines = log.split('\n');
  for (let i = 0; i < lines.length;) {
    const line = lines[i++];
    const taken = /^Taking exception \d+ \[(.+)\] on CPU \d+/.exec(line);
    if (taken) {
      const details: string[] = [];
      // A call of PSCI may put an error of the guest in between.
      while (i < lines.length && !LAST.test(details.at(-1) ?? '') && !/^(Taking|Exception|Illegal) /.test(lines[i]))
        details.push(lines[i++]);
      events.push(exceptionOf(taken[1], details, i));
      continue;
    }
    const eret = ERET.exec(line);
    if (eret) {
      events.push({ kind: 'return', from: Number(eret[1]), to: Number(eret[2]), pc: BigInt(eret[3]) });
      continue;
    }
    const illegal = ILLEGAL_ERET.exec(line);
    if (illegal) events.push({ kind: 'illegal-return', from: Number(illegal[1]), to: Number(illegal[1]), pc: BigInt(illegal[2]) });
    else if (/^(Taking|Exception|Illegal|\.\.\.)/.test(line)) throw new Error(`QEMU log, line ${i}: not understood: ${line}`);
  }
  return events;
}

function exceptionOf(name: string, details: readonly string[], line: number): QemuException | QemuPsci {
  const text = details.join('\n');
  const need = (pattern: RegExp): RegExpExecArray => {
    const found = pattern.exec(text);
    if (!found) throw new Error(`QEMU log, line ${line}: [${name}] without ${pattern.source}`);
    return found;
  };
  const [, from, to] = need(/^\.\.\.from EL(\d) to EL(\d)/m);
  if (/^\.\.\.handled as PSCI call/m.test(text)) return { kind: 'psci', from: Number(from) };
  const entry = need(/^\.\.\.to EL\d PC (0x[0-9a-f]+) PSTATE (0x[0-9a-f]+)/m);
  const common = {
    kind: 'exception' as const,
    name,
    from: Number(from),
    to: Number(to),
    elr: BigInt(need(/^\.\.\.with ELR (0x[0-9a-f]+)/m)[1]),
    pc: BigInt(entry[1]),
    pstate: Number(entry[2]),
  };
  const interrupt = asynchronous[name];
  if (interrupt) return { ...common, type: interrupt, ec: null, il: null, iss: null, esr: null, far: null };
  const esr = Number(need(/^\.\.\.with ESR 0x[0-9a-f]+\/(0x[0-9a-f]+)/m)[1]);
  const ec = esr >>> 26;
  const far = /^\.\.\.with FAR (0x[0-9a-f]+)/m.exec(text);
  return {
    ...common,
    type: byClass[ec] ?? `EC 0x${ec.toString(16)}`,
    ec,
    il: (esr >>> 25) & 1,
    iss: esr & 0x1ff_ffff,
    esr,
    far: far ? BigInt(far[1]) : null,
  };
}
