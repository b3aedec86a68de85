/** Every picture of every scenario, at each turn of its run. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { everyPicture, expectSlides, turningPoints } from './slides.ts';

const scenarios = readdirSync(join(import.meta.dirname, '../../firmware/prebuilt')).filter((file) => file.endsWith('.elf'));

test.each(scenarios)('every picture of %s is readable on a wall', { timeout: 600_000 }, (file) => {
  let slides = 0;
  everyPicture(file, turningPoints, (picture) => void (slides += expectSlides(picture).length));
  expect(slides).toBeGreaterThan(20);
});
