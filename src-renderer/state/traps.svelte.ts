/** The traps on the screen: which of them, in which stretch of the recording, and how they are drawn. */
import { oneOf, recall, remember } from './remembered.ts';

export const trapModes = ['lanes', 'sequence', 'compare'] as const;
export type TrapMode = (typeof trapModes)[number];

/** Instants `from` to before `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** No stretch is shown larger than this many steps fill it. */
const SHORTEST = 8;

export class TrapBrowser {
  mode = $state<TrapMode>(recall('traps.mode', 'lanes', oneOf(...trapModes)));
  /** Index of the trap whose story is shown; null: the last one before the instant shown. */
  chosen = $state<number | null>(null);
  /** In the language of the session's filters. */
  filter = $state('');
  type = $state<string | null>(null);
  /** Whether returns are listed beside the traps that they end. */
  returns = $state(recall('traps.returns', true, oneOf(true, false)));
  /** Whether list, counts and exports are about the whole recording or about what the timeline shows. */
  scope = $state<'all' | 'view'>('all');
  /** The stretch that the person chose; null: the one around the trap that is chosen. */
  stretch = $state.raw<Stretch | null>(null);
  /** What the timeline shows. */
  shown = $state.raw<Stretch>({ from: 0, to: 1 });

  /** What the list is about, in the words of the session. */
  readonly choice = $derived({
    ...(this.filter.trim() && { filter: this.filter.trim() }),
    ...(this.type !== null && { type: this.type }),
    ...(!this.returns && { returns: false }),
    ...(this.scope === 'view' && { from: Math.floor(this.shown.from), to: Math.ceil(this.shown.to) }),
  });
  readonly isFiltered = $derived(Object.keys(this.choice).length > 0);

  choose(mode: TrapMode): void {
    this.mode = mode;
    remember('traps.mode', mode);
  }

  showReturns(shown: boolean): void {
    this.returns = shown;
    if (!shown && this.type === 'ERET') this.type = null;
    remember('traps.returns', shown);
  }

  /** Shows a stretch, as far as the recording of `end` steps has it. */
  show({ from, to }: Stretch, end: number): void {
    const length = Math.min(Math.max(SHORTEST, to - from), Math.max(SHORTEST, end));
    const start = Math.max(0, Math.min(from, end - length));
    this.stretch = { from: start, to: start + length };
  }
  /** Makes the stretch `by` times as long, leaving instant `at` in its place. */
  zoom(by: number, at: number, end: number): void {
    const { from, to } = this.shown;
    const length = Math.max(SHORTEST, (to - from) * by);
    const part = to > from ? (at - from) / (to - from) : 0.5;
    this.show({ from: at - part * length, to: at + (1 - part) * length }, end);
  }
  pan(steps: number, end: number): void {
    const { from, to } = this.shown;
    this.show({ from: from + steps, to: to + steps }, end);
  }
  /** Brings an instant into the stretch without changing its length. */
  include(at: number, end: number): void {
    const { stretch } = this;
    if (!stretch || (at >= stretch.from && at <= stretch.to)) return;
    const length = stretch.to - stretch.from;
    this.show({ from: at - length / 2, to: at + length / 2 }, end);
  }
  /** Another program is open. */
  forget(): void {
    this.chosen = this.type = this.stretch = null;
    this.filter = '';
    this.scope = 'all';
    if (this.mode === 'compare') this.mode = 'lanes';
  }
  whole(end: number): void {
    this.show({ from: 0, to: end }, end);
  }
  around(): void {
    this.stretch = null;
  }
}
