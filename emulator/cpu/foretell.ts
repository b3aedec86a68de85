/** What an instruction of the machine will leave in the CPU: the execution itself, on a copy that nobody hears of. */
import type { Decoded } from '../isa/index.ts';
import type { Environment, GicRegister } from './environment.ts';
import { executeSystem } from './execute.ts';
import { CPU_BLOCK } from './layout.ts';
import { CpuState } from './state.ts';

/** These reach beyond the CPU: the TLB, memory, the firmware. */
const reachOut = new Set(['SYS', 'SYSL', 'HVC', 'SMC', 'HLT']);

/**
 * The CPU after an instruction that `judgeSystem` lets act; undefined where what it does is not in the CPU. `cpu` does not change.
 * Throws NotBuilt as `executeSystem` does.
 */
export function foretellSystem(cpu: CpuState, instruction: Decoded, environment: Environment): CpuState | undefined {
  if (reachOut.has(instruction.definition.name)) return undefined;
  const copy = copyOf(cpu);
  executeSystem(copy, instruction, unheard(environment));
  return copy;
}

export function copyOf(cpu: CpuState): CpuState {
  const copy = new CpuState(new ArrayBuffer(CPU_BLOCK));
  copy.bytes.set(cpu.bytes);
  copy.hasEl2 = cpu.hasEl2;
  return copy;
}

/** The same environment, which hears of no change and whose GIC is only looked at. */
function unheard(environment: Environment): Environment {
  const { gic } = environment;
  const ignore = (): void => {};
  const silent = {
    gic: gic && {
      read: (name: GicRegister) => gic.peek(name) ?? 0,
      peek: (name: GicRegister) => gic.peek(name),
      write: ignore,
    },
    translationChanged: ignore,
    levelChanged: ignore,
    timersChanged: ignore,
    interruptsChanged: ignore,
    debugChanged: ignore,
    sendEvent: ignore,
    giveWay: ignore,
    onEvent: undefined,
  };
  const own = Object.fromEntries(Object.entries(silent).map(([name, value]) => [name, { value }]));
  return Object.create(environment, own) as Environment;
}
