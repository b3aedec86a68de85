/** Whether a program that stands still means to go on: what it does after its WFI, or the branch that decides each of its rounds. */
import { PA, VA } from '../../base/addresses.ts';
import { decode } from '../../isa/index.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Examination } from './examination.ts';

/** True where the code shows that it waits for something; false where it may have ended on purpose. */
export const meansToGoOn = ({ ending, machine }: Examination): boolean =>
  ending.kind === 'spin' ? ending.isConditional : ending.kind === 'idle' && goesOnFrom(machine, machine.cpu.pc);

/** Instructions that are followed. */
const MOST_FOLLOWED = 40;
/** What decides something, or does more than to wait. */
const active = /^(BLR|STRB?|STL|HVC|SMC|SVC|MSR|MRS|CBZ|CBNZ|TBZ|TBNZ|B\.cond)/;

/** Whether the code behind a WFI or a call means to go on; false where it only waits again, and where that is not plain. */
export function goesOnFrom(machine: Machine, start: VA): boolean {
  const { cpu } = machine;
  let pc = start;
  let sp: bigint = cpu.sp;
  let link = cpu.x(30);
  const wfi = pc - 4n;
  for (let i = 0; i < MOST_FOLLOWED && pc !== wfi; i++) {
    const word = machine.fetchWord(pc);
    const decoded = word === undefined ? undefined : decode(word);
    if (!decoded) return false;
    const { definition, fields } = decoded;
    const { name } = definition;
    if (active.test(name)) return true;
    const next = pc + 4n;
    if (name === 'B' || name === 'BL') {
      const target = pc + (BigInt.asIntN(26, BigInt(decoded.word & 0x3ff_ffff)) << 2n);
      if (target === pc) return false;
      if (name === 'BL') link = next;
      pc = target as typeof pc;
    } else if (name === 'RET') pc = link as typeof pc;
    else {
      // A frame that is left: LDP x29, x30, [sp], #imm.
      if (name.startsWith('LDP') && fields.Rn === 31 && fields.Rt2 === 30) {
        link = wordAt(machine, sp + 8n);
        sp += BigInt.asIntN(7, BigInt(fields.imm7 ?? 0)) * 8n;
      }
      pc = next as typeof pc;
    }
  }
  return false;
}

function wordAt(machine: Machine, at: bigint): bigint {
  const found = machine.mmu.probe(VA(at), 'read', machine.cpu.el);
  const half = (offset: number): bigint => BigInt(found.ok ? (machine.peekWord(PA(found.pa + offset)) ?? 0) : 0);
  return half(0) | (half(4) << 32n);
}
