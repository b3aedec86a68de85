/** Fields of the GICv3 CPU interface (GICv3 specification 12). */
import { bitNumbers, count, field, maskOf, noYes, offOn, traps, type Field } from './field.ts';

export const ichHcrEl2 = [
  field('EOIcount', [31, 27], 'Ended interrupts that were in no list register', count),
  field('TDIR', 14, 'Writes of ICC_DIR_EL1', traps),
  field('TSEI', 13, 'SErrors of the virtual interface', traps),
  field('TALL1', 12, 'Registers for group 1', traps),
  field('TALL0', 11, 'Registers for group 0', traps),
  field('TC', 10, 'Registers common to both groups', traps),
  field('VGrp1DIE', 7, 'Maintenance interrupt when group 1 is disabled', offOn),
  field('VGrp1EIE', 6, 'Maintenance interrupt when group 1 is enabled', offOn),
  field('VGrp0DIE', 5, 'Maintenance interrupt when group 0 is disabled', offOn),
  field('VGrp0EIE', 4, 'Maintenance interrupt when group 0 is enabled', offOn),
  field('NPIE', 3, 'Maintenance interrupt when nothing is pending', offOn),
  field('LRENPIE', 2, 'Maintenance interrupt when EOIcount is not zero', offOn),
  field('UIE', 1, 'Maintenance interrupt when at most one list register is in use', offOn),
  field('En', 0, 'Virtual interface', offOn),
];

/** INTIDs with their own meaning (2.2.1). */
const special: Readonly<Record<number, string>> = {
  1020: 'an interrupt for Secure state, reported at EL3',
  1021: 'an interrupt for Non-secure state, reported at EL3',
  1022: 'legacy operation only',
  1023: 'none is pending',
};
const INTID = field('INTID', [23, 0], 'Interrupt', (intid) => special[intid] ?? '');
export const iccIntid = [INTID];
export const iccPmrEl1 = [field('Priority', [7, 0], 'Only interrupts of higher priority, a lower number, are signalled', count)];
export const iccRprEl1 = [field('Priority', [7, 0], 'Running priority', (value) => (value === 0xff ? 'idle' : count(value)))];
/** Of the priority of eight bits, those above the point decide preemption. For group 1 the point is one higher than for group 0. */
const preempting = (point: number): string => {
  if (point === 7) return 'no preemption';
  return point === 6 ? 'bit 7 of the priority decides preemption' : `bits 7:${point + 1} of the priority decide preemption`;
};
export const iccBpr0El1 = [field('BinaryPoint', [2, 0], 'Binary point', preempting)];
export const iccBpr1El1 = [field('BinaryPoint', [2, 0], 'Binary point', (value) => (value === 0 ? 'reserved' : preempting(value - 1)))];
export const iccActivePriorities = [field('P<n>', [31, 0], 'Active priority groups, one bit each', bitNumbers)];
export const iccSgi = [
  field('Aff3', [55, 48], 'Affinity level 3 of the targets'),
  field('RS', [47, 44], 'Range of the target list: it begins with Aff0 = 16 * RS'),
  field('IRM', 40, 'Targets', { 0: 'those in the list', 1: 'all cores except this one' }),
  field('Aff2', [39, 32], 'Affinity level 2 of the targets'),
  field('INTID', [27, 24], 'SGI', count),
  field('Aff1', [23, 16], 'Affinity level 1 of the targets'),
  field('TargetList', [15, 0], 'Cores, one bit for each value of Aff0'),
];
const idBits = { 0: '16 bits', 1: '24 bits' };
const moreThanOne = (value: number): string => String(value + 1);
const EOI_MODE = { 0: 'drop the priority and deactivate', 1: 'drop the priority only; ICC_DIR_EL1 deactivates' };
export const iccCtlrEl1 = [
  field('ExtRange', 19, 'INTIDs from 1024 to 8191', { 0: 'not supported', 1: 'supported' }),
  field('RSS', 18, 'Range of Aff0 in software-generated interrupts', { 0: '0 to 15', 1: '0 to 255' }),
  field('A3V', 15, 'Affinity level 3 in software-generated interrupts', { 0: 'must be zero', 1: 'may be any' }),
  field('SEIS', 14, 'SErrors of the CPU interface', { 0: 'not supported', 1: 'supported' }),
  field('IDbits', [13, 11], 'Size of INTIDs', idBits),
  field('PRIbits', [10, 8], 'Priority bits', moreThanOne),
  field('PMHE', 6, 'The priority mask is a hint for the distribution of interrupts', offOn),
  field('EOImode', 1, 'Writes of ICC_EOIR0_EL1 and ICC_EOIR1_EL1', EOI_MODE),
  field('CBPR', 0, 'Binary point of group 1', { 0: 'ICC_BPR1_EL1', 1: 'ICC_BPR0_EL1, for both groups' }),
];
const sre = [
  field('DIB', 2, 'IRQ bypass', { 0: 'enabled', 1: 'disabled' }),
  field('DFB', 1, 'FIQ bypass', { 0: 'enabled', 1: 'disabled' }),
  field('SRE', 0, 'System register interface', offOn),
];
export const iccSreEl1 = sre;
export const iccSreEl2 = [field('Enable', 3, 'ICC_SRE_EL1 at EL1', { 0: 'trapped to EL2', 1: 'allowed' }), ...sre];
export const iccIgrpen = [field('Enable', 0, 'Interrupts of the group', offOn)];

export const ichVtrEl2 = [
  field('PRIbits', [31, 29], 'Virtual priority bits', moreThanOne),
  field('PREbits', [28, 26], 'Virtual preemption bits', moreThanOne),
  field('IDbits', [25, 23], 'Size of virtual INTIDs', idBits),
  field('SEIS', 22, 'Virtual SErrors', { 0: 'not supported', 1: 'supported' }),
  field('A3V', 21, 'Affinity level 3 in virtual software-generated interrupts', { 0: 'must be zero', 1: 'may be any' }),
  field('nV4', 20, 'Direct injection of virtual interrupts', { 0: 'supported', 1: 'not supported' }),
  field('TDS', 19, 'ICH_HCR_EL2.TDIR', { 0: 'not supported', 1: 'supported' }),
  field('ListRegs', [4, 0], 'List registers', moreThanOne),
];
export const ichMisrEl2 = [
  field('VGrp1D', 7, 'Group 1 is disabled', noYes),
  field('VGrp1E', 6, 'Group 1 is enabled', noYes),
  field('VGrp0D', 5, 'Group 0 is disabled', noYes),
  field('VGrp0E', 4, 'Group 0 is enabled', noYes),
  field('NP', 3, 'No list register holds a pending interrupt', noYes),
  field('LRENP', 2, 'EOIcount is not zero', noYes),
  field('U', 1, 'At most one list register is in use', noYes),
  field('EOI', 0, 'A list register holds an ended interrupt that asks for maintenance', noYes),
];
export const ichEisrEl2 = [
  field('Status<n>', [15, 0], 'List registers with an ended interrupt that asks for maintenance, one bit each', bitNumbers),
];
export const ichElrsrEl2 = [field('Status<n>', [15, 0], 'Free list registers, one bit each', bitNumbers)];
export const ichVmcrEl2 = [
  field('VPMR', [31, 24], 'Virtual priority mask', count),
  field('VBPR0', [23, 21], 'Virtual binary point of group 0', preempting),
  field('VBPR1', [20, 18], 'Virtual binary point of group 1', (value) => (value === 0 ? 'reserved' : preempting(value - 1))),
  field('VEOIM', 9, 'Writes of the virtual end-of-interrupt registers', EOI_MODE),
  field('VCBPR', 4, 'Virtual binary point of group 1', { 0: 'VBPR1', 1: 'VBPR0, for both groups' }),
  field('VFIQEn', 3, 'Virtual group 0 is signalled as', { 0: 'IRQ', 1: 'FIQ' }),
  field('VAckCtl', 2, 'A GICC_IAR read that finds group 1 returns', { 0: 'INTID 1022', 1: 'its INTID' }),
  field('VENG1', 1, 'Virtual interrupts of group 1', offOn),
  field('VENG0', 0, 'Virtual interrupts of group 0', offOn),
];
const lrPintid = field('pINTID', [44, 32], 'Physical interrupt');
const lrEoi = field('EOI', 41, 'Maintenance interrupt when it has ended', offOn);
const lrHw = field('HW', 61, 'It represents a physical interrupt, which is deactivated with it', noYes);
const lrUpper = [
  field('State', [63, 62], 'State', { 0: 'inactive', 1: 'pending', 2: 'active', 3: 'pending and active' }),
  lrHw,
  field('Group', 60, 'Group', { 0: 'group 0', 1: 'group 1' }),
  field('Priority', [55, 48], 'Priority', count),
];
/** All of them; where no physical interrupt is behind the virtual one, EOI is a part of what is pINTID otherwise. */
export const ichLrEl2All = [...lrUpper, lrPintid, lrEoi];
export const ichLrEl2 = (value: bigint): readonly Field[] => [
  ...lrUpper,
  value & maskOf(lrHw) ? lrPintid : lrEoi,
  field('vINTID', [31, 0], 'Virtual interrupt', count),
];
