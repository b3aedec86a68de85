import { hex } from '../../../base/hex.ts';
import { VA } from '../../../base/addresses.ts';
import { psciName } from '../../../machine/psci.ts';
import { whatBecame } from '../fault-words.ts';
import type { Rule } from '../rule.ts';

/** Calls after which a hypervisor may stop on purpose. */
const ending = /OFF|RESET|SUSPEND/;

/** PSCI is answered by the level above (Arm DEN 0022): at EL2 that is SMC, as the device tree says. */
export const firmwareCall: Rule = {
  id: 'P36',
  kind: 'broken',
  title: 'PSCI is called the wrong way',
  looksAt: 'HVC with the number of a PSCI function, CPU_ON that is refused, and a guest that asks to be switched off in vain',
  find(exam) {
    const event = exam.open.find(({ type, x0, from, to }) => {
      const name = (type === 'HVC' || type === 'SMC') && x0 !== null ? psciName(x0) : undefined;
      return name !== undefined && (from === to || !ending.test(name));
    });
    if (!event || !exam.isStuck) return [...refusedCpu(exam), ...ignoredCall(exam)];
    const name = psciName(event.x0!)!;
    const isOwn = event.from === event.to;
    const call = VA(event.elr - (event.type === 'HVC' ? 4n : 0n));
    return [
      {
        sentence: isOwn
          ? `The program calls PSCI ${name} with HVC at EL${event.from}, but HVC is taken to EL${event.to}, to the program itself, and ${whatBecame(exam)}. The firmware is called with SMC here.`
          : `The guest calls PSCI ${name} with ${event.type}, which is taken to EL${event.to}; the hypervisor does not answer it, and ${whatBecame(exam)}.`,
        fix: isOwn
          ? 'Call PSCI with smc #0 at EL2; the node /psci of the device tree says which (method).'
          : `Answer PSCI in the hypervisor: pass ${name} on with SMC, or return NOT_SUPPORTED (-1) in X0.`,
        pc: call,
        at: event.n,
        about: event.n,
        evidence: [
          exam.step(event.n, call, `${event.type} from EL${event.from} to EL${event.to}: x0 = ${hex(event.x0!)}, ${name}`, {
            register: 'X0',
            value: hex(event.x0!),
          }),
        ],
        links: [{ panel: 'traps', subject: String(event.index) }],
      },
    ];
  },
};

const refusalOf = (cpus: number): string =>
  cpus === 1 ? 'this machine has one CPU, so the other never starts' : `this machine has CPUs 0 to ${cpus - 1}, so the call started none`;

function refusedCpu(exam: Parameters<Rule['find']>[0]): ReturnType<Rule['find']> {
  if (!exam.isStuck || exam.isHalt) return [];
  const { traps } = exam.subject.timeline;
  for (let index = traps.firstAt(exam.at) - 1, looked = 0; index >= traps.first && looked < 1_000; index--, looked++) {
    const event = traps.get(index);
    if (event.kind !== 'psci' || psciName(event.function) !== 'CPU_ON' || BigInt.asIntN(64, event.result) >= 0n) continue;
    const { pc, x1 } = exam.look(event.n, 'call of CPU_ON', () => ({ pc: exam.machine.cpu.pc, x1: exam.machine.cpu.x(1) }));
    return [
      {
        title: 'CPU_ON was refused',
        sentence: `PSCI CPU_ON of CPU ${hex(x1)} returned ${BigInt.asIntN(64, event.result)}: ${refusalOf(exam.machine.cores.length)}, and the program waits for it.`,
        fix: 'Look at the result of CPU_ON in X0, and go on without the CPUs that are not there; pass the affinity fields of MPIDR only.',
        pc,
        at: event.n,
        evidence: [
          exam.step(event.n, pc, `CPU_ON of CPU ${hex(x1)}: ${BigInt.asIntN(64, event.result)}`, {
            register: 'X0',
            value: hex(event.result),
          }),
        ],
        links: [{ panel: 'traps', subject: String(index) }],
      },
    ];
  }
  return [];
}

/** A guest asked to be switched off, the hypervisor returned from the call as if it had been any other, and that was the last that happened. */
function ignoredCall(exam: Parameters<Rule['find']>[0]): ReturnType<Rule['find']> {
  const { traps } = exam.subject.timeline;
  const last = traps.firstAt(exam.at) - 1;
  const begin = last >= traps.first ? traps.endedBy(last) : undefined;
  if (!exam.isStuck || begin === undefined || begin < traps.first) return [];
  const [call, back] = [traps.get(begin), traps.get(last)];
  if (call.kind !== 'exception' || back.kind !== 'return' || call.from >= call.to || back.to !== call.from || back.vmid !== call.vmid)
    return [];
  const name = (call.type === 'HVC' || call.type === 'SMC') && call.x0 !== null ? psciName(call.x0) : undefined;
  if (name === undefined || !/OFF|RESET/.test(name)) return [];
  const pc = VA(call.elr - (call.type === 'HVC' ? 4n : 0n));
  return [
    {
      title: 'A call of PSCI is not answered',
      sentence: `The guest calls PSCI ${name} with ${call.type}, the hypervisor at EL${call.to} returns from the call without doing it, and ${whatBecame(exam)}.`,
      fix: `Answer PSCI in the hypervisor: end the guest at ${name}, or pass the call on with SMC.`,
      pc,
      at: call.n,
      about: call.n,
      evidence: [
        exam.step(call.n, pc, `${call.type} from EL${call.from} to EL${call.to}: x0 = ${hex(call.x0!)}, ${name}`, {
          register: 'X0',
          value: hex(call.x0!),
        }),
        { text: `returns to EL${back.to}`, at: back.n },
      ],
      links: [{ panel: 'traps', subject: String(begin) }],
    },
  ];
}
