/** The registers of the CPU interfaces in words (IHI 0048B tables 4-2 and 5-7): physical GICC, virtual GICV. */
import type { RegisterDescription, RegisterField } from '../device.ts';
import { bit } from './bit-field.ts';

const yesNo = { 0: 'no', 1: 'yes' };
const one = (name: string, at: number, meaning: string, values: RegisterField['values'] = yesNo): RegisterField =>
  bit(name, at, meaning, values);
const intid = (meaning: string): RegisterField[] => [
  { name: 'CPUID', high: 12, low: 10, meaning: 'for an SGI, the CPU that sent it' },
  { name: 'InterruptID', high: 9, low: 0, meaning, values: { 1022: 'one of group 1, and AckCtl = 0', 1023: 'none (spurious)' } },
];

const registers = (prefix: 'GICC' | 'GICV'): RegisterDescription[] => {
  const isVirtual = prefix === 'GICV';
  const kind = isVirtual ? 'virtual interrupt' : 'interrupt';
  const described = (name: string, offset: number, access: 'r' | 'w' | 'rw', title: string, fields?: RegisterField[], count?: number) => ({
    name: `${prefix}_${name}`,
    offset,
    width: 32 as const,
    access,
    title,
    ...(fields ? { fields } : {}),
    ...(count === undefined ? {} : { count }),
  });
  const priority = (meaning: string): RegisterField[] => [{ name: 'Priority', high: 7, low: 0, meaning }];
  return [
    described('CTLR', 0x00, 'rw', `Control of the ${isVirtual ? 'virtual ' : ''}CPU interface`, [
      one('EOImode', 9, 'what the end of an interrupt does', {
        0: 'EOIR drops priority and deactivates',
        1: 'EOIR drops priority, DIR deactivates',
      }),
      one('CBPR', 4, 'group 1 uses BPR too, instead of ABPR'),
      one('FIQEn', 3, `group 0 is signalled as ${isVirtual ? 'virtual ' : ''}FIQ`),
      one('AckCtl', 2, 'IAR acknowledges group 1 too'),
      one('EnableGrp1', 1, 'signal group 1'),
      one('EnableGrp0', 0, 'signal group 0'),
    ]),
    described('PMR', 0x04, 'rw', 'Priority mask', priority(`only an ${kind} with a smaller priority value is signalled`)),
    described('BPR', 0x08, 'rw', 'Binary point: which bits of a priority decide about preemption', [
      { name: 'Binary_point', high: 2, low: 0, meaning: 'bits 7 to this + 1 are the group priority' },
    ]),
    described('IAR', 0x0c, 'r', `Acknowledges the ${kind} that is signalled: reading it makes it active`, intid('what was acknowledged')),
    described('EOIR', 0x10, 'w', `End of ${kind}: drops its priority and, with EOImode = 0, deactivates it`, intid('what has ended')),
    described('RPR', 0x14, 'r', 'Running priority', priority('highest active group priority; 0xff where none is active')),
    described('HPPIR', 0x18, 'r', `The pending ${kind} with the highest priority`, intid('what is pending')),
    described('ABPR', 0x1c, 'rw', 'Binary point of group 1, where CBPR = 0', [
      { name: 'Binary_point', high: 2, low: 0, meaning: 'bits 7 to this are the group priority' },
    ]),
    described('AIAR', 0x20, 'r', `Acknowledges an ${kind} of group 1`, intid('what was acknowledged')),
    described('AEOIR', 0x24, 'w', `End of an ${kind} of group 1`, intid('what has ended')),
    described('AHPPIR', 0x28, 'r', `The pending ${kind} with the highest priority, if of group 1`, intid('what is pending')),
    described('APR', 0xd0, 'rw', `Active priorities${isVirtual ? '' : ' of group 0'}, a bit for each`, undefined, isVirtual ? 1 : 4),
    ...(isVirtual ? [] : [described('NSAPR', 0xe0, 'rw', 'Active priorities of group 1, a bit for each', undefined, 4)]),
    described('IIDR', 0xfc, 'r', 'Identifies the CPU interface', [
      { name: 'ProductID', high: 31, low: 20, meaning: 'product' },
      { name: 'Architecture_version', high: 19, low: 16, meaning: 'version of the GIC architecture' },
      { name: 'Revision', high: 15, low: 12, meaning: 'revision' },
      { name: 'Implementer', high: 11, low: 0, meaning: 'JEP106 code of the maker', values: { 0x43b: 'Arm' } },
    ]),
    described('DIR', 0x1000, 'w', `Deactivates an ${kind}, where EOImode = 1`, intid('what becomes inactive')),
  ];
};

export const cpuInterfaceRegisters: readonly RegisterDescription[] = registers('GICC');
export const virtualCpuInterfaceRegisters: readonly RegisterDescription[] = registers('GICV');
