import { hex } from '../../../base/hex.ts';
import { timerNames, type ExceptionEvent, type TimerName } from '../../../cpu/index.ts';
import { CNTx_CTL, HCR_EL2 } from '../../../cpu/registers/bits.ts';
import { interruptToTake } from '../../../cpu/index.ts';
import { PSTATE } from '../../../cpu/spsr.ts';
import type { Obstacle } from '../../../devices/gic/index.ts';
import { ppi, ppiIntid } from '../../../machine/board-row.ts';
import { comingInterrupts } from '../../../machine/coming-interrupts.ts';
import { capital, interruptName, obstacleWords } from '../../interrupt-words.ts';
import type { Examination } from '../examination.ts';
import type { Evidence } from '../finding.ts';
import { meansToGoOn } from '../intent.ts';
import type { Found, Rule } from '../rule.ts';

const intids: Readonly<Record<TimerName, number>> = {
  physical: ppiIntid(ppi.physicalTimer),
  virtual: ppiIntid(ppi.virtualTimer),
  hypervisor: ppiIntid(ppi.hypervisorTimer),
};
const controlOf: Readonly<Record<TimerName, 'CNTP_CTL_EL0' | 'CNTV_CTL_EL0' | 'CNTHP_CTL_EL2'>> = {
  physical: 'CNTP_CTL_EL0',
  virtual: 'CNTV_CTL_EL0',
  hypervisor: 'CNTHP_CTL_EL2',
};
const timerOf = (intid: number): TimerName | undefined => timerNames.find((name) => intids[name] === intid);
/** Nanoseconds for which an interrupt may be pending while a program has reasons to mask it. */
const LONG = 20_000;

/** Whether an interrupt with this INTID has been taken. */
function wasTaken({ subject, at }: Examination, intid: number): boolean {
  const { traps } = subject.timeline;
  for (let index = traps.firstAt(at) - 1, looked = 0; index >= traps.first && looked < 50_000; index--, looked++)
    if (
      traps.kind(index) === 'exception' &&
      (traps.type(index) === 'IRQ' || traps.type(index) === 'FIQ') &&
      (traps.get(index) as ExceptionEvent).intid === intid
    )
      return true;
  return false;
}
/** The instruction that set a timer. */
function armed(exam: Examination, intid: number): Evidence[] {
  const timer = timerOf(intid);
  const write = timer && exam.writer(controlOf[timer], exam.at + 1);
  return write
    ? [
        exam.step(write.n, write.pc, `enables ${interruptName(intid, exam.machine.board.regions)}`, {
          register: write.register!,
          field: 'ENABLE',
          value: hex(write.operand),
        }),
      ]
    : [];
}

/** An interrupt that the GIC signals and nobody takes: it goes to EL1 while EL2 waits for it (Arm ARM D1.3.6). */
export const interruptNotRouted: Rule = {
  id: 'P32',
  kind: 'broken',
  title: 'Interrupts do not go to EL2',
  looksAt: 'HCR_EL2.IMO and PSTATE.I while an interrupt is signalled and not taken',
  find(exam) {
    const { cpu, board, environment } = exam.machine;
    if (!exam.machine.options.el2 || exam.machine.stop) return [];
    const hcr = cpu.low('HCR_EL2');
    const isRouted = (hcr & (HCR_EL2.IMO | HCR_EL2.TGE)) !== 0;
    if (isRouted) return [];
    const open = exam.open.find(({ type, to, intid }) => type === 'IRQ' && to === 1 && intid === intids.hypervisor);
    if (open && exam.isStuck)
      return [unrouted(exam, intids.hypervisor, `it goes to EL1, whose handler at ${exam.name(open.pc)} does not expect it`)];
    const signalled = board.gic.signalled('irq');
    if (!signalled || interruptToTake(cpu, environment.lines)) return [];
    const { intid } = signalled;
    const isMasked = (cpu.daif & PSTATE.I) !== 0;
    if (cpu.el === 2) {
      if (isMasked || !exam.isStuck) return [];
      return [unrouted(exam, intid, 'with HCR_EL2.IMO = 0 it is for EL1, so EL2 never takes it, though PSTATE.I = 0')];
    }
    if (intid !== intids.hypervisor || !isMasked || wasTaken(exam, intid) || pendingFor(exam, intid) < LONG) return [];
    return [unrouted(exam, intid, `it goes to EL1, where the guest masks it (PSTATE.I = 1) and keeps the processor`)];
  },
};

/** Nanoseconds since a timer of EL2 has reached its compare value. */
function pendingFor({ machine }: Examination, intid: number): number {
  if (timerOf(intid) !== 'hypervisor') return Infinity;
  const ticks = machine.environment.counter() - Number(machine.cpu.get('CNTHP_CVAL_EL2'));
  return ticks * 16;
}

export function unrouted(exam: Examination, intid: number, why: string): Found {
  const { machine } = exam;
  const name = capital(interruptName(intid, machine.board.regions));
  const hcr = machine.cpu.get('HCR_EL2');
  const write = exam.writer('HCR_EL2', exam.at + 1);
  return {
    sentence: `${name}, is signalled to the processor, but ${why}.`,
    fix: 'Set HCR_EL2.IMO (bit 4) before the guest runs: physical IRQs then go to EL2, and the mask of the guest does not hold against that.',
    trial: { at: write ? write.n + 1 : exam.at, set: ['HCR_EL2.IMO=1'] },
    pc: write?.pc,
    at: write?.n,
    evidence: [
      { text: 'HCR_EL2.IMO = 0', register: 'HCR_EL2', field: 'IMO', value: hex(hcr), at: exam.at },
      ...(write
        ? [
            exam.step(write.n, write.pc, `writes ${hex(write.operand)} to HCR_EL2`, {
              register: 'HCR_EL2',
              field: 'IMO',
              value: hex(write.operand),
            }),
          ]
        : []),
      ...armed(exam, intid),
      { text: `PSTATE.I = ${machine.cpu.daif & PSTATE.I ? 1 : 0} at EL${machine.cpu.el}`, register: 'DAIF', field: 'I', at: exam.at },
    ],
    links: [{ panel: 'registers', subject: 'HCR_EL2' }],
  };
}

/** A timer whose condition is met, and the GIC keeps its interrupt from the processor. */
export const timerHeld: Rule = {
  id: 'P33',
  kind: 'broken',
  title: 'The GIC holds the interrupt of the timer',
  looksAt: 'timers that have fired, and what the GIC does with their INTIDs',
  find(exam) {
    const { machine } = exam;
    if (exam.ending.kind === 'running' || exam.ending.kind === 'loop' || exam.root) return [];
    const held = comingInterrupts(machine).find(
      ({ from, ns, obstacle, intid }) => from === 'timer' && ns === 0 && obstacle && !wasTaken(exam, intid),
    );
    if (!held?.obstacle) return [];
    // A program that polls a timer needs no interrupt.
    const { cpu, board } = machine;
    const gic = board.regions.filter(({ family }) => family === 'GIC');
    const touches = exam.history.stores.filter(({ pa }) => gic.some(({ base, bytes }) => pa >= base && pa < base + bytes));
    const wants = touches.length > 0 || ((cpu.daif & PSTATE.I) === 0 && cpu.waiting);
    if (!wants || held.obstacle.kind === 'active') return [];
    // A program that has ended, and one that parks with its interrupts masked, needs none either.
    const isParked = exam.isHalt || (exam.isStuck && !meansToGoOn(exam) && (cpu.daif & PSTATE.I) !== 0);
    if (isParked) return [];
    const name = interruptName(held.intid, board.regions);
    const enables = board.gic.names.enable(held.intid);
    const enabling = touches.findLast(({ pa }) => /^GIC[DR]_ISENABLER/.test(board.bus.registerAt(pa) ?? ''));
    const enabled = enabling ? others(enabling.after, board.bus.registerAt(enabling.pa)!, held.intid) : [];
    const isEnable = held.obstacle.kind === 'disabled';
    const place = isEnable
      ? enabling
      : (touches.findLast(({ pa }) => board.bus.registerAt(pa) === registerOf(held.obstacle!)) ?? enabling ?? touches.at(-1));
    const wait = exam.waitsAt;
    const isGrouped = held.obstacle.kind === 'group';
    const group = isGrouped ? touches.findLast(({ pa }) => /^GIC[DR]_IGROUPR/.test(board.bus.registerAt(pa) ?? '')) : undefined;
    return [
      {
        kind: exam.isStuck ? 'broken' : 'suspicious',
        sentence: `${capital(name)}, has reached its time (ISTATUS = 1), but it is ${obstacleWords(held.obstacle)}.${isEnable && enabled.length > 0 ? ` The program enables INTID ${enabled.join(' and ')} instead.` : ''}`,
        fix: isEnable
          ? `Enable INTID ${held.intid}: bit ${held.intid % 32} of ${enables}.`
          : `Correct ${registerOf(held.obstacle)}: the distributor and the CPU interface must be on, and the priority of the interrupt must be a smaller number than ${board.gic.cpuInterface.names.mask}.`,
        pc: place?.pc ?? wait,
        at: place?.n ?? exam.at,
        evidence: [
          ...armed(exam, held.intid),
          { text: `INTID ${held.intid} is ${obstacleWords(held.obstacle)}`, register: registerOf(held.obstacle), at: exam.at },
          ...(place
            ? [
                exam.step(place.n, place.pc, `writes ${hex(place.after)} to ${board.bus.registerAt(place.pa)}`, {
                  value: hex(place.after),
                  address: hex(place.pa),
                }),
              ]
            : []),
          ...(group
            ? [
                exam.step(group.n, group.pc, `writes ${hex(group.after)} to ${board.bus.registerAt(group.pa)}`, {
                  value: hex(group.after),
                  address: hex(group.pa),
                }),
              ]
            : []),
          ...(exam.isStuck ? [exam.step(exam.at, wait, 'waits')] : []),
        ],
        links: [{ panel: 'registers', subject: enables }],
      },
    ];
  },
};
const registerOf = ({ field }: Obstacle): string => field.replace(/\..*/, '');
/** The INTIDs that a write to GICD_ISENABLERn or GICR_ISENABLER0 enables, beside one. */
const others = (value: bigint, register: string, intid: number): number[] =>
  Array.from({ length: 32 }, (_, i) => 32 * Number(/\d+$/.exec(register)?.[0] ?? 0) + i).filter(
    (one) => (value >> BigInt(one % 32)) & 1n && one !== intid,
  );

/** WFI in vain: the timer that should end it raises no interrupt, or none is set (Arm ARM D1.6.2). */
export const waitsForNothing: Rule = {
  id: 'P35',
  kind: 'broken',
  title: 'WFI waits for an interrupt that nothing will raise',
  looksAt: 'WFI with nothing to wake it: timers that are masked, and what the program means to do after it',
  find(exam) {
    const { cpu } = exam.machine;
    if (exam.ending.kind !== 'idle' || exam.root) return [];
    const pc = cpu.pc;
    const masked = timerNames.filter(
      (name) => (cpu.low(controlOf[name]) & (CNTx_CTL.ENABLE | CNTx_CTL.IMASK)) === (CNTx_CTL.ENABLE | CNTx_CTL.IMASK),
    );
    const timer = masked.find((name) => !wasTaken(exam, intids[name]));
    if (comingInterrupts(exam.machine).some(({ from, obstacle }) => from === 'timer' && obstacle)) return [];
    const goesOn = meansToGoOn(exam);
    // A program that has polled a timer, and now parks, needs no interrupt.
    if (!goesOn && (timer === undefined || (cpu.daif & PSTATE.I) !== 0)) return [];
    if (timer === undefined && exam.subject.timeline.traps.exceptions > 0 && anyInterrupt(exam)) return [];
    const write = timer && exam.writer(controlOf[timer], exam.at + 1);
    const name = timer && interruptName(intids[timer], exam.machine.board.regions);
    return [
      {
        sentence: `EL${cpu.el} waits at ${exam.name(pc)} with WFI, and nothing will wake it: ${name ? `${name}, is enabled, but its IMASK is 1, so it raises no interrupt` : 'no timer is set, and no other interrupt can come'}.`,
        fix: timer
          ? `Write 1 to ${controlOf[timer]}: ENABLE = 1, IMASK = 0.`
          : 'Set a timer before WFI: write CNTV_TVAL_EL0, then 1 to CNTV_CTL_EL0, with its INTID enabled at the GIC.',
        ...(timer ? { trial: { at: exam.at, set: [`${controlOf[timer]}=1`] } } : {}),
        pc: write ? write.pc : ((pc - 4n) as typeof pc),
        at: write ? write.n : exam.at - 1,
        evidence: [
          ...(write
            ? [
                exam.step(write.n, write.pc, `writes ${hex(write.operand)} to ${write.register}: IMASK = 1`, {
                  register: write.register!,
                  field: 'IMASK',
                  value: hex(write.operand),
                }),
              ]
            : []),
          { text: 'WFI, and nothing to wake it', address: hex(pc - 4n), ...exam.source((pc - 4n) as typeof pc), at: exam.at - 1 },
        ],
        links: [{ panel: 'code', subject: hex(pc) }, ...(timer ? [{ panel: 'registers' as const, subject: controlOf[timer] }] : [])],
      },
    ];
  },
};
const anyInterrupt = ({ subject, at }: Examination): boolean => {
  const { traps } = subject.timeline;
  for (let index = traps.firstAt(at) - 1; index >= traps.first; index--) if (/IRQ|FIQ/.test(traps.type(index))) return true;
  return false;
};
