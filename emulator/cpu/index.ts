/**
 * The processor's privileged half: exceptions, system registers, timers, interrupts. Generated code (engine/) executes plain
 * instructions; whatever depends on the exception level or on control registers comes here.
 *
 *   resetCpu(cpu)                                 the state after reset
 *   executeSystem(cpu, instruction, environment)  MSR, MRS, SYS, SVC, HVC, SMC, ERET, WFI ...: moves pc on or takes the exception
 *   judgeSystem(cpu, instruction, environment)    the exception that this would take, without taking it
 *   foretellSystem(cpu, instruction, environment) the CPU after it, on a copy
 *   takeAbort(cpu, environment, fault, word)      a load, store or fetch that the MMU or the bus refused
 *   takeUndefined(cpu, environment)               an unallocated word
 *   toTakeInstead(cpu, lines), takeInstead        before each instruction: an interrupt, a debug exception or an illegal state
 *   softwareStep(cpu)                             before each instruction: step one; interruptPending ends a WFI
 *
 * `Environment` is what all this asks of the machine.
 */
export { abortException, abortSyndrome, accessSyndrome, checksStackAlignment, takeAbort } from './aborts.ts';
export { hasRegister, peekRegister, pokeRegister, writableRegister } from './access.ts';
export { branchHigh, branchTo } from './branch.ts';
export { breakpointAddresses, breakpointMatches } from './breakpoints.ts';
export { controls, type Control, type ControlName } from './controls.ts';
export { debugInUse } from './debug.ts';
export { bigEndian } from './endianness.ts';
export type { Environment, GicCpuInterface, GicRegister, InterruptLines, SignalledInterrupt } from './environment.ts';
export * from './events.ts';
export { currentVmid, takeException, type Exception } from './exceptions.ts';
export { executeSystem, judgeSystem } from './execute.ts';
export { faultStatusCode, type AccessIntent, type FaultKind, type MemoryFault } from './faults.ts';
export { copyOf, foretellSystem } from './foretell.ts';
export { insteadException, isAfterFetch, takeInstead, toTakeInstead, type Instead } from './instead.ts';
export {
  interruptHeldBy,
  interruptPending,
  interruptToTake,
  interruptWay,
  isrValue,
  takeInterrupt,
  type HoldingField,
  type InterruptType,
} from './interrupts.ts';
export { CPU_BLOCK, cpuLayout, systemOffset } from './layout.ts';
export { nextOverflow, pmuCount, pmuCounts, pmuInterrupt, pmuSync, type Counted } from './pmu.ts';
export {
  describeField,
  describeRegister,
  findRegister,
  findRegisterTyped,
  systemRegisterTable,
  type DescribedField,
  type DescribedRegister,
  type Field,
  type OtherRegisters,
  type SystemRegister,
} from './registers/index.ts';
export { resetCpu, type ResetOptions } from './reset.ts';
export { exceptionReturn, judgeReturn, type ReturnVerdict } from './return.ts';
export { hasStepped, softwareStep, stepDone, takeSoftwareStep } from './software-step.ts';
export { maintenanceAccess } from './operations.ts';
export { isAArch32, modeName, packSpsr, unpackSpsr } from './spsr.ts';
export { CpuState, flagKinds, type ExceptionLevel } from './state.ts';
export { storedRegisters, type StoredRegister } from './stored-registers.ts';
export { daifText, vectorName } from './sub-steps.ts';
export { exceptionClassName, exceptionClassOf } from './syndrome-text.ts';
export { counterValue, nextTimerTick, timerAsserted, timerControl, timerNames, type TimerName } from './timer.ts';
export { judgeFp, takeUndefined, undefinedException } from './traps.ts';
export { Watchpoints } from './watchpoints.ts';
export { verifyEl2Traps } from './verify/el2-traps.ts';
export { verifySystemRegisters } from './verify/system-registers.ts';
