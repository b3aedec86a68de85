/** Cases about software steps, breakpoints and BRK under random settings. */
import { type Case, type CodeArea, word } from './cases.ts';
import type { Choices } from './random.ts';
import type { Recorder } from './run.ts';
import { baseline, IMO, RW, SCTLR_EL1_OFF, SCTLR_EL2_OFF } from './setting.ts';

const instructions = [
  ...['nop', 'add x1, x1, #1', 'ldr x2, [x3]', 'str x2, [x3]', 'ldxr x2, [x3]', 'ldaxr x4, [x3]', 'stxr w6, x2, [x3]', 'clrex'],
  ...['brk #5', 'svc #2', 'hvc #3', 'smc #0', 'msr daifclr, #8', 'mrs x1, currentel', 'b 0x8', 'cbz x7, 0x8', 'isb', 'yield', 'hlt #1'],
  ...['mrs x1, mdscr_el1', 'ldr x2, [x8]', 'msr contextidr_el1, x9', '.inst 0', 'br x10', 'mrs x1, esr_el1'],
];
const LENGTH = 10;

export function debugCase(choose: Choices, recorder: Recorder, area: CodeArea): Case {
  const el = choose.below(3);
  // A return goes on behind itself.
  const eret = ['adr x11, 0x10', 'msr elr_el1, x11', 'msr spsr_el1, x12', 'eret'];
  const lines = Array.from({ length: LENGTH }, () => (el < 2 && choose.once(8) ? eret : [choose.of(instructions)])).flat();
  const entry = area.add([...lines, 'nop', 'svc #1', 'hvc #1', 'nop', 'nop'].map(word), 64);
  const somewhere = (): bigint => entry + BigInt(choose.below(lines.length)) * 4n;
  const system = baseline(recorder);
  const debugMask = choose.once(2) ? 0n : 8n << 6n;
  Object.assign(system, {
    HCR_EL2: RW | IMO | (el !== 1 && choose.once(5) ? 1n << 27n : 0n),
    MDCR_EL2: 6n | (choose.once(2) ? 1n << 8n : 0n),
    MDSCR_EL1: (choose.once(3) ? 0n : 1n) | (choose.once(2) ? 1n << 13n : 0n) | (choose.once(2) ? 1n << 15n : 0n),
    CONTEXTIDR_EL1: 7n,
    VTTBR_EL2: 5n << 48n,
    // UMA: EL0 may write DAIF.
    SCTLR_EL1: SCTLR_EL1_OFF | (1n << 9n),
  });
  if (choose.once(2)) {
    for (let n = 0; n < 6; n++) {
      // QEMU has neither those that compare contexts unlinked nor those that compare the VMID.
      const type = n < 4 ? choose.of([0n, 0n, 1n]) : choose.of([0n, 3n]);
      const isAddress = type < 2n;
      const levels = choose.of([3n << 1n, 3n << 1n, 1n << 1n, 2n << 1n, (1n << 13n) | (3n << 14n), (1n << 13n) | (3n << 1n)]);
      system[`DBGBVR${n}_EL1`] = isAddress ? somewhere() : choose.of([7n, 8n]) | (choose.of([5n, 6n]) << 32n);
      system[`DBGBCR${n}_EL1`] = (type << 20n) | (choose.of([4n, 5n, 5n, 3n]) << 16n) | (0xfn << 5n) | levels | (choose.once(3) ? 0n : 1n);
    }
  }
  const mode = el === 0 ? 0n : BigInt(el * 4 + 1);
  const x = Array.from({ length: 31 }, () => choose.bits(64));
  x[3] = 0x4800_0100n;
  x[7] = BigInt(choose.below(2));
  x[8] = 0x7000_0000_0000n;
  x[9] = choose.of([7n, 8n]);
  x[12] = choose.of([0n, 4n, 5n, 8n, 9n]) | debugMask | (choose.once(2) ? 1n << 21n : 0n);
  x[10] = entry + BigInt(lines.length) * 4n;
  return {
    system: Object.entries(system),
    sctlrEl2: SCTLR_EL2_OFF,
    entry,
    spsr: mode | debugMask | (7n << 6n) | (choose.once(2) ? 1n << 21n : 0n) | (choose.once(20) ? 1n << 20n : 0n),
    x,
    sp: [0x4800_1000n, 0x4800_2000n, 0x4800_3000n],
    memory: [],
    text: lines.join('; '),
  };
}
