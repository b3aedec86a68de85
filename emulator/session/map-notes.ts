/** What is worth seeing in memory maps, found in them: nothing here is known of any program. */
import { code, list, rich } from '../explain/words.ts';
import type { BoardRegion } from '../machine/board-row.ts';
import type { Mismatch } from '../mmu/map-physical.ts';
import type { MapColumn, MapNote, MapRegion, MapRibbon, MapsView } from './views.ts';

type Maps = Omit<MapsView, 'notes'>;

export const mismatchNote: Readonly<Record<Mismatch, string>> = {
  'device mapped Normal': 'mapped as Normal memory, so accesses may be merged, repeated, reordered or made ahead of time',
  'memory mapped Device': 'mapped as Device memory, so it is not cached, and unaligned accesses fault',
};

export function mapNotes(view: Maps, board: readonly BoardRegion[]): MapNote[] {
  const guests = view.shown.length > 0 ? [sameAddress(view), unmapped(view), ...sharing(view), hypervisorOnly(view)] : [];
  return [...mismatches(view), ...guests, unreached(view, board)].filter((note) => note !== undefined);
}

/** Devices and memory that the tables make something else of. */
function mismatches(view: Maps): MapNote[] {
  const regions = columnOf(view, 'pa')?.regions ?? [];
  return (['device mapped Normal', 'memory mapped Device'] as const).flatMap((mismatch) => {
    const found = regions.filter((region) => region.mismatch === mismatch);
    if (found.length === 0) return [];
    // The device that a program is most likely to use.
    const first = found.find(({ name }) => name === 'UART') ?? found[0];
    const names = familiesOf(found, first);
    return [{ kind: 'mismatch', region: `pa/${first.id}`, text: rich(list(names), `: ${mismatchNote[mismatch]}.`) }];
  });
}

const familiesOf = (regions: readonly MapRegion[], first: MapRegion): string[] => [
  ...new Set([first, ...regions].map(({ family, name }) => family ?? name)),
];

/** What the board has and nothing shown leads to. */
function unreached(view: Maps, board: readonly BoardRegion[]): MapNote | undefined {
  const regions = columnOf(view, 'pa')?.regions ?? [];
  const isShown = ({ base, bytes }: BoardRegion): boolean =>
    regions.some((region) => Number(BigInt(region.base)) < base + bytes && base < Number(BigInt(region.base)) + region.size);
  const families = new Set(board.filter(isShown).map(({ family }) => family));
  const hidden = board.filter((row) => !isShown(row));
  const names = [...new Set(hidden.map((row) => (families.has(row.family) ? row.title : row.family)))];
  return names.length > 0 ? { kind: 'unreached', text: rich('No table shown here leads to: ', list(names), '.') } : undefined;
}

const columnOf = ({ columns }: Maps, id: string): MapColumn | undefined => columns.find((column) => column.id === id);
const byVmid = (vmids: readonly number[]): string => `VMID ${vmids.join(' and ')}`;

/** One IPA that both guests use, and that leads to different places. */
function sameAddress(view: Maps): MapNote | undefined {
  const [one, two] = view.shown;
  if (two === undefined) return undefined;
  const from = (column: string): MapRibbon[] => view.ribbons.filter((ribbon) => ribbon.from.column === column);
  for (const a of from('ipa'))
    for (const b of from('ipa2')) {
      if (a.from.base !== b.from.base || a.to.base === b.to.base) continue;
      return {
        kind: 'same',
        region: `ipa/${a.from.region}`,
        text: rich(
          'Same IPA, different memory. Both guests use ',
          code(a.from.base),
          `. Stage 2 sends VMID ${one} to `,
          code(a.to.base),
          ` and VMID ${two} to `,
          code(b.to.base),
          '.',
        ),
      };
    }
  return undefined;
}

/** What a guest maps and its hypervisor does not. */
function unmapped(view: Maps): MapNote | undefined {
  const column = columnOf(view, 'ipa');
  const holes = column?.regions.filter(({ kind }) => kind === 'unmapped') ?? [];
  if (!column || holes.length === 0) return undefined;
  const [first] = holes;
  const more = holes.length > 1 ? `, and ${holes.length - 1} more like it` : '';
  return {
    kind: 'unmapped',
    region: `ipa/${first.id}`,
    text: rich(`VMID ${view.shown[0]} maps memory that stage 2 does not: IPA `, code(first.base), `${more}. Each access traps to EL2.`),
  };
}

/** What of physical memory both guests reach. */
function sharing(view: Maps): MapNote[] {
  if (view.shown.length < 2) return [];
  const both = columnOf(view, 'pa')?.regions.filter(({ reachedBy }) => reachedBy?.length === 2) ?? [];
  if (both.length === 0)
    return [{ kind: 'apart', text: rich(`No page of physical memory is reachable from both guests: ${byVmid(view.shown)} are isolated.`) }];
  return both.slice(0, 2).map((region) => ({
    kind: 'shared',
    region: `pa/${region.id}`,
    text: rich(
      'Shared: both guests reach ',
      code(region.base),
      ` (${region.name}). VMID ${view.shown[0]} has ${rightsTo(view, 'ipa', region)}, VMID ${view.shown[1]} ${rightsTo(view, 'ipa2', region)}.`,
    ),
  }));
}

/** What stage 2 of a guest allows in a region of physical memory. */
function rightsTo(view: Maps, column: string, { id }: MapRegion): string {
  const from = new Set(view.ribbons.filter((r) => r.from.column === column && r.to.region === id).map((r) => r.from.region));
  const rights = columnOf(view, column)
    ?.regions.filter((region) => from.has(region.id))
    .map(({ permissions }) => permissions);
  return [...new Set(rights)].join(' and ');
}

function hypervisorOnly(view: Maps): MapNote | undefined {
  const own = columnOf(view, 'pa')?.regions.filter(({ kind }) => kind === 'hypervisor') ?? [];
  // The part that holds the program tells most.
  const [first] = own.toSorted((a, b) => Number(b.name.startsWith('.')) - Number(a.name.startsWith('.')));
  if (!first) return undefined;
  const who = view.shown.length > 1 ? 'Neither guest can' : 'The guest cannot';
  return {
    kind: 'hypervisor',
    region: `pa/${first.id}`,
    text: rich(`${who} reach the hypervisor's own memory, such as `, code(first.base), ` (${first.name}): no stage 2 maps it.`),
  };
}
