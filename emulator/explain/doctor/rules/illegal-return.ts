import { hex } from '../../../base/hex.ts';
import type { CpuEvent } from '../../../cpu/index.ts';
import type { Examination } from '../examination.ts';
import { whatBecame } from '../fault-words.ts';
import type { Found, Rule } from '../rule.ts';

type Return = Extract<CpuEvent, { kind: 'return' | 'illegal-return' }>;

/** An ERET that is an illegal exception return (Arm ARM D1.4.2), or goes to AArch32. */
export const illegalReturn: Rule = {
  id: 'P01',
  kind: 'broken',
  title: 'ERET cannot go where SPSR says',
  looksAt: 'SPSR_ELx.M, HCR_EL2.RW and HCR_EL2.TGE at an illegal return, or at one to AArch32',
  find(exam) {
    const { traps } = exam.subject.timeline;
    const stop = exam.machine.stop;
    if (stop?.kind === 'not-built' && stop.what.startsWith('AArch32')) return [toAArch32(exam)];
    for (let index = traps.firstAt(exam.at) - 1; index >= traps.first && exam.at - traps.step(index) < NEAR; index--) {
      const event = traps.kind(index) === 'illegal-return' ? (traps.get(index) as Return) : undefined;
      // One that a handler has mended is over.
      if (event && exam.open.some(({ type, n }) => type === 'IllegalState' || n === event.n + 1))
        return [illegal(exam, first(exam, event, index))];
    }
    return exam.open.some(({ type }) => type === 'IllegalState') ? fromLog(exam) : [];
  },
};
const NEAR = 100_000;

/** The first of illegal returns that follow one another. */
function first(exam: Examination, event: Return, index: number): Return {
  const { traps } = exam.subject.timeline;
  let found = event;
  for (let i = index - 1; i >= traps.first && index - i < 64; i--) if (traps.kind(i) === 'illegal-return') found = traps.get(i) as Return;
  return found;
}
function fromLog(exam: Examination): Found[] {
  const { traps } = exam.subject.timeline;
  const open = exam.open.find(({ type }) => type === 'IllegalState')!;
  for (let index = open.index - 1; index >= traps.first; index--)
    if (traps.kind(index) === 'illegal-return') return [illegal(exam, traps.get(index) as Return)];
  return [];
}

function illegal(exam: Examination, { n, from, spsr, rule }: Return): Found {
  const why = rule.text.replace(/^Illegal return: /, '').replace(/\.$/, '');
  const bit = rule.bits.find(({ register }) => register === 'HCR_EL2');
  const { pc } = exam.look(n, 'pc of return', () => ({ pc: exam.machine.cpu.pc }));
  const id = bit?.field === 'RW' && bit.value === '0' ? 'P02' : bit?.field === 'TGE' ? 'P08' : 'P01';
  return {
    id,
    title: titles[id],
    sentence: `The ERET at EL${from} is illegal: ${why}. The level stays EL${from}, the next instruction is an Illegal State exception, and ${whatBecame(exam)}.`,
    fix: fixes[id],
    trial: { at: n, set: [id === 'P01' ? `SPSR_EL${from}=0x3c5` : id === 'P02' ? 'HCR_EL2.RW=1' : 'HCR_EL2.TGE=0'] },
    pc,
    at: n,
    evidence: [
      exam.step(n, pc, `an illegal return from EL${from}`),
      { text: `SPSR_EL${from} = ${hex(spsr)}`, register: `SPSR_EL${from}`, field: 'M', value: hex(spsr), at: n },
      ...rule.bits
        .filter(({ register }) => register !== `SPSR_EL${from}`)
        .map(({ register, field, value }) => ({
          text: `${register}.${field} = ${value}`,
          register,
          field,
          value: hex(BigInt(value)),
          at: n,
        })),
      ...writers(exam, n, [`SPSR_EL${from}`, ...(bit ? ['HCR_EL2'] : [])]),
    ],
    links: [{ panel: 'levels' }, { panel: 'registers', subject: bit ? 'HCR_EL2' : `SPSR_EL${from}` }],
  };
}
const titles = {
  P01: 'ERET cannot go where SPSR says',
  P02: 'EL1 was not made AArch64',
  P08: 'HCR_EL2.TGE switches EL1 off',
} as const;
const fixes = {
  P01: 'Write a mode to SPSR that names a lower level or the same one: 0x3c5 is EL1h with all interrupts masked.',
  P02: 'Set HCR_EL2.RW (bit 31) before the ERET to EL1.',
  P08: 'Clear HCR_EL2.TGE (bit 27) before the ERET to EL1.',
} as const;

const writers = (exam: Examination, before: number, registers: readonly string[]) =>
  registers.map((register) => {
    const write = exam.writer(register, before);
    return write
      ? exam.step(write.n, write.pc, `writes ${hex(write.operand)} to ${register}`, { register, value: hex(write.operand) })
      : { text: `no instruction wrote ${register}`, register, at: before };
  });

function toAArch32(exam: Examination): Found {
  const { cpu } = exam.machine;
  const from = cpu.el as 1 | 2;
  const spsr = cpu.get(`SPSR_EL${from}`);
  const isRw0 = from === 2 && (cpu.get('HCR_EL2') & 0x8000_0000n) === 0n;
  const id = isRw0 ? 'P02' : 'P01';
  return {
    id,
    title: isRw0 ? titles.P02 : 'SPSR names an AArch32 mode',
    sentence: `The ERET goes to AArch32: SPSR_EL${from} = ${hex(spsr)} names an AArch32 mode${isRw0 ? ', and HCR_EL2.RW = 0 makes EL1 AArch32' : ''}. Code for AArch64 cannot run there.`,
    fix: `Write 0x3c5 (EL1h) to SPSR_EL${from}${isRw0 ? ', and set HCR_EL2.RW (bit 31)' : ''} before the ERET.`,
    pc: cpu.pc,
    at: exam.at,
    evidence: [
      exam.step(exam.at, cpu.pc, 'goes to AArch32'),
      { text: `SPSR_EL${from} = ${hex(spsr)}`, register: `SPSR_EL${from}`, field: 'M', value: hex(spsr), at: exam.at },
      ...writers(exam, exam.at, [`SPSR_EL${from}`, ...(isRw0 ? ['HCR_EL2'] : [])]),
    ],
    links: [{ panel: 'levels' }, { panel: 'registers', subject: `SPSR_EL${from}` }],
  };
}
