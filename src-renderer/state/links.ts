/** Links to an instant: copied here, opened here. */
import type { LinkHead } from '../../emulator/session/link.ts';
import {
  guideLinkText,
  linkAddress,
  linkSubject,
  linkText,
  parseGuideLink,
  parseLink,
  readLink,
  type GuideLink,
  type Link,
} from '../../emulator/session/link.ts';
import { demo, type App } from './app.svelte.ts';
import { grouped } from '../geometry/numbers.ts';

/** What is shown now, of the panel that has the tab. */
function linkOf(app: App, head: Omit<LinkHead, 'show'>): Link {
  const { tab, walk, browser, maps, traps, codeCursor, register, memory, interrupts } = app;
  switch (tab) {
    case 'levels':
    case 'source':
      return { ...head, show: tab, choice: {} };
    case 'walk': {
      const { word: _of, ...choice } = walk;
      return { ...head, show: tab, choice };
    }
    case 'tables': {
      const { register: own, vmid, chosen } = browser;
      return { ...head, show: tab, choice: { ...given({ register: own, vmid }), ...chosen } };
    }
    case 'maps':
      return { ...head, show: tab, choice: given({ regime: maps.regime }) };
    case 'traps':
      return { ...head, show: tab, choice: { mode: traps.mode, ...given({ trap: traps.chosen, filter: traps.filter.trim() || null }) } };
    case 'futures': {
      const { open, set, at } = app.futures;
      const [wanted, from] = open ? [open.set.join(', '), open.at] : [set.trim(), at];
      return { ...head, show: tab, choice: given({ set: wanted === '' ? null : wanted, from }) };
    }
    case 'code':
      return { ...head, show: tab, choice: given({ address: codeCursor }) };
    case 'registers':
      return { ...head, show: tab, choice: given({ register }) };
    case 'interrupts':
      return { ...head, show: tab, choice: interrupts.chosen === null ? {} : { interrupt: String(interrupts.chosen) } };
    case 'memory':
      if (memory.follow !== null) return { ...head, show: tab, choice: { space: memory.space } };
      return {
        ...head,
        show: tab,
        choice: { space: memory.space, address: memory.address, ...given({ el: memory.el, vmid: memory.vmid }) },
      };
  }
}

/** Without what is null: nothing was chosen there. */
const given = <T extends object>(choice: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(choice).filter(([, value]) => value !== null)) as { [K in keyof T]?: NonNullable<T[K]> };

function choose(app: App, link: Link): void {
  switch (link.show) {
    case 'levels':
    case 'source':
      break;
    case 'walk':
      app.walk = Object.keys(link.choice).length > 0 ? link.choice : { follow: 'pc' };
      break;
    case 'tables': {
      const { register, vmid, level, input } = link.choice;
      app.browser.forget();
      app.browser.register = register ?? null;
      app.browser.vmid = vmid ?? null;
      app.browser.chosen = level !== undefined && input !== undefined ? { level, input } : null;
      break;
    }
    case 'maps':
      app.maps.forget();
      app.maps.regime = link.choice.regime ?? null;
      break;
    case 'traps': {
      const { mode, trap, filter } = link.choice;
      app.traps.forget();
      app.traps.mode = mode ?? 'lanes';
      app.traps.chosen = trap ?? null;
      app.traps.filter = filter ?? '';
      break;
    }
    case 'futures':
      app.futures.prepare(link.choice.from ?? null, link.choice.set ?? '');
      break;
    case 'code':
      app.codeAddress = app.codeCursor = link.choice.address ?? null;
      break;
    case 'registers':
      app.register = link.choice.register ?? null;
      break;
    case 'interrupts':
      app.interrupts.forget();
      if (link.choice.interrupt !== undefined) app.interrupts.choose(link.choice.interrupt);
      break;
    case 'memory': {
      const { address, space, el, vmid } = link.choice;
      app.memory.forget();
      if (address !== undefined) app.memory.goTo(address, space ?? 'va', el ?? null);
      else app.memory.space = space ?? 'va';
      if (address !== undefined) app.memory.vmid = vmid ?? null;
    }
  }
  app.show(link.show);
}

/** A link to the instant shown, as it is. Undefined where no program is open. */
export async function linkHere(app: App): Promise<string | undefined> {
  const { session } = app;
  const asked = app.guide.open ? app.guide.link() : undefined;
  if (asked) return addressOf(guideLinkText(asked));
  const { at } = session.status;
  const program = await session.call('identity', { at });
  if (!program) return undefined;
  const { name, id, inputs } = program;
  const text = linkText(linkOf(app, { program: name, id, at, ...(inputs !== null && { inputs }) }));
  return addressOf(text);
}

const addressOf = (text: string): string =>
  document.documentElement.dataset['shell'] === 'electron' ? linkAddress(text) : `${location.origin}${location.pathname}#${text}`;

export async function copyLink(app: App): Promise<void> {
  if (app.session.running) await app.session.pause();
  const link = await linkHere(app);
  if (link === undefined) return;
  try {
    await navigator.clipboard.writeText(link);
    app.say(`Copied a link to instant ${grouped(app.session.status.at)}`);
  } catch {
    app.say(`The browser does not let this page copy. The link: ${link}`, 'problem');
  }
}

/** Goes where a link leads, if it is one for the program that is open. `mayOpen`: whether another may take the place of the one with this name. */
export async function openLink(app: App, text: string, mayOpen: (open: string | undefined) => boolean): Promise<void> {
  const { session } = app;
  let link: Link;
  try {
    const guide = parseGuideLink(text);
    if (guide) return await openGuide(app, guide, mayOpen);
    link = parseLink(text);
  } catch (error) {
    return app.say(error instanceof Error ? error.message : String(error), 'problem');
  }
  const identity = (): Promise<{ name: string; id: string; inputs: string | null } | undefined> =>
    session.quietly('identity', { at: link.at });
  let open = await identity();
  if (open?.id !== link.id && mayOpen(open?.name) && (await openBundled(app, link.program))) open = await identity();
  if (open?.id !== link.id) return refuse(app, link, open?.name, () => void openLink(app, text, () => true));
  await session.seek(link.at);
  choose(app, link);
  const { inputs = null } = (await identity()) ?? {};
  const { at } = await session.get('status', {});
  if (at !== link.at) app.say(`The link is to instant ${grouped(link.at)}, but this run stops at ${grouped(at)}`, 'problem');
  else if (inputs !== (link.inputs ?? null))
    app.say('The link was made in a run with other input: what it meant may not be what is here', 'problem');
}

/** A lesson opens a program of its own: over somebody's work only once it is wanted. */
async function openGuide(app: App, link: GuideLink, mayOpen: (open: string | undefined) => boolean): Promise<void> {
  const open = app.session.status.image?.name;
  if (!mayOpen(open) && app.guide.question === null) {
    const text = `The link is to a lesson, which opens a program of its own in place of ${open ?? 'what is open'}`;
    return app.say(text, 'problem', { title: 'Open it', run: () => void openGuide(app, link, () => true) });
  }
  await app.guide.follow(link);
}

/** A program that comes with the app is opened by its name. */
async function openBundled(app: App, file: string): Promise<boolean> {
  const { scenarios = [] } = (await app.session.quietly('scenarios', {})) ?? {};
  const scenario = scenarios.find((one) => one.file === file);
  if (!scenario) return false;
  await app.openScenario(scenario.id);
  return true;
}

async function refuse(app: App, { program }: Link, open: string | undefined, retry: () => void): Promise<void> {
  const { scenarios = [] } = (await app.session.quietly('scenarios', {})) ?? {};
  const isBundled = open !== program && scenarios.some(({ file }) => file === program);
  const text =
    open === program
      ? `The link is for another build of ${program}, or another machine, than the one that is open: it leads nowhere here`
      : `The link is for ${program}${open === undefined ? '' : `, and ${open} is open`}${isBundled ? '' : ': open that program first'}`;
  app.say(text, 'problem', isBundled ? { title: 'Open it', run: retry } : undefined);
}

/** A link that another program gave to the app: what it would do is said, and the rest is the person's. */
export function askAboutLink(app: App, text: string): void {
  try {
    app.askedLink = { text, link: readLink(text) };
  } catch (error) {
    app.say(error instanceof Error ? error.message : String(error), 'problem');
  }
}

export function openAsked(app: App): void {
  const { askedLink } = app;
  app.askedLink = null;
  if (!askedLink) return;
  const { text, link } = askedLink;
  // Never one that comes with the app in place of the person's own program of that name.
  void openLink(app, text, (open) => !('program' in link) || open !== link.program);
}

/** What it would do, as a sentence. */
export function questionOf(link: GuideLink | Link, open: string | undefined): string {
  const isAnother = open !== undefined && !('program' in link && link.program === open);
  return `A link asks to open ${linkSubject(link)}${isAnother ? `, in place of ${open}` : ''}`;
}

/**
 * Opens the link that the page came with, and those that the person goes to later: typed, clicked, or by the browser's Back and Forward.
 * Returns how to stop.
 */
export function followLinks(app: App): () => void {
  const go = (mayOpen: (open: string | undefined) => boolean): void => {
    const text = location.hash.slice(1);
    if (text !== '') void openLink(app, text, mayOpen);
  };
  const changed = (): void => go(() => false);
  window.addEventListener('hashchange', changed);
  // On a page that has just come, the demo is nobody's work.
  go((open) => open === undefined || open === demo);
  return () => window.removeEventListener('hashchange', changed);
}
