/** What every look of the window must hold: nothing is cut, and axe finds nothing. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds. xterm.js draws its own text; its textarea is what assistive technology reads. */
export async function violations(page: Page, part?: string): Promise<string[]> {
  await page.evaluate(`window.axe || (() => { ${axe} })()`);
  const context = JSON.stringify({ ...(part && { include: [part] }), exclude: ['.xterm'] });
  const found = await page.evaluate<AxeResults>(`axe.run(${context}, { resultTypes: ['violations'] })`);
  return found.violations.map(({ id, nodes }) => `${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** What of controls and text cannot be seen and not be scrolled to (WCAG 2.2, 1.4.10), or scrolls and has no stop for the keyboard. */
export const cut = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} px wide`);
    const named = (element: Element): string =>
      `${element.tagName.toLowerCase()} "${(element.getAttribute('aria-label') ?? element.textContent).trim().slice(0, 40)}"`;
    const isSeen = (element: Element): boolean => {
      const { width, height } = element.getBoundingClientRect();
      const isText = element.closest('.hidden-text, .xterm, svg') === null;
      return isText && width > 1 && height > 1 && element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
    };
    const controls = 'button, input, select, a, [tabindex="0"]';
    // What is behind an open menu or dialog waits for it to close, and does not scroll.
    const front = document.querySelector('[role="dialog"], [role="menu"]') ?? document;
    for (const element of front.querySelectorAll(`${controls}, p, td, dd, dt, h2, h3, span, b, code, label, li`)) {
      if ((element.children.length > 0 && !element.matches(controls)) || !isSeen(element)) continue;
      const box = element.getBoundingClientRect();
      for (let outer = element.parentElement; outer; outer = outer.parentElement) {
        const { overflowX, overflowY, position } = getComputedStyle(outer);
        const room = outer.getBoundingClientRect();
        const hidesX = /hidden|clip/.test(overflowX) && (box.right > room.right + 1 || box.left < room.left - 1);
        const hidesY = /hidden|clip/.test(overflowY) && (box.bottom > room.bottom + 1 || box.top < room.top - 1);
        // What scrolls shows all of it.
        if (/auto|scroll/.test(overflowX + overflowY)) break;
        if (hidesX || hidesY) found.push(`${named(element)} is cut by ${named(outer)}`);
        // What is fixed lies in the window, not in what surrounds it: that may have been scrolled.
        if (hidesX || hidesY || position === 'fixed') break;
      }
    }
    for (const element of (front === document ? document.querySelector('main')! : front).querySelectorAll('*')) {
      const scrolls = element.scrollWidth > element.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(element).overflowX);
      if (scrolls && isSeen(element) && !element.matches('[tabindex="0"], [role="tablist"]'))
        found.push(`${named(element)} scrolls without a stop`);
    }
    return found;
  });

/** The smallest text on the screen, in CSS pixels: of a picture as it is drawn, not as it is written. */
export const smallestText = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const texts = document.createTreeWalker(document.querySelector('.app')!, NodeFilter.SHOW_TEXT);
    let smallest = Infinity;
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement!;
      if (texts.currentNode.textContent!.trim() === '' || element.closest('.hidden-text, style, title')) continue;
      if (!element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
      const drawn = element instanceof SVGGraphicsElement ? element.getScreenCTM()!.d : element.currentCSSZoom;
      smallest = Math.min(smallest, parseFloat(getComputedStyle(element).fontSize) * drawn);
    }
    return smallest;
  });

/** What of the text on the screen is under 11 px. */
export const tooSmall = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement!;
      const text = node.textContent!.trim();
      if (text === '' || !element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
      const { width } = element.getBoundingClientRect();
      const size = parseFloat(getComputedStyle(element).fontSize);
      // Text for screen readers is a pixel wide.
      if (width > 1 && size < 11) found.push(`${text} (${size} px)`);
    }
    return found;
  });
