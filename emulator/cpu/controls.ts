/**
 * The control bits that trap accesses and instructions to EL1 or EL2 (Arm ARM D1.11 "Configurable instruction controls"): where each is,
 * which levels it holds for, and what it says. The system-register table names them, in the order in which they are checked.
 */
import type { Rule } from './events.ts';
import { systemOffset } from './layout.ts';
import {
  CNTHCTL_EL2,
  CNTKCTL_EL1,
  CPACR_EL1,
  CPTR_EL2,
  HCR_EL2,
  ICH_HCR_EL2,
  MDCR_EL2,
  MDSCR_EL1,
  PMUSERENR_EL0,
  SCTLR_EL1,
  valueAt,
  valueIn,
} from './registers/bits.ts';
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
  /** It traps the use of the SIMD and floating-point registers, which has its own syndrome. */
  readonly isFp: boolean;
  readonly target: 1 | 2;
  readonly rule: Rule;
  /** For those that target EL1: the rule where HCR_EL2.TGE = 1 sends the trap to EL2 instead. */
  readonly generalRule: Rule;
}

const EL0 = 1;
const EL1 = 2;
const EL2 = 4;
const FP = 'Advanced SIMD and floating-point instructions and registers';

/** `bits`: fields by their masks, and what they hold where they trap. `what` in the plural. */
function control(
  register: StoredRegister,
  field: string,
  bits: { mask: number; value: number },
  levels: number,
  target: 1 | 2,
  what: string,
): Control {
  const shown = `${register}.${field} = ${valueIn(bits.value, bits.mask)}`;
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
      `${what} trap, because ${shown}; they go to EL2, because HCR_EL2.TGE = 1 routes all exceptions from EL0 there.`,
      shown,
      'HCR_EL2.TGE = 1',
    ),
  };
}
/** Traps while the bits are 1, or while they are 0. */
const set = (mask: number) => ({ mask, value: mask });
const clear = (mask: number) => ({ mask, value: 0 });

const hcr = (field: keyof typeof HCR_EL2, levels: number, what: string) => control('HCR_EL2', field, set(HCR_EL2[field]), levels, 2, what);
const mdcr = (field: keyof typeof MDCR_EL2, levels: number, what: string) =>
  control('MDCR_EL2', field, set(MDCR_EL2[field]), levels, 2, what);
const cptr = (field: keyof typeof CPTR_EL2, levels: number, what: string) =>
  control('CPTR_EL2', field, set(CPTR_EL2[field]), levels, 2, what);
const cnthctl = (field: keyof typeof CNTHCTL_EL2, what: string) =>
  control('CNTHCTL_EL2', field, clear(CNTHCTL_EL2[field]), EL0 | EL1, 2, what);
const ich = (field: keyof typeof ICH_HCR_EL2, what: string) => control('ICH_HCR_EL2', field, set(ICH_HCR_EL2[field]), EL1, 2, what);
const sctlr = (field: keyof typeof SCTLR_EL1, what: string) => control('SCTLR_EL1', field, clear(SCTLR_EL1[field]), EL0, 1, what);
/** These trap only where all the fields are 0. */
const cntkctl = (fields: readonly (keyof typeof CNTKCTL_EL1)[], what: string) =>
  control('CNTKCTL_EL1', fields.join(', '), clear(anyOf(CNTKCTL_EL1, fields)), EL0, 1, what);
const pmuserenr = (fields: readonly (keyof typeof PMUSERENR_EL0)[], what: string) =>
  control('PMUSERENR_EL0', fields.join(', '), clear(anyOf(PMUSERENR_EL0, fields)), EL0, 1, what);
const anyOf = <Name extends string>(masks: Readonly<Record<Name, number>>, fields: readonly Name[]): number =>
  fields.reduce((mask, name) => mask | masks[name], 0);

/** The low bit of CPACR_EL1.FPEN. */
const FPEN_0 = valueAt(CPACR_EL1.FPEN, 1);

export const controls = {
  'HCR_EL2.TWI': hcr('TWI', EL0 | EL1, 'WFI instructions that would wait'),
  'HCR_EL2.TWE': hcr('TWE', EL0 | EL1, 'WFE instructions that would wait'),
  'HCR_EL2.TID1': hcr('TID1', EL1, 'Reads of identification group 1 (revision registers)'),
  'HCR_EL2.TID2': hcr('TID2', EL0 | EL1, 'Accesses to identification group 2 (cache geometry)'),
  'HCR_EL2.TID3': hcr('TID3', EL1, 'Reads of identification group 3 (feature registers)'),
  'HCR_EL2.TSC': hcr('TSC', EL1, 'SMC instructions'),
  'HCR_EL2.TIDCP': hcr('TIDCP', EL1, 'Accesses to IMPLEMENTATION DEFINED registers'),
  'HCR_EL2.TACR': hcr('TACR', EL1, 'Accesses to ACTLR_EL1'),
  'HCR_EL2.TSW': hcr('TSW', EL1, 'Cache maintenance instructions by set and way'),
  'HCR_EL2.TPC': hcr('TPC', EL0 | EL1, 'Cache maintenance instructions to the Point of Coherency'),
  'HCR_EL2.TPU': hcr('TPU', EL0 | EL1, 'Cache maintenance instructions to the Point of Unification'),
  'HCR_EL2.TTLB': hcr('TTLB', EL1, 'TLB maintenance instructions'),
  'HCR_EL2.TVM': hcr('TVM', EL1, 'Writes of the registers that control EL1 translation'),
  'HCR_EL2.TGE': hcr('TGE', EL0 | EL1, 'Accesses to debug registers'),
  'HCR_EL2.TDZ': hcr('TDZ', EL0 | EL1, 'DC ZVA instructions'),
  'HCR_EL2.TRVM': hcr('TRVM', EL1, 'Reads of the registers that control EL1 translation'),
  'HCR_EL2.IMO': hcr('IMO', EL1, 'Requests for software-generated interrupts'),
  'HCR_EL2.FMO': hcr('FMO', EL1, 'Requests for software-generated interrupts'),
  'CPTR_EL2.TCPAC': cptr('TCPAC', EL1, 'Accesses to CPACR_EL1'),
  'CPTR_EL2.TFP': cptr('TFP', EL0 | EL1 | EL2, FP),
  'MDCR_EL2.TPMCR': mdcr('TPMCR', EL0 | EL1, 'Accesses to PMCR_EL0'),
  'MDCR_EL2.TPM': mdcr('TPM', EL0 | EL1, 'Accesses to performance monitor registers'),
  'MDCR_EL2.TDE': mdcr('TDE', EL0 | EL1, 'Accesses to debug registers'),
  'MDCR_EL2.TDA': mdcr('TDA', EL0 | EL1, 'Accesses to debug registers'),
  'MDCR_EL2.TDOSA': mdcr('TDOSA', EL1, 'Accesses to the OS lock registers'),
  'MDCR_EL2.TDRA': mdcr('TDRA', EL1, 'Reads of the debug ROM address'),
  'CNTHCTL_EL2.EL1PCTEN': cnthctl('EL1PCTEN', 'Reads of the physical counter'),
  'CNTHCTL_EL2.EL1PCEN': cnthctl('EL1PCEN', 'Accesses to the physical timer'),
  'ICH_HCR_EL2.TC': ich('TC', 'Accesses to GIC registers common to both groups'),
  'ICH_HCR_EL2.TALL0': ich('TALL0', 'Accesses to GIC registers for group 0'),
  'ICH_HCR_EL2.TALL1': ich('TALL1', 'Accesses to GIC registers for group 1'),
  'ICH_HCR_EL2.TDIR': ich('TDIR', 'Writes of ICC_DIR_EL1'),
  // FPEN<0> = 0 traps EL0 and EL1; FPEN = 0b01 traps EL0 only.
  'CPACR_EL1.FPEN': control('CPACR_EL1', 'FPEN<0>', clear(FPEN_0), EL0 | EL1, 1, FP),
  'CPACR_EL1.FPEN (EL0)': control('CPACR_EL1', 'FPEN', { mask: CPACR_EL1.FPEN, value: FPEN_0 }, EL0, 1, `${FP} at EL0`),
  'SCTLR_EL1.UMA': sctlr('UMA', 'Accesses to the interrupt masks at EL0'),
  'SCTLR_EL1.DZE': sctlr('DZE', 'DC ZVA instructions at EL0'),
  'SCTLR_EL1.UCT': sctlr('UCT', 'Reads of CTR_EL0 at EL0'),
  'SCTLR_EL1.nTWI': sctlr('nTWI', 'WFI instructions at EL0 that would wait'),
  'SCTLR_EL1.nTWE': sctlr('nTWE', 'WFE instructions at EL0 that would wait'),
  'SCTLR_EL1.UCI': sctlr('UCI', 'Cache maintenance instructions at EL0'),
  'CNTKCTL_EL1.EL0PCTEN': cntkctl(['EL0PCTEN'], 'Reads of the physical counter at EL0'),
  'CNTKCTL_EL1.EL0VCTEN': cntkctl(['EL0VCTEN'], 'Reads of the virtual counter at EL0'),
  'CNTKCTL_EL1.EL0PCTEN, EL0VCTEN': cntkctl(['EL0PCTEN', 'EL0VCTEN'], 'Reads of the counter frequency at EL0'),
  'CNTKCTL_EL1.EL0VTEN': cntkctl(['EL0VTEN'], 'Accesses to the virtual timer at EL0'),
  'CNTKCTL_EL1.EL0PTEN': cntkctl(['EL0PTEN'], 'Accesses to the physical timer at EL0'),
  'PMUSERENR_EL0.EN': pmuserenr(['EN'], 'Accesses to performance monitor registers at EL0'),
  'PMUSERENR_EL0.SW, EN': pmuserenr(['SW', 'EN'], 'Software increments at EL0'),
  'PMUSERENR_EL0.CR, EN': pmuserenr(['CR', 'EN'], 'Reads of the cycle counter at EL0'),
  'PMUSERENR_EL0.ER, EN': pmuserenr(['ER', 'EN'], 'Reads of event counters at EL0'),
  'MDSCR_EL1.TDCC': control('MDSCR_EL1', 'TDCC', set(MDSCR_EL1.TDCC), EL0, 1, 'Accesses to the debug communications channel at EL0'),
} as const satisfies Record<string, Control>;

export type ControlName = keyof typeof controls;

/** Whether the control traps at level `el`. */
export const traps = (cpu: CpuState, control: Control, el: number): boolean =>
  ((control.levels >>> el) & 1) !== 0 && ((cpu.u32[control.word] & control.mask) | 0) === (control.value | 0);
