/**
 * Fields of the registers that say what AArch32 has (Arm ARM D17.2 "ID_PFR0_EL1" to "MVFR2_EL1"), as far as Armv8.0-A defines them. AArch64
 * reads them too, and a hypervisor may show its guests other values.
 */
import { id } from './field.ts';

const shareable = { 0: 'non-cacheable', 1: 'with hardware coherency', 15: 'shareability ignored' };
const yes = { 1: 'implemented' } as const;
const supported = (what: string) => ({ 1: what }) as const;

export const idPfr0El1 = [
  id('State3', 12, 'T32EE', yes),
  id('State2', 8, 'Jazelle', { 1: 'implemented', 2: 'implemented, with JOSCR.CV cleared on exceptions' }),
  id('State1', 4, 'T32', { 1: 'before Thumb-2', 3: 'with Thumb-2' }),
  id('State0', 0, 'A32', yes),
];
export const idPfr1El1 = [
  id('GIC', 28, 'System register interface to the GIC', { 1: 'GICv3 or GICv4' }),
  id('Virt_frac', 24, 'Parts of the virtualization extension without EL2', yes),
  id('Sec_frac', 20, 'Parts of the security extension without EL3', {
    1: 'VBAR, and TTBCR.PD0 and PD1',
    2: 'those, and access to Secure or Non-secure physical memory',
  }),
  id('GenTimer', 16, 'Generic timer', yes),
  id('Virtualization', 12, 'Virtualization extension: EL2', yes),
  id('MProgMod', 8, 'M-profile programmers’ model', { 2: 'two-stack model' }),
  id('Security', 4, 'Security extension: EL3', { 1: 'implemented', 2: 'implemented, with NSACR.RFR' }),
  id('ProgMod', 0, 'Programmers’ model of Armv4 and later', yes),
];
export const idDfr0El1 = [
  id('PerfMon', 24, 'Performance monitors', { 1: 'version 1', 2: 'version 2', 3: 'version 3', 15: 'IMPLEMENTATION DEFINED' }),
  id('MProfDbg', 20, 'M-profile debug architecture', yes),
  id('MMapTrc', 16, 'Memory-mapped trace', yes),
  id('CopTrc', 12, 'System register interface to trace', yes),
  id('MMapDbg', 8, 'Memory-mapped debug', { 4: 'Armv7', 5: 'Armv7.1' }),
  id('CopSDbg', 4, 'Secure debug by system registers'),
  id('CopDbg', 0, 'Debug by system registers', { 4: 'Armv7', 5: 'Armv7.1', 6: 'Armv8.0' }),
];

export const idMmfr0El1 = [
  id('InnerShr', 28, 'Inner shareable domain', shareable),
  id('FCSE', 24, 'Fast context switch extension', yes),
  id('AuxReg', 20, 'Auxiliary registers', { 1: 'ACTLR', 2: 'ACTLR, ADFSR and AIFSR' }),
  id('TCM', 16, 'Tightly coupled memory and DMA', { 1: 'IMPLEMENTATION DEFINED', 2: 'TCM', 3: 'TCM and DMA' }),
  id('ShareLvl', 12, 'Shareability levels', { 0: 'one', 1: 'two' }),
  id('OuterShr', 8, 'Outermost shareable domain', shareable),
  id('PMSA', 4, 'Protected memory system', { 1: 'IMPLEMENTATION DEFINED', 2: 'PMSAv6', 3: 'PMSAv7' }),
  id('VMSA', 0, 'Virtual memory system', {
    1: 'IMPLEMENTATION DEFINED',
    2: 'VMSAv6',
    3: 'VMSAv7',
    4: 'VMSAv7 with PXN',
    5: 'VMSAv7 with PXN and the Long-descriptor format',
  }),
];
export const idMmfr1El1 = [
  id('BPred', 28, 'Branch predictor', {
    0: 'none, or it needs no MMU-related flush',
    1: 'to be flushed when translation, code or context changes',
    2: 'to be flushed when translation or code changes, not with the ASID',
    3: 'to be flushed when code changes',
    4: 'never needs to be flushed',
  }),
  id('L1TstCln', 24, 'Test and clean of the level 1 data cache', { 1: 'clean', 2: 'clean and invalidate too' }),
  id('L1Uni', 20, 'Maintenance of all of a unified level 1 cache', { 1: 'invalidate', 2: 'clean, clean and invalidate too' }),
  id('L1Hvd', 16, 'Maintenance of all of a separate level 1 cache', {
    1: 'invalidate instructions',
    2: 'invalidate data too',
    3: 'clean, clean and invalidate data too',
  }),
  id('L1UniSW', 12, 'Maintenance of a unified level 1 cache by set and way', {
    1: 'clean',
    2: 'clean and invalidate too',
    3: 'invalidate too',
  }),
  id('L1HvdSW', 8, 'Maintenance of a separate level 1 cache by set and way', {
    1: 'clean, clean and invalidate data',
    2: 'invalidate data too',
    3: 'invalidate instructions too',
  }),
  id('L1UniVA', 4, 'Maintenance of a unified level 1 cache by VA', {
    1: 'clean, invalidate, clean and invalidate',
    2: 'the branch predictor too',
  }),
  id('L1HvdVA', 0, 'Maintenance of a separate level 1 cache by VA', {
    1: 'clean, invalidate, clean and invalidate data; invalidate instructions',
    2: 'the branch predictor too',
  }),
];
export const idMmfr2El1 = [
  id('HWAccFlg', 28, 'Access flag set by hardware', yes),
  id('WFIStall', 24, 'Stall until an interrupt: WFI', yes),
  id('MemBarr', 20, 'Barriers as CP15 operations', { 1: 'DSB', 2: 'DSB, ISB and DMB' }),
  id('UniTLB', 16, 'Maintenance of a unified TLB', {
    1: 'all, by VA',
    2: 'by ASID too',
    3: 'by VA for all ASIDs too',
    4: 'of Hyp mode too',
    5: 'of the last level by VA too',
    6: 'by IPA too',
  }),
  id('HvdTLB', 12, 'Maintenance of separate TLBs'),
  id('L1HvdRng', 8, 'Maintenance of a level 1 cache by range', yes),
  id('L1HvdBG', 4, 'Background prefetch into a level 1 cache', yes),
  id('L1HvdFG', 0, 'Foreground prefetch into a level 1 cache', yes),
];
export const idMmfr3El1 = [
  id('Supersec', 28, 'Supersections', { 0: 'supported', 15: 'not supported' }),
  id('CMemSz', 24, 'Physical addresses that caches hold', { 0: '32 bits, 4 GiB', 1: '36 bits, 64 GiB', 2: '40 bits or more, 1 TiB' }),
  id('CohWalk', 20, 'Table walks read from the level 1 data cache', { 0: 'no: descriptors must be cleaned', 1: 'yes' }),
  id('MaintBcst', 12, 'Maintenance that other cores of the shareability domain carry out', {
    0: 'none',
    1: 'caches and branch predictors',
    2: 'caches, branch predictors and TLBs',
  }),
  id('BPMaint', 8, 'Maintenance of branch predictors', { 1: 'all', 2: 'all, by VA' }),
  id('CMaintSW', 4, 'Maintenance of caches by set and way', yes),
  id('CMaintVA', 0, 'Maintenance of caches by VA', yes),
];
export const idMmfr4El1 = [
  id('AC2', 4, 'ACTLR2 and HACTLR2', yes),
  id('SpecSEI', 0, 'SError from a speculative read', { 0: 'never', 1: 'possible' }),
];

export const idIsar0El1 = [
  id('Divide', 24, 'SDIV and UDIV', { 1: 'in T32', 2: 'in T32 and A32' }),
  id('Debug', 20, 'BKPT', yes),
  id('Coproc', 16, 'Generic coprocessor instructions', {
    1: 'CDP, LDC, MCR, MRC and STC',
    2: 'CDP2 and the like too',
    3: 'MCRR and MRRC too',
    4: 'MCRR2 and MRRC2 too',
  }),
  id('CmpBranch', 12, 'CBNZ and CBZ', yes),
  id('BitField', 8, 'BFC, BFI, SBFX and UBFX', yes),
  id('BitCount', 4, 'CLZ', yes),
  id('Swap', 0, 'SWP and SWPB', { 1: 'implemented', 2: 'implemented, atomic within one core only' }),
];
export const idIsar1El1 = [
  id('Jazelle', 28, 'BXJ', yes),
  id('Interwork', 24, 'Change of instruction set by branches', {
    1: 'BX',
    2: 'BX, BLX and loads to the PC',
    3: 'those and data processing that writes the PC',
  }),
  id('Immediate', 20, 'MOVT, MOVW and long immediates', yes),
  id('IfThen', 16, 'IT', yes),
  id('Extend', 12, 'Sign and zero extension', { 1: 'SXTB, SXTH, UXTB and UXTH', 2: 'SXTB16, SXTAB and the like too' }),
  id('Except_AR', 8, 'SRS, RFE and CPS', yes),
  id('Except', 4, 'LDM and STM of the registers of User mode', yes),
  id('Endian', 0, 'SETEND', yes),
];
export const idIsar2El1 = [
  id('Reversal', 28, 'REV, REV16 and REVSH', { 1: 'implemented', 2: 'implemented, and RBIT' }),
  id('PSR_AR', 24, 'MRS and MSR of A-profile and R-profile', yes),
  id('MultU', 20, 'Unsigned multiplication', { 1: 'UMULL and UMLAL', 2: 'UMAAL too' }),
  id('MultS', 16, 'Signed multiplication', { 1: 'SMULL and SMLAL', 2: 'SMLABB and the like too', 3: 'SMLAD and the like too' }),
  id('Mult', 12, 'Multiplication', { 0: 'MUL', 1: 'MUL and MLA', 2: 'MUL, MLA and MLS' }),
  id('MultiAccessInt', 8, 'LDM and STM that an interrupt stops', { 0: 'not stopped', 1: 'begun again', 2: 'continued' }),
  id('MemHint', 4, 'Preloads', { 1: 'PLD', 2: 'PLD', 3: 'PLD and PLI', 4: 'PLD, PLI and PLDW' }),
  id('LoadStore', 0, 'More loads and stores', { 1: 'LDRD and STRD', 2: 'load-acquire and store-release too' }),
];
export const idIsar3El1 = [
  id('T32EE', 28, 'T32EE instructions', yes),
  id('TrueNOP', 24, 'NOP', yes),
  id('T32Copy', 20, 'MOV between low registers of T32 that leaves the flags', yes),
  id('TabBranch', 16, 'TBB and TBH', yes),
  id('SynchPrim', 12, 'Exclusive accesses', { 1: 'LDREX and STREX', 2: 'those of all sizes, and CLREX' }),
  id('SVC', 8, 'SVC', yes),
  id('SIMD', 4, 'SIMD in general registers', { 1: 'SSAT and USAT', 3: 'PKHBT, SADD8 and the like too' }),
  id('Saturate', 0, 'QADD, QDADD, QDSUB and QSUB', yes),
];
export const idIsar4El1 = [
  id('SWP_frac', 28, 'SWP and SWPB within one core', yes),
  id('PSR_M', 24, 'MRS and MSR of M-profile', yes),
  id('SynchPrim_frac', 20, 'Parts of exclusive accesses, with ID_ISAR3_EL1.SynchPrim', {
    0: 'as SynchPrim says',
    3: 'CLREX, LDREXB, LDREXH and their stores',
  }),
  id('Barrier', 16, 'DMB, DSB and ISB', yes),
  id('SMC', 12, 'SMC', yes),
  id('Writeback', 8, 'Addressing modes with writeback', { 0: 'of LDM, STM, PUSH, POP, SRS and RFE', 1: 'all' }),
  id('WithShifts', 4, 'Shifts as part of instructions', {
    0: 'of MOV and shifts alone',
    1: 'LSL by 0 to 3 in loads and stores',
    3: 'all constant shifts',
    4: 'constant shifts, and shifts by a register',
  }),
  id('Unpriv', 0, 'Unprivileged accesses', { 1: 'LDRBT, LDRT, STRBT and STRT', 2: 'LDRHT, LDRSBT, LDRSHT and STRHT too' }),
];
export const idIsar5El1 = [
  id('CRC32', 16, 'CRC32', yes),
  id('SHA2', 12, 'SHA-2', supported('SHA256')),
  id('SHA1', 8, 'SHA-1', yes),
  id('AES', 4, 'AES', { 1: 'AES', 2: 'AES and VMULL of 64-bit polynomials' }),
  id('SEVL', 0, 'SEVL', yes),
];

export const mvfr0El1 = [
  id('FPRound', 28, 'Rounding modes', { 0: 'to nearest only', 1: 'all' }),
  id('FPShVec', 24, 'Short vectors', yes),
  id('FPSqrt', 20, 'Square root', yes),
  id('FPDivide', 16, 'Division', yes),
  id('FPTrap', 12, 'Traps of floating-point exceptions', yes),
  id('FPDP', 8, 'Double precision', { 1: 'VFPv2', 2: 'VFPv3 and later' }),
  id('FPSP', 4, 'Single precision', { 1: 'VFPv2', 2: 'VFPv3 and later' }),
  id('SIMDReg', 0, 'SIMD and floating-point registers', { 1: '16 of 64 bits', 2: '32 of 64 bits' }),
];
export const mvfr1El1 = [
  id('SIMDFMAC', 28, 'Fused multiply-add of SIMD', yes),
  id('FPHP', 24, 'Conversion of half precision', { 1: 'to and from single', 2: 'to and from single and double' }),
  id('SIMDHP', 20, 'Conversion of half precision by SIMD', supported('to and from single')),
  id('SIMDSP', 16, 'Single precision of SIMD', yes),
  id('SIMDInt', 12, 'Integers of SIMD', yes),
  id('SIMDLS', 8, 'Loads and stores of SIMD', yes),
  id('FPDNaN', 4, 'NaNs', { 0: 'the default NaN only', 1: 'propagate' }),
  id('FPFtZ', 0, 'Denormal numbers', { 0: 'flushed to zero only', 1: 'full arithmetic' }),
];
export const mvfr2El1 = [
  id('FPMisc', 4, 'More floating-point instructions', {
    1: 'VSEL',
    2: 'VSEL and VCVTA and the like',
    3: 'those and VRINTA and the like',
    4: 'those and VMAXNM and VMINNM',
  }),
  id('SIMDMisc', 0, 'More SIMD instructions', {
    1: 'VCVTA and the like',
    2: 'those and VRINTA and the like',
    3: 'those and VMAXNM and VMINNM',
  }),
];
