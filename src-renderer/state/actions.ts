/** Everything that can be done from the keyboard, the palette and the native menu, in one table. */
import { tick } from 'svelte';
import type { MenuAction } from '../connect/bridge.ts';
import type { App } from './app.svelte.ts';
import { copyLink } from './links.ts';
import { panels, tabKeys, tabs, type PanelName } from './panels.ts';

export interface Action {
  readonly title: string;
  /** Keys as shown: "Ctrl+K", "Shift+F10". Several ways are parted by a space. */
  readonly keys: string;
  readonly run: (app: App) => unknown;
  /** Choice of the native menu that does the same. */
  readonly menu?: MenuAction;
  /** Not in the palette: it opens the palette, or makes no sense there. */
  readonly hidden?: true;
  /** Heading in the list of shortcuts. */
  readonly group: Group;
}
export const groups = ['Run', 'Time', 'Breakpoints', 'Go to', 'Window'] as const;
export type Group = (typeof groups)[number];

const run = (title: string, keys: string, act: Action['run'], menu?: MenuAction): Action => entry('Run', title, keys, act, menu);
const entry = (group: Group, title: string, keys: string, act: Action['run'], menu?: MenuAction): Action => ({
  group,
  title,
  keys,
  run: act,
  ...(menu && { menu }),
});
const hidden = (action: Action): Action => ({ ...action, hidden: true });

export const actions: readonly Action[] = [
  run('Run or pause', 'F5', (app) => app.session.toggleRun(), 'run-pause'),
  run('Step', 'F11', (app) => app.session.step(), 'step'),
  run('Step over', 'F10', (app) => app.session.step(true), 'step-over'),
  run('Step out', 'Shift+F11', (app) => app.session.stepOut(), 'step-out'),
  run('Step back', 'Shift+F10 Alt+ArrowLeft', (app) => app.session.stepBack(), 'step-back'),
  run('Next trap', ']', (app) => app.session.nextTrap(), 'next-trap'),
  run('Previous trap', '[', (app) => app.session.previousTrap(), 'previous-trap'),
  run('Next change of exception level', '}', (app) => app.session.nextLevelChange()),
  run('Previous change of exception level', '{', (app) => app.session.previousLevelChange()),
  run('Run until the next guest first runs', '', (app) => app.session.nextGuest()),
  run('Go back to where a guest first ran', '', (app) => app.session.previousGuest()),
  run('Run to the chosen line of code', 'Ctrl+F10', (app) => app.runToCursor()),
  run('Start again from instant 0', 'Ctrl+Shift+F5', (app) => app.session.reset(), 'reset'),
  entry('Time', 'Go to the first instant', 'Ctrl+Home', (app) => app.session.seek(0)),
  entry('Time', 'Go to the latest instant', 'Ctrl+End', (app) => app.session.seek(app.session.status.end)),
  entry('Time', 'Go to the latest instant and run', '', (app) => app.session.goLive()),
  entry('Time', 'Go to what sent the last character of the console', '', (app) => app.session.seekOutput()),
  entry('Time', 'Go to an instant', 'T', (app) => (app.typingInstant = true)),
  entry('Time', 'Run slower', ',', (app) => app.faster(-1)),
  entry('Time', 'Run faster', '.', (app) => app.faster(1)),
  entry('Time', 'Slower animation', '<', (app) => app.motion.faster(-1)),
  entry('Time', 'Faster animation', '>', (app) => app.motion.faster(1)),
  entry('Breakpoints', 'Run back to the last breakpoint', 'Shift+F5', (app) => app.session.runBack()),
  entry('Breakpoints', 'List and add breakpoints', 'Shift+F9', (app) => reveal(app, 'breakpoints')),
  entry('Breakpoints', 'Set or remove a breakpoint at the chosen line of code', 'F9', (app) => app.toggleBreakpoint()),
  ...tabs.map((tab) => entry('Go to', `Show ${panels[tab].title}`, tabKeys(tab), (app) => app.show(tab))),
  hidden(entry('Go to', 'Address or symbol (in Code and Memory), address or instant (elsewhere)', 'G', goTo)),
  entry('Go to', 'Walk the PC', '', (app) => app.showWalk({ follow: 'pc' })),
  entry('Go to', 'Walk the address of the last fault', '', (app) => app.showWalk({ follow: 'fault' })),
  hidden(entry('Go to', 'Find or run a command', 'Ctrl+K', (app) => (app.paletteOpen = true), 'command-palette')),
  hidden(entry('Go to', 'Search in this panel', '/', () => searchField()?.focus())),
  entry('Go to', 'What if: change something here and see both futures', '', (app) => app.futures.prepare(null, '')),
  entry('Window', 'Save both futures as text', '', (app) => app.futures.save('text')),
  entry('Window', 'Save both futures as JSON', '', (app) => app.futures.save('json')),
  entry('Window', 'Guide: lessons beside the machine', 'Q', ({ guide }) => toggle(guide, 'Guide')),
  entry('Window', 'Guide: find it before the Doctor', '', (app) => app.guide.show('labs')),
  entry('Window', 'Guide: glossary', '', (app) => app.guide.show('glossary')),
  entry('Window', 'Ask the Doctor what is wrong', 'D', ({ doctor }) => toggle(doctor, 'Doctor')),
  entry('Window', 'Choose a scenario', '', (app) => (app.scenariosOpen = true)),
  entry('Window', 'Attach to QEMU…', '', (app) => (app.attachOpen = true)),
  entry('Window', 'Add the symbols of a guest, Xen or Linux', '', async (app) => {
    await reveal(app, 'functions');
    app.addingSymbols = true;
  }),
  entry('Window', 'Let gdb connect, or no more', '', letGdbConnect),
  entry('Window', 'Save the recording', 'Ctrl+S', (app) => app.saveRecording(), 'save-recording'),
  entry('Window', 'Export this picture', 'Ctrl+E', exportPicture, 'export'),
  entry('Window', 'Copy a link to this instant', 'L', (app) => copyLink(app), 'copy-link'),
  entry('Window', 'Maximize or restore this panel', 'F', maximise),
  entry('Window', 'Present this panel, large, or leave', 'Ctrl+F11', present, 'present'),
  entry('Window', 'Next panel', 'F6', () => nextPanel()),
  entry('Window', 'Reset all sizes and arrangements', '', (app) => app.layouts.reset()),
  entry('Window', 'Switch between light and dark theme', '', (app) => app.theme.toggle(), 'theme'),
  entry('Window', 'Help', 'F1', (app) => (app.helpTopic = app.tab), 'help'),
  entry('Window', 'Show the tour', '', (app) => app.startTour()),
  entry('Window', 'Show keyboard shortcuts', '?', (app) => (app.shortcutsOpen = true)),
];

/** Switches it; where gdb cannot connect, the session says why. */
async function letGdbConnect(app: App): Promise<void> {
  const gdb = await app.session.call('letGdbConnect', {});
  if (gdb?.line) app.say(`In a terminal: ${gdb.line}`);
}

/** In the panels of code and memory their own field, elsewhere the palette. */
function goTo(app: App): void {
  const field = [...document.querySelectorAll<HTMLElement>('[data-go]')].find(({ offsetParent }) => offsetParent !== null);
  if (field) field.focus();
  else app.paletteOpen = true;
}

const shownPanels = (): HTMLElement[] =>
  [...document.querySelectorAll<HTMLElement>('[data-panel]')].filter((panel) => panel.offsetParent !== null);

function maximise(app: App): void {
  const panel = document.activeElement?.closest<HTMLElement>('[data-panel]') ?? shownPanels()[0];
  const name = panel?.dataset['panel'] ?? null;
  app.maximised = app.maximised === name ? null : name;
}

/** Its menu is in the bar at the top, which a presentation has not. */
function exportPicture(app: App): void {
  app.presentation.stop();
  // The menu opens at its button, which may have been scrolled out of a low window.
  document.querySelector('.export-trigger')?.scrollIntoView({ block: 'nearest' });
  app.exportOpen = true;
}

function present({ presentation }: App): void {
  const place = document.activeElement?.closest<HTMLElement>('[data-place]')?.dataset['place'];
  if (presentation.on) presentation.stop();
  else presentation.start((place as PanelName | undefined) ?? null);
}

const focusPanel = (title: string): void => document.querySelector<HTMLElement>(`[data-panel="${title}"]`)?.focus();

/** Whoever asks for a panel by its key goes on in it. */
async function reveal(app: App, panel: PanelName): Promise<void> {
  app.showPanel(panel);
  await tick();
  focusPanel(panels[panel].title);
}
/** The focus of a panel that is closed goes to the main one. */
async function toggle(beside: { readonly open: boolean; toggle(): unknown }, title: string): Promise<void> {
  void beside.toggle();
  await tick();
  if (beside.open) focusPanel(title);
  else if (document.activeElement === document.body) shownPanels()[0]?.focus();
}

function nextPanel(): void {
  const all = shownPanels();
  const current = document.activeElement?.closest<HTMLElement>('[data-panel]');
  const next = all[(current ? all.indexOf(current) + 1 : 0) % all.length];
  (next?.querySelector<HTMLElement>('[data-picture]') ?? next)?.focus();
}

/** The search of the panel that has the focus, else the first on the page. */
const searchField = (): HTMLElement | null => {
  const selector = 'input[type=search]';
  const isSeen = (field: HTMLElement): boolean => field.offsetParent !== null;
  return (
    document.activeElement?.closest('[data-panel]')?.querySelector<HTMLElement>(selector) ??
    [...document.querySelectorAll<HTMLElement>(selector)].find(isSeen) ??
    null
  );
};

const types = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** "Ctrl+K" for both Ctrl and Cmd; single characters as they are typed. */
function keysOf(event: KeyboardEvent): string {
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push('Ctrl');
  if (event.altKey) parts.push('Alt');
  if (event.shiftKey && event.key.length > 1) parts.push('Shift');
  // Alt changes what digits, the minus and the equals sign type on some keyboards.
  const plain = event.code === 'Minus' ? '-' : event.code === 'Equal' ? '=' : /^Digit(\d)$/.exec(event.code)?.[1];
  parts.push(event.altKey && plain !== undefined ? plain : event.key.length === 1 ? event.key.toUpperCase() : event.key);
  return parts.join('+');
}

export const hasDialog = (app: App): boolean =>
  app.paletteOpen || app.scenariosOpen || app.attachOpen || app.shortcutsOpen || app.helpTopic !== null;

export function handleKey(app: App, event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const keys = keysOf(event);
  // What takes long is given up first, whatever has the focus.
  if (keys === 'Escape' && app.session.progress) {
    event.preventDefault();
    app.session.progress.cancel();
    return;
  }
  if (keys === 'Escape' && app.maximised) {
    app.maximised = null;
    return;
  }
  const action = actions.find((one) => one.keys.split(' ').includes(keys));
  if (!action || action.keys === '') return;
  // While the person types, only function keys and chords with Ctrl or Alt are ours.
  if (types(event.target) && !/^(Shift\+)?F\d+$|^Ctrl\+|^Alt\+/.test(keys)) return;
  // An open dialog has the keyboard for itself.
  if (hasDialog(app) && !(app.paletteOpen && keys === 'Ctrl+K')) return;
  event.preventDefault();
  void action.run(app);
}

export const menuAction = (app: App, choice: MenuAction): void => void actions.find((action) => action.menu === choice)?.run(app);
