/** Interrupts in words: who asks for one, and what made it ask. */
import { hex } from '../base/hex.ts';
import { counterValue, timerAsserted, type CpuState, type TimerName } from '../cpu/index.ts';
import { timerNames, timerRegisterNames } from '../cpu/timer.ts';
import type { Device } from '../devices/device.ts';
import type { Obstacle } from '../devices/gic/index.ts';
import { timerIntids } from '../machine/coming-interrupts.ts';
import type { Machine } from '../machine/machine.ts';
import { ppi, ppiIntid, spiIntid, type BoardRegion } from '../machine/board-row.ts';
import { decodedDeviceRegister } from './device-registers.ts';
import { gicRegister } from './gic-registers.ts';
import type { DecodedRegister } from './views.ts';

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
  if (intid === spiIntid(1)) return setFields(deviceRegister(board.uart, 'UARTMIS'));
  if (intid === ppiIntid(ppi.gicMaintenance)) return setFields(gicRegister(board, board.gic.names.maintenanceStatus));
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

function deviceRegister(device: Device, name: string): DecodedRegister | undefined {
  const register = device.registers.find((candidate) => candidate.name === name);
  return register && decodedDeviceRegister(register, name, device.peek(register.offset, 4));
}
/** "UARTMIS.RXMIS = 1 (receive)". */
function setFields(register: DecodedRegister | undefined): string | undefined {
  if (!register) return undefined;
  const { name, value, fields } = register;
  const set = fields.filter(({ high, low, value: bit }) => high === low && bit === '1');
  return set.length === 0
    ? `${name} = ${value}: no longer asserted`
    : set.map(({ name: field, meaning }) => `${name}.${field} = 1 (${small(meaning)})`).join(', ');
}
/** A meaning inside a sentence. */
const small = (text: string): string => (/^[A-Z][a-z]| /.test(text.slice(0, 2)) ? text[0].toLowerCase() + text.slice(1) : text);

/** " The virtual timer, INTID 27 (PPI 11), is pending but held by GICC_PMR = 0xf0: ...": what is enabled and pending and does not get to the CPU. */
export const heldSentences = ({ board }: Machine): string =>
  board.gic
    .held()
    .map(({ intid, obstacle }) => ` ${capital(interruptName(intid, board.regions))}, is pending but ${obstacleWords(obstacle)}.`)
    .join('');

/** Right after a handler has returned: that its interrupt is still active, and why; empty where it is not. */
export function stillActiveSentence({ board }: Machine, intid: number): string {
  const { gic } = board;
  const why = gic.stillActive(intid);
  if (!why) return '';
  const what = `After the return the interrupt stays active, so it is not signalled again until`;
  const { end, deactivate, eoiMode } = gic.cpuInterface.names;
  const ended = end(gic.distributor.interrupts.group(intid));
  return why === 'noEnd'
    ? ` ${what} ${ended} is written.`
    : ` ${what} ${deactivate} is written: with ${eoiMode} = 1, ${ended} only drops the priority.`;
}

export const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);

/** What keeps a pending interrupt from the CPU, as a clause. */
export function obstacleWords(by: Obstacle): string {
  switch (by.kind) {
    case 'disabled':
      return `not enabled at the GIC (${by.field})`;
    case 'active':
      return `still active (${by.field}): it is not signalled again until it is deactivated`;
    case 'off':
      return `held by ${by.field} = 0: the virtual CPU interface is off`;
    case 'route':
      return `held by ${by.field}, which names a CPU that is not there`;
    case 'group':
      return `held by ${by.field} = 0: interrupts of group ${by.group} are not ${by.at === 'distributor' ? 'forwarded' : 'signalled'}`;
    case 'mask':
      return `held by ${by.field} = ${hex(by.value)}: priority ${hex(by.priority)} is not above it`;
    case 'running':
      return `held by ${by.field} = ${hex(by.value)}, the priority that is active: ${hex(by.priority)} is not above it`;
    case 'order':
      return `held by ${by.field} = ${by.intid}: INTID ${by.intid} comes first, with priority ${hex(by.priority)}`;
  }
}
