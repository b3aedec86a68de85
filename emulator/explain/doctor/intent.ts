/** Whether a program that stands still means to go on: what it does after its WFI, or the branch that decides each of its rounds. */
import { decode } from '../../isa/index.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Examination } from './examination.ts';

/** True where the code shows that it waits for something; false where it may have ended on purpose. */
export const meansToGoOn = ({ ending, machine }: Examination): boolean =>
  ending.kind === 'spin' ? ending.isConditional : ending.kind === 'idle' && goesOnAfterWait(machine);

/** Instructions that are followed after WFI. */
const MOST_FOLLOWED = 12;
const passive = /^(HINT|B|RET|ISB|DSB|DMB)$/;
/** What a program does that has ended its wait: anything but going back to WFI or to itself. */
const active = /^(BL|BLR|STR|STP|STRB|HVC|SMC|SVC|MSR|MRS|ADR|ADRP|CBZ|CBNZ|TBZ|TBNZ|B\.cond)/;

/** Whether the code behind a WFI means to go on; false where it only waits again, and where that is not plain. */
function goesOnAfterWait(machine: Machine): boolean {
  const { cpu } = machine;
  let { pc } = cpu;
  const wfi = pc - 4n;
  for (let i = 0; i < MOST_FOLLOWED; i++) {
    if (pc === wfi) return false;
    const word = machine.fetchWord(pc);
    const decoded = word === undefined ? undefined : decode(word);
    if (!decoded) return false;
    const { name } = decoded.definition;
    if (name === 'B') {
      const target = pc + (BigInt.asIntN(26, BigInt(decoded.word & 0x3ff_ffff)) << 2n);
      if (target === pc || (target <= wfi && wfi - target < 64n)) return false;
      pc = target as typeof pc;
    } else if (name === 'RET') pc = cpu.x(decoded.fields.Rn) as typeof pc;
    else if (passive.test(name)) pc = (pc + 4n) as typeof pc;
    else return active.test(name);
  }
  return false;
}
