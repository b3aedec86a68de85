// Arm ARM C4.1.93: exception generation, hints, barriers, PSTATE, system instructions and registers.
// What most of these do depends on the exception level and on control registers, so the machine executes them.
import { allocated, define, machine } from '../define.ts';
import { isNamedHint } from '../spelling.ts';
import { systemOperationName, systemOperations } from '../system-names.ts';

machine('SVC', '11010100000 imm16 00001', 'svc #<imm16>');
machine('HVC', '11010100000 imm16 00010', 'hvc #<imm16>');
machine('SMC', '11010100000 imm16 00011', 'smc #<imm16>');
machine('BRK', '11010100001 imm16 00000', 'brk #<imm16>');
machine('HLT', '11010100010 imm16 00000', 'hlt #<imm16>');
machine('DCPS1', '11010100101 imm16 00001', 'dcps1{ #<imm16>}');
machine('DCPS2', '11010100101 imm16 00010', 'dcps2{ #<imm16>}');
machine('DCPS3', '11010100101 imm16 00011', 'dcps3{ #<imm16>}');

machine('WFE', '11010101000000110010000001011111', 'wfe');
machine('WFI', '11010101000000110010000001111111', 'wfi');
machine('SEV', '11010101000000110010000010011111', 'sev');
machine('SEVL', '11010101000000110010000010111111', 'sevl');
// All other hints are NOPs: YIELD has nobody to yield to, and those of later extensions (PACIASP, BTI, ESB, CSDB ...) are NOPs on Cortex-A53.
define(
  'HINT',
  '11010101000000110010 CRm op2 11111',
  'hint #<hint>',
  ({ CRm, op2 }) => allocated(CRm !== 0 || op2 < 2 || op2 > 5),
  () => {},
).alias('<hintName>', {}, isNamedHint);

// Memory is sequentially consistent here and changes of system registers act at once, so barriers have nothing to do.
define('CLREX', '11010101000000110011 CRm 01011111', 'clrex{ #<CRm:15>}', (b) => b.clearExclusive());
define('DSB', '11010101000000110011 CRm 10011111', 'dsb <barrier>', () => {})
  .alias('ssbb', { CRm: 0 })
  .alias('pssbb', { CRm: 4 });
define('DMB', '11010101000000110011 CRm 10111111', 'dmb <barrier>', () => {});
define('ISB', '11010101000000110011 CRm 11011111', 'isb{ #<CRm:15>}', () => {});

// SPSel, DAIFSet, DAIFClr; the other PSTATE fields (UAO, PAN, SSBS, DIT ...) belong to later extensions.
machine('MSR (immediate)', '1101010100000 op1 0100 CRm op2 11111', 'msr <pstatefield>, #<CRm>', ({ op1, op2 }) =>
  allocated((op1 === 0 && op2 === 5) || (op1 === 3 && op2 >= 6)),
);

/** Whether SYS is an operation with a name of its own that takes a register or does not. */
const named =
  (takesRegister: boolean) =>
  ({ op1, CRn, CRm, op2 }: Readonly<Record<string, number>>): boolean => {
    const name = systemOperationName(op1!, CRn!, CRm!, op2!);
    return name !== undefined && systemOperations[name][5] === takesRegister;
  };
machine('SYS', '1101010100001 op1 CRn CRm op2 Rt', 'sys #<op1>, <C:CRn>, <C:CRm>, #<op2>, <Xt>')
  .alias('<sysop>, <Xt>', {}, named(true))
  .alias('<sysop>', { Rt: 31 }, named(false))
  .alias('sys #<op1>, <C:CRn>, <C:CRm>, #<op2>', { Rt: 31 });
machine('SYSL', '1101010100101 op1 CRn CRm op2 Rt', 'sysl <Xt>, #<op1>, <C:CRn>, <C:CRm>, #<op2>');
machine('MSR (register)', '110101010001 o0 op1 CRn CRm op2 Rt', 'msr <sysreg>, <Xt>');
machine('MRS', '110101010011 o0 op1 CRn CRm op2 Rt', 'mrs <Xt>, <sysreg>');

machine('ERET', '11010110100111110000001111100000', 'eret').flow('return');
machine('DRPS', '11010110101111110000001111100000', 'drps');
