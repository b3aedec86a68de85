/** Cases of system instructions and exceptions under random trap controls: who may do what, what traps where, and with which syndrome. */
import { systemOperations, systemRegisters } from '../../emulator/isa/index.ts';
import { place, type Case, type CodeArea, word } from './cases.ts';
import type { Choices } from '../isa/choices.ts';
import type { Recorder } from './run.ts';
import { baseline, flatMap, IMO, RW, SCTLR_EL1_OFF, SCTLR_EL2_OFF } from './setting.ts';

/** Reads of MDCCINT_EL1 and DBGVCR32_EL2 do nothing in QEMU. */
const registers = Object.keys(systemRegisters).filter((name) => !/^(MDCCINT|DBGVCR32)/.test(name));
/** Those that count (or, with PMCEID0, what they can count: in QEMU instructions too while it counts them itself), whose value is a matter of nanoseconds: only whether they can be read. */
const counts = /^(CNT\w*CT|CNT\w*TVAL|PMCCNTR|PMXEVCNTR|PMEVCNTR|PMOVS|PMCEID0|CNT\w*CVAL|CNT\w*_CTL|ISR)/;
/** Written with what was read: those that must stay what they are, for the case to come to its end. */
const kept =
  /^(VBAR|SCTLR|TTBR|TCR|MAIR|HCR|VTTBR|VTCR|CNTHP|TPIDR_EL2|TPIDRRO|DBGB|DBGW|MDSCR|ELR_EL2|SPSR_EL2|SP_EL|OSLAR|OSDLR|PMCR|SPSel|DAIF$|CurrentEL)/i;
const operations = Object.keys(systemOperations).filter((name) => !/^AT/.test(name));
const others = [
  ...['svc #2', 'hvc #3', 'smc #0', 'brk #5', 'hlt #1', '.inst 0', 'msr daifset, #7', 'msr spsel, #1', 'wfe', 'sev', 'yield', 'nop', 'isb'],
  ...['dcps1', 'drps', 'fmov x9, d1', 'fmov d2, x9', 'fmov w9, s1', 'mrs x9, fpcr', 'mrs x9, fpsr', 'msr nzcv, x9', 'mrs x9, nzcv'],
  ...[
    'dc zva, x3',
    'dc cvau, x3',
    'dc civac, x3',
    'ic ivau, x3',
    'dc cvac, x4',
    'dc ivac, x3',
    'mrs xzr, cntvct_el0',
    'mrs xzr, cntpct_el0',
  ],
];

const TGE = 1n << 27n;

function some(choose: Choices): string[] {
  if (choose.once(3)) return [choose.of(others)];
  if (choose.once(4)) {
    const name = choose.of(operations).toLowerCase();
    return [/^(ic ial|tlbi (alle|vmall))/.test(name) ? name : `${name}, x3`];
  }
  const name = choose.of(registers);
  const read = `mrs ${counts.test(name) ? 'xzr' : 'x10'}, ${name.toLowerCase()}`;
  if (choose.once(2)) return [read];
  return kept.test(name) ? [read] : [read, `msr ${name.toLowerCase()}, ${counts.test(name) ? 'xzr' : 'x10'}`];
}

export function systemCase(choose: Choices, recorder: Recorder, area: CodeArea): Case {
  const lines = Array.from({ length: 12 }, () => some(choose)).flat();
  const el = choose.below(3);
  const general = el !== 1 && choose.once(8);
  // With TGE stage 1 is off, and DC ZVA an alignment fault; in QEMU it is none.
  if (general) lines.forEach((line, i) => line.startsWith('dc zva') && (lines[i] = 'nop'));
  const entry = area.add([...lines, 'svc #1', 'hvc #1', 'nop'].map(word), 64);
  const rarely = (mask: bigint): bigint => (choose.once(2) ? 0n : choose.some(mask));
  // TWI..TRVM without RW, TGE; HCD seldom, since EL1's vectors need HVC.
  const hcr = RW | IMO | rarely(0x57ff_e000n & ~TGE) | (general ? TGE : 0n) | (choose.once(16) ? 1n << 29n : 0n);
  const system = {
    ...baseline(recorder),
    ...flatMap,
    HCR_EL2: hcr,
    SCTLR_EL1: SCTLR_EL1_OFF | 0x1005n | choose.some((1n << 9n) | (1n << 14n) | (1n << 15n) | (1n << 16n) | (1n << 18n) | (1n << 26n)),
    CPACR_EL1: choose.some(3n << 20n),
    CPTR_EL2: 0x33ffn | rarely((1n << 31n) | (1n << 10n)),
    MDCR_EL2: 6n | rarely(0xf60n),
    MDSCR_EL1: rarely(1n << 12n),
    HSTR_EL2: rarely(0xffffn),
    CNTHCTL_EL2: choose.some(3n),
    CNTKCTL_EL1: choose.some(0x303n),
    PMUSERENR_EL0: choose.some(0xfn),
    VPIDR_EL2: choose.bits(32),
    VMPIDR_EL2: choose.bits(32),
    FAR_EL1: choose.bits(64),
    CONTEXTIDR_EL1: choose.bits(32),
    TPIDR_EL1: choose.bits(64),
    TPIDR_EL0: choose.bits(64),
    DACR32_EL2: choose.bits(32),
    IFSR32_EL2: choose.bits(32),
  };
  const x = Array.from({ length: 31 }, () => choose.bits(64));
  // PSCI_VERSION, for SMC.
  x[0] = 0x8400_0000n;
  x[3] = BigInt(place.data + 0x40);
  x[4] = 0x7000_0000n;
  x[9] = choose.bits(64);
  x[10] = 0n;
  return {
    system: Object.entries(system),
    sctlrEl2: SCTLR_EL2_OFF | 0x1005n,
    entry,
    spsr:
      (choose.bits(4) << 28n) |
      (choose.bits(4) << 6n) |
      ((choose.once(6) ? choose.bits(5) : el === 0 ? 0n : BigInt(el * 4 + 1)) & 0xf000_03efn),
    x,
    sp: [BigInt(place.data + 0x1000), BigInt(place.data + 0x2000), BigInt(place.data + 0x3000)],
    memory: [],
    code: { pa: entry, length: lines.length },
    text: lines.join('; '),
  };
}
