/** The identification registers that end a frame of the GIC (IHI 0048B section 4.3.17, IHI 0069H section 12.9.38). */
import { bit, field } from '../fields.ts';
import type { Definition } from '../registers.ts';

const identification = (offset: number, value: number, title: string, fields: Definition<unknown>['fields']) => ({
  offset,
  width: 32 as const,
  access: 'r' as const,
  title,
  value,
  ...(fields && { fields }),
});
const unused = (offset: number) => identification(offset, 0, 'Peripheral identification, unused', []);

interface Identity {
  /** Offset of the first of them. */
  readonly base: number;
  readonly size: number;
  /** The lower byte of the part number. */
  readonly part: number;
  readonly architecture: 2 | 3;
}

export const peripheralIdentification = ({ base, size, part, architecture }: Identity) => ({
  PIDR4: identification(base, size, 'Peripheral identification', [
    field('SIZE', 7, 4, 'log2 of the pages of 4 KiB that it takes'),
    field('DES_2', 3, 0, 'JEP106 continuation code of the designer'),
  ]),
  PIDR5: unused(base + 0x04),
  PIDR6: unused(base + 0x08),
  PIDR7: unused(base + 0x0c),
  PIDR0: identification(base + 0x10, part, 'Peripheral identification', [field('PART_0', 7, 0, 'part number, bits 7..0')]),
  PIDR1: identification(base + 0x14, 0xb4, 'Peripheral identification', [
    field('DES_0', 7, 4, 'JEP106 code of the designer, bits 3..0'),
    field('PART_1', 3, 0, 'part number, bits 11..8'),
  ]),
  PIDR2: identification(base + 0x18, (architecture << 4) | 0xb, 'Peripheral identification: version of the GIC architecture', [
    field('ArchRev', 7, 4, 'version of the GIC architecture', { 1: 'GICv1', 2: 'GICv2', 3: 'GICv3', 4: 'GICv4' }),
    bit('JEDEC', 3, 'the designer is named by a JEP106 code'),
    field('DES_1', 2, 0, 'JEP106 code of the designer, bits 6..4'),
  ]),
  PIDR3: identification(base + 0x1c, 0x00, 'Peripheral identification', [
    field('REVAND', 7, 4, 'corrections of the design'),
    field('CMOD', 3, 0, 'changes by the customer'),
  ]),
});

/** Four bytes, 0xb105f00d, that mark a component with this set of identification registers. */
export const component = (base: number) => {
  const byte = (n: number, value: number) =>
    identification(base + 4 * n, value, 'Component identification', [field('Preamble', 7, 0, `byte ${n} of 0xb105f00d`)]);
  return { CIDR0: byte(0, 0x0d), CIDR1: byte(1, 0xf0), CIDR2: byte(2, 0x05), CIDR3: byte(3, 0xb1) };
};

/** Who made the distributor or a redistributor. */
export const implementer = (offset: number, title: string) =>
  identification(offset, 0x43b, title, [
    field('ProductID', 31, 24, 'product'),
    field('Variant', 19, 16, 'major revision'),
    field('Revision', 15, 12, 'minor revision'),
    field('Implementer', 11, 0, 'JEP106 code of the maker', { 0x43b: 'Arm' }),
  ]);
