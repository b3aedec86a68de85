/** Experiments in the window: which one is open, at what distance from the change both futures are shown, and how. */
import type { DistanceBy, ExperimentsView, FuturePlaces, FutureSide } from '../../emulator/session/views.ts';
import { download } from './download.ts';
import type { Tab } from './panels.ts';
import { oneOf, recall, remember } from './remembered.ts';
import type { MachineSession } from './session.svelte.ts';

/** How both futures are drawn. */
export const futureForms = ['levels', 'walk', 'maps', 'traps', 'registers'] as const;
export type FutureForm = (typeof futureForms)[number];

/** The window, as far as an experiment leads to places in it. */
interface Places {
  readonly session: MachineSession;
  show(tab: Tab): void;
  say(text: string): void;
}

export class Futures {
  view = $state.raw<ExperimentsView | undefined>();
  form = $state<FutureForm>(recall('futures.form', 'levels', oneOf(...futureForms)));
  by = $state<DistanceBy>(recall('futures.by', 'step', oneOf('step', 'trap')));
  /** As it is wanted; `places` follows. */
  distance = $state(0);
  places = $state.raw<FuturePlaces | undefined>();
  /** What is to be changed next, as it is typed. */
  set = $state('');
  /** The instant of that; null: the one shown. */
  at = $state<number | null>(null);
  private isAsking = false;
  /** The distance was changed while the answer was on its way. */
  private isStale = false;

  constructor(private readonly app: Places) {
    app.session.follow('experiments', {}, (view) => {
      const before = this.view?.open?.id;
      this.view = view;
      if (view.open?.id === before) return;
      this.places = undefined;
      // The answer may have come before the view.
      if (view.open && !this.isAsking) void this.go(this.distance);
    });
  }

  get open(): NonNullable<ExperimentsView['open']> | null {
    return this.view?.open ?? null;
  }
  /** The largest distance. */
  get most(): number {
    return (this.by === 'step' ? this.open?.steps : this.open?.traps) ?? 0;
  }

  /** Follows both futures of a change and shows them; the run that is open stays as it is. */
  async run(at: number, set: readonly string[]): Promise<boolean> {
    return this.begin(await this.app.session.call('whatIf', { at, set: [...set] }));
  }
  async reopen(id: number): Promise<boolean> {
    return this.begin(await this.app.session.call('openExperiment', { id }));
  }
  private async begin(opened: object | undefined): Promise<boolean> {
    if (!opened) return false;
    this.by = 'step';
    this.app.show('futures');
    await this.go(0, 'next');
    return true;
  }
  /** The form for another change. */
  prepare(at: number | null, set: string): void {
    this.at = at;
    this.set = set;
    void this.close();
    this.app.show('futures');
  }
  close(): Promise<unknown> {
    return this.open ? this.app.session.call('closeExperiment', {}) : Promise.resolve();
  }
  rename(id: number, name: string): void {
    if (name.trim() !== '') void this.app.session.call('renameExperiment', { id, name });
  }
  remove(id: number): void {
    void this.app.session.call('removeExperiment', { id });
  }

  choose(form: FutureForm): void {
    this.form = form;
    remember('futures.form', form);
  }
  chooseDistance(by: DistanceBy): void {
    if (by === this.by) return;
    this.by = by;
    remember('futures.by', by);
    void this.go(by === 'trap' ? 1 : 0, by === 'step' ? 'next' : undefined);
  }

  /** Both futures to a distance; of many asked for in quick succession the last. `to`: on to the next trap from there. */
  async go(distance: number, to?: 'next' | 'previous'): Promise<void> {
    this.distance = Math.max(0, Math.min(this.most, Math.round(distance)));
    if (this.isAsking && to === undefined) {
      this.isStale = true;
      return;
    }
    this.isAsking = true;
    do {
      this.isStale = false;
      const places = await this.app.session.quietly('futuresAt', { by: this.by, distance: this.distance, ...(to && { to }) });
      if (places && !this.isStale) {
        this.places = places;
        this.distance = places.distance;
      }
      to = undefined;
    } while (this.isStale);
    this.isAsking = false;
  }
  /** To the instant after a step that one of them does. */
  goTo(n: number): void {
    if (!this.open) return;
    this.by = 'step';
    void this.go(n + 1 - this.open.at);
  }

  /** Leaves the experiment at what is shown of one of the two, which is the run from here on. */
  async enter(run: FutureSide): Promise<void> {
    const { places } = this;
    if (!places) return;
    const isOther = run === 'other';
    if (!(await this.app.session.call('enterFuture', { run, at: places.at[run] }))) return;
    this.app.show('levels');
    if (isOther) this.app.say('This is the other future now; the run as it was is kept with the experiment');
  }

  /** What `elscope whatif` prints of both futures as far as they are shown. */
  async save(form: 'text' | 'json'): Promise<void> {
    const { places, open } = this;
    if (!places || !open) return;
    const steps = Math.max(1, places.at.was - open.at, places.at.other - open.at);
    const told = await this.app.session.call('exportExperiment', { steps, form });
    if (!told) return;
    download(new Blob([told.text], { type: form === 'json' ? 'application/json' : 'text/plain' }), told.name);
    this.app.say(`Saved ${told.name}`);
  }
}
