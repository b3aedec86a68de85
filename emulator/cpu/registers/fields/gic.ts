/** Fields of the GICv3 CPU interface (GICv3 specification 12). */
import { field, offOn, traps } from './field.ts';

export const ichHcrEl2 = [
  field('EOIcount', [31, 27], 'Ended interrupts that were in no list register'),
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
