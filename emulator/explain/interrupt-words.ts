/** Interrupts in words: who asks for one, and what made it ask. */
import { hex } from '../base/hex.ts';
import { counterValue, timerAsserted, type CpuState, type TimerName } from '../cpu/index.ts';
import { timerNames, timerRegisterNames } from '../cpu/timer.ts';
import type { Device } from '../devices/device.ts';
import type { Obstacle } from '../devices/gic-v2/index.ts';
import { timerIntids } from '../machine/coming-interrupts.ts';
import type { Machine } from '../machine/machine.ts';
import { ppi, ppiIntid, spiIntid, type BoardRegion } from '../machine/board-row.ts';

const FIRST_PPI = 16;
const FIRST_SPI = 32;

const privateNames: Readonly<Record<number, string>> = {
  [ppi.performanceMonitors]: 'the performance monitors',
  [ppi.gicMaintenance]: 'the GIC virtual interface (maintenance)',
  [ppi.hypervisorTimer]: 'the EL2 physical timer',
  [ppi.virtualTimer]: 'the virtual timer',
  [ppi.securePhysicalTimer]: 'the secure physical timer',
  [ppi.physicalTimer]: 'the EL1 physical timer',
};

/** "the virtual timer, INTID 27 (PPI 11)", "the UART, INTID 33 (SPI 1)". `regions`: the table of the board. */
export function interruptName(intid: number, regions: readonly BoardRegion[]): string {
  if (intid < FIRST_PPI) return `software, INTID ${intid} (SGI ${intid})`;
  if (intid < FIRST_SPI) {
    const number = intid - FIRST_PPI;
    return `${privateNames[number] ?? 'a private line'}, INTID ${intid} (PPI ${number})`;
  }
  const number = intid - FIRST_SPI;
  const device = regions.find(({ spis }) => spis?.includes(number));
  return `${device ? `the ${device.title}` : 'an unconnected line'}, INTID ${intid} (SPI ${number})`;
}

/** The counter that each timer compares with. */
export const counterName = (timer: TimerName): string => (timer === 'virtual' ? 'CNTVCT_EL0' : 'CNTPCT_EL0');
export const timerOf = (intid: number): TimerName | undefined => timerNames.find((timer) => timerIntids[timer] === intid);

/** What makes the line of an interrupt high at this instant, as a clause; undefined where that is not known. */
export function interruptCondition({ cpu, board, environment }: Machine, intid: number): string | undefined {
  const timer = timerOf(intid);
  if (timer) return timerCondition(cpu, timer, environment.counter());
  if (intid === spiIntid(1)) return setFields(board.uart, 'UARTMIS');
  if (intid === ppiIntid(ppi.gicMaintenance) && board.gic) return setFields(board.gic.virtualControl, 'GICH_MISR');
  if (intid === ppiIntid(ppi.performanceMonitors)) return 'a counter has overflowed: see PMOVSCLR_EL0';
  return undefined;
}

function timerCondition(cpu: CpuState, timer: TimerName, ticks: number): string {
  const { compare } = timerRegisterNames[timer];
  const now = hex(counterValue(cpu, timer, ticks));
  const goal = hex(cpu.get(compare));
  return timerAsserted(cpu, timer, ticks)
    ? `${counterName(timer)} (${now}) has reached ${compare} (${goal})`
    : `the timer condition is no longer met: ${counterName(timer)} is ${now}, ${compare} is ${goal}`;
}

/** "UARTMIS.RXMIS = 1 (receive)". */
function setFields(device: Device, name: string): string | undefined {
  const register = device.registers.find((candidate) => candidate.name === name);
  if (!register) return undefined;
  const value = device.peek(register.offset, 4);
  const set = (register.fields ?? []).filter(({ high, low }) => high === low && (value >>> low) & 1);
  return set.length === 0
    ? `${name} = ${hex(value)}: no longer asserted`
    : set.map(({ name: field, meaning }) => `${name}.${field} = 1 (${meaning})`).join(', ');
}

/** " The virtual timer, INTID 27 (PPI 11), is pending but held by GICC_PMR = 0xf0: ...": what is enabled and pending and does not get to the CPU. */
export const heldSentences = ({ board }: Machine): string =>
  (board.gic?.held() ?? [])
    .map(({ intid, obstacle }) => ` ${capital(interruptName(intid, board.regions))}, is pending but ${obstacleWords(obstacle)}.`)
    .join('');

/** Right after a handler has returned: that its interrupt is still active, and why; empty where it is not. */
export function stillActiveSentence({ board }: Machine, intid: number): string {
  const why = board.gic?.stillActive(intid);
  if (!why) return '';
  const what = `After the return the interrupt stays active, so it is not signalled again until`;
  return why === 'noEnd'
    ? ` ${what} GICC_EOIR is written.`
    : ` ${what} GICC_DIR is written: with GICC_CTLR.EOImode = 1, GICC_EOIR only drops the priority.`;
}

export const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);

/** What keeps a pending interrupt from the CPU, as a clause. */
export function obstacleWords(by: Obstacle | { readonly field: 'none' }): string {
  switch (by.field) {
    case 'none':
      return 'there is no GIC';
    case 'GICD_ISENABLER':
      return 'not enabled at the GIC (GICD_ISENABLER)';
    case 'GICD_ISACTIVER':
      return 'still active (GICD_ISACTIVER): it is not signalled again until it is deactivated';
    case 'GICH_HCR':
      return 'held by GICH_HCR.En = 0: the virtual CPU interface is off';
    case 'GICD_CTLR':
    case 'GICC_CTLR':
    case 'GICV_CTLR':
      return `held by ${by.field}.EnableGrp${by.group} = 0: interrupts of group ${by.group} are not ${by.field === 'GICD_CTLR' ? 'forwarded' : 'signalled'}`;
    case 'GICC_PMR':
    case 'GICV_PMR':
      return `held by ${by.field} = ${hex(by.value)}: priority ${hex(by.priority)} is not above it`;
    case 'GICC_RPR':
    case 'GICV_RPR':
      return `held by ${by.field} = ${hex(by.value)}, the priority that is active: ${hex(by.priority)} is not above it`;
    case 'GICC_HPPIR':
    case 'GICV_HPPIR':
      return `held by ${by.field} = ${by.intid}: INTID ${by.intid} comes first, with priority ${hex(by.priority)}`;
  }
}
