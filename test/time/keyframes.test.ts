/** Keyframes on a machine of a few pages, against a copy of every state. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Keyframes, type Restorable } from '../../emulator/time/keyframes.ts';

const PAGES = 6;

/** A "machine" whose pages hold one number each; a step writes one page. */
class Pages implements Restorable {
  n = 0;
  pages = new Array<number>(PAGES).fill(0);
  readonly dirtyPages = new Set<number>();
  write(page: number, value: number): void {
    this.pages[page] = value;
    this.dirtyPages.add(page);
    this.n++;
  }
  saveState(): Uint8Array {
    return Uint8Array.of(this.n & 255, this.n >> 8);
  }
  loadState(state: Uint8Array): void {
    this.n = state[0] | (state[1] << 8);
  }
  clearDirty(): void {
    this.dirtyPages.clear();
  }
  readPage(page: number): Uint8Array {
    return new Uint8Array(4096).fill(this.pages[page], 0, 1);
  }
  writePage(page: number, bytes: Uint8Array | undefined): void {
    this.pages[page] = bytes?.[0] ?? 0;
  }
}

describe('keyframes', () => {
  test('bring back every state, in any order, also after thinning', () => {
    const step = fc.record({ page: fc.nat(PAGES - 1), value: fc.integer({ min: 1, max: 255 }), capture: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 60 }),
        fc.array(fc.nat(60), { maxLength: 12 }),
        fc.boolean(),
        (steps, visits, tight) => {
          const machine = new Pages();
          // A budget of a few pages forces thinning.
          const keyframes = new Keyframes(machine, tight ? 5 * 4096 : undefined);
          const states = [[...machine.pages]];
          keyframes.capture(0);
          for (const { page, value, capture } of steps) {
            machine.write(page, value);
            states.push([...machine.pages]);
            if (capture) keyframes.capture(machine.n);
          }
          for (const visit of visits) {
            const at = Math.min(visit, steps.length);
            const from = keyframes.restore(at);
            expect(from).toBe(keyframes.before(at));
            expect(machine.n).toBe(from);
            expect(machine.pages).toEqual(states[from]);
            // Forward again over known ground, as a replay does.
            for (let n = from; n < at; n++) machine.write(steps[n].page, steps[n].value);
            expect(machine.pages).toEqual(states[at]);
            if (visit % 3 === 0) keyframes.capture(at);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('stay within their budget', () => {
    const machine = new Pages();
    const keyframes = new Keyframes(machine, 40 * 4096);
    keyframes.capture(0);
    for (let i = 0; i < 2000; i++) {
      machine.write(i % PAGES, (i % 255) + 1);
      if (i % 3 === 0) keyframes.capture(machine.n);
    }
    expect(keyframes.bytes).toBeLessThanOrEqual(41 * 4096);
    expect(keyframes.instants()[0]).toBe(0);
  });
});
