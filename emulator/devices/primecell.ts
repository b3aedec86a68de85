/** The identification registers that every PrimeCell has at the end of its window, a byte each (as in Arm DDI 0183, section 3.3.15). */
import { field } from './fields.ts';
import type { Definition } from './registers.ts';

type Identification = Definition<unknown> & { readonly value: number };
type Name = `PeriphID${0 | 1 | 2 | 3}` | `PCellID${0 | 1 | 2 | 3}`;

const byte = (offset: number, value: number, title: string, fields: Definition<unknown>['fields']): Identification => ({
  offset,
  width: 8,
  access: 'r',
  inside: 'whole',
  value,
  title,
  ...(fields && { fields }),
});

/** `part`: the number of the PrimeCell in three digits: 0x011 for a PL011. Arm designed it: 0x41. */
export function identification(part: number, revision: number): Readonly<Record<Name, Identification>> {
  const DESIGNER = 0x41;
  const cell = (n: number, value: number): Identification =>
    byte(0xff0 + 4 * n, value, 'Identifies a PrimeCell', [field('PCellID', 7, 0, `byte ${n} of 0xb105f00d`, { [value]: 'as it must be' })]);
  return {
    PeriphID0: byte(0xfe0, part & 0xff, 'Identifies the peripheral: its part number', [
      field('PartNumber0', 7, 0, 'bits 7..0 of the part number'),
    ]),
    PeriphID1: byte(0xfe4, ((DESIGNER & 15) << 4) | (part >> 8), 'Identifies the peripheral: part number and designer', [
      field('Designer0', 7, 4, 'bits 3..0 of the designer'),
      field('PartNumber1', 3, 0, 'bits 11..8 of the part number'),
    ]),
    PeriphID2: byte(0xfe8, (revision << 4) | (DESIGNER >> 4), 'Identifies the peripheral: designer and revision', [
      field('Revision', 7, 4, 'revision'),
      field('Designer1', 3, 0, "bits 7..4 of the designer; 0x41, 'A', is Arm"),
    ]),
    PeriphID3: byte(0xfec, 0, 'Identifies the peripheral: its configuration', [field('Configuration', 7, 0, 'options of the peripheral')]),
    PCellID0: cell(0, 0x0d),
    PCellID1: cell(1, 0xf0),
    PCellID2: cell(2, 0x05),
    PCellID3: cell(3, 0xb1),
  };
}
