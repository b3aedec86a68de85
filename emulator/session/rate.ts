/** How many steps a second are done: over the last two seconds, so that the figure is steady. */

/** Milliseconds between looks, and how many looks are kept. */
const LOOK_MS = 250;
const LOOKS = 8;

export class Rate {
  private readonly looks: { readonly time: number; readonly at: number }[];

  constructor(time: number, at: number) {
    this.looks = [{ time, at }];
  }

  /** Steps a second at a host time in milliseconds; undefined when the last look is too near. */
  measure(time: number, at: number): number | undefined {
    if (time - this.looks.at(-1)!.time < LOOK_MS) return undefined;
    this.looks.push({ time, at });
    if (this.looks.length > LOOKS + 1) this.looks.shift();
    const [first] = this.looks;
    return ((at - first.at) * 1000) / (time - first.time);
  }
}
