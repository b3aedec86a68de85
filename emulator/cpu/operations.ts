/** SYS: cache and TLB maintenance and address translation (Arm ARM C5.3, C5.4, C5.5): who may execute it, what traps it, who does it. */
import { encodingKey, systemOperations, type SystemOperationName } from '../isa/index.ts';
import { takeAbort } from './aborts.ts';
import { isImplementationDefined } from './access.ts';
import { controls, traps, type Control, type ControlName } from './controls.ts';
import type { Environment } from './environment.ts';
import type { MemoryFault } from './faults.ts';
import type { CpuState } from './state.ts';
import { systemAccessSyndrome } from './syndrome.ts';
import { takeTrap, takeUndefined } from './traps.ts';

type Perform = (cpu: CpuState, environment: Environment, low: number, high: number) => MemoryFault | undefined;

interface Operation {
  /** Lowest level that may execute it. */
  readonly level: number;
  readonly traps: readonly Control[];
  readonly perform: Perform;
}

const trapsOf: Partial<Record<SystemOperationName, readonly ControlName[]>> = {
  'IC IALLUIS': ['HCR_EL2.TPU'],
  'IC IALLU': ['HCR_EL2.TPU'],
  'IC IVAU': ['SCTLR_EL1.UCI', 'HCR_EL2.TPU'],
  'DC IVAC': ['HCR_EL2.TPC'],
  'DC ISW': ['HCR_EL2.TSW'],
  'DC CSW': ['HCR_EL2.TSW'],
  'DC CISW': ['HCR_EL2.TSW'],
  'DC CVAC': ['SCTLR_EL1.UCI', 'HCR_EL2.TPC'],
  'DC CVAU': ['SCTLR_EL1.UCI', 'HCR_EL2.TPU'],
  'DC CIVAC': ['SCTLR_EL1.UCI', 'HCR_EL2.TPC'],
  'DC ZVA': ['SCTLR_EL1.DZE', 'HCR_EL2.TDZ'],
};

function performerOf(name: SystemOperationName): Perform {
  if (name === 'DC ZVA') return (_, environment, low, high) => environment.zeroBlock(low, high);
  if (name.startsWith('TLBI')) {
    return (_, environment, low, high) => {
      environment.invalidate(name, low, high);
      return undefined;
    };
  }
  if (name.startsWith('AT')) return (_, environment, low, high) => environment.addressTranslate(name, low, high);
  return (_, environment, low, high) => environment.cacheMaintenance(name, low, high);
}

const operations: (Operation | undefined)[] = new Array<Operation | undefined>(0x10000);
for (const name of Object.keys(systemOperations) as SystemOperationName[]) {
  const [op0, op1, CRn, CRm, op2] = systemOperations[name];
  // op1 = 6 belongs to EL3, which is absent.
  if (op1 === 6) continue;
  const own = trapsOf[name] ?? (name.startsWith('TLBI') && op1 === 0 ? (['HCR_EL2.TTLB'] as const) : []);
  operations[encodingKey(op0, op1, CRn, CRm, op2)] = {
    level: op1 === 4 ? 2 : op1 === 3 ? 0 : 1,
    traps: own.map((control) => controls[control]),
    perform: performerOf(name),
  };
}

/** SYS and SYSL: performs the operation and moves pc on, or takes an exception. SYSL has no operations on Cortex-A53. */
export function executeOperation(cpu: CpuState, environment: Environment, word: number): void {
  const isRead = (word & (1 << 21)) !== 0;
  const operation = isRead ? undefined : operations[(word >>> 5) & 0xffff];
  if (!operation || cpu.el < operation.level) {
    const control = controls['HCR_EL2.TIDCP'];
    if (!operation && isImplementationDefined(word) && traps(cpu, control, cpu.el)) {
      return takeTrap(cpu, environment, control, systemAccessSyndrome(word));
    }
    return takeUndefined(cpu, environment);
  }
  for (const control of operation.traps) {
    if (traps(cpu, control, cpu.el)) return takeTrap(cpu, environment, control, systemAccessSyndrome(word));
  }
  const Rt = word & 31;
  const fault = operation.perform(cpu, environment, cpu.xLow(Rt), cpu.xHigh(Rt));
  if (fault) takeAbort(cpu, environment, fault, word);
  else cpu.advance();
}
