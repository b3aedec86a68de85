import { emptySlots } from '../../machine/board-virtio.ts';
import { PA, VA } from '../../base/addresses.ts';
import * as v from 'valibot';
import { hex } from '../../base/hex.ts';
import type { BoardRegion } from '../../machine/board-row.ts';
import {
  reachableMemory,
  readMap,
  type AddressMap,
  type PhysicalRange,
  type PhysicalRow,
  type SpaceColumn,
  type SpaceControl,
  type SpaceRegion,
} from '../../mmu/index.ts';
import { guestsOf, mmuOfGuest } from '../guests.ts';
import { addressesInUse } from '../in-use.ts';
import { mapNotes, mismatchNote } from '../map-notes.ts';
import { boardNames, nameOfPhysical, nameOfVirtual } from '../place-names.ts';
import type { Program } from '../program.ts';
import { vmid } from '../schemas.ts';
import { view } from '../view.ts';
import type { MapColumn, MapRegion, MapsView } from '../views.ts';

/** More regions than this in a column are no picture: the rest is left out, and the sentence says so. */
const MOST_REGIONS = 400;

const params = v.strictObject({
  regime: v.optional(v.picklist(['el1', 'el2'])),
  /** VMIDs of one guest, or of two side by side; without, the current one. */
  guests: v.optional(v.pipe(v.array(vmid), v.minLength(1), v.maxLength(2), v.readonly())),
});
export type MapsParams = v.InferOutput<typeof params>;

/** The address spaces of a regime side by side; without a regime, the guest's once its memory is set up, else EL2's. */
export const maps = view(params, (program, { regime: asked, guests: wanted }): MapsView => {
  const { machine } = program;
  const guests = guestsOf(program);
  const el1 = machine.mmu.context('el1');
  const regime = asked ?? (el1.stage1 || el1.stage2 || guests.length > 0 ? 'el1' : 'el2');
  const current = guests.find(({ isCurrent }) => isCurrent)?.vmid;
  const vmids = regime === 'el2' ? [] : [...new Set(wanted ?? (current === undefined ? [] : [current]))];
  const owners = (vmids.length ? vmids : [undefined]).map((vmid) => ({ mmu: mmuOfGuest(program, vmid), regime }));
  const others = vmids.length ? hypervisorMemory(program) : [];
  const map = readMap(owners, { maxRanges: MOST_REGIONS, rows: machine.board.regions.map(physicalRow), others });
  const columns = map.columns.map((column) => mapColumn(program, map, vmids, column));
  // The first address in use that the first guest shown, or EL2, maps.
  const inUse = addressesInUse(program, regime, owners[0].mmu).find(({ va }) =>
    columns.some(({ space, regions }) => space === 'va' && regions.some((region) => holds(region, va))),
  );
  const told: Omit<MapsView, 'notes'> = {
    at: machine.steps,
    regime,
    guests,
    shown: vmids,
    columns,
    ribbons: map.ribbons,
    inUse: inUse ? { address: hex(inUse.va), name: inUse.name } : null,
    sentence: sentence(map),
  };
  return { ...told, notes: mapNotes(told, machine.board.regions) };
});

const holds = ({ base, size }: MapRegion, address: bigint): boolean => address >= BigInt(base) && address < BigInt(base) + BigInt(size);

const physicalRow = ({ base, bytes, kind }: BoardRegion): PhysicalRow => ({
  from: base,
  to: PA(base + bytes),
  kind: kind === 'ram' ? 'normal' : kind === 'flash' ? 'readOnly' : 'device',
});

/** What EL2 can reach and something answers at, cut at the borders of devices and of the program. */
function hypervisorMemory({ machine, image }: Program): PhysicalRange[] {
  const { mmu, board } = machine;
  const reachable = mmu.context('el2').stage1 ? reachableMemory(mmu, 'el2') : undefined;
  const ranges: PhysicalRange[] = [];
  for (const { family, base, bytes, kind, built } of board.regions) {
    if (!built || family === emptySlots || kind === 'flash') continue;
    const end = PA(base + bytes);
    const edges = kind === 'ram' ? image.segments.flatMap(({ pa, bytes }) => [pa, pageAfter(PA(pa + bytes.length))]) : [];
    const cuts = [base, ...edges.filter((edge) => edge > base && edge < end).sort((a, b) => a - b), end];
    cuts.slice(1).forEach((to, i) => {
      for (const part of reachable ?? [{ from: base, to: end }]) {
        const range = { from: PA(Math.max(cuts[i], part.from)), to: PA(Math.min(to, part.to)) };
        if (range.from < range.to) ranges.push(range);
      }
    });
  }
  return ranges;
}
const pageAfter = (pa: PA): PA => PA(Math.ceil(pa / 4096) * 4096);

function mapColumn(program: Program, map: AddressMap, vmids: readonly number[], column: SpaceColumn): MapColumn {
  const { id, space, owner, regions } = column;
  return {
    id,
    space,
    ...titles(map, column, vmids),
    level: owner === null ? null : map.spaces[owner].regime === 'el2' ? 2 : 1,
    regions: regions.map((region) => mapRegion(program, map, vmids, column, region)),
  };
}

function titles({ spaces }: AddressMap, { space, owner }: SpaceColumn, vmids: readonly number[]): { title: string; subtitle: string } {
  if (owner === null) return { title: 'Physical memory', subtitle: 'board virt' };
  const { regime, stage1, stage2, vmid, asid } = spaces[owner];
  const guest = vmids.length > 1 ? `Guest ${vmid}` : 'Guest';
  if (space === 'ipa') return { title: `${guest}, IPA`, subtitle: `stage 2, VMID ${vmid}` };
  if (regime === 'el2') return { title: 'Hypervisor, VA', subtitle: stage1 ? 'stage 1, TTBR0_EL2' : 'stage 1 is off: VA = PA' };
  return { title: `${guest}, VA`, subtitle: stage1 ? `stage 1, ASID ${asid}` : `stage 1 is off: VA = ${stage2 ? 'IPA' : 'PA'}` };
}

function mapRegion(program: Program, map: AddressMap, vmids: readonly number[], column: SpaceColumn, region: SpaceRegion): MapRegion {
  const { id, base, size, kind, memory, refused, reachedBy, mismatch } = region;
  const { space, owner } = column;
  const allowed = region.permissions[owner !== null && map.spaces[owner].regime === 'el2' ? '2' : '1'] ?? '';
  const user = region.permissions['0'];
  const reached = reachedBy && vmids.length ? reachedBy.map((i) => vmids[i]) : undefined;
  const row = space === 'pa' ? rowAt(program, PA(Number(base))) : undefined;
  const note = refused
    ? `refused: ${refused}`
    : kind === 'unmapped'
      ? 'not mapped by stage 2: an access traps to EL2'
      : kind === 'nothing'
        ? 'an access is an external abort'
        : [memory, mismatch && mismatchNote[mismatch], reached && reachedText(reached)].filter(Boolean).join('; ');
  return {
    id,
    base,
    size,
    kind,
    permissions: user !== undefined && user !== '---' && space === 'va' ? `${allowed}, EL0 ${user}` : allowed,
    name: nameOf(program, map, column, region),
    ...(note ? { note } : {}),
    ...(reached ? { reachedBy: reached } : {}),
    ...(row && row.family !== row.title ? { family: row.family } : {}),
    ...(mismatch ? { mismatch } : {}),
  };
}

const rowAt = ({ machine }: Program, pa: PA): BoardRegion | undefined =>
  machine.board.regions.find(({ base, bytes }) => pa >= base && pa < base + bytes);

const reachedText = (vmids: readonly number[]): string =>
  vmids.length === 0
    ? 'the hypervisor only: no stage 2 leads here'
    : vmids.length === 1
      ? `reached by the guest with VMID ${vmids[0]}`
      : `shared: reached by the guests with VMID ${vmids.join(' and ')}`;

function nameOf(program: Program, map: AddressMap, { id, space }: SpaceColumn, region: SpaceRegion): string {
  const { base, size, kind } = region;
  const address = BigInt(base);
  if (size === 2 ** 40) return 'every address';
  if (space === 'pa') return physicalName(program, PA(Number(address)), size);
  if (kind === 'unmapped') return 'not mapped';
  const pa = physicalAddress(map, id, region);
  // What stage 2 does not map is known by what the board has at that place: the device that the guest is after.
  return pa === undefined ? deviceAt(program, map, id, region) : nameOfVirtual(program, VA(address), pa, size);
}

/** All of RAM is RAM, whatever was loaded into it. */
function physicalName(program: Program, pa: PA, bytes: number): string {
  const name = nameOfPhysical(program, pa, bytes) || 'nothing there';
  const row = rowAt(program, pa);
  return row?.kind === 'ram' && row.bytes === bytes && name !== row.title ? `${row.title}: ${name}` : name;
}

/** Where the first byte of a region that is mapped ends up, following the first ribbon of each column. */
function physicalAddress(map: AddressMap, column: string, region: SpaceRegion): PA | undefined {
  const ribbon = map.ribbons.find(({ from }) => from.column === column && from.region === region.id);
  if (!ribbon) return undefined;
  if (ribbon.to.column === 'pa') return PA(Number(ribbon.to.base));
  const next = map.columns.find(({ id }) => id === ribbon.to.column)?.regions.find(({ id }) => id === ribbon.to.region);
  const there = next && physicalAddress(map, ribbon.to.column, next);
  return there === undefined ? undefined : PA(there + Number(ribbon.to.base) - Number(next!.base));
}

function deviceAt(program: Program, map: AddressMap, column: string, region: SpaceRegion): string {
  const ribbon = map.ribbons.find(({ from }) => from.column === column && from.region === region.id);
  const names = ribbon ? boardNames(program, PA(Number(ribbon.to.base)), region.size) : '';
  return names === 'RAM' ? '' : names;
}

function sentence({ spaces, isTruncated }: AddressMap): string {
  const [{ stage1, stage2, regime, vmid }, second] = spaces;
  const rest = isTruncated ? ' Only the first regions are shown.' : '';
  if (second)
    return `Two guests, VMID ${vmid} and ${second.vmid}, each with its own address space; stage 2 decides which memory each gets.${rest}`;
  const off = stage1OffText(spaces[0]);
  if (regime === 'el2')
    return (
      (stage1 ? 'EL2 has one stage: its own tables map virtual to physical addresses.' : `EL2 translates nothing: its MMU is off. ${off}`) +
      rest
    );
  if (stage1 && stage2)
    return 'Two stages: the guest maps VA to what it believes to be physical memory, and the hypervisor maps that to real memory.' + rest;
  if (stage2) return `The guest's own MMU is off, but stage 2 still decides which memory it really gets. ${off}${rest}`;
  if (stage1) return 'The guest has its own tables; stage 2 is off, so its physical addresses are the real ones.' + rest;
  return `Nothing is translated: all addresses are physical. ${off}`;
}

/** Memory has a type although no table gives it one. */
function stage1OffText({ stage1Off, stage2 }: SpaceControl): string {
  if (!stage1Off) return '';
  const { data, instructions } = stage1Off;
  const before = stage2 ? ', before stage 2 has its say' : '';
  return data === instructions
    ? `To data accesses and instruction fetches alike all memory is ${data}, because HCR_EL2.DC = 1${before}.`
    : `To data accesses all memory is ${data}, to instruction fetches ${instructions}${before}.`;
}
