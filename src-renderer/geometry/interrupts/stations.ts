/** The stations of the way of an interrupt, by what each shows and how far the interrupt has come: the same for every arrangement. */
import type { InterruptsView, InterruptState, InterruptWay, StationName, StationRow } from '../../../emulator/session/views.ts';

/** How a station stands to the interrupt: it is past it, held there, or has not come there; `beside`: the other half decides about it. */
export type Reached = 'past' | 'holds' | 'ahead' | 'beside';

export interface Station {
  readonly name: StationName;
  readonly title: string;
  readonly rows: readonly Row[];
  readonly reached: Reached;
}
/** `holds`: the one field that keeps the interrupt from going on: it is pending and held there, or it is not pending because of it. */
export interface Row extends StationRow {
  readonly holds: 'held' | 'quiet' | null;
}

const physicalOrder: readonly StationName[] = ['source', 'distributor', 'cpuInterface', 'cpu'];
const virtualOrder: readonly StationName[] = ['listRegister', 'virtualInterface', 'guest'];

/** The half that decides where the interrupt is: the virtual one where a list register has it, unless the physical one is taken next. */
export const decisiveWay = ({ physical, virtual }: InterruptsView): InterruptWay | null =>
  virtual && physical?.verdict !== 'taken' ? virtual : physical;

/** How the field that keeps it is marked. */
const markOf = (way: InterruptWay | null): 'held' | 'quiet' => (way?.verdict === 'held' ? 'held' : 'quiet');

/** The name of an interrupt as part of an id. */
export const interruptKey = ({ id }: Pick<InterruptState, 'id'>): string => `interrupt:${id}`;

/** How far each station of a way is, and what lies behind the last of them. */
function reachedBy(
  view: InterruptsView,
  way: InterruptWay | null,
  order: readonly StationName[],
): (name: StationName | 'vector') => Reached {
  const isActive = /^GIC[DR]_ISACTIVER/.test(way?.hold?.field ?? '');
  const isDecisive = way !== null && way === decisiveWay(view);
  // One that is active has come all the way; so has one that is taken next.
  const stop = way === null ? -1 : way.verdict === 'taken' || way.verdict === 'active' ? order.length : order.indexOf(way.hold!.station);
  return (name) => {
    if (way && !isDecisive) return isActive ? 'past' : 'beside';
    const at = name === 'vector' ? order.length : order.indexOf(name);
    if (isDecisive && way.hold?.station === name) return 'holds';
    return at < stop || (name === 'vector' && stop === order.length) ? 'past' : 'ahead';
  };
}
export const physicalReach = (view: InterruptsView): ((name: StationName | 'vector') => Reached) =>
  reachedBy(view, view.physical, physicalOrder);
export const virtualReach = (view: InterruptsView): ((name: StationName | 'vector') => Reached) =>
  reachedBy(view, view.virtual, virtualOrder);

/** The last part of a field, which rows are named by: "PMR" of GICC_PMR and ICC_PMR_EL1, "EnableGrp0" of GICC_CTLR.EnableGrp0. */
const isField = (field: string, name: string): boolean =>
  field === name || field.endsWith(`.${name}`) || field.endsWith(`_${name}`) || field === `IC${field[2]}_${name}_EL1`;

const sourceTitle = ({ chosen }: InterruptsView): string => `Source: ${chosen.short}`;

export const distributorRows = ({ enabled, pending, active, priority, group, edge }: InterruptState): readonly StationRow[] => [
  { name: 'Enabled', value: enabled ? '1' : '0', text: '' },
  { name: 'Pending', value: pending ? '1' : '0', text: '' },
  { name: 'Active', value: active ? '1' : '0', text: '' },
  { name: 'Priority', value: priority, text: '' },
  { name: 'Group', value: String(group), text: '' },
  { name: 'Target', value: 'CPU 0', text: '' },
  { name: 'Trigger', value: edge ? 'edge' : 'level', text: '' },
];
/** Which of them a hold at the distributor is about. */
export const distributorHold = (field: string): string =>
  /_ISENABLER/.test(field)
    ? 'Enabled'
    : /_ISACTIVER/.test(field)
      ? 'Active'
      : field.startsWith('GICD_IROUTER')
        ? 'Target'
        : field.replace('GICD_CTLR.', '');

export function physicalStations(view: InterruptsView): readonly Station[] {
  const { chosen, physical, source, cpuInterface, routing } = view;
  if (!physical) return [];
  const reach = physicalReach(view);
  const mark = markOf(physical);
  const field = (name: StationName): string | undefined => (reach(name) === 'holds' ? physical.hold?.field : undefined);
  const rows = (list: readonly StationRow[], name: StationName): readonly Row[] =>
    list.map((one) => ({ ...one, holds: isField(field(name) ?? '', one.name) ? mark : null }));
  const distributor = field('distributor');
  const line =
    chosen.high === null
      ? []
      : [{ name: 'Line', value: chosen.high ? 'high' : 'low', text: '' }].filter(() => !source.some(({ name }) => name === 'Line'));
  return [
    { name: 'source', title: sourceTitle(view), rows: sourceRows([...line, ...source], field('source'), mark), reached: reach('source') },
    {
      name: 'distributor',
      title: 'Distributor',
      rows: [...distributorRows(chosen), ...view.distributor].map((one) => ({
        ...one,
        holds: distributor !== undefined && distributorHold(distributor) === one.name ? mark : null,
      })),
      reached: reach('distributor'),
    },
    { name: 'cpuInterface', title: 'CPU interface', rows: rows(cpuInterface, 'cpuInterface'), reached: reach('cpuInterface') },
    { name: 'cpu', title: 'Who takes it', rows: rows(routing, 'cpu'), reached: reach('cpu') },
  ];
}
/** The row of the register that holds it. */
function sourceRows(rows: readonly StationRow[], field: string | undefined, mark: Row['holds']): readonly Row[] {
  const own = rows.findIndex(
    ({ name, text }) => field !== undefined && [name, text].some((one) => one !== '' && (field === one || field.startsWith(`${one}.`))),
  );
  return rows.map((one, i) => ({ ...one, holds: i === own ? mark : null }));
}

export function virtualStations(view: InterruptsView): readonly Station[] {
  const { virtual, virtualInterface, guest, listRegisters } = view;
  const reach = virtualReach(view);
  const mark = markOf(virtual);
  const field = (name: StationName): string => (reach(name) === 'holds' ? (virtual?.hold?.field ?? '') : '');
  const rows = (list: readonly StationRow[], name: StationName): readonly Row[] =>
    list.map((one) => ({ ...one, holds: isField(field(name), one.name) ? mark : null }));
  const list = listRegisters.map(({ name, text, register, inUse }) => ({
    name: name.replace(/^GICH_|^ICH_|_EL2$/g, ''),
    value: inUse ? register.value : '',
    text,
    holds: field('listRegister').startsWith(`${name}.`) ? mark : null,
  }));
  return [
    { name: 'listRegister', title: 'List registers', rows: list, reached: reach('listRegister') },
    {
      name: 'virtualInterface',
      title: 'Virtual CPU interface',
      rows: rows(virtualInterface, 'virtualInterface'),
      reached: reach('virtualInterface'),
    },
    { name: 'guest', title: 'Guest mask', rows: rows(guest, 'guest'), reached: reach('guest') },
  ];
}
