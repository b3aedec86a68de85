/**
 * Executes A64. The machine owns the memory, the CPU's state and all that is architecture beyond computation:
 *
 *   const memory = createMachineMemory({ regions: [{ name: 'ram', bytes: 512 << 20 }] });
 *   const cpu = new CpuState(memory.buffer, memory.cpus[0].block);
 *   const engine = new Engine(memory, cpu, host);      // host: EngineHost, see host.ts
 *   engine.setBank(2, 2);                              // after each change of exception level
 *   for (;;) { now += engine.run(stepsUntilNextEvent); ... }
 *
 * After a change of translation: engine.fastTlb.clear(), .clear(bank) or .drop(va), and engine.code.forgetPages() or .forgetPage(va).
 * After writing memory from outside (device, debugger, loader): engine.code.invalidate(offset, bytes).
 * pc, PSTATE, registers may be changed between calls of `run` and inside `system`, `undefined`, `fault`, `finishStore`.
 */
export { Engine } from './engine.ts';
export { createMachineMemory, type CpuArea, type MachineMemory, type MemoryOptions, type MemoryRegion } from './memory.ts';
export { accessKind, elementOf, kindOf, miss, type EngineHost } from './host.ts';
export type { CodeCache } from './code-cache.ts';
export type { FastTlb } from './fast-tlb.ts';
export type { Tier0Statistics, Tuning } from './tier0.ts';
