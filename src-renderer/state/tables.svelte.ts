/** The tree of page tables on the screen, shared by the picture and the text beside it. */
import type { EntryTrait, Hex, OutlineRow, ReachSpace, TableRegister, TablesView } from '../../emulator/session/views.ts';
import type { ViewParams } from '../../emulator/session/views/index.ts';
import { chosenOrder, isGap, rowKey } from '../geometry/tables/tree.ts';

/** An entry: its level, and the first input address it translates. */
export interface ChosenEntry {
  readonly level: number;
  readonly input: Hex;
}
interface Zoom {
  readonly path: readonly number[];
  readonly first?: number;
  readonly last?: number;
}
const whole: Zoom = { path: [] };

export class TableBrowser {
  view = $state.raw<TablesView | undefined>();
  /** Null: what the machine uses; whose tables: null for the machine's as it is. */
  register = $state<TableRegister | null>(null);
  vmid = $state<number | null>(null);
  /** Rows that the picture has room for. */
  rows = $state(0);
  traits = $state.raw<readonly EntryTrait[]>([]);
  text = $state('');
  /** An instant, or the one after the trap before; null: none. */
  compare = $state<number | 'trap' | null>(null);
  chosen = $state.raw<ChosenEntry | null>(null);
  /** The physical address whose users are looked up; null: the one that the entry leads to. */
  pa = $state<Hex | null>(null);
  /** PA that the entry looked at leads to; null where it leads to none. */
  leadsTo = $state<Hex | null>(null);
  /** What stands below the entry: who reaches an address, or what has changed. */
  lookup = $state<'reach' | 'changes'>('reach');
  private zoom = $state.raw<Zoom>(whole);
  /** The entry that has its own row, cut out of its run. */
  private pick = $state<Hex | null>(null);

  /** What is asked of the machine; null before the room is known. */
  get params(): ViewParams<'tables'> | null {
    const { register, vmid, zoom, rows, traits, text, compare } = this;
    const pick = this.sought ?? this.pick;
    if (rows === 0) return null;
    return {
      ...(register === null ? {} : { register }),
      ...(vmid === null ? {} : { vmid }),
      zoom,
      rows,
      ...(traits.length || text.trim() ? { filter: { traits, text } } : {}),
      ...(compare === null ? {} : { compare }),
      ...(pick === null ? {} : { pick }),
    };
  }
  /** The address that is filtered by; null where the filter is about something else. */
  private get sought(): Hex | null {
    const text = this.text.trim().toLowerCase();
    return /^0x[0-9a-f]{1,16}$/.test(text) ? text : null;
  }
  /** The entry looked at: the one chosen, else the one in use; of a filter that leaves these out, the first that matches. */
  get entry(): ChosenEntry | null {
    const usual = this.chosen ?? this.view?.inUse ?? null;
    if (!this.filtered) return usual;
    const matching = this.order.filter(({ row }) => !isGap(row) || (row.kind === 'invalid' && this.traits.includes('invalid')));
    const leaves = matching.filter(({ row }) => row.kind !== 'table' && row.kind !== 'more');
    const held = usual && holding(leaves, usual);
    const first = (leaves.length > 0 ? leaves : matching).at(0);
    return held ? usual : first ? { level: first.level, input: first.row.input } : null;
  }
  get entryParams(): ViewParams<'entry'> | null {
    const { entry, view, compare } = this;
    if (!entry || !view) return null;
    const { level, input } = entry;
    return {
      register: view.register,
      ...(view.vmid === null ? {} : { vmid: view.vmid }),
      level,
      input,
      ...(compare === null ? {} : { compare }),
    };
  }

  private readonly order = $derived(this.view?.root ? chosenOrder(this.view.root) : []);
  private readonly ordered = $derived(this.entry ? holding(this.order, this.entry) : undefined);
  /** Of the row that holds the entry looked at. */
  get key(): string | null {
    return this.ordered?.key ?? null;
  }
  /** That row, where it is in sight. */
  get row(): OutlineRow | undefined {
    return this.ordered?.row;
  }
  get filtered(): boolean {
    return this.traits.length > 0 || this.text.trim() !== '';
  }
  get zoomed(): boolean {
    return this.zoom.path.length > 0 || this.zoom.first !== undefined;
  }
  get path(): TablesView['path'] {
    return this.view?.path ?? [];
  }
  /** The part of the innermost table that is shown; null where it is all of it. */
  get part(): { readonly first: number; readonly last: number } | null {
    const { first, last } = this.zoom;
    return first === undefined || last === undefined ? null : { first, last };
  }

  /** Another program is open. */
  forget(): void {
    this.register = this.vmid = this.compare = this.pa = null;
    this.lookup = 'reach';
    this.clearFilter();
    this.clear();
  }
  show(register: TableRegister): void {
    this.register = register;
    this.clear();
  }
  showGuest(vmid: number | null): void {
    this.vmid = vmid;
    this.clear();
  }
  private clear(): void {
    this.zoom = whole;
    this.chosen = null;
    this.pick = null;
  }
  toggle(trait: EntryTrait): void {
    this.traits = this.traits.includes(trait) ? this.traits.filter((one) => one !== trait) : [...this.traits, trait];
  }
  clearFilter(): void {
    this.traits = [];
    this.text = '';
  }

  /** Chooses the row with a key of the picture. */
  choose(key: string | null): void {
    const found = this.order.find((one) => one.key === key);
    this.chosen = found ? { level: found.level, input: found.row.input } : null;
  }
  /** The next row that can be chosen, or the one before. */
  move(by: 1 | -1): void {
    const rows = this.order;
    const index = rows.findIndex(({ key }) => key === this.key);
    const next = rows[index < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, index + by))];
    if (next) this.chosen = { level: next.level, input: next.row.input };
  }

  /** Into the table of a row, or to runs that share a row; to the table that holds a run. */
  into(key: string | null): void {
    const path = this.view?.root ? pathTo(this.view.root, key) : undefined;
    if (!path) return;
    const { row, above } = path;
    const shown = [...this.path.map(({ index }) => index), ...above];
    if (row.kind === 'table') this.zoom = { path: [...shown, row.index] };
    else if (row.kind === 'more') this.zoom = { path: shown, first: row.index, last: row.index + row.count - 1 };
    else this.zoom = { path: shown };
  }
  /** To the table at a place of the path, 0 for the root. */
  enter(depth: number): void {
    this.zoom = { path: this.path.slice(0, depth).map(({ index }) => index) };
  }
  out(): void {
    const { path, first } = this.zoom;
    this.zoom = { path: first === undefined ? path.slice(0, -1) : path };
  }

  /** Shows the entry that translates an address, out of whatever run it is in. */
  find(register: TableRegister, input: Hex, vmid: number | null): void {
    const same = register === this.view?.register && vmid === this.view.vmid;
    this.register = register;
    this.vmid = vmid;
    this.clearFilter();
    if (!same) this.zoom = whole;
    this.pick = input;
    this.wanted = input;
  }
  /** An address whose entry is to be chosen once the view shows it. */
  private wanted: Hex | null = null;
  /** A new view has come. */
  arrived(view: TablesView | undefined): void {
    this.view = view;
    if (!view || this.wanted === null) return;
    const found = deepest(this.order, BigInt(this.wanted));
    if (!found) {
      // It is outside of what is zoomed into.
      if (this.zoomed) this.zoom = whole;
      else this.wanted = null;
      return;
    }
    if (found.row.kind === 'more' || (found.row.kind === 'table' && found.row.hidden)) return this.into(found.key);
    this.wanted = null;
    this.chosen = { level: found.level, input: found.row.input };
  }
  /** Another entry of the chosen run, by its index in the table. */
  chooseIndex(index: number): void {
    const { row, entry } = this;
    if (!row || !entry || row.kind === 'table') return;
    const each = BigInt(row.size) / BigInt(row.count);
    const input = `0x${(BigInt(row.input) + BigInt(index - row.index) * each).toString(16)}`;
    this.pick = input;
    this.chosen = { level: entry.level, input };
  }

  /** Asks who reaches a physical address. */
  reach(pa: Hex): void {
    this.pa = pa;
    this.lookup = 'reach';
  }
  /** Where an address of `reach` is translated first. */
  registerOf({ regime }: Pick<ReachSpace, 'regime'>, va: Hex): TableRegister {
    if (regime === 'el2') return 'TTBR0_EL2';
    return BigInt(va) >> 55n ? 'TTBR1_EL1' : 'TTBR0_EL1';
  }
}

type Ordered = ReturnType<typeof chosenOrder>;

/** The row that holds an entry: of its level, or one of several runs put together. */
function holding(order: Ordered, { level, input }: ChosenEntry): Ordered[number] | undefined {
  const at = BigInt(input);
  return order.find((one) => one.level === level && at >= BigInt(one.row.input) && at < BigInt(one.row.input) + BigInt(one.row.size));
}

/** The innermost row whose addresses hold `input`. */
function deepest(order: Ordered, input: bigint): Ordered[number] | undefined {
  return order
    .filter(({ row }) => input >= BigInt(row.input) && input < BigInt(row.input) + BigInt(row.size))
    .toSorted((a, b) => a.level - b.level)
    .at(-1);
}

/** The row with a key, and the entries that lead from the root of the picture to its table. */
function pathTo(table: TablesView['root'] & object, key: string | null): { row: OutlineRow; above: number[] } | undefined {
  for (const row of table.rows) {
    if (rowKey(table.level, row) === key) return { row, above: [] };
    const below = row.table && pathTo(row.table, key);
    if (below) return { row: below.row, above: [row.index, ...below.above] };
  }
  return undefined;
}
