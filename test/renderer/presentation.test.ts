/** What the keys of a presenter's remote do. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Presentation } from '../../src-renderer/state/presentation.svelte.ts';
import { Player } from '../../src-renderer/state/player.svelte.ts';
import { Motion } from '../../src-renderer/state/motion.svelte.ts';
import { tabs } from '../../src-renderer/state/panels.ts';

beforeEach(() => {
  vi.stubGlobal('HTMLElement', class {});
  vi.stubGlobal('document', { fullscreenElement: null });
});
afterEach(() => vi.unstubAllGlobals());

function presented() {
  const session = { nextTrap: vi.fn(), previousTrap: vi.fn() };
  const show = vi.fn();
  const presentation = new Presentation({ maximised: null, session, show });
  presentation.on = true;
  const press = (key: string, more: Partial<KeyboardEvent> = {}): boolean =>
    presentation.key({ key, code: /^\d$/.test(key) ? `Digit${key}` : key, target: null, ...more } as KeyboardEvent);
  return { presentation, session, show, press };
}

test('forwards go the sub-steps that are still to come, then the traps; backwards the same way', () => {
  const { presentation, session, press } = presented();
  const player = new Player(new Motion(), 'substep');
  const leave = presentation.plays(player);
  player.load(2, false);
  presentation.loaded(player);
  expect(player.done).toBe(0);
  press('PageDown');
  press(' ');
  expect(player.done).toBe(2);
  expect(session.nextTrap).not.toHaveBeenCalled();
  press('PageDown');
  expect(session.nextTrap).toHaveBeenCalledOnce();
  press('PageUp');
  press(' ', { shiftKey: true });
  expect(player.done).toBe(0);
  press('PageUp');
  expect(session.previousTrap).toHaveBeenCalledOnce();
  // On the way back, a picture is shown whole.
  player.load(2, false);
  presentation.loaded(player);
  expect(player.done).toBe(2);
  leave();
  press('PageDown');
  expect(session.nextTrap).toHaveBeenCalledTimes(2);
});

test('digits change the panel, B blanks the screen, Escape leaves, and other keys are left to the panels', () => {
  const { presentation, show, press } = presented();
  expect(press('2')).toBe(true);
  expect(show).toHaveBeenCalledWith(tabs[1]);
  press('0');
  expect(presentation.panel).toBe('console');
  press('1');
  expect(presentation.panel).toBe(null);
  press('b');
  expect(presentation.blank).toBe(true);
  press('B');
  expect(presentation.blank).toBe(false);
  expect(press('ArrowLeft')).toBe(false);
  expect(press('PageDown', { ctrlKey: true })).toBe(false);
  press('Escape');
  expect(presentation.on).toBe(false);
});
