/** The memory maps on the screen, shared by the picture and the text beside it. */
import type { MapsView } from '../../emulator/session/views.ts';
import type { ViewParams } from '../../emulator/session/views/index.ts';
import { followAddress, regionAt, zoomedMaps, type Cursor, type MapZoom, type Stop } from '../geometry/maps/follow.ts';

export class MapBrowser {
  /** All of it, as it comes from the machine. */
  whole = $state.raw<MapsView | undefined>();
  /** Whose memory; null: what the machine is at. */
  regime = $state<'el1' | 'el2' | null>(null);
  guests = $state.raw<readonly number[] | null>(null);
  /** One address, followed through all columns. */
  cursor = $state.raw<Cursor | null>(null);
  private zooms = $state.raw<readonly MapZoom[]>([]);

  get params(): ViewParams<'maps'> {
    const { regime, guests } = this;
    return { ...(regime === null ? {} : { regime }), ...(guests === null || regime === 'el2' ? {} : { guests }) };
  }
  /** What is drawn: all of it, or what is zoomed into. */
  readonly view: MapsView | undefined = $derived(
    this.whole && this.zooms.length ? zoomedMaps(this.whole, this.zooms[this.zooms.length - 1]) : this.whole,
  );
  /** The address that is followed: the one chosen, else the one that the machine uses. */
  readonly place: Cursor | null = $derived(this.cursor ?? placeInUse(this.whole));
  readonly stops: readonly Stop[] = $derived(this.view && this.place ? followAddress(this.view, this.place) : []);
  /** `column/region` of the region that holds the cursor. */
  get region(): string | null {
    const [stop] = this.stops;
    return stop ? `${stop.column}/${stop.region}` : null;
  }
  get path(): readonly MapZoom[] {
    return this.zooms;
  }

  show(regime: 'el1' | 'el2', guests: readonly number[] | null = null): void {
    this.regime = regime;
    this.guests = guests;
    this.cursor = null;
    this.zooms = [];
  }
  /** Another program is open. */
  forget(): void {
    this.regime = this.guests = this.cursor = null;
    this.zooms = [];
  }
  /** Chooses a region by the address that it begins at. */
  choose(id: string | null): void {
    if (id === null) {
      this.cursor = null;
      return;
    }
    const [column, region] = [id.slice(0, id.indexOf('/')), id.slice(id.indexOf('/') + 1)];
    const found = this.view?.columns.find((one) => one.id === column)?.regions.find((one) => one.id === region);
    this.cursor = found ? { column, address: BigInt(found.base) } : null;
  }
  point(column: string, address: bigint): void {
    this.cursor = { column, address };
  }
  /** An address of whichever column has it: those of the first guest before physical memory. */
  find(address: bigint): boolean {
    const column = this.view?.columns.find(({ id }) => regionAt(this.view!, id, address));
    if (!column) return false;
    this.point(column.id, address);
    return true;
  }
  zoomTo(zoom: MapZoom): void {
    this.zooms = [...this.zooms, zoom];
    if (this.cursor && !regionAt(this.view!, this.cursor.column, this.cursor.address)) this.cursor = null;
  }
  /** Back to the first `depth` of the ranges zoomed into. */
  out(depth = this.zooms.length - 1): void {
    this.zooms = this.zooms.slice(0, Math.max(0, depth));
  }
}

function placeInUse(view: MapsView | undefined): Cursor | null {
  return view?.inUse ? { column: view.columns[0].id, address: BigInt(view.inUse.address) } : null;
}
