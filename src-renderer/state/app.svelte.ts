/** What the window shows: which tab, which selection, what floats. Everything about the machine is in MachineSession. */
import { getContext, setContext, untrack } from 'svelte';
import { MediaQuery } from 'svelte/reactivity';
import type { Hex, InterruptId, Level, MemorySpace, RefusedAccess, TrapChoice, TrapFormat } from '../../emulator/session/views.ts';
import type { ViewParams } from '../../emulator/session/views/index.ts';
import type { CommandResult } from '../../emulator/session/contract.ts';
import type { SessionClient } from '../../emulator/session/client.ts';
import { limits } from '../../emulator/session/limits.ts';
import type { GuideLink, Link } from '../../emulator/session/link.ts';
import type { Picture } from '../geometry/picture.ts';
import { download } from './download.ts';
import { Doctor } from './doctor.svelte.ts';
import { Futures } from './futures.svelte.ts';
import { Guide } from './guide.svelte.ts';
import { InterruptBrowser } from './interrupts.svelte.ts';
import { layouts, Layouts, type Layout } from './layouts.svelte.ts';
import { MapBrowser } from './maps.svelte.ts';
import { MemoryBrowser } from './memory.svelte.ts';
import { Motion } from './motion.svelte.ts';
import { Presentation } from './presentation.svelte.ts';
import { tabs, type PanelName, type Tab } from './panels.ts';
import { nextPace } from './paces.ts';
import { oneOf, recall, remember } from './remembered.ts';
import { VectorDisplay } from './vectors.svelte.ts';
import { MachineSession } from './session.svelte.ts';
import { isSourceName, SourceText } from './source.svelte.ts';
import { Sources } from './sources.svelte.ts';
import { ThemeChoice } from './theme.svelte.ts';
import { TableBrowser } from './tables.svelte.ts';
import { TrapBrowser } from './traps.svelte.ts';
import { Walking } from './walking.svelte.ts';

/** How the code panel shows source: above its instructions, beside them, not at all. */
export const codeForms = ['mixed', 'split', 'assembly'] as const;
export type CodeForm = (typeof codeForms)[number];

/** The program that every shell shows when it was given none. */
export const demo = 'hypervisor.elf';

export type KeptRun = NonNullable<CommandResult<'keptRun'>['run']>;

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: 'done' | 'problem';
  /** What a click leads to. */
  readonly more?: { readonly title: string; readonly run: () => void };
}

/** A picture that can be saved. */
export interface OfferedPicture {
  readonly title: string;
  /** Undefined: there is nothing to draw at this instant. */
  readonly make: () => Picture | undefined | Promise<Picture | undefined>;
  readonly csv: boolean;
}

export class App {
  readonly session: MachineSession;
  readonly theme = new ThemeChoice();
  readonly motion = new Motion();
  private readonly thin = new MediaQuery('(max-width: 999px)');
  private readonly narrow = new MediaQuery('(max-width: 1180px)');
  private readonly low = new MediaQuery('(max-height: 760px)');

  readonly layouts = new Layouts();
  readonly walking = new Walking(this.motion);
  readonly browser = new TableBrowser();
  readonly maps = new MapBrowser();
  readonly traps = new TrapBrowser();
  readonly interrupts = new InterruptBrowser();
  readonly memory = new MemoryBrowser();
  readonly vectors = new VectorDisplay();
  readonly doctor: Doctor;
  readonly guide: Guide;
  readonly futures: Futures;
  /** The page stands in a frame of another page, and shows one panel. */
  embedded = $state(false);
  /** The last run, which a session that is over has left: it is offered until the person decides. */
  kept = $state.raw<KeptRun | null>(null);
  /** A link from outside the page: nothing of it happens until the person decides. */
  askedLink = $state.raw<{ readonly text: string; readonly link: GuideLink | Link } | null>(null);
  tab = $state<Tab>(recall('tab', 'levels', oneOf(...tabs)));
  paletteOpen = $state(false);
  exportOpen = $state(false);
  /** The panel that was asked for last, to be in front where it shares a place. */
  frontPanel = $state<PanelName | null>(null);
  scenariosOpen = $state(false);
  attachOpen = $state(false);
  shortcutsOpen = $state(false);
  /** Id of the topic that Help shows; null: it is closed. */
  helpTopic = $state<string | null>(null);
  private tourState = $state<'unseen' | 'running' | 'seen'>(recall('tour', 'unseen', oneOf('unseen', 'seen')));
  /** The instant in the dock is being typed. */
  typingInstant = $state(false);
  /** Whether the form for a symbol file is open. */
  addingSymbols = $state(false);
  /** In a narrow window: the panels beside a picture that needs the whole width. */
  sideOpen = $state(false);
  /** Name of the panel that fills the body. */
  maximised = $state<string | null>(null);
  toasts = $state.raw<readonly Toast[]>([]);
  /** What is walked: an address, or what the machine does. */
  walk = $state.raw<ViewParams<'walk'>>({ follow: 'pc' });
  /** A walk that stays at its instant as long as it is the one chosen. */
  private pinned = $state.raw<{ readonly walk: ViewParams<'walk'>; readonly at: number } | null>(null);
  /** First line of the code panel; null: it follows the PC. */
  codeAddress = $state<Hex | null>(null);
  /** The chosen line of the code panel. */
  codeCursor = $state<Hex | null>(null);
  codeForm = $state<CodeForm>(recall('code-form', 'mixed', oneOf(...codeForms)));
  readonly sources: Sources;
  readonly source: SourceText;
  /** The register that is decoded; null: the one that tells most about the instant. */
  register = $state<string | null>(null);
  /** What is being changed by hand: a register, or one field of it. */
  editing = $state.raw<{ readonly register: string; readonly field: string | null } | null>(null);
  /** Counts the files with symbols that were added. */
  symbolFiles = $state(0);
  /** Pictures on the screen that can be saved, the main one first. */
  pictures = $state.raw<readonly OfferedPicture[]>([]);
  readonly presentation = new Presentation(this);
  private nextToast = 1;

  constructor(client: SessionClient) {
    this.session = new MachineSession(client);
    this.sources = new Sources(this.session);
    this.source = new SourceText(this.session);
    this.doctor = new Doctor(this);
    this.guide = new Guide(this);
    this.futures = new Futures(this);
    this.session.onNotice = (text, kind, about) => this.say(text, kind, about && { title: 'Compare', run: () => this.showComparison() });
    void this.session.quietly('keptRun', {}).then((kept) => (this.kept = kept?.run ?? null));
  }

  /** Windows that hold one column: narrow ones, and others at twice the size. */
  get single(): boolean {
    return this.thin.current;
  }
  /** Windows up to 1180 px wide, or with everything as large as in one for a room; and under 760 px high. */
  get compact(): boolean {
    return this.narrow.current || this.presentation.on;
  }
  get short(): boolean {
    return this.low.current;
  }

  /** On the first visit, while the demo runs; later when it is asked for. */
  get tour(): boolean {
    return (
      this.tourState === 'running' || (this.tourState === 'unseen' && this.tab === 'levels' && this.session.status.image?.name === demo)
    );
  }
  startTour(): void {
    this.show('levels');
    this.tourState = 'running';
  }
  endTour(): void {
    this.tourState = 'seen';
    remember('tour', 'seen');
  }

  show(tab: Tab): void {
    this.tab = tab;
    // In one column its main panel may be behind the others.
    this.frontPanel = tab;
    this.maximised = null;
    if (!this.presentation.on) remember('tab', tab);
  }
  /** Shows the tab whose layout has the panel, with the panel in front. */
  showPanel(panel: PanelName): void {
    const layout = [this.layouts.of(this.tab), ...layouts].find(({ columns }) =>
      columns.some(({ places }) => places.some(({ panels }) => panels.includes(panel))),
    );
    if (layout) this.showLayout(layout);
    this.frontPanel = panel;
    // In a narrow window the side is hidden until it is asked for.
    this.sideOpen ||= layout?.columns[0].places.every(({ panels }) => !panels.includes(panel)) ?? false;
  }
  showLayout(layout: Layout): void {
    this.layouts.choose(layout);
    this.show(layout.tab);
  }
  showWalk(walk: ViewParams<'walk'>): void {
    this.walk = walk;
    this.show('walk');
  }
  /** Goes to an access that was refused, and walks it; the walk stays at that instant until another is chosen. */
  async walkRefused({ at, ...walk }: RefusedAccess): Promise<void> {
    await this.session.seek(at);
    this.pinned = { walk, at };
    this.showWalk(walk);
  }
  /** The instant of the walk, where it is not the one shown. */
  get walkAt(): number | undefined {
    return this.pinned?.walk === this.walk ? this.pinned.at : undefined;
  }
  showInterrupt(id: InterruptId): void {
    this.interrupts.chosen = id;
    this.show('interrupts');
  }
  showTables(): void {
    this.show('tables');
  }
  /** The entry that translates an address, in the picture: in one column that is behind what led there. */
  showEntry(...where: Parameters<TableBrowser['find']>): void {
    this.browser.find(...where);
    this.showTables();
  }
  /** Who reaches a physical address: asked and answered beside the tables. */
  showReach(pa: Hex): void {
    this.browser.reach(pa);
    this.showPanel('tableLookup');
  }
  /** What differs from the instant compared with. */
  showTableChanges(): void {
    this.browser.lookup = 'changes';
    this.showPanel('tableLookup');
  }
  showTrap(index: number): void {
    this.traps.chosen = index;
    this.show('traps');
  }
  showComparison(): void {
    this.traps.mode = 'compare';
    this.show('traps');
  }
  showCode(address: Hex | null): void {
    this.codeAddress = this.codeCursor = address;
    this.show('code');
  }
  chooseCodeForm(form: CodeForm): void {
    this.codeForm = form;
    remember('code-form', form);
  }
  /** The chosen line of the code, else the next instruction. */
  get codePlace(): Hex | undefined {
    return this.codeCursor ?? this.session.now?.pc;
  }
  /** Runs until the chosen line comes next. */
  async runToCursor(): Promise<void> {
    if (this.codeCursor === null) return this.say('Choose a line in the Code panel first', 'problem');
    this.codeAddress = null;
    await this.session.runTo(this.codeCursor);
  }
  showMemory(address: Hex, space: MemorySpace, el: Level | null = null): void {
    this.memory.goTo(address, space, el);
    this.show('memory');
  }
  showRegister(name: string): void {
    this.register = name;
    this.show('registers');
  }

  /** Lets the person type another value; the machine stands still meanwhile. */
  editRegister(register: string, field: string | null = null): void {
    if (this.session.running) void this.session.pause();
    this.register = register;
    this.showPanel('registerDetail');
    this.editing = { register, field };
  }

  /** At the chosen line of code, else at the next instruction. */
  async toggleBreakpoint(): Promise<void> {
    const address = this.codePlace;
    if (address === undefined) return;
    const { lines } = await this.session.get('code', { before: 0, after: 0, address });
    await this.session.toggleBreakpoint(address, lines[0]?.breakpoint);
  }

  faster(by: 1 | -1): void {
    const speed = nextPace(this.session.status.speed, by);
    void this.session.setSpeed(speed);
  }

  say(text: string, kind: Toast['kind'] = 'done', more?: Toast['more']): void {
    const toast: Toast = { id: this.nextToast++, text, kind, ...(more && { more }) };
    this.toasts = [...this.toasts.slice(-2), toast];
    // What leads further stays for as long as it takes to turn from the editor to this window.
    setTimeout(() => this.dismiss(toast.id), more ? 60_000 : kind === 'done' ? 4000 : 10_000);
  }
  dismiss(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  private isTooLarge({ name, size }: File): boolean {
    const isTooLarge = size > limits.imageBytes;
    if (isTooLarge) this.say(`${name}: the file has ${size} bytes, at most ${limits.imageBytes} bytes can be opened`, 'problem');
    return isTooLarge;
  }
  /** Undefined where the person gives it up. */
  private async contentOf(file: File): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = await this.session.busy(`Reading ${file.name}`, file.arrayBuffer());
    return bytes && new Uint8Array(bytes);
  }

  /** Opens a program or recording that the person chose or dropped. */
  async open(file: File): Promise<void> {
    if (this.isTooLarge(file)) return;
    if (/^System\.map|\.map$/i.test(file.name)) return this.addSymbols(file);
    if (isSourceName(file.name)) return this.openSource(file);
    if (/\.ya?ml$/i.test(file.name)) return this.guide.openLesson(file.name, await file.text());
    const bytes = await this.contentOf(file);
    const opened = bytes && (await this.session.call('open', { name: file.name, bytes }));
    if (!opened) return;
    this.forgetPlaces();
    this.say(`Opened ${opened.name}`);
  }
  /** Opens a program in assembly in the editor. */
  async openSource(file: File): Promise<void> {
    try {
      await this.source.open(file);
      this.show('source');
    } catch (error) {
      this.say((error as Error).message, 'problem');
    }
  }
  /** Names the code of a guest by a file that the person chose or dropped. */
  async addSymbols(file: File, place: { readonly el?: 1 | 2; readonly vmid?: number; readonly offset?: string } = {}): Promise<void> {
    if (this.isTooLarge(file)) return;
    const bytes = await this.contentOf(file);
    const added = bytes && (await this.session.call('addSymbols', { name: file.name, bytes, ...place }));
    if (!added) return;
    this.symbolFiles++;
    this.say(added.text);
  }
  async removeSymbols(number: number): Promise<void> {
    if (await this.session.call('removeSymbols', { number })) this.symbolFiles++;
  }
  /** Goes on with the run that was offered. */
  async openKept(): Promise<void> {
    const { kept } = this;
    this.kept = null;
    if (!kept || !(await this.session.call('openKept', { id: kept.id }))) return;
    this.forgetPlaces();
    this.say(`This is your last run of ${kept.name}`);
  }
  async discardKept(): Promise<void> {
    const { kept } = this;
    if (!kept) return;
    // The offer stays until it is done: what the person sees gone is gone, also for a page that is left at once.
    await this.session.quietly('discardKept', { id: kept.id });
    if (this.kept === kept) this.kept = null;
  }
  /** Opens one of the programs that come with the app. */
  async openScenario(id: string): Promise<void> {
    if (await this.session.call('openScenario', { id })) this.forgetPlaces();
  }
  /** Another program: what was chosen in the last one means nothing. */
  private forgetPlaces(): void {
    for (const part of [this.browser, this.maps, this.interrupts, this.memory, this.traps]) part.forget();
    this.codeAddress = this.codeCursor = this.register = this.editing = null;
    this.walk = { follow: 'pc' };
  }

  /** The run so far as a file that opens again at the same state; false where it could not be made. */
  async saveRecording(): Promise<boolean> {
    const file = await this.session.call('recording', {});
    if (!file) return false;
    download(new Blob([file.bytes], { type: 'application/octet-stream' }), file.name);
    this.say(`Saved ${file.name}`);
    return true;
  }

  /** Runs another program, or repeats a recording, to compare its traps with those of the open one. */
  async compareWith(file: File): Promise<void> {
    if (this.isTooLarge(file)) return;
    const bytes = await this.contentOf(file);
    const opened = bytes && (await this.session.call('compare', { name: file.name, bytes }));
    if (opened) this.say(`Compared with ${opened.name}`);
  }

  /** The traps as a file: all of them, or those that the list shows. */
  async saveTraps(format: TrapFormat, choice: TrapChoice = {}): Promise<void> {
    const file = await this.session.call('exportTraps', { format, ...choice });
    if (!file) return;
    download(new Blob([file.bytes], { type: 'application/octet-stream' }), file.name);
    if (file.missing) this.say(`Saved ${file.name}. ${file.missing}`, 'problem');
    else this.say(`Saved ${file.name}`);
  }

  /** While a component is there, its picture can be exported. `csv`: it has the form of a table too. */
  offerPicture(title: string, make: OfferedPicture['make'], csv = false): () => void {
    const offered = { title, make, csv };
    // Called from effects, which must not depend on the list that they change.
    this.pictures = [...untrack(() => this.pictures), offered];
    return () => (this.pictures = untrack(() => this.pictures).filter((other) => other !== offered));
  }
}

const key = Symbol('app');
export const provideApp = (app: App): App => setContext(key, app);
/** The window's state; call while a component is set up. */
export const useApp = (): App => getContext<App>(key);
