/** What the trap matrix tries: configurations of the control registers, and instructions. */
import { systemOperations, type SystemOperationName } from '../../emulator/isa/index.ts';
import { systemRegisterTable } from '../../emulator/cpu/index.ts';

type Values = Readonly<Record<string, number>>;

/** Everything allowed, nothing trapped. */
export const base: Values = {
  hcr: 0x8000_0000,
  cptr: 0x33ff,
  mdcr: 6,
  cnthctl: 3,
  hstr: 0,
  ich_hcr: 0,
  sctlr1: 0x34d5_ca00,
  cpacr: 0x30_0000,
  cntkctl: 0x303,
  pmuser: 15,
  mdscr: 0,
  icc_sre2: 15,
};

const hcr = [
  'VM',
  'SWIO',
  'PTW',
  'FMO',
  'IMO',
  'AMO',
  'VF',
  'VI',
  'VSE',
  'FB',
  'BSU0',
  'BSU1',
  'DC',
  'TWI',
  'TWE',
  'TID0',
  'TID1',
  'TID2',
  'TID3',
  'TSC',
];
const hcrUpper = ['TIDCP', 'TACR', 'TSW', 'TPC', 'TPU', 'TTLB', 'TVM', 'TGE', 'TDZ'];
const bit = (position: number): number => 2 ** position;
const each = (register: string, label: string, bits: Readonly<Record<string, number>>): [string, Values][] =>
  Object.entries(bits).map(([name, position]) => [`${label}.${name}`, { [register]: base[register] + bit(position) }]);
const cleared = (register: string, label: string, bits: Readonly<Record<string, number>>): [string, Values][] =>
  Object.entries(bits).map(([name, position]) => [`${label}.${name}=0`, { [register]: base[register] - bit(position) }]);
const values = (register: string, label: string, all: readonly number[], shift = 0): [string, Values][] =>
  all.map((value) => [`${label}=${value}`, { [register]: value * bit(shift) }]);
const numbered = (names: readonly string[], from: number): Record<string, number> =>
  Object.fromEntries(names.map((name, i) => [name, from + i]));

const tge = base.hcr + bit(27);
const routed = base.hcr + bit(3) + bit(4);

/** The first is the baseline. */
export const configurations: readonly [string, Values][] = [
  ['baseline', {}],
  ...each('hcr', 'HCR_EL2', { ...numbered(hcr, 0), ...numbered(hcrUpper, 20), TRVM: 30, CD: 32, ID: 33 }),
  ...each('cptr', 'CPTR_EL2', { TFP: 10, TTA: 20, TCPAC: 31 }),
  ...each('mdcr', 'MDCR_EL2', { TPMCR: 5, TPM: 6, HPME: 7, TDE: 8, TDA: 9, TDOSA: 10, TDRA: 11 }),
  ...values('mdcr', 'MDCR_EL2.HPMN', [0, 2]),
  ...values('cnthctl', 'CNTHCTL_EL2', [0, 1, 2]),
  ...values('hstr', 'HSTR_EL2', [0xffff]),
  ...each('ich_hcr', 'ICH_HCR_EL2', { TC: 10, TALL0: 11, TALL1: 12, TSEI: 13, TDIR: 14 }),
  ['HCR.IMO+FMO', { hcr: routed }],
  ...values('cpacr', 'CPACR_EL1.FPEN', [0, 1, 2], 20),
  ...cleared('sctlr1', 'SCTLR_EL1', { UMA: 9, DZE: 14, UCT: 15, nTWI: 16, nTWE: 18, UCI: 26 }),
  ...cleared('cntkctl', 'CNTKCTL_EL1', { EL0PCTEN: 0, EL0VCTEN: 1, EL0VTEN: 8, EL0PTEN: 9 }),
  ...values('cntkctl', 'CNTKCTL_EL1', [0]),
  ...values('pmuser', 'PMUSERENR_EL0', [0, 1, 2, 4, 8]),
  ...each('mdscr', 'MDSCR_EL1', { TDCC: 12, KDE: 13, MDE: 15 }),
  ['CPTR.TFP+CPACR.FPEN=0', { cptr: base.cptr + bit(10), cpacr: 0 }],
  ['CPTR.TFP+CPACR.FPEN=1', { cptr: base.cptr + bit(10), cpacr: bit(20) }],
  ['HCR.TGE+CPACR=0', { hcr: tge, cpacr: 0 }],
  ['HCR.TGE+SCTLR.UMA,DZE,UCT,UCI=0', { hcr: tge, sctlr1: base.sctlr1 - bit(9) - bit(14) - bit(15) - bit(26) }],
  ['HCR.TGE+CNTKCTL=0', { hcr: tge, cntkctl: 0 }],
  ['HCR.TGE+PMUSERENR=0', { hcr: tge, pmuser: 0 }],
  ['HCR.TPC+SCTLR.UCI=0', { hcr: base.hcr + bit(23), sctlr1: base.sctlr1 - bit(26) }],
  ['MDCR.TPM+PMUSERENR=0', { mdcr: base.mdcr + bit(6), pmuser: 0 }],
  ['MDCR.TDA+MDSCR.TDCC', { mdcr: base.mdcr + bit(9), mdscr: bit(12) }],
  ['CNTHCTL=0+CNTKCTL=0', { cnthctl: 0, cntkctl: 0 }],
];

const others: readonly [number, string][] = [
  [0xd508_b001, 'sys #0, C11, C0, #0, x1'],
  [0xd50b_b001, 'sys #3, C11, C0, #0, x1'],
  [0xd508_f001, 'sys #0, C15, C0, #0, x1'],
  [0xd51b_0501, 'msr dbgdtrtx_el0, x1'],
  [0xd533_0501, 'mrs x1, dbgdtrrx_el0'],
  [0xd518_f001, 'msr s3_0_c15_c0_0, x1'],
  [0xd538_f001, 'mrs x1, s3_0_c15_c0_0'],
  [0xd51b_b001, 'msr s3_3_c11_c0_0, x1'],
  [0xd53b_b001, 'mrs x1, s3_3_c11_c0_0'],
  [0xd503_43df, 'msr daifset, #0x3'],
  [0xd503_42ff, 'msr daifclr, #0x2'],
  [0xd500_40bf, 'msr spsel, #0x0'],
  [0xd500_41bf, 'msr spsel, #0x1'],
  [0xd503_207f, 'wfi'],
  [0xd503_205f, 'wfe'],
  [0xd503_203f, 'yield'],
  [0xd400_0003, 'smc #0x0'],
  [0xd400_0022, 'hvc #0x1'],
  [0xd400_0021, 'svc #0x1'],
  [0xd420_0020, 'brk #0x1'],
  [0xd440_0020, 'hlt #0x1'],
  [0x1e6e_1000, 'fmov d0, #1.0'],
  [0x4ea0_8400, 'add v0.4s, v0.4s, v0.4s'],
  [0x9e66_0002, 'fmov x2, d0'],
  [0x0000_0000, 'udf #0'],
  [0x9ac1_4020, '.inst 0x9ac14020'],
  [0x3821_0022, 'ldaddb w1, w2, [x1]'],
];

const word = ([op0, op1, CRn, CRm, op2]: readonly [number, number, number, number, number], Rt: number): number =>
  (0xd500_0000 | (op0 << 19) | (op1 << 16) | (CRn << 12) | (CRm << 8) | (op2 << 5) | Rt) >>> 0;

/** Instructions and their text: MRS and MSR of all registers but those that would end the recording, all system operations, and more. */
export const instructions: readonly [number, string][] = [
  ...systemRegisterTable.flatMap(({ encoding, name }): [number, string][] => [
    [word(encoding, 2) + 0x20_0000, `mrs x2, ${name.toLowerCase()}`],
    [word(encoding, 1), `msr ${name.toLowerCase()}, x1`],
  ]),
  ...(Object.keys(systemOperations) as SystemOperationName[]).map((name): [number, string] => {
    const [op0, op1, CRn, CRm, op2] = systemOperations[name];
    return [word([op0, op1, CRn, CRm, op2], 1), name.toLowerCase()];
  }),
  ...others,
];
