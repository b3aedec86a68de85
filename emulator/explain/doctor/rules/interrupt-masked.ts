import { VA } from '../../../base/addresses.ts';
import { hex } from '../../../base/hex.ts';
import { interruptHeldBy, type InterruptType } from '../../../cpu/index.ts';
import { HCR_EL2 } from '../../../cpu/registers/bits.ts';
import { comingInterrupts } from '../../../machine/coming-interrupts.ts';
import type { Machine } from '../../../machine/machine.ts';
import { maskBitOf, maskOrigin } from '../../interrupt-mask.ts';
import { capital, interruptName } from '../../interrupt-words.ts';
import type { Examination } from '../examination.ts';
import { meansToGoOn } from '../intent.ts';
import type { Found, Rule } from '../rule.ts';

const physical = { irq: 'IRQ', fiq: 'FIQ' } as const;
const virtual = { virq: 'vIRQ', vfiq: 'vFIQ' } as const;
const bySoftware = { VI: 'vIRQ', VF: 'vFIQ', VSE: 'vSError' } as const;

interface Pending {
  readonly type: InterruptType;
  readonly what: string;
}

/** What is pending at the processor itself, past the GIC. */
function pendingAt({ cpu, board, options }: Machine): Pending[] {
  const lines = (
    [...Object.entries(physical), ...Object.entries(virtual)] as [keyof typeof physical & keyof typeof virtual, InterruptType][]
  ).flatMap(([line, type]) => {
    const signalled = board.gic.signalled(line);
    return signalled ? [{ type, what: interruptName(signalled.intid, board.regions) }] : [];
  });
  const hcr = options.el2 ? cpu.low('HCR_EL2') : 0;
  const asked = (Object.entries(bySoftware) as [keyof typeof bySoftware, InterruptType][]).flatMap(([bit, type]) =>
    hcr & HCR_EL2[bit] ? [{ type, what: `a ${type}, made by HCR_EL2.${bit} = 1` }] : [],
  );
  return [...lines, ...asked];
}

/** The next interrupt of a timer or a device that the GIC will signal and PSTATE will mask. */
function comingMasked(machine: Machine): { readonly what: string; readonly field: string } | undefined {
  const { cpu, board } = machine;
  const { gic } = board;
  for (const { intid, from, obstacle } of comingInterrupts(machine)) {
    if (from === 'input' || obstacle) continue;
    const { group } = gic.distributor.interrupts.asPending(intid);
    const field = interruptHeldBy(cpu, physical[gic.cpuInterface.outputOf(group)]);
    if (field === 'PSTATE.I' || field === 'PSTATE.F') return { what: interruptName(intid, board.regions), field };
  }
  return undefined;
}

/** An interrupt that has come as far as the processor, which does not take it: PSTATE masks it, or HCR_EL2 does not route it (Arm ARM D1.3.6). */
export const interruptMasked: Rule = {
  id: 'interrupt-masked',
  kind: 'broken',
  title: 'An interrupt is pending, but it is masked',
  looksAt: 'interrupts that are signalled while the program waits, or will be, PSTATE.I and F, and HCR_EL2.IMO and FMO of virtual ones',
  find(exam) {
    if (!exam.isStuck || exam.root || !meansToGoOn(exam)) return [];
    const { machine } = exam;
    for (const { type, what } of pendingAt(machine)) {
      const field = interruptHeldBy(machine.cpu, type);
      if (field?.startsWith('PSTATE.') === true && field !== 'PSTATE.EL') return [masked(exam, what, field)];
      if (field !== undefined && type.startsWith('v') && machine.cpu.el < 2 && field.startsWith('HCR_EL2.'))
        return [unrouted(exam, what, field)];
    }
    const coming = comingMasked(machine);
    return coming ? [masked(exam, coming.what, coming.field, 'will be signalled')] : [];
  },
};

function masked(exam: Examination, what: string, field: string, state = 'is signalled'): Found {
  const { cpu } = exam.machine;
  const name = field.slice('PSTATE.'.length);
  const bit = maskBitOf(field);
  const origin = bit && maskOrigin(exam.subject, bit, Infinity);
  const entered = origin?.by === 'return' && cpu.el < 2 ? exam.writer('SPSR_EL2', origin.at) : undefined;
  const wait = exam.waitsAt;
  return {
    sentence: `${capital(what)}, ${state} to the processor, but ${field} = 1 masks it at EL${cpu.el}, so it is never taken, and the program waits for it at ${exam.name(wait)}.`,
    fix: `Clear ${field} before the wait: msr daifclr, #${name === 'F' ? 1 : name === 'A' ? 4 : 2}.`,
    patch: [`+ msr  daifclr, #${name === 'F' ? 1 : name === 'A' ? 4 : 2}`, '  wfi'],
    pc: wait,
    at: exam.at,
    evidence: [
      { text: `${field} = 1 at EL${cpu.el}`, register: 'DAIF', field: name, value: hex(cpu.daif), at: exam.at },
      exam.step(exam.at, wait, 'waits'),
      ...(origin?.place
        ? [exam.step(origin.at, VA(BigInt(origin.place.address)), `sets ${field}`, { register: 'DAIF', field: name })]
        : []),
      ...(entered
        ? [
            exam.step(entered.n, entered.pc, `EL1 begins with this PSTATE`, {
              register: 'SPSR_EL2',
              field: name,
              value: hex(entered.operand),
            }),
          ]
        : []),
    ],
    links: [{ panel: 'registers', subject: 'DAIF' }],
  };
}

function unrouted(exam: Examination, what: string, field: string): Found {
  const write = exam.writer('HCR_EL2', exam.at + 1);
  const bit = field.slice('HCR_EL2.'.length);
  const isTge = bit === 'TGE';
  return {
    id: 'virtual-interrupt-off',
    title: 'The virtual interrupt is not enabled',
    sentence: `${capital(what)}, is pending for the guest, but ${field} = ${isTge ? '1, and then there are no virtual interrupts' : '0, and without it there is no such virtual interrupt'}: EL1 waits for it at ${exam.name(exam.waitsAt)}.`,
    fix: `${isTge ? 'Clear' : 'Set'} ${field} while the guest runs.`,
    trial: { at: exam.at, set: [`${field}=${isTge ? 0 : 1}`] },
    pc: write?.pc ?? exam.waitsAt,
    at: write?.n ?? exam.at,
    evidence: [
      { text: `${field} = ${isTge ? 1 : 0}`, register: 'HCR_EL2', field: bit, value: hex(exam.machine.cpu.get('HCR_EL2')), at: exam.at },
      ...(write
        ? [exam.step(write.n, write.pc, `writes ${hex(write.operand)} to HCR_EL2`, { register: 'HCR_EL2', value: hex(write.operand) })]
        : []),
      exam.step(exam.at, exam.waitsAt, 'waits'),
    ],
    links: [{ panel: 'registers', subject: 'HCR_EL2' }],
  };
}
