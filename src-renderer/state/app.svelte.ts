/** What the window shows: which tab, which selection, what floats. Everything about the machine is in MachineSession. */
import { getContext, setContext, untrack } from 'svelte';
import { MediaQuery } from 'svelte/reactivity';
import type { Hex, MapsView, TrapChoice, TrapFormat, WalkParams } from '../../emulator/session/views.ts';
import type { SessionClient } from '../../emulator/session/client.ts';
import type { Picture } from '../geometry/picture.ts';
import { download } from './download.ts';
import { Motion } from './motion.svelte.ts';
import { oneOf, recall, remember } from './remembered.ts';
import { MachineSession } from './session.svelte.ts';
import { ThemeChoice } from './theme.svelte.ts';
import { TableBrowser } from './tables.svelte.ts';
import { TrapBrowser } from './traps.svelte.ts';
import { Walking } from './walking.svelte.ts';

export const tabs = ['levels', 'walk', 'tables', 'maps', 'traps', 'code', 'registers'] as const;
export type Tab = (typeof tabs)[number];
export const tabTitles: Readonly<Record<Tab, string>> = {
  levels: 'Levels',
  walk: 'Walk',
  tables: 'Tables',
  maps: 'Maps',
  traps: 'Traps',
  code: 'Code',
  registers: 'Registers',
};

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: 'done' | 'problem';
}

export class App {
  readonly session: MachineSession;
  readonly theme = new ThemeChoice();
  readonly motion = new Motion();
  private readonly narrow = new MediaQuery('(max-width: 1180px)');
  private readonly low = new MediaQuery('(max-height: 760px)');

  readonly walking = new Walking(this.motion);
  readonly browser = new TableBrowser();
  readonly traps = new TrapBrowser();
  tab = $state<Tab>(recall('tab', 'levels', oneOf(...tabs)));
  paletteOpen = $state(false);
  exportOpen = $state(false);
  /** In a narrow window: the panels beside a picture that needs the whole width. */
  sideOpen = $state(false);
  /** Name of the panel that fills the body. */
  maximised = $state<string | null>(null);
  toasts = $state.raw<readonly Toast[]>([]);
  /** What is walked: an address, or what the machine does. */
  walk = $state.raw<WalkParams>({ follow: 'pc' });
  /** Where the code panel looks; null: at the PC. */
  codeAddress = $state<Hex | null>(null);
  register = $state<string | null>(null);
  /** The maps on the screen, and the region chosen in them as `column/region`. */
  maps = $state.raw<MapsView | undefined>();
  region = $state<string | null>(null);
  /** Pictures on the screen that can be saved, the main one first. */
  pictures = $state.raw<readonly (() => Picture | undefined)[]>([]);
  private nextToast = 1;

  constructor(client: SessionClient) {
    this.session = new MachineSession(client);
    this.session.onNotice = (text, kind) => this.say(text, kind);
  }

  /** Windows up to 1180 px wide, and under 760 px high. */
  get compact(): boolean {
    return this.narrow.current;
  }
  get short(): boolean {
    return this.low.current;
  }

  show(tab: Tab): void {
    this.tab = tab;
    this.maximised = null;
    remember('tab', tab);
  }
  showWalk(walk: WalkParams): void {
    this.walk = walk;
    this.show('walk');
  }
  showTrap(index: number): void {
    this.traps.chosen = index;
    this.show('traps');
  }
  showCode(address: Hex | null): void {
    this.codeAddress = address;
    this.show('code');
  }
  showRegister(name: string): void {
    this.register = name;
    this.show('registers');
  }

  say(text: string, kind: Toast['kind'] = 'done'): void {
    const toast = { id: this.nextToast++, text, kind };
    this.toasts = [...this.toasts.slice(-2), toast];
    setTimeout(() => this.dismiss(toast.id), kind === 'done' ? 4000 : 10_000);
  }
  dismiss(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  /** Opens a program or recording that the person chose or dropped. */
  async open(file: File): Promise<void> {
    const opened = await this.session.call('open', { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
    if (!opened) return;
    this.traps.chosen = null;
    this.traps.around();
    this.codeAddress = null;
    this.walk = { follow: 'pc' };
    this.say(`Opened ${opened.name}`);
  }

  /** The run so far as a file that opens again at the same state. */
  async saveRecording(): Promise<void> {
    const file = await this.session.call('recording', {});
    if (!file) return;
    download(new Blob([file.bytes], { type: 'application/octet-stream' }), file.name);
    this.say(`Saved ${file.name}`);
  }

  /** Runs another program, or repeats a recording, to compare its traps with those of the open one. */
  async compareWith(file: File): Promise<void> {
    const opened = await this.session.call('compare', { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
    if (opened) this.say(`Compared with ${opened.name}`);
  }

  /** The traps as a file: all of them, or those that the list shows. */
  async saveTraps(format: TrapFormat, choice: TrapChoice = {}): Promise<void> {
    const file = await this.session.call('exportTraps', { format, ...choice });
    if (!file) return;
    download(new Blob([file.bytes], { type: 'application/octet-stream' }), file.name);
    this.say(`Saved ${file.name}`);
  }

  /** While a component is there, its picture can be exported. */
  offerPicture(picture: () => Picture | undefined): () => void {
    // Called from effects, which must not depend on the list that they change.
    this.pictures = [...untrack(() => this.pictures), picture];
    return () => (this.pictures = untrack(() => this.pictures).filter((other) => other !== picture));
  }
}

const key = Symbol('app');
export const provideApp = (app: App): App => setContext(key, app);
/** The window's state; call while a component is set up. */
export const useApp = (): App => getContext<App>(key);
