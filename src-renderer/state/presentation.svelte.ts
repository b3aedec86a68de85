/** One panel, large, for a room: what shows, and what the keys of a presenter's remote do. Nothing of it is remembered. */
import { numberedTabs, type PanelName, type Tab } from './panels.ts';
import type { Player } from './player.svelte.ts';

/** A slide's room in CSS pixels: in a window of 1920 by 1080 it becomes so large that no text is below 20 pixels. */
const ROOM = { width: 1056, height: 594 };

/** Digits that are for tabs; the last one is the console's. */
const MOST = 9;

/** For the list of keys. */
export const presenterKeys = [
  { title: 'Next sub-step or read, then the next trap', keys: 'PageDown Space' },
  { title: 'Previous sub-step or read, then the previous trap', keys: 'PageUp Shift+Space' },
  { title: 'Blank screen', keys: 'B' },
  {
    title: 'Another panel, in the order of the tabs',
    keys: numberedTabs
      .slice(0, MOST)
      .map((_, i) => i + 1)
      .join(' '),
  },
  { title: 'The console', keys: '0' },
  { title: 'Leave', keys: 'Escape' },
] as const;

/** What it needs of the window. */
interface Shown {
  maximised: string | null;
  readonly session: { nextTrap(): unknown; previousTrap(): unknown };
  show(tab: Tab): void;
}

export class Presentation {
  on = $state(false);
  /** The room looks at the speaker. */
  blank = $state(false);
  scale = $state(1);
  /** What is presented; null: the main panel of the tab. */
  panel = $state<PanelName | null>(null);
  /** The parts of the picture on the screen, where it has any. */
  private player: Player | undefined;
  private isForwards = true;

  constructor(private readonly app: Shown) {}

  start(panel: PanelName | null = null): void {
    this.app.maximised = null;
    this.panel = panel;
    this.on = true;
    this.fit();
    // The person may refuse, and some windows cannot.
    document.documentElement.requestFullscreen().catch(() => undefined);
  }
  stop(): void {
    this.on = this.blank = false;
    if (document.fullscreenElement) void document.exitFullscreen();
  }
  fit(): void {
    this.scale = this.on ? Math.max(1, Math.min(innerWidth / ROOM.width, innerHeight / ROOM.height)) : 1;
  }

  /** While a panel shows a picture in parts. */
  plays(player: Player): () => void {
    this.player = player;
    return () => {
      if (this.player === player) this.player = undefined;
    };
  }
  /** A new picture: on the way forwards its parts are still to come. */
  loaded(player: Player): void {
    if (this.on && this.isForwards) player.go(0);
  }

  next(): void {
    this.isForwards = true;
    if (this.player && this.player.done < this.player.count) this.player.next();
    else void this.app.session.nextTrap();
  }
  previous(): void {
    this.isForwards = false;
    if (this.player && this.player.done > 0) this.player.previous();
    else void this.app.session.previousTrap();
  }

  /** True: the key was for the presentation, and nothing else gets it. */
  key({ key, code, shiftKey, ctrlKey, altKey, metaKey, target }: KeyboardEvent): boolean {
    if (ctrlKey || altKey || metaKey) return false;
    const isTyping = target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
    if (key === 'PageDown') this.next();
    else if (key === 'PageUp') this.previous();
    else if (isTyping) return false;
    else if (key === 'Escape') this.stop();
    else if (key === ' ' && shiftKey) this.previous();
    else if (key === ' ') this.next();
    else if (key === 'b' || key === 'B' || key === '.') this.blank = !this.blank;
    else if (/^Digit\d$/.test(code)) this.choose(Number(code.slice(5)));
    else return false;
    return true;
  }
  private choose(number: number): void {
    const tab = numberedTabs.slice(0, MOST)[number - 1];
    if (number === 0) this.panel = 'console';
    else if (tab !== undefined) {
      this.panel = null;
      this.app.show(tab);
    }
  }
}
