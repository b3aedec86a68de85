/** The way of an interrupt as text for a terminal. */
import { fieldLines } from './decoded-register.ts';
import type { InterruptsView, InterruptWay, StationRow, TimerState } from './interrupt-views.ts';
import { placeText } from './levels-text.ts';

export function interruptsText(view: InterruptsView): string {
  const { at, el, chosen, physical, virtual, interrupts, listRegisters, timers, history, sentence, maskedBy } = view;
  const inLists = listRegisters.filter(({ inUse }) => inUse);
  return [
    `instant ${at}, EL${el}`,
    sentence,
    ...(maskedBy ? [maskedBy.sentence] : []),
    ...(physical ? ['', 'physical', ...stations(view), ...wayLines(physical, !virtual || physical.verdict === 'taken')] : []),
    ...(virtual ? ['', 'virtual', ...virtualStations(view), ...wayLines(virtual, physical?.verdict !== 'taken')] : []),
    ...inLists.flatMap(({ name, register, text }) => ['', `${name} = ${register.value}  ${text}`, ...fieldLines(register.fields)]),
    '',
    'in use',
    ...table(
      interrupts.map(({ id, short, enabled, pending, active, priority, group, verdict }) => [
        id === chosen.id ? '>' : '',
        String(id),
        short,
        [enabled && 'enabled', pending && 'pending', active && 'active'].filter(Boolean).join(', '),
        priority && `priority ${priority}, group ${group}`,
        verdict,
      ]),
    ),
    '',
    'timers',
    ...table(timers.map(timerCells)),
    ...(history && history.steps.length > 0
      ? ['', `history of ${chosen.short}`, ...table(history.steps.map((step) => [String(step.at), `EL${step.el}`, step.text]))]
      : []),
  ].join('\n');
}

const cells = (rows: readonly StationRow[]): string => rows.map(({ name, value }) => `${name} = ${value}`).join(', ');

function stations({ source, chosen, distributor, cpuInterface, routing }: InterruptsView): string[] {
  const { enabled, pending, active, priority, group, edge, condition } = chosen;
  const bits = `enabled = ${Number(enabled)}, pending = ${Number(pending)}, active = ${Number(active)}, priority = ${priority}, group = ${group}, ${edge ? 'edge' : 'level'}`;
  return table([
    ['source', [cells(source), condition].filter(Boolean).join('; ')],
    ['distributor', [bits, cells(distributor)].join(', ')],
    ['CPU interface', cells(cpuInterface)],
    ['CPU', cells(routing)],
  ]);
}
const virtualStations = ({ virtualInterface, guest }: InterruptsView): string[] =>
  table([
    ['virtual interface', cells(virtualInterface)],
    ['guest', cells(guest)],
  ]);

/** `decides`: it says where the interrupt is; the other half is only how it got there, or what comes later. */
function wayLines({ kind, verdict, hold, to, rule, vector }: InterruptWay, decides: boolean): string[] {
  const where = vector ? `vector +0x${vector.offset.toString(16)}, ${placeText(vector.place)}` : `the slot of VBAR_EL${to}`;
  return [
    ...table([
      ['leads to', `${kind} to EL${to}, ${where}`],
      ['rule', rule],
    ]),
    ...(decides ? [hold ? `  ${verdict}: ${hold.field} = ${hold.value}. ${hold.text} ${hold.frees}` : '  taken next'] : []),
  ];
}

const timerCells = ({ registers, intid, name, absent, counter, offset, compare, control, text, next }: TimerState): string[] => [
  registers,
  String(intid),
  name,
  absent ?? `counter ${counter}, offset ${offset ?? 'none'}, compare ${compare}, control ${control}`,
  [absent ? '' : text, next ? `At instant ${next.at}, unless the CPU waits.` : ''].filter(Boolean).join(' '),
];

/** In columns, with two spaces before and between them. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i])).join('  ')}`.trimEnd());
}
