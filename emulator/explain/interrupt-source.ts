/** What asks for a physical interrupt, and what keeps it from asking: the devices' own conditions. */
import { hex } from '../base/hex.ts';
import { counterValue } from '../cpu/index.ts';
import { timerControl, timerHeldBy, timerRegisterNames } from '../cpu/timer.ts';
import type { Device } from '../devices/device.ts';
import type { Gic } from '../devices/gic/index.ts';
import { ppi, ppiIntid } from '../machine/board-row.ts';
import { NS_PER_TICK } from '../machine/clock.ts';
import type { Machine } from '../machine/machine.ts';
import { counterName, timerOf } from './interrupt-words.ts';
import type { InterruptHold, StationRow } from './interrupt-views.ts';

/** Software-generated interrupts have the INTIDs below this. */
export const SGIS = 16;
const SPI = 32;

type Source = { readonly rows: readonly StationRow[]; readonly hold: InterruptHold };
const row = (name: string, value: string, text = ''): StationRow => ({ name, value, text });
const holds = (field: string, value: string, text: string, frees: string): InterruptHold => ({
  station: 'source',
  ...{ field, value, text, frees },
});

/** Its rows; and what holds it here where it is not pending. */
export function interruptSource(machine: Machine, intid: number): Source {
  const { board } = machine;
  const { gic } = board;
  const sends = gic.names.sendSgi(gic.distributor.interrupts.group(intid));
  if (intid < SGIS)
    return {
      rows: [row(sends, 'write only', 'a write sends it')],
      hold: holds(
        gic.names.pendingSgi(intid),
        '0',
        'Nothing has sent this SGI.',
        gic.version === 2 ? `A write of ${intid} to ${sends} sends it.` : `A write to ${sends} with INTID = ${intid} sends it.`,
      ),
    };
  const timer = timerOf(intid);
  if (timer) return timerSource(machine, timer);
  if (intid === ppiIntid(ppi.gicMaintenance)) return maintenance(gic);
  if (intid === ppiIntid(ppi.performanceMonitors)) return counters(machine);
  const region = board.regions.find(({ spis }) => spis?.includes(intid - SPI));
  if (region?.name === board.uart.name) return masked(board.uart, 'UARTRIS', 'UARTIMSC', 'the UART');
  const rows = [row('Line', gic.distributor.interrupts.of(intid).high ? 'high' : 'low')];
  return {
    rows,
    hold: region
      ? holds('its line', 'low', `The ${region.title} does not ask for it.`, `The ${region.title} raises the line.`)
      : holds('its line', 'low', 'Nothing drives this line.', `Only software can make it pending, by ${gic.names.setPending(intid)}.`),
  };
}

function timerSource({ cpu, clock }: Machine, timer: NonNullable<ReturnType<typeof timerOf>>): Source {
  const ticks = Math.floor(clock.ns / NS_PER_TICK);
  const { control, compare } = timerRegisterNames[timer];
  const [now, goal] = [hex(counterValue(cpu, timer, ticks)), hex(cpu.get(compare))];
  const counter = counterName(timer);
  const rows = [
    row('Counter', now, counter),
    ...(timer === 'virtual' ? [row('Offset', hex(cpu.get('CNTVOFF_EL2')), 'CNTVOFF_EL2')] : []),
    row('Compare', goal, compare),
    row('Control', hex(timerControl(cpu, timer, ticks)), control),
  ];
  switch (timerHeldBy(cpu, timer, ticks)) {
    case 'ENABLE':
      return { rows, hold: holds(`${control}.ENABLE`, '0', 'The timer is off.', `Writing 1 to ${control} turns it on.`) };
    case 'IMASK':
      return {
        rows,
        hold: holds(`${control}.IMASK`, '1', 'The timer masks its own interrupt.', `Clearing ${control}.IMASK lets it through.`),
      };
    default:
      return {
        rows,
        hold: holds(compare, goal, `The condition is not met: ${counter} is ${now}.`, `It fires when ${counter} reaches ${goal}.`),
      };
  }
}

const read = (device: Device, name: string): number => device.peek(device.registers.find((one) => one.name === name)!.offset, 4);

/** A device whose line is high while a source is active and not masked. */
function masked(device: Device, raw: string, mask: string, what: string): Source {
  const [active, enabled] = [read(device, raw), read(device, mask)];
  const rows = [row(raw, hex(active)), row(mask, hex(enabled))];
  const hold =
    active !== 0 && (active & enabled) === 0
      ? holds(
          mask,
          hex(enabled),
          `${what[0].toUpperCase()}${what.slice(1)} has something to tell (${raw} = ${hex(active)}), but ${mask} masks it.`,
          `Setting the same bit in ${mask} lets it through.`,
        )
      : holds(
          raw,
          hex(active),
          `Nothing has happened in ${what} that may interrupt.`,
          enabled === 0
            ? `${mask} is 0 as well: set a bit there first.`
            : 'A byte that arrives raises it, if its source is set in UARTIMSC.',
        );
  return { rows, hold };
}

function maintenance({ names, virtualControl }: Gic): Source {
  const { control, maintenanceStatus } = virtualControl;
  const rows = [row(names.control, hex(control)), row(names.maintenanceStatus, hex(maintenanceStatus))];
  return {
    rows,
    hold: virtualControl.forwards()
      ? holds(
          names.maintenanceStatus,
          hex(maintenanceStatus),
          'The list registers need no attention.',
          `${names.control} selects what raises it.`,
        )
      : holds(`${names.control}.En`, '0', 'The virtual CPU interface is off.', `Setting ${names.control}.En turns it on.`),
  };
}

function counters({ cpu }: Machine): Source {
  const [overflow, enabled] = [cpu.low('PMOVSCLR_EL0'), cpu.low('PMINTENSET_EL1')];
  const rows = [row('Overflow', hex(overflow), 'PMOVSCLR_EL0'), row('Enabled', hex(enabled), 'PMINTENSET_EL1')];
  const hold =
    overflow !== 0 && (overflow & enabled) === 0
      ? holds(
          'PMINTENSET_EL1',
          hex(enabled),
          'A counter has overflowed, but its interrupt is not enabled.',
          'Setting its bit in PMINTENSET_EL1 enables it.',
        )
      : holds('PMOVSCLR_EL0', hex(overflow), 'No counter has overflowed.', 'A counter that overflows raises it.');
  return { rows, hold };
}
