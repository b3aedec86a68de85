/**
 * Many buttons that are one stop of the Tab key (WAI-ARIA, roving tabindex): arrow keys, Home and End move among those that a selector names,
 * by where they are on the screen. `{@attach roving('button')}` on what holds them.
 */
export const roving =
  (selector: string) =>
  (node: HTMLElement): (() => void) => {
    let stop: HTMLElement | undefined;
    const all = (): HTMLElement[] => [...node.querySelectorAll<HTMLElement>(selector)];
    const settle = (): void => {
      const buttons = all();
      // Until the focus is in here, the chosen one is where it comes to.
      const chosen = node.contains(document.activeElement)
        ? undefined
        : buttons.find((one) => one.getAttribute('aria-pressed') === 'true' || one.hasAttribute('aria-current'));
      if (chosen) stop = chosen;
      else if (!stop || !buttons.includes(stop)) stop = buttons[0];
      for (const one of buttons) if (one.tabIndex !== (one === stop ? 0 : -1)) one.tabIndex = one === stop ? 0 : -1;
    };
    const focused = (event: FocusEvent): void => {
      const found = (event.target as HTMLElement).closest<HTMLElement>(selector);
      if (!found || found === stop) return;
      stop = found;
      settle();
    };
    const key = (event: KeyboardEvent): void => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const buttons = all();
      const from = buttons.indexOf((event.target as HTMLElement).closest<HTMLElement>(selector)!);
      const to = from < 0 ? undefined : next(buttons, from, event.key);
      if (!to) return;
      event.preventDefault();
      to.focus();
    };
    settle();
    const contents = new MutationObserver(settle);
    contents.observe(node, { childList: true, subtree: true, attributeFilter: ['aria-pressed', 'aria-current'] });
    node.addEventListener('focusin', focused);
    node.addEventListener('keydown', key);
    return () => {
      contents.disconnect();
      node.removeEventListener('focusin', focused);
      node.removeEventListener('keydown', key);
    };
  };

/** Where a key leads: left and right in reading order, up and down to the nearest one of the next line. */
function next(buttons: readonly HTMLElement[], from: number, key: string): HTMLElement | undefined {
  if (key === 'ArrowLeft') return buttons[from - 1];
  if (key === 'ArrowRight') return buttons[from + 1];
  if (key === 'Home') return buttons[0];
  if (key === 'End') return buttons.at(-1);
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return undefined;
  const here = buttons[from].getBoundingClientRect();
  const places = buttons.map((button) => ({ button, at: button.getBoundingClientRect() }));
  // Those of a line begin at the same height; some are higher than others.
  const tops = places.map(({ at }) => at.top).filter((top) => (key === 'ArrowDown' ? top > here.top + 1 : top < here.top - 1));
  const line = key === 'ArrowDown' ? Math.min(...tops) : Math.max(...tops);
  const inLine = places.filter(({ at }) => Math.abs(at.top - line) <= 1);
  const distance = ({ at }: (typeof places)[number]): number => Math.abs(at.left - here.left);
  return inLine.sort((a, b) => distance(a) - distance(b))[0]?.button;
}
