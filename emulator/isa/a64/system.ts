// Arm ARM C4.1.93: exception generation, hints, barriers, PSTATE, system instructions and registers.
// What most of these do depends on the exception level and on control registers, so the machine executes them.
import type { PlainRegister } from '../builder.ts';
import { allocated, define, machine } from '../define.ts';
import type { Fields } from '../fields.ts';
import { isNamedHint } from '../spelling.ts';
import { systemOperationName, systemOperations, systemRegisterName } from '../system-names.ts';

machine('SVC', '11010100000 imm16 00001', 'svc #<imm16>').says('Makes supervisor call <imm16>');
machine('HVC', '11010100000 imm16 00010', 'hvc #<imm16>').says('Makes hypervisor call <imm16>');
machine('SMC', '11010100000 imm16 00011', 'smc #<imm16>').says('Makes secure monitor call <imm16>');
machine('BRK', '11010100001 imm16 00000', 'brk #<imm16>').says('Hits software breakpoint <imm16>');
machine('HLT', '11010100010 imm16 00000', 'hlt #<imm16>').says(({ imm16 }) =>
  imm16 === 0xf000 ? 'Makes a semihosting call' : 'Halts for an external debugger',
);
machine('DCPS1', '11010100101 imm16 00001', 'dcps1{ #<imm16>}').says('Switches to EL1, in Debug state');
machine('DCPS2', '11010100101 imm16 00010', 'dcps2{ #<imm16>}').says('Switches to EL2, in Debug state');
machine('DCPS3', '11010100101 imm16 00011', 'dcps3{ #<imm16>}').says('Switches to EL3, in Debug state');

machine('WFE', '11010101000000110010000001011111', 'wfe').says('Waits for an event');
machine('WFI', '11010101000000110010000001111111', 'wfi').says('Waits for an interrupt');
machine('SEV', '11010101000000110010000010011111', 'sev').says('Signals an event to all processors');
machine('SEVL', '11010101000000110010000010111111', 'sevl').says('Signals an event to this processor only');
// All other hints are NOPs: YIELD has nobody to yield to, and those of later extensions (PACIASP, BTI, ESB, CSDB ...) are NOPs on Cortex-A53.
define(
  'HINT',
  '11010101000000110010 CRm op2 11111',
  'hint #<hint>',
  ({ CRm, op2 }) => allocated(CRm !== 0 || op2 < 2 || op2 > 5),
  () => {},
)
  .says('Gives a hint that this processor ignores')
  .alias('<hintName>', {}, isNamedHint)
  .says(({ CRm, op2 }) =>
    CRm === 0 && op2 === 0
      ? 'Does nothing'
      : CRm === 0 && op2 === 1
        ? 'Lets other threads of the processor go first; there are none here'
        : 'Gives a hint of a later extension, which this processor ignores',
  );

/** Of a barrier's option: which accesses it orders, and for whom (Arm ARM B2.3.7). */
const accesses = (CRm: number): string => ['all memory accesses', 'loads', 'stores', 'all memory accesses'][CRm & 3];
const domain = (CRm: number): string =>
  (CRm & 3) === 0 || CRm >> 2 === 3
    ? 'in the full system'
    : `in the ${['Outer Shareable', 'Non-shareable', 'Inner Shareable'][CRm >> 2]} domain`;
/** Of DAIFSet and DAIFClr: D, A, I and F in bits 3 to 0. */
const masked = (CRm: number): string => {
  const names = ['debug exceptions (D)', 'SErrors (A)', 'IRQs (I)', 'FIQs (F)'].filter((_, i) => (CRm >> (3 - i)) & 1);
  return names.length === 0 ? 'nothing' : names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
};

// Memory is sequentially consistent here and changes of system registers act at once, so barriers have nothing to do.
define('CLREX', '11010101000000110011 CRm 01011111', 'clrex{ #<CRm:15>}', (b) => b.clearExclusive()).says(
  'Clears the exclusive monitor, so the next store-exclusive fails',
);
define('DSB', '11010101000000110011 CRm 10011111', 'dsb <barrier>', () => {})
  .says(
    ({ CRm }) =>
      `Waits until ${accesses(CRm)} before it${(CRm & 3) % 3 === 0 ? ', and cache and TLB maintenance,' : ''} are complete, ${domain(CRm)}`,
  )
  .alias('ssbb', { CRm: 0 })
  .says('Keeps speculative loads from bypassing earlier stores to the same virtual address')
  .alias('pssbb', { CRm: 4 })
  .says('Keeps speculative loads from bypassing earlier stores to the same physical address');
define('DMB', '11010101000000110011 CRm 10111111', 'dmb <barrier>', () => {}).says(
  ({ CRm }) => `Orders ${accesses(CRm)} before it ahead of ${(CRm & 3) === 2 ? 'stores' : 'all memory accesses'} after it, ${domain(CRm)}`,
);
define('ISB', '11010101000000110011 CRm 11011111', 'isb{ #<CRm:15>}', () => {}).says(
  'Makes earlier changes to system registers take effect before the next instruction, which is fetched again',
);

// SPSel, DAIFSet, DAIFClr; the other PSTATE fields (UAO, PAN, SSBS, DIT ...) belong to later extensions.
machine('MSR (immediate)', '1101010100000 op1 0100 CRm op2 11111', 'msr <pstatefield>, #<CRm>', ({ op1, op2 }) =>
  allocated((op1 === 0 && op2 === 5) || (op1 === 3 && op2 === 7)),
).says(({ op2, CRm }) =>
  op2 === 7 ? `Unmasks ${masked(CRm)}` : `Selects ${CRm & 1 ? 'the stack pointer of this level' : 'SP_EL0 as the stack pointer'}`,
);
// Masking more interrupts needs no machine, but at EL0 it depends on SCTLR_EL1.UMA.
define('MSR (immediate)', '1101010100000 011 0100 CRm 110 11111', 'msr daifset, #<CRm>', (b, { CRm }) => {
  b.machineUnless(b.notZero(b.currentEL()));
  b.setDaif(b.or(b.daif(), CRm));
}).says(({ CRm }) => `Masks ${masked(CRm)}`);

/** Whether SYS is an operation with its own name that takes a register or does not. */
const named =
  (takesRegister: boolean) =>
  ({ op1, CRn, CRm, op2 }: Readonly<Record<string, number>>): boolean => {
    const name = systemOperationName(op1, CRn, CRm, op2);
    return name !== undefined && systemOperations[name][5] === takesRegister;
  };
machine('SYS', '1101010100001 op1 CRn CRm op2 Rt', 'sys #<op1>, <C:CRn>, <C:CRm>, #<op2>, <Xt>')
  .says('Performs the system operation <operation>')
  .alias('<sysop>, <Xt>', {}, named(true))
  .alias('<sysop>', { Rt: 31 }, named(false))
  .alias('sys #<op1>, <C:CRn>, <C:CRm>, #<op2>', { Rt: 31 });
machine('SYSL', '1101010100101 op1 CRn CRm op2 Rt', 'sysl <Xt>, #<op1>, <C:CRn>, <C:CRm>, #<op2>').says(
  'Reads the result of a system operation',
);
const mrs = '110101010011 o0 op1 CRn CRm op2 Rt';
type PlainRead = { readonly register: PlainRegister | 'CurrentEL' | 'DAIF'; readonly from: '0' | '1' | '2' };
/**
 * Registers whose reads nothing in Armv8.0 traps from an exception level on, and that give back what was written. They are read often:
 * Linux keeps its current task in SP_EL0, and every exception handler reads where it came from.
 */
const plainReads: { readonly [R in PlainRead['register']]: PlainRead['from'] } = {
  SP_EL0: '1',
  TPIDR_EL0: '0',
  TPIDRRO_EL0: '0',
  TPIDR_EL1: '1',
  ELR_EL1: '1',
  SPSR_EL1: '1',
  TPIDR_EL2: '2',
  ELR_EL2: '2',
  SPSR_EL2: '2',
  ESR_EL2: '2',
  FAR_EL2: '2',
  HPFAR_EL2: '2',
  CurrentEL: '1',
  DAIF: '1',
};
function plainRead({ o0, op1, CRn, CRm, op2 }: Fields<'o0' | 'op1' | 'CRn' | 'CRm' | 'op2'>): PlainRead | undefined {
  const register = systemRegisterName(o0 + 2, op1, CRn, CRm, op2);
  return register && register in plainReads
    ? { register: register as PlainRead['register'], from: plainReads[register as PlainRead['register']] }
    : undefined;
}

machine('MSR (register)', '110101010001 o0 op1 CRn CRm op2 Rt', 'msr <sysreg>, <Xt>').says('Writes <Xt> to <name:register>');
machine('MRS', mrs, 'mrs <Xt>, <sysreg>', (f) => allocated(!plainRead(f))).says('Reads <register>');
define('MRS', mrs, 'mrs <Xt>, <sysreg>', plainRead, (b, { Rt, from, register }) => {
  if (from > '0') b.machineUnless(b.atLeast(b.currentEL(), Number(from)));
  if (register === 'CurrentEL') b.set(Rt, b.shl(b.currentEL(), 2));
  else if (register === 'DAIF') b.set(Rt, b.shl(b.daif(), 6));
  else {
    // SP_EL0 is not accessible while it is the stack pointer in use (Arm ARM C5.2.21).
    if (register === 'SP_EL0') b.machineUnless(b.notZero(b.spsel()));
    b.set(Rt, b.stored(register));
  }
}).says('Reads <register>');

machine('ERET', '11010110100111110000001111100000', 'eret').says('Performs an exception return').flow('return');
machine('DRPS', '11010110101111110000001111100000', 'drps').says('Restores PSTATE from the SPSR of the level, in Debug state');
