import type { VA } from '../../../base/addresses.ts';
import { hex } from '../../../base/hex.ts';
import { HCR_EL2 } from '../../../cpu/registers/bits.ts';
import type { Group } from '../../../devices/gic/index.ts';
import type { Examination } from '../examination.ts';
import type { Rule } from '../rule.ts';

/** What a hypervisor wrote to a list register, and what the version of the GIC calls the fields that decide (IHI 0048B 5.3.8, IHI 0069H 12.4.6). */
interface Listed {
  readonly register: string;
  readonly n: number;
  readonly pc: VA;
  readonly value: bigint;
  /** Of its fields. */
  readonly state: number;
  readonly group: Group;
  readonly priority: number;
}
const versions = {
  2: {
    state: 'Set bits 29:28 of GICH_LR to 0b01, pending. Bits 63:62 are the state in a GICv3.',
    settings: 'GICH_VMCR',
    enable: (group: Group) => `VMGrp${group}En`,
    mask: 'VMPriMask',
    group: 'GICH_LR.Grp1',
    guestMask: 'GICC_PMR',
  },
  3: {
    state: 'Set bits 63:62 of ICH_LR<n>_EL2 to 0b01, pending. Bits 29:28 are the state in a GICv2.',
    settings: 'ICH_VMCR_EL2',
    enable: (group: Group) => `VENG${group}`,
    mask: 'VPMR',
    group: 'ICH_LR<n>_EL2.Group',
    guestMask: 'ICC_PMR_EL1',
  },
} as const;
const PENDING = 1;

/** The last one that is not zero. */
function lastListed({ machine, history }: Examination): Listed | undefined {
  const { gic, bus } = machine.board;
  const fields = (value: bigint, state: number, group: number, priority: number, bits: number) => ({
    value,
    state: Number((value >> BigInt(state)) & 3n),
    group: Number((value >> BigInt(group)) & 1n) as Group,
    priority: (Number((value >> BigInt(priority)) & 0xffn) & (2 ** bits - 1)) << (8 - bits),
  });
  if (gic.version === 2) {
    const write = history.stores.findLast(({ pa, after }) => after !== 0n && /^GICH_LR\d/.test(bus.registerAt(pa) ?? ''));
    return write && { register: bus.registerAt(write.pa)!, n: write.n, pc: write.pc, ...fields(write.after, 28, 30, 23, 5) };
  }
  const write = history.system.findLast(
    ({ name, register = '', operand }) => name === 'MSR (register)' && operand !== 0n && /^ICH_LR\d/.test(register),
  );
  return write && { register: write.register!, n: write.n, pc: write.pc, ...fields(write.operand, 62, 60, 48, 8) };
}

/** A virtual interrupt that a hypervisor has prepared and the guest does not get (IHI 0048B 5.2). */
export const listRegister: Rule = {
  id: 'P34',
  kind: 'broken',
  title: 'The guest does not get the interrupt of the list register',
  looksAt: 'writes to the list registers, GICH_HCR.En or ICH_HCR_EL2.En, the settings of the guest and HCR_EL2.IMO while EL1 waits',
  find(exam) {
    const { machine } = exam;
    const { gic } = machine.board;
    const { cpu } = machine;
    if (cpu.el > 1 || !exam.isStuck || exam.root) return [];
    const write = lastListed(exam);
    const { traps } = exam.subject.timeline;
    if (!write || traps.length === 0) return [];
    for (let index = traps.first; index < traps.length && traps.step(index) < exam.at; index++)
      if (traps.type(index) === 'vIRQ' || traps.type(index) === 'vFIQ') return [];
    const { register, state, group, priority } = write;
    const { virtualCpuInterface: guest, names } = gic;
    const words = versions[gic.version];
    const [type, route] = guest.outputOf(group) === 'irq' ? (['IRQ', 'IMO'] as const) : (['FIQ', 'FMO'] as const);
    const why =
      state === 0
        ? {
            text: `${register} was given ${hex(write.value)}, whose State (bits ${gic.version === 2 ? '29:28' : '63:62'}) is 0b00: it is empty`,
            register,
            field: 'State',
            fix: words.state,
          }
        : state !== PENDING
          ? undefined
          : !gic.virtualControl.forwards()
            ? {
                text: `${names.control}.En is 0, so the virtual interface signals nothing`,
                register: names.control,
                field: 'En',
                fix: `Set ${names.control}.En (bit 0).`,
              }
            : (cpu.low('HCR_EL2') & HCR_EL2[route]) === 0
              ? {
                  text: `HCR_EL2.${route} is 0, and without it there are no virtual ${type}s`,
                  register: 'HCR_EL2',
                  field: route,
                  fix: `Set HCR_EL2.${route} (bit ${route === 'IMO' ? 4 : 3}) while a guest runs.`,
                }
              : !guest.isEnabled(group)
                ? {
                    text: `the guest has not enabled group ${group} (${guest.names.enable(group)} = 0), in which ${register} has the interrupt`,
                    register: words.settings,
                    field: words.enable(group),
                    fix: `Put the interrupt into the group that the guest enables (${words.group}), or let the guest enable the group.`,
                  }
                : priority >= guest.mask
                  ? {
                      text: `priority ${hex(priority)} of ${register} is not above the mask of the guest, ${hex(guest.mask)}`,
                      register: words.settings,
                      field: words.mask,
                      fix: `Give the interrupt a smaller priority value, or let the guest write 0xf8 to its ${words.guestMask}.`,
                    }
                  : undefined;
    if (!why) return [];
    return [
      {
        sentence: `The hypervisor put an interrupt into ${register}, but ${why.text}. EL1 waits for it.`,
        fix: why.fix,
        pc: write.pc,
        at: write.n,
        evidence: [
          exam.step(write.n, write.pc, `writes ${hex(write.value)} to ${register}`, { register, field: 'State', value: hex(write.value) }),
          { text: why.text, register: why.register, field: why.field, at: exam.at },
        ],
        links: [{ panel: 'registers', subject: register }],
      },
    ];
  },
};
