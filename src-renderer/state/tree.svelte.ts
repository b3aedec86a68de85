/** The tree of page tables on the screen, shared by the picture and what is said beside it. */
import type { RunJson, TableJson, TableRegister, TablesView } from '../../emulator/session/views.ts';
import { tableAt } from '../geometry/tables/tree.ts';

export class TableBrowser {
  view = $state.raw<TablesView | undefined>();
  /** Null: what the machine uses. */
  register = $state<TableRegister | null>(null);
  /** Entries that lead to the table shown as the root. */
  private entered = $state.raw<readonly number[]>([]);
  /** Input address of the run that is chosen. */
  chosen = $state<string | null>(null);

  private readonly shown = $derived(this.view?.tree.root ? tableAt(this.view.tree.root, this.entered) : undefined);
  /** Leaves below the table shown, in order. */
  readonly runs: readonly RunJson[] = $derived(this.shown ? leaves(this.shown.table) : []);
  readonly run: RunJson | undefined = $derived(this.runs.find((run) => run.input === this.chosen));

  get path(): readonly number[] {
    return this.shown?.path ?? [];
  }
  show(register: TableRegister): void {
    this.register = register;
    this.entered = [];
    this.chosen = null;
  }
  enter(path: readonly number[]): void {
    this.entered = path;
  }
  /** Into the table that an entry below the shown one leads to. */
  into(input: string, level: number, index: number): void {
    const { shown } = this;
    if (!shown) return;
    const down = pathTo(shown.table, input, level, index);
    if (down) this.entered = [...shown.path, ...down];
  }
  up(): void {
    this.entered = this.path.slice(0, -1);
  }
}

const leaves = (table: TableJson): RunJson[] =>
  table.runs.flatMap((run) => (run.table ? leaves(run.table) : run.kind === 'invalid' ? [] : [run]));

function pathTo(table: TableJson, input: string, level: number, index: number): number[] | undefined {
  for (const run of table.runs) {
    if (table.level === level && run.index === index && run.input === input) return [index];
    const below = run.table && pathTo(run.table, input, level, index);
    if (below) return [run.index, ...below];
  }
  return undefined;
}
