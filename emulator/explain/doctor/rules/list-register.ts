import { hex } from '../../../base/hex.ts';
import { HCR_EL2 } from '../../../cpu/registers/bits.ts';
import type { Rule } from '../rule.ts';

/** A list register of the GICv2: pending is State<29:28> = 0b01 (IHI 0048B 5.3.8). */
const STATE = 0x3000_0000n;
const PENDING = 0x1000_0000n;

/** A virtual interrupt that a hypervisor has prepared and the guest does not get (IHI 0048B 5.2). */
export const listRegister: Rule = {
  id: 'P34',
  kind: 'broken',
  title: 'The guest does not get the interrupt of the list register',
  looksAt: 'writes to GICH_LR, GICH_HCR.En, the settings of the guest and HCR_EL2.IMO while EL1 waits',
  find(exam) {
    const { machine } = exam;
    const { gic, bus } = machine.board;
    const { cpu } = machine;
    if (!gic || cpu.el > 1 || !exam.isStuck || exam.root) return [];
    const writes = exam.history.stores.filter(({ pa }) => /^GICH_LR\d/.test(bus.registerAt(pa) ?? ''));
    const write = writes.findLast(({ after }) => after !== 0n);
    const { traps } = exam.subject.timeline;
    if (!write || traps.length === 0) return [];
    for (let index = traps.first; index < traps.length && traps.step(index) < exam.at; index++)
      if (traps.type(index) === 'vIRQ' || traps.type(index) === 'vFIQ') return [];
    const register = bus.registerAt(write.pa)!;
    const control = gic.virtualControl.peek(0, 4);
    const settings = gic.virtualControl.peek(8, 4);
    const isPending = (write.after & STATE) === PENDING;
    const group1 = (write.after & 0x4000_0000n) !== 0n;
    const priority = Number((write.after >> 23n) & 31n);
    const mask = settings >>> 27;
    const why =
      (write.after & STATE) === 0n
        ? {
            text: `${register} was given ${hex(write.after)}, whose State (bits 29:28) is 0b00: it is empty`,
            register,
            field: 'State',
            fix: 'Set bits 29:28 of GICH_LR to 0b01, pending. Bits 63:62 are the state in a GICv3.',
          }
        : !isPending
          ? undefined
          : (control & 1) === 0
            ? {
                text: 'GICH_HCR.En is 0, so the virtual interface signals nothing',
                register: 'GICH_HCR',
                field: 'En',
                fix: 'Set GICH_HCR.En (bit 0).',
              }
            : (cpu.low('HCR_EL2') & HCR_EL2.IMO) === 0
              ? {
                  text: 'HCR_EL2.IMO is 0, and without it there are no virtual IRQs',
                  register: 'HCR_EL2',
                  field: 'IMO',
                  fix: 'Set HCR_EL2.IMO (bit 4) while a guest runs.',
                }
              : (settings & (group1 ? 2 : 1)) === 0
                ? {
                    text: `the guest has not enabled group ${group1 ? 1 : 0} (GICV_CTLR.EnableGrp${group1 ? 1 : 0} = 0), in which ${register} has the interrupt`,
                    register: 'GICH_VMCR',
                    field: `VMGrp${group1 ? 1 : 0}En`,
                    fix: 'Put the interrupt into the group that the guest enables (GICH_LR.Grp1), or let the guest enable the group.',
                  }
                : priority >= mask
                  ? {
                      text: `priority ${hex(priority << 3)} of ${register} is not above the mask of the guest, ${hex(mask << 3)}`,
                      register: 'GICH_VMCR',
                      field: 'VMPriMask',
                      fix: 'Give the interrupt a smaller priority value, or let the guest write 0xf8 to its GICC_PMR.',
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
          exam.step(write.n, write.pc, `writes ${hex(write.after)} to ${register}`, { register, field: 'State', value: hex(write.after) }),
          { text: why.text, register: why.register, field: why.field, at: exam.at },
        ],
        links: [{ panel: 'registers', subject: register }],
      },
    ];
  },
};
