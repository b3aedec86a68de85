/** How a new shape comes in, at the pace of the motion policy. */
import type { Enter } from '../geometry/scene.ts';
import type { Motion } from '../state/motion.svelte.ts';

/** Fast at first, slow at the end: 1 - (1 - t)^3. */
const CUBIC_OUT = 'cubic-bezier(0.33, 1, 0.68, 1)';

export function enter(element: SVGElement, how: Enter, motion: Motion): void {
  if (!motion.moves) return;
  if (how === 'fade') element.animate([{ opacity: 0 }, {}], motion.duration('fade'));
  else if (how === 'draw') {
    // The length is given, not measured: to measure it, the browser would have to lay out the page for each line.
    element.setAttribute('pathLength', '1');
    const drawn = element.animate(
      [
        { strokeDasharray: '1', strokeDashoffset: 1 },
        { strokeDasharray: '1', strokeDashoffset: 0 },
      ],
      {
        duration: motion.duration('draw'),
        easing: CUBIC_OUT,
      },
    );
    drawn.onfinish = drawn.oncancel = () => element.removeAttribute('pathLength');
  } else {
    element.animate(
      [{ transform: `translate(${how.travelX}px, ${how.travelY}px)`, opacity: 0.2 }, { opacity: 1, offset: 0.4 }, { transform: 'none' }],
      { duration: motion.duration('travel'), easing: CUBIC_OUT },
    );
  }
}
