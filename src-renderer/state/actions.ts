/** Everything that can be done from the keyboard, the palette and the native menu, in one table. */
import type { MenuAction } from '../connect/bridge.ts';
import { tabs, tabTitles, type App } from './app.svelte.ts';

export interface Action {
  readonly title: string;
  /** Keys as shown: "Ctrl+K", "Shift+F10". Several ways are parted by a space. */
  readonly keys: string;
  readonly run: (app: App) => unknown;
  /** Choice of the native menu that does the same. */
  readonly menu?: MenuAction;
  /** Keys with letters and signs do nothing while the person types. */
  readonly hidden?: true;
}

export const actions: readonly Action[] = [
  { title: 'Run or pause', keys: 'F5', run: (app) => app.session.toggleRun(), menu: 'run-pause' },
  { title: 'Step', keys: 'F11', run: (app) => app.session.step(), menu: 'step' },
  { title: 'Step over', keys: 'F10', run: (app) => app.session.step(true), menu: 'step-over' },
  { title: 'Step back', keys: 'Shift+F10 Alt+ArrowLeft', run: (app) => app.session.stepBack(), menu: 'step-back' },
  { title: 'Next trap', keys: ']', run: (app) => app.session.nextTrap(), menu: 'next-trap' },
  { title: 'Previous trap', keys: '[', run: (app) => app.session.previousTrap(), menu: 'previous-trap' },
  { title: 'Go to the latest instant and run', keys: '', run: (app) => app.session.goLive() },
  { title: 'Start again from instant 0', keys: '', run: (app) => app.session.reset(), menu: 'reset' },
  ...tabs.map((tab, i) => ({ title: `Show ${tabTitles[tab]}`, keys: `Alt+${i + 1}`, run: (app: App) => app.show(tab) })),
  { title: 'Walk the PC', keys: '', run: (app) => app.showWalk({ follow: 'pc' }) },
  { title: 'Walk the address of the last fault', keys: '', run: (app) => app.showWalk({ follow: 'fault' }) },
  { title: 'Go to an address or instant', keys: 'G', run: goTo, hidden: true },
  { title: 'Search in this panel', keys: '/', run: () => searchField()?.focus() },
  { title: 'Find or run', keys: 'Ctrl+K', run: (app) => (app.paletteOpen = true), menu: 'command-palette', hidden: true },
  { title: 'Save the recording', keys: 'Ctrl+S', run: (app) => app.saveRecording() },
  { title: 'Export this picture', keys: 'Ctrl+E', run: (app) => (app.exportOpen = true), menu: 'export' },
  { title: 'Fill the window with this panel', keys: 'F', run: maximise },
  { title: 'Next panel', keys: 'F6', run: () => nextPanel() },
  { title: 'Light or dark theme', keys: '', run: (app) => app.theme.toggle(), menu: 'theme' },
  { title: 'Movement slower', keys: ',', run: (app) => app.motion.faster(-1) },
  { title: 'Movement faster', keys: '.', run: (app) => app.motion.faster(1) },
];

const panels = (): HTMLElement[] =>
  [...document.querySelectorAll<HTMLElement>('[data-panel]')].filter((panel) => panel.offsetParent !== null);

/** In the memory panel to one of its own addresses. */
function goTo(app: App): void {
  const own = document.querySelector<HTMLElement>('[data-panel=Memory] input');
  if (own) own.focus();
  else app.paletteOpen = true;
}

function maximise(app: App): void {
  const panel = document.activeElement?.closest<HTMLElement>('[data-panel]') ?? panels()[0];
  const name = panel?.dataset['panel'] ?? null;
  app.maximised = app.maximised === name ? null : name;
}

function nextPanel(): void {
  const all = panels();
  const current = document.activeElement?.closest<HTMLElement>('[data-panel]');
  const next = all[(current ? all.indexOf(current) + 1 : 0) % all.length];
  (next?.querySelector<HTMLElement>('[data-picture]') ?? next)?.focus();
}

/** The search of the panel that has the focus, else the first on the page. */
const searchField = (): HTMLElement | null => {
  const selector = 'input[type=search]';
  return (
    document.activeElement?.closest('[data-panel]')?.querySelector<HTMLElement>(selector) ?? document.querySelector<HTMLElement>(selector)
  );
};

const types = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** "Ctrl+K" for both Ctrl and Cmd; single characters as they are typed. */
export function keysOf(event: KeyboardEvent): string {
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push('Ctrl');
  if (event.altKey) parts.push('Alt');
  if (event.shiftKey && event.key.length > 1) parts.push('Shift');
  // Alt changes what digits type on some keyboards.
  const digit = /^Digit(\d)$/.exec(event.code);
  parts.push(event.altKey && digit ? digit[1] : event.key.length === 1 ? event.key.toUpperCase() : event.key);
  return parts.join('+');
}

export function handleKey(app: App, event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const keys = keysOf(event);
  if (keys === 'Escape' && app.maximised) {
    app.maximised = null;
    return;
  }
  const action = actions.find((one) => one.keys.split(' ').includes(keys));
  if (!action || action.keys === '') return;
  // While the person types, only function keys and chords with Ctrl or Alt are ours.
  if (types(event.target) && !/^(Shift\+)?F\d+$|^Ctrl\+|^Alt\+/.test(keys)) return;
  // An open dialog has the keyboard for itself.
  if (app.paletteOpen && keys !== 'Ctrl+K') return;
  event.preventDefault();
  void action.run(app);
}

export const menuAction = (app: App, choice: MenuAction): void => void actions.find((action) => action.menu === choice)?.run(app);
