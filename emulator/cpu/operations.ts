/** SYS: cache and TLB maintenance and address translation (Arm ARM C5.3, C5.4, C5.5): who may execute it, what traps it, who does it. */
import { encodingKey, systemOperations, type SystemOperationName } from '../isa/index.ts';
import { takeAbort } from './aborts.ts';
import { refusal } from './access.ts';
import { controls, traps, type Control, type ControlName } from './controls.ts';
import type { Environment } from './environment.ts';
import type { Exception } from './exceptions.ts';
import type { MemoryFault } from './faults.ts';
import type { CpuState } from './state.ts';
import { systemAccessSyndrome } from './syndrome.ts';
import { belowLevel, trapException, undefinedException, undefinedReasons } from './traps.ts';

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

/** The access as which the address of a cache maintenance instruction is checked (Arm ARM D7.5.8); undefined for those without one. */
export function maintenanceAccess(name: SystemOperationName): 'read' | 'write' | undefined {
  const byAddress = /^(DC (IVAC|CVAC|CVAU|CIVAC|ZVA)|IC IVAU)$/.exec(name);
  return byAddress ? (byAddress[2] === 'IVAC' || byAddress[2] === 'ZVA' ? 'write' : 'read') : undefined;
}

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

/** SYSL has no operations on Cortex-A53. */
const find = (word: number): Operation | undefined => (word & (1 << 21) ? undefined : operations[(word >>> 5) & 0xffff]);

/** The exception that a SYS or SYSL takes instead of being performed; undefined where it may be. */
export function judgeOperation(cpu: CpuState, word: number): Exception | undefined {
  const operation = find(word);
  if (!operation) return refusal(cpu, word, undefinedReasons.unallocatedRegister);
  if (cpu.el < operation.level) return undefinedException(cpu, belowLevel(cpu.el, operation.level));
  for (const control of operation.traps) {
    if (traps(cpu, control, cpu.el)) return trapException(cpu, control, systemAccessSyndrome(word));
  }
  return undefined;
}

/** SYS that `judgeOperation` has allowed: performs the operation and moves pc on, or takes the abort of its address. */
export function executeOperation(cpu: CpuState, environment: Environment, word: number): void {
  const Rt = word & 31;
  const fault = find(word)!.perform(cpu, environment, cpu.xLow(Rt), cpu.xHigh(Rt));
  if (fault) takeAbort(cpu, environment, fault, word);
  else cpu.advance();
}
