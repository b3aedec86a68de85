/** The Doctor in the window: what it has found, whether its panel is open, and where its facts lead. */
import type { DoctorView, Finding, FindingLink, Hex, MemorySpace } from '../../emulator/session/views.ts';
import type { ViewParams } from '../../emulator/session/views/index.ts';
import type { PanelName, Tab } from './panels.ts';
import type { MachineSession } from './session.svelte.ts';

/** The window, as far as the Doctor leads to places in it. */
interface Places {
  readonly session: MachineSession;
  readonly futures: { run(at: number, set: readonly string[]): Promise<boolean> };
  readonly guide: { coversPanel(panel: PanelName): boolean };
  frontPanel: PanelName | null;
  maximised: string | null;
  show(tab: Tab): void;
  showWalk(walk: ViewParams<'walk'>): void;
  showTrap(index: number): void;
  showCode(address: Hex): void;
  showMemory(address: Hex, space: MemorySpace): void;
  showRegister(name: string): void;
  say(text: string, kind?: 'done' | 'problem'): void;
}

export class Doctor {
  view = $state.raw<DoctorView | undefined>();
  open = $state(false);
  /** The finding that is shown whole: its place in the list; null: none is. */
  chosen = $state<number | null>(0);
  /** The silence that the person has been told of. */
  private dismissed = $state<number | null>(null);

  constructor(private readonly app: Places) {
    app.session.follow('doctor', {}, (view) => {
      // What was found is about another run.
      if (view.diagnosis === null && this.view?.diagnosis) this.chosen = 0;
      this.view = view;
    });
  }

  get findings(): readonly Finding[] {
    return this.view?.diagnosis?.findings ?? [];
  }
  /** Nobody asked, and nothing more can come of the program: the instant, and what to say, unless a lab asks the person for it. */
  get silence(): { readonly at: number; readonly text: string; readonly certainty: string } | null {
    const { diagnosis, silentAt, isCurrent } = this.view ?? {};
    if (!diagnosis || !isCurrent || silentAt === null || silentAt === undefined || silentAt === this.dismissed) return null;
    if (this.app.guide.coversPanel('doctor')) return null;
    const [first] = diagnosis.findings;
    const text = first?.kind === 'broken' ? first.title : diagnosis.standing;
    return { at: silentAt, text, certainty: diagnosis.certainty };
  }
  dismiss(): void {
    this.dismissed = this.view?.silentAt ?? null;
  }

  toggle(): void {
    if (this.open) this.open = false;
    else this.show();
  }
  show(): void {
    this.open = true;
    this.app.frontPanel = 'doctor';
    this.app.maximised = null;
    this.dismiss();
  }
  /** What the panel shows is about the end of the run, or is being looked for. */
  lookAgain(): void {
    const { session } = this.app;
    if (this.view && !this.view.isCurrent && this.view.fraction === null && !session.running && session.status.image)
      void session.quietly('examine', {});
  }
  lookAtAll(): void {
    void this.app.session.call('examine', { all: true });
  }
  /** Runs the fix as another future, and shows both side by side. */
  async tryFix({ at, set }: NonNullable<Finding['trial']>): Promise<void> {
    if (await this.app.futures.run(at, set)) this.open = false;
  }
  stop(): void {
    void this.app.session.quietly('stopExamining', {});
  }

  /** To the step of a fact: the instruction comes next. */
  async goTo(at: number): Promise<void> {
    await this.app.session.seek(at);
  }
  showCode(address: Hex): void {
    this.app.showCode(address);
  }
  showMemory(address: Hex, space: MemorySpace): void {
    this.app.showMemory(address, space);
  }
  showRegister(name: string): void {
    this.app.showRegister(name);
  }
  follow({ panel, subject }: FindingLink): void {
    const { app } = this;
    if (panel === 'walk' && subject !== undefined) {
      const el = app.session.now?.level ?? 1;
      app.showWalk(el === 2 ? { va: subject, regime: 'el2', el } : { va: subject, regime: 'el1' });
    } else if (panel === 'traps' && subject !== undefined) app.showTrap(Number(subject));
    else if (panel === 'registers' && subject !== undefined) app.showRegister(subject);
    else if (panel === 'code' && subject !== undefined) app.showCode(subject);
    else if (panel === 'memory' && subject !== undefined) app.showMemory(subject, 'va');
    else app.show(panel);
  }
  async copy(index: number): Promise<void> {
    const text = this.view?.texts[index];
    if (text === undefined) return;
    try {
      await navigator.clipboard.writeText(text);
      this.app.say('The finding is on the clipboard, as text');
    } catch {
      this.app.say('The browser does not let this page use the clipboard', 'problem');
    }
  }
}
