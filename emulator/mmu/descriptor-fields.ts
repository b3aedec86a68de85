/**
 * The fields of translation table descriptors (Arm ARM D8.3 "Translation table descriptor formats"). The masks by which the walker decodes
 * come from here, and so do the places of the fields that are shown.
 */
import { bitsOf, field, highBitsOf, shiftOf, valueAt, type Field } from '../cpu/registers/fields/field.ts';

const type = [field('Valid', 0, 'Something is mapped'), field('Type', [1, 0], 'What the descriptor is')] as const;
const leaf = [
  field('Contiguous', 52, 'Neighbours form one larger range'),
  field('Output', [47, 12], 'Output address'),
  field('AF', 10, 'Access flag'),
  field('SH', [9, 8], 'Shareability'),
  ...type,
] as const;
const stage1 = [
  field('UXN', 54, 'Unprivileged execute-never; XN in the EL2 regime'),
  field('PXN', 53, 'Privileged execute-never'),
  field('nG', 11, 'Not global'),
  field('AP', [7, 6], 'AP[2:1], data access permissions'),
  field('NS', 5, 'Non-secure'),
  field('AttrIndx', [4, 2], 'Which attribute of MAIR_ELx'),
  ...leaf,
] as const;
const stage2 = [
  field('XN', 54, 'Execute-never'),
  field('S2AP', [7, 6], 'Data access permissions'),
  field('MemAttr', [5, 2], 'Memory type'),
  ...leaf,
] as const;
const table = [
  field('NSTable', 63, 'Non-secure'),
  field('APTable', [62, 61], 'Data access permissions that are withheld below'),
  field('UXNTable', 60, 'UXN of everything below; XNTable in the EL2 regime'),
  field('PXNTable', 59, 'PXN of everything below'),
  field('Next table', [47, 12], 'Address of the next table'),
  ...type,
] as const;

const byName = <F extends Field>(fields: readonly F[]) =>
  Object.fromEntries<Field>(fields.map((one) => [one.name, one])) as Readonly<Record<F['name'], Field>>;
export const stage1Fields = byName(stage1);
export const stage2Fields = byName(stage2);
export const tableFields = byName(table);

/** Masks in the low and in the high half of a descriptor. */
export const STAGE1 = bitsOf(stage1);
export const STAGE1_HIGH = highBitsOf(stage1);
export const STAGE2 = bitsOf(stage2);
export const STAGE2_HIGH = highBitsOf(stage2);
export const TABLE_HIGH = highBitsOf(table);

/** AP[2] and AP[1]. */
export const READ_ONLY = valueAt(STAGE1.AP, 2);
export const UNPRIVILEGED = valueAt(STAGE1.AP, 1);
/** Type of everything but a block. */
export const NO_BLOCK = valueAt(STAGE1.Type, 2);

/** Hierarchical control: the fields of a table descriptor that hold for everything below it, and the place of the lowest. */
export const CONTROL = TABLE_HIGH.APTable | TABLE_HIGH.UXNTable | TABLE_HIGH.PXNTable;
export const CONTROL_SHIFT = shiftOf(CONTROL);
