export type { AnyCpuInterface } from './cpu-interface.ts';
export { Gic, type GicOutputs } from './gic.ts';
export { INTERRUPTS } from './interrupts.ts';
export { LIST_REGISTERS, type Group, type ListedInterrupt, type Obstacle } from './pending.ts';
