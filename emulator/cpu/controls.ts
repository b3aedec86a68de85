/**
 * The control bits that trap accesses and instructions to EL1 or EL2 (Arm ARM D1.11 "Configurable instruction controls"): where each is,
 * which levels it holds for, and what it says. The system-register table names them, in the order in which they are checked.
 */
import type { Rule } from './events.ts';
import { systemOffset } from './layout.ts';
import { rule } from './rules.ts';
import type { StoredRegister } from './stored-registers.ts';
import type { CpuState } from './state.ts';

export interface Control {
  readonly register: StoredRegister;
  readonly field: string;
  /** It traps where `u32[word] & mask` equals `value`. */
  readonly word: number;
  readonly mask: number;
  readonly value: number;
  /** Levels whose instructions it traps: bit n for ELn. */
  readonly levels: number;
  /** It traps the use of the SIMD and floating-point registers, which has a syndrome of its own. */
  readonly isFp: boolean;
  readonly target: 1 | 2;
  readonly rule: Rule;
  /** For those that target EL1: the rule where HCR_EL2.TGE = 1 sends the trap to EL2 instead. */
  readonly generalRule: Rule;
}

const EL0 = 1;
const EL1 = 2;
const EL2 = 4;
const FP = 'Instructions and registers of Advanced SIMD and floating point';

/** `bits`: position of a one-bit field in the register, or a mask of its low half for the others. `what` in the plural. */
function control(
  register: StoredRegister,
  field: string,
  bits: { mask: number; value: number },
  levels: number,
  target: 1 | 2,
  what: string,
): Control {
  const shown = `${register}.${field} = ${bits.value >>> (31 - Math.clz32(bits.mask & -bits.mask))}`;
  return {
    register,
    field,
    word: systemOffset(register) >> 2,
    mask: bits.mask,
    value: bits.value,
    levels,
    target,
    isFp: what.startsWith(FP),
    rule: rule(`${what} trap to EL${target}, because ${shown}.`, shown),
    generalRule: rule(
      `${what} trap, because ${shown}; they go to EL2, because HCR_EL2.TGE = 1 sends all exceptions of EL0 there.`,
      shown,
      'HCR_EL2.TGE = 1',
    ),
  };
}
/** Traps while the bit is 1, or while it is 0. */
const set = (position: number) => ({ mask: 1 << position, value: 1 << position });
const clear = (position: number) => ({ mask: 1 << position, value: 0 });

const hcr = (field: string, position: number, levels: number, what: string) => control('HCR_EL2', field, set(position), levels, 2, what);
const mdcr = (field: string, position: number, levels: number, what: string) => control('MDCR_EL2', field, set(position), levels, 2, what);
const sctlr = (field: string, position: number, what: string) => control('SCTLR_EL1', field, clear(position), EL0, 1, what);
const cntkctl = (field: string, mask: number, what: string) => control('CNTKCTL_EL1', field, { mask, value: 0 }, EL0, 1, what);
const pmuserenr = (field: string, mask: number, what: string) => control('PMUSERENR_EL0', field, { mask, value: 0 }, EL0, 1, what);
const ich = (field: string, position: number, what: string) => control('ICH_HCR_EL2', field, set(position), EL1, 2, what);

export const controls = {
  'HCR_EL2.TWI': hcr('TWI', 13, EL0 | EL1, 'WFI instructions that would wait'),
  'HCR_EL2.TWE': hcr('TWE', 14, EL0 | EL1, 'WFE instructions that would wait'),
  'HCR_EL2.TID1': hcr('TID1', 16, EL1, 'Reads of identification group 1 (revision registers)'),
  'HCR_EL2.TID2': hcr('TID2', 17, EL0 | EL1, 'Accesses to identification group 2 (cache geometry)'),
  'HCR_EL2.TID3': hcr('TID3', 18, EL1, 'Reads of identification group 3 (feature registers)'),
  'HCR_EL2.TSC': hcr('TSC', 19, EL1, 'SMC instructions'),
  'HCR_EL2.TIDCP': hcr('TIDCP', 20, EL1, 'Accesses to IMPLEMENTATION DEFINED registers'),
  'HCR_EL2.TACR': hcr('TACR', 21, EL1, 'Accesses to ACTLR_EL1'),
  'HCR_EL2.TSW': hcr('TSW', 22, EL1, 'Cache maintenance instructions by set and way'),
  'HCR_EL2.TPC': hcr('TPC', 23, EL0 | EL1, 'Cache maintenance instructions to the point of coherency'),
  'HCR_EL2.TPU': hcr('TPU', 24, EL0 | EL1, 'Cache maintenance instructions to the point of unification'),
  'HCR_EL2.TTLB': hcr('TTLB', 25, EL1, 'TLB maintenance instructions'),
  'HCR_EL2.TVM': hcr('TVM', 26, EL1, 'Writes of the registers that control EL1 translation'),
  'HCR_EL2.TGE': hcr('TGE', 27, EL0 | EL1, 'Accesses to debug registers'),
  'HCR_EL2.TDZ': hcr('TDZ', 28, EL0 | EL1, 'DC ZVA instructions'),
  'HCR_EL2.TRVM': hcr('TRVM', 30, EL1, 'Reads of the registers that control EL1 translation'),
  'HCR_EL2.IMO': hcr('IMO', 4, EL1, 'Requests for software-generated interrupts'),
  'HCR_EL2.FMO': hcr('FMO', 3, EL1, 'Requests for software-generated interrupts'),
  'CPTR_EL2.TCPAC': control('CPTR_EL2', 'TCPAC', set(31), EL1, 2, 'Accesses to CPACR_EL1'),
  'CPTR_EL2.TFP': control('CPTR_EL2', 'TFP', set(10), EL0 | EL1 | EL2, 2, FP),
  'MDCR_EL2.TPMCR': mdcr('TPMCR', 5, EL0 | EL1, 'Accesses to PMCR_EL0'),
  'MDCR_EL2.TPM': mdcr('TPM', 6, EL0 | EL1, 'Accesses to performance monitor registers'),
  'MDCR_EL2.TDE': mdcr('TDE', 8, EL0 | EL1, 'Accesses to debug registers'),
  'MDCR_EL2.TDA': mdcr('TDA', 9, EL0 | EL1, 'Accesses to debug registers'),
  'MDCR_EL2.TDOSA': mdcr('TDOSA', 10, EL1, 'Accesses to the OS lock registers'),
  'MDCR_EL2.TDRA': mdcr('TDRA', 11, EL1, 'Reads of the debug ROM address'),
  'CNTHCTL_EL2.EL1PCTEN': control('CNTHCTL_EL2', 'EL1PCTEN', clear(0), EL0 | EL1, 2, 'Reads of the physical counter'),
  'CNTHCTL_EL2.EL1PCEN': control('CNTHCTL_EL2', 'EL1PCEN', clear(1), EL0 | EL1, 2, 'Accesses to the physical timer'),
  'ICH_HCR_EL2.TC': ich('TC', 10, 'Accesses to GIC registers common to both groups'),
  'ICH_HCR_EL2.TALL0': ich('TALL0', 11, 'Accesses to GIC registers for group 0'),
  'ICH_HCR_EL2.TALL1': ich('TALL1', 12, 'Accesses to GIC registers for group 1'),
  'ICH_HCR_EL2.TDIR': ich('TDIR', 14, 'Writes of ICC_DIR_EL1'),
  // FPEN<0> = 0 traps EL0 and EL1; FPEN = 0b01 traps EL0 only.
  'CPACR_EL1.FPEN': control('CPACR_EL1', 'FPEN<0>', clear(20), EL0 | EL1, 1, FP),
  'CPACR_EL1.FPEN (EL0)': control('CPACR_EL1', 'FPEN', { mask: 3 << 20, value: 1 << 20 }, EL0, 1, `${FP} at EL0`),
  'SCTLR_EL1.UMA': sctlr('UMA', 9, 'Accesses of EL0 to the interrupt masks'),
  'SCTLR_EL1.DZE': sctlr('DZE', 14, 'DC ZVA instructions at EL0'),
  'SCTLR_EL1.UCT': sctlr('UCT', 15, 'Reads of CTR_EL0 at EL0'),
  'SCTLR_EL1.nTWI': sctlr('nTWI', 16, 'WFI instructions at EL0 that would wait'),
  'SCTLR_EL1.nTWE': sctlr('nTWE', 18, 'WFE instructions at EL0 that would wait'),
  'SCTLR_EL1.UCI': sctlr('UCI', 26, 'Cache maintenance instructions at EL0'),
  'CNTKCTL_EL1.EL0PCTEN': cntkctl('EL0PCTEN', 1 << 0, 'Reads of the physical counter at EL0'),
  'CNTKCTL_EL1.EL0VCTEN': cntkctl('EL0VCTEN', 1 << 1, 'Reads of the virtual counter at EL0'),
  'CNTKCTL_EL1.EL0PCTEN, EL0VCTEN': cntkctl('EL0PCTEN, EL0VCTEN', 3, 'Reads of the counter frequency at EL0'),
  'CNTKCTL_EL1.EL0VTEN': cntkctl('EL0VTEN', 1 << 8, 'Accesses to the virtual timer at EL0'),
  'CNTKCTL_EL1.EL0PTEN': cntkctl('EL0PTEN', 1 << 9, 'Accesses to the physical timer at EL0'),
  'PMUSERENR_EL0.EN': pmuserenr('EN', 1, 'Accesses to performance monitor registers at EL0'),
  'PMUSERENR_EL0.SW, EN': pmuserenr('SW, EN', 3, 'Software increments at EL0'),
  'PMUSERENR_EL0.CR, EN': pmuserenr('CR, EN', 5, 'Reads of the cycle counter at EL0'),
  'PMUSERENR_EL0.ER, EN': pmuserenr('ER, EN', 9, 'Reads of event counters at EL0'),
  'MDSCR_EL1.TDCC': control('MDSCR_EL1', 'TDCC', set(12), EL0, 1, 'Accesses of EL0 to the debug communications channel'),
} as const satisfies Record<string, Control>;

export type ControlName = keyof typeof controls;

/** Whether the control traps at level `el`. */
export const traps = (cpu: CpuState, control: Control, el: number): boolean =>
  ((control.levels >>> el) & 1) !== 0 && ((cpu.u32[control.word] & control.mask) | 0) === (control.value | 0);
