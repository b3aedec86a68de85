/** Cases about software steps, breakpoints, watchpoints and BRK under random settings. */
import { type Case, type CodeArea, word } from './cases.ts';
import type { Choices } from '../isa/choices.ts';
import type { Recorder } from './run.ts';
import { baseline, flatMap, IMO, RW, SCTLR_EL1_OFF, SCTLR_EL2_OFF } from './setting.ts';

const instructions = [
  ...['nop', 'add x1, x1, #1', 'ldr x2, [x3]', 'str x2, [x3]', 'ldxr x2, [x3]', 'ldaxr x4, [x3]', 'clrex'],
  ...['brk #5', 'svc #2', 'hvc #3', 'smc #0', 'msr daifclr, #8', 'mrs x1, currentel', 'b 0x8', 'cbz x7, 0x8', 'isb', 'yield', 'hlt #1'],
  ...['mrs x1, mdscr_el1', 'ldr x2, [x8]', 'msr contextidr_el1, x9', '.inst 0', 'br x10', 'mrs x1, esr_el1'],
];
// Of an access that is not aligned QEMU looks at two that are.
const accesses = [
  ...[
    'ldr x2, [x3]',
    'str x2, [x3]',
    'ldrb w2, [x3, #3]',
    'strb w2, [x3, #9]',
    'ldrh w2, [x3, #6]',
    'str w2, [x3, #4]',
    'ldp x4, x5, [x3, #-16]',
  ],
  ...[
    // Where nothing is read: of a pair QEMU stores the first register before a watchpoint matches the second.
    'stp x4, x5, [x13]',
    'ldtr x2, [x3]',
    'sttr w2, [x3, #8]',
    'ldr x2, [x3, #64]',
    'dc zva, x3',
    'ldp w4, w5, [x3, #8]',
    'ldpsw x4, x5, [x3]',
  ],
  ...['ldar w2, [x3]', 'stlr x2, [x3]', 'str w2, [x3], #16', 'ldrsw x2, [x3, #16]!', 'prfm pldl1keep, [x3]'],
];
const LENGTH = 10;

export function debugCase(choose: Choices, recorder: Recorder, area: CodeArea): Case {
  const el = choose.below(3);
  // A return goes on behind itself.
  const eret = ['adr x11, 0x10', 'msr elr_el1, x11', 'msr spsr_el1, x12', 'eret'];
  const lines = Array.from({ length: LENGTH }, () =>
    el < 2 && choose.once(8) ? eret : [choose.of(choose.once(2) ? accesses : instructions)],
  ).flat();
  const isGeneral = el !== 1 && choose.once(5);
  // With HCR_EL2.TGE stage 1 is off, which QEMU does not know: here it is off anyway. Memory is Device then, and DC ZVA faults.
  if (isGeneral) lines.forEach((line, i) => line.startsWith('dc zva') && (lines[i] = 'nop'));
  const entry = area.add([...lines, 'nop', 'svc #1', 'hvc #1', 'nop', 'nop'].map(word), 64);
  const somewhere = (): bigint => entry + BigInt(choose.below(lines.length)) * 4n;
  const system = { ...baseline(recorder), ...flatMap };
  const debugMask = choose.once(2) ? 0n : 8n << 6n;
  Object.assign(system, {
    HCR_EL2: RW | IMO | (isGeneral ? 1n << 27n : 0n),
    MDCR_EL2: 6n | (choose.once(2) ? 1n << 8n : 0n),
    MDSCR_EL1: (choose.once(3) ? 0n : 1n) | (choose.once(2) ? 1n << 13n : 0n) | (choose.once(2) ? 1n << 15n : 0n),
    CONTEXTIDR_EL1: 7n,
    VTTBR_EL2: 5n << 48n,
    // UMA: EL0 may write DAIF.
    SCTLR_EL1: SCTLR_EL1_OFF | (isGeneral ? 0n : 0x1005n) | (1n << 9n),
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
  if (choose.once(2)) {
    for (let n = 0; n < 4; n++) {
      const mask = choose.once(4) ? choose.of([3n, 4n, 6n, 12n, 20n]) : 0n;
      const BAS = mask ? 0xffn : choose.of([0xffn, 0xfn, 0xf0n, 1n, 0x80n, 0x3cn, 6n, 0n]);
      const levels = choose.of([3n << 1n, 3n << 1n, 1n << 1n, 2n << 1n, (1n << 13n) | (3n << 14n), (1n << 13n) | (3n << 1n)]);
      const at = (choose.once(6) ? 0x4800_0080n : 0x4800_00f0n) + BigInt(choose.below(12)) * 4n;
      system[`DBGWVR${n}_EL1`] = mask ? at & ~((1n << mask) - 1n) : at;
      const linked = choose.once(4) ? (1n << 20n) | (choose.of([4n, 5n]) << 16n) : 0n;
      system[`DBGWCR${n}_EL1`] =
        (mask << 24n) | (BAS << 5n) | linked | (choose.of([1n, 2n, 3n]) << 3n) | levels | (choose.once(3) ? 0n : 1n);
    }
  }
  const mode = el === 0 ? 0n : BigInt(el * 4 + 1);
  const x = Array.from({ length: 31 }, () => choose.bits(64));
  x[3] = 0x4800_0100n;
  x[13] = 0x4800_0080n;
  x[7] = BigInt(choose.below(2));
  x[8] = 0x7000_0000_0000n;
  x[9] = choose.of([7n, 8n]);
  x[12] = choose.of([0n, 4n, 5n, 8n, 9n]) | debugMask | (choose.once(2) ? 1n << 21n : 0n);
  x[10] = entry + BigInt(lines.length) * 4n;
  return {
    system: Object.entries(system),
    sctlrEl2: SCTLR_EL2_OFF | 0x1005n,
    entry,
    spsr: mode | debugMask | (7n << 6n) | (choose.once(2) ? 1n << 21n : 0n) | (choose.once(20) ? 1n << 20n : 0n),
    x,
    sp: [0x4800_1000n, 0x4800_2000n, 0x4800_3000n],
    memory: [],
    code: { pa: entry, length: lines.length },
    text: lines.join('; '),
  };
}
