import { hex } from '../../../base/hex.ts';
import { describeRegister, systemRegisterTable } from '../../../cpu/registers/index.ts';
import type { Rule } from '../rule.ts';

/** Registers whose RES1 bits later processors give a meaning, in which 0 switches something off or on. */
const watched: ReadonlySet<string> = new Set(['SCTLR_EL1', 'SCTLR_EL2', 'TCR_EL2', 'VTCR_EL2']);

/** Software writes 1 to a RES1 bit (Arm ARM, Glossary, "RES1"); on a later processor 0 means something. */
export const reservedBits: Rule = {
  id: 'reserved-bits',
  kind: 'hardware',
  title: 'Bits that must be 1 are written as 0',
  looksAt: 'RES1 bits in the operands of MSR SCTLR_ELx, TCR_EL2 and VTCR_EL2',
  find(exam) {
    const step = exam.history.system.find(
      ({ name, register, operand }) => name === 'MSR (register)' && watched.has(register ?? '') && missingOf(register!, operand) !== 0n,
    );
    if (!step) return [];
    const register = step.register!;
    const missing = missingOf(register, step.operand);
    const bits = [...missing.toString(2)].reverse().flatMap((bit, i) => (bit === '1' ? [i] : []));
    return [
      {
        sentence: `The code at ${exam.name(step.pc)} writes ${hex(step.operand)} to ${register}, where ${bits.length === 1 ? `bit ${bits[0]} is` : `bits ${bits.slice(0, -1).join(', ')} and ${bits.at(-1)} are`} RES1: a later processor gives them a meaning, and 0 would not be what a Cortex-A53 does.`,
        fix: `Write the RES1 bits of ${register} as 1: OR ${hex(missing)} into the value.`,
        pc: step.pc,
        at: step.n,
        evidence: [
          exam.step(step.n, step.pc, `writes ${hex(step.operand)}`, { register, value: hex(step.operand) }),
          { text: `${hex(missing)} of its RES1 bits are 0`, register, value: hex(missing), at: step.n },
        ],
        links: [{ panel: 'registers', subject: register }],
      },
    ];
  },
};

/** Registers in whose unnamed bits a value of another processor, or of another register, shows. */
const laidOut: ReadonlySet<string> = new Set([
  ...['SCTLR_EL1', 'SCTLR_EL2', 'TCR_EL1', 'TCR_EL2', 'VTCR_EL2', 'CNTHCTL_EL2', 'CNTKCTL_EL1', 'CPACR_EL1', 'MDCR_EL2'],
]);

/** Software writes 0 to a RES0 bit (Arm ARM, Glossary, "RES0"): on a processor that has it, 1 switches something on. */
export const reservedZeros: Rule = {
  id: 'reserved-zero-bits',
  kind: 'hardware',
  title: 'Bits that must be 0 are written as 1',
  looksAt: 'bits without a field in the operands of MSR, of control registers',
  find(exam) {
    for (const step of exam.history.system) {
      const { register } = step;
      if (step.name !== 'MSR (register)' || register === undefined || !laidOut.has(register)) continue;
      const bits = describeRegister(register, step.operand)?.reserved ?? [];
      if (bits.length === 0) continue;
      const names = bits.map(({ high, low }) => (high === low ? String(high) : `${high}:${low}`));
      return [
        {
          sentence: `The code at ${exam.name(step.pc)} writes ${hex(step.operand)} to ${register}, of which bits ${names.join(', ')} are RES0 on a Cortex-A53: they do nothing here, and something on a processor that has them.`,
          fix: `Write 0 to bits ${names.join(', ')} of ${register}.`,
          pc: step.pc,
          at: step.n,
          evidence: [exam.step(step.n, step.pc, `writes ${hex(step.operand)}`, { register, value: hex(step.operand) })],
          links: [{ panel: 'registers', subject: register }],
        },
      ];
    }
    return [];
  },
};

const missingOf = (register: string, value: bigint): bigint =>
  (systemRegisterTable.find(({ name }) => name === register)?.res1 ?? 0n) & ~value;
