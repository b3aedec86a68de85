import { readMap, type AddressMap, type SpaceColumn, type SpaceRegion } from '../../mmu/index.ts';
import type { Program } from '../program.ts';
import type { Session } from '../session.ts';
import type { MapColumn, MapRegion, MapsView, Views } from '../views.ts';

type MapSpace = SpaceColumn['space'];

/** More regions than this in a column are no picture: the rest is left out, and the sentence says so. */
const MOST_REGIONS = 400;

export const mapsView = (session: Session, { regime }: Views['maps']['params']): MapsView => programMaps(session.needProgram(), regime);

/** The address spaces of a regime side by side; without a regime, the guest's once its memory is set up, else EL2's. */
export function programMaps(program: Program, regime?: 'el1' | 'el2'): MapsView {
  const { machine } = program;
  const guestIsSetUp = machine.mmu.context('el1').stage1 || machine.mmu.context('el1').stage2;
  const map = readMap(machine.mmu, regime ?? (guestIsSetUp ? 'el1' : 'el2'), { maxRanges: MOST_REGIONS });
  return {
    at: machine.steps,
    regime: map.regime,
    columns: map.columns.map((column) => mapColumn(program, map, column)),
    ribbons: map.ribbons.map(({ from, to, size, kind }) => ({
      from: { column: from.space, region: from.region, base: from.base },
      to: { column: to.space, region: to.region, base: to.base },
      size,
      kind,
    })),
    sentence: sentence(map),
  };
}

function mapColumn(program: Program, map: AddressMap, { space, regions }: SpaceColumn): MapColumn {
  return {
    id: space,
    space,
    ...titles(map, space),
    level: space === 'pa' ? null : map.regime === 'el2' ? 2 : 1,
    regions: regions.map((region) => mapRegion(program, map, space, region)),
  };
}

function titles({ regime, stage1, stage2, vmid, asid }: AddressMap, space: MapSpace): { title: string; subtitle: string } {
  if (space === 'pa') return { title: 'Physical memory', subtitle: 'board virt' };
  if (space === 'ipa') return { title: 'Guest, IPA', subtitle: stage2 ? `stage 2, VMID ${vmid}` : 'stage 2 is off' };
  if (regime === 'el2') return { title: 'Hypervisor, VA', subtitle: stage1 ? 'stage 1, TTBR0_EL2' : 'stage 1 is off: VA = PA' };
  return { title: 'Guest, VA', subtitle: stage1 ? `stage 1, ASID ${asid}` : `stage 1 is off: VA = ${stage2 ? 'IPA' : 'PA'}` };
}

function mapRegion(program: Program, map: AddressMap, space: MapSpace, region: SpaceRegion): MapRegion {
  const { id, base, size, kind, memory, refused } = region;
  const allowed = region.permissions[map.regime === 'el2' ? '2' : '1'] ?? '';
  const user = region.permissions['0'];
  const note = refused ? `refused: ${refused}` : kind === 'unmapped' ? 'not mapped by stage 2: an access traps to EL2' : memory;
  return {
    id,
    base,
    size,
    kind,
    permissions: user !== undefined && user !== '---' && space === 'va' ? `${allowed}, EL0 ${user}` : allowed,
    name: nameOf(program, map, space, region),
    ...(note ? { note } : {}),
  };
}

/**
 * What lies there: sections of the program where it was linked, and otherwise what the region leads to in physical memory, as the board
 * calls it.
 */
function nameOf({ machine, image, sections }: Program, map: AddressMap, space: MapSpace, region: SpaceRegion): string {
  const base = BigInt(region.base);
  const end = base + BigInt(region.size);
  if (space !== 'pa') {
    if (region.kind === 'unmapped') return 'not mapped';
    const inside = sections.filter(({ address, bytes }) => address < end && address + BigInt(bytes) > base).map(({ name }) => name);
    if (inside.length > 0) return inside.length > 3 ? `${inside.slice(0, 3).join(' ')} ...` : inside.join(' ');
  }
  const pa = physicalAddress(map, space, region);
  if (pa === undefined) return '';
  const title = machine.board.titleAt(pa) ?? 'nothing there';
  const loaded = image.segments.find((segment) => segment.pa < pa + region.size && segment.pa + segment.bytes.length > pa);
  return space === 'pa' && loaded ? `${title}: program` : title;
}

/** Where the first byte of a region ends up, following the first ribbon of each column. */
function physicalAddress(map: AddressMap, space: MapSpace, region: SpaceRegion): number | undefined {
  if (space === 'pa') return Number(BigInt(region.base));
  const ribbon = map.ribbons.find(({ from }) => from.space === space && from.region === region.id);
  if (!ribbon) return undefined;
  if (ribbon.to.space === 'pa') return Number(BigInt(ribbon.to.base));
  const next = map.columns.find((column) => column.space === ribbon.to.space)?.regions.find(({ id }) => id === ribbon.to.region);
  return next && physicalAddress(map, ribbon.to.space, next);
}

function sentence({ stage1, stage2, regime, isTruncated }: AddressMap): string {
  const rest = isTruncated ? ' Only the first regions are shown.' : '';
  if (regime === 'el2')
    return (
      (stage1
        ? 'EL2 has one stage: its own tables lead from virtual to physical addresses.'
        : 'EL2 translates nothing yet: its MMU is off.') + rest
    );
  if (stage1 && stage2)
    return 'Two stages: the guest maps VA to what it takes for physical memory, and the hypervisor maps that to real memory.' + rest;
  if (stage2) return "The guest's own MMU is off, but stage 2 still decides which memory it really gets." + rest;
  if (stage1) return 'The guest has its own tables; stage 2 is off, so its physical addresses are real ones.' + rest;
  return 'Nothing is translated: addresses are physical ones.';
}
