/** Asynchronous exceptions: which one is pending, which is taken and where (Arm ARM D1.3.6, tables of routing and masking). */
import { VA } from '../base/addresses.ts';
import type { Environment, InterruptLines } from './environment.ts';
import { NO_SYNDROME, takeException, vectorOffset, vectorOffsets, type Exception } from './exceptions.ts';
import { HCR_EL2, ISR_EL1, VBAR } from './registers/bits.ts';
import type { Route } from './routing.ts';
import { rule } from './rules.ts';
import { PSTATE } from './spsr.ts';
import type { CpuState } from './state.ts';
import { exceptionClasses, syndrome } from './syndrome.ts';

export type InterruptType = 'IRQ' | 'FIQ' | 'SError' | 'vIRQ' | 'vFIQ' | 'vSError';

const { A, I, F } = PSTATE;

/** The field that keeps an interrupt that is pending at the CPU from being taken. */
export type HoldingField = `PSTATE.${'A' | 'I' | 'F' | 'EL'}` | `HCR_EL2.${'AMO' | 'IMO' | 'FMO' | 'TGE'}`;

/** What decides about one type, physical and virtual. */
interface Control {
  readonly mask: number;
  readonly masked: HoldingField;
  /** Routes the physical one to EL2, and enables the virtual one. */
  readonly route: number;
  readonly routed: HoldingField;
}
const controls = {
  FIQ: { mask: F, masked: 'PSTATE.F', route: HCR_EL2.FMO, routed: 'HCR_EL2.FMO' },
  IRQ: { mask: I, masked: 'PSTATE.I', route: HCR_EL2.IMO, routed: 'HCR_EL2.IMO' },
  SError: { mask: A, masked: 'PSTATE.A', route: HCR_EL2.AMO, routed: 'HCR_EL2.AMO' },
} as const satisfies Readonly<Record<string, Control>>;
const EVERY_ROUTE = HCR_EL2.FMO | HCR_EL2.IMO | HCR_EL2.AMO;

/** A mask holds at the target level only; below it the interrupt is always taken, above it never. */
function physicalHold(hcr: number, el: number, daif: number, { mask, masked, route, routed }: Control): HoldingField | undefined {
  const toEl2 = hcr & HCR_EL2.TGE ? EVERY_ROUTE : hcr;
  if (toEl2 & route) return el === 2 && daif & mask ? masked : undefined;
  if (el === 2) return routed;
  return daif & mask ? masked : undefined;
}
/** Virtual interrupts exist below EL2, for the types that are routed to EL2. */
function virtualHold(hcr: number, el: number, daif: number, { mask, masked, route, routed }: Control): HoldingField | undefined {
  if (hcr & HCR_EL2.TGE) return 'HCR_EL2.TGE';
  if (!(hcr & route)) return routed;
  if (el === 2) return 'PSTATE.EL';
  return daif & mask ? masked : undefined;
}

/** What keeps an interrupt of a type from being taken if it is pending at the CPU; undefined: it is taken, unless another comes first. */
export function interruptHeldBy(cpu: CpuState, type: InterruptType, el = cpu.el, daif = cpu.daif): HoldingField | undefined {
  const hcr = cpu.low('HCR_EL2');
  return type === 'vIRQ' || type === 'vFIQ' || type === 'vSError'
    ? virtualHold(hcr, el, daif, controls[physicalOf[type]])
    : physicalHold(hcr, el, daif, controls[type]);
}
const physicalOf = { vIRQ: 'IRQ', vFIQ: 'FIQ', vSError: 'SError' } as const;

/**
 * The interrupt that is taken before the next instruction, or undefined. The order between them is IMPLEMENTATION DEFINED:
 * FIQ, IRQ, SError, then the virtual ones. With `el` and `daif`: where a return is about to lead.
 */
export function interruptToTake(cpu: CpuState, lines: InterruptLines, el = cpu.el, daif = cpu.daif): InterruptType | undefined {
  const hcr = cpu.low('HCR_EL2');
  if (!(lines.fiq || lines.irq || lines.serror || lines.virq || lines.vfiq || hcr & (HCR_EL2.VI | HCR_EL2.VF | HCR_EL2.VSE)))
    return undefined;
  const { FIQ, IRQ, SError } = controls;
  if (lines.fiq && !physicalHold(hcr, el, daif, FIQ)) return 'FIQ';
  if (lines.irq && !physicalHold(hcr, el, daif, IRQ)) return 'IRQ';
  if (lines.serror && !physicalHold(hcr, el, daif, SError)) return 'SError';
  if ((hcr & HCR_EL2.VF || lines.vfiq) && !virtualHold(hcr, el, daif, FIQ)) return 'vFIQ';
  if ((hcr & HCR_EL2.VI || lines.virq) && !virtualHold(hcr, el, daif, IRQ)) return 'vIRQ';
  if (hcr & HCR_EL2.VSE && !virtualHold(hcr, el, daif, SError)) return 'vSError';
  return undefined;
}

/** The level that would take it, and why; where its handler begins if it is taken at this instant. `bySoftware`: HCR_EL2 makes it pending. */
export function interruptWay(
  cpu: CpuState,
  type: InterruptType,
  bySoftware = false,
): Route & { readonly vector: number; readonly entry: VA } {
  const route = routeOf(cpu, type, !bySoftware);
  const vector = vectorOffset(cpu, route.target, vectors[type]);
  return { ...route, vector, entry: VA((cpu.get(`VBAR_EL${route.target}`) & VBAR['Vector base']) | BigInt(vector)) };
}

/** `InterruptPending`: whether WFI ends, or does not even begin, because of an interrupt, masked or not. */
export function interruptPending(cpu: CpuState, lines: InterruptLines): boolean {
  if (lines.irq || lines.fiq || lines.serror) return true;
  const hcr = cpu.low('HCR_EL2');
  if (cpu.el === 2 || hcr & HCR_EL2.TGE) return false;
  return (
    ((hcr & HCR_EL2.IMO) !== 0 && ((hcr & HCR_EL2.VI) !== 0 || lines.virq)) ||
    ((hcr & HCR_EL2.FMO) !== 0 && ((hcr & HCR_EL2.VF) !== 0 || lines.vfiq)) ||
    (hcr & (HCR_EL2.AMO | HCR_EL2.VSE)) === (HCR_EL2.AMO | HCR_EL2.VSE)
  );
}

/** ISR_EL1. At EL1 the virtual interrupts replace those that are routed to EL2. */
export function isrValue(cpu: CpuState, lines: InterruptLines): number {
  const hcr = cpu.low('HCR_EL2');
  const isVirtual = (route: number): boolean => cpu.el === 1 && (hcr & route) !== 0;
  const a = isVirtual(HCR_EL2.AMO) ? (hcr & HCR_EL2.VSE) !== 0 : lines.serror;
  const i = isVirtual(HCR_EL2.IMO) ? (hcr & HCR_EL2.VI) !== 0 || lines.virq : lines.irq;
  const f = isVirtual(HCR_EL2.FMO) ? (hcr & HCR_EL2.VF) !== 0 || lines.vfiq : lines.fiq;
  return (a ? ISR_EL1.A : 0) | (i ? ISR_EL1.I : 0) | (f ? ISR_EL1.F : 0);
}

interface PhysicalRoutes {
  /** Without EL2. */
  readonly alone: Route;
  readonly toEl1: Route;
  readonly toEl2: Route;
  readonly general: Route;
}
const physicalRoutes = (name: string, bit: string): PhysicalRoutes => ({
  alone: { target: 1, rule: rule(`A physical ${name} goes to EL1: this machine has no EL2.`) },
  toEl1: { target: 1, rule: rule(`A physical ${name} goes to EL1, because HCR_EL2.${bit} = 0 leaves it to EL1.`, `HCR_EL2.${bit} = 0`) },
  toEl2: { target: 2, rule: rule(`A physical ${name} goes to EL2, because HCR_EL2.${bit} = 1 routes it there.`, `HCR_EL2.${bit} = 1`) },
  general: {
    target: 2,
    rule: rule(`A physical ${name} goes to EL2, because HCR_EL2.TGE = 1 routes all exceptions there.`, 'HCR_EL2.TGE = 1'),
  },
});
/** One that software made pending in HCR_EL2, and one that the GIC signals. */
const virtualRoutes = (name: string, route: string, bit: string): { readonly bySoftware: Route; readonly byGic: Route } => ({
  bySoftware: {
    target: 1,
    rule: rule(
      `A virtual ${name} always goes to EL1: HCR_EL2.${bit} = 1 makes it pending, and HCR_EL2.${route} = 1 enables virtual ${name}s.`,
      `HCR_EL2.${bit} = 1`,
      `HCR_EL2.${route} = 1`,
    ),
  },
  byGic: {
    target: 1,
    rule: rule(
      `A virtual ${name} always goes to EL1: a list register of the GIC holds it, and HCR_EL2.${route} = 1 enables virtual ${name}s.`,
      `HCR_EL2.${route} = 1`,
    ),
  },
});

const physical = { IRQ: physicalRoutes('IRQ', 'IMO'), FIQ: physicalRoutes('FIQ', 'FMO'), SError: physicalRoutes('SError', 'AMO') };
const routeBits = { IRQ: HCR_EL2.IMO, FIQ: HCR_EL2.FMO, SError: HCR_EL2.AMO };
const virtual = {
  vIRQ: virtualRoutes('IRQ', 'IMO', 'VI'),
  vFIQ: virtualRoutes('FIQ', 'FMO', 'VF'),
  vSError: virtualRoutes('SError', 'AMO', 'VSE'),
};
const lineOf = { IRQ: 'irq', FIQ: 'fiq', SError: undefined, vIRQ: 'virq', vFIQ: 'vfiq', vSError: undefined } as const;
const vectors = {
  IRQ: vectorOffsets.irq,
  vIRQ: vectorOffsets.irq,
  FIQ: vectorOffsets.fiq,
  vFIQ: vectorOffsets.fiq,
  SError: vectorOffsets.serror,
  vSError: vectorOffsets.serror,
};

/** The exception of an interrupt that `interruptToTake` named. */
export function interruptException(cpu: CpuState, environment: Environment, type: InterruptType): Exception {
  const interrupt = lineOf[type] && environment.signalled(lineOf[type]);
  // SError reports EC 0x2f with an IMPLEMENTATION DEFINED syndrome: 0 here.
  const isSError = type === 'SError' || type === 'vSError';
  return {
    type,
    ...routeOf(cpu, type, interrupt !== undefined),
    interrupt,
    vector: vectors[type],
    esr: isSError ? syndrome(exceptionClasses.serror) : NO_SYNDROME,
  };
}

function routeOf(cpu: CpuState, type: InterruptType, isByGic: boolean): Route {
  if (type === 'vIRQ' || type === 'vFIQ' || type === 'vSError') return isByGic ? virtual[type].byGic : virtual[type].bySoftware;
  const routes = physical[type];
  const hcr = cpu.low('HCR_EL2');
  return !cpu.hasEl2 ? routes.alone : hcr & HCR_EL2.TGE ? routes.general : hcr & routeBits[type] ? routes.toEl2 : routes.toEl1;
}

/** Takes it. It ends a WFI. */
export function takeInterrupt(cpu: CpuState, environment: Environment, type: InterruptType): void {
  const exception = interruptException(cpu, environment, type);
  cpu.waiting = false;
  // Taking the virtual SError clears its pending bit (D17.2.48, HCR_EL2.VSE).
  if (type === 'vSError') cpu.setHalves('HCR_EL2', (cpu.low('HCR_EL2') & ~HCR_EL2.VSE) >>> 0, cpu.high('HCR_EL2'));
  takeException(cpu, environment, exception);
}
