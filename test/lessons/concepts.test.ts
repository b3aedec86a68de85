/** Every concept that a Cortex-A53 can show happens in a lesson and is named there; the nine others are drawn. */
import { expect, test } from 'vitest';
import { conceptCards } from '../../src-renderer/geometry/concept-cards.ts';
import { conceptTitle, glossary } from '../../src-renderer/state/glossary.ts';
import { bundledLesson, lessonFiles } from './bundled.ts';

const asked = lessonFiles.flatMap((file) => bundledLesson(file).questions.flatMap(({ concepts }) => concepts));
const live = glossary.filter(({ drawn }) => !drawn);

test('72 words, each once, 63 of them live', () => {
  expect(glossary.map(({ id }) => id)).toEqual(Array.from({ length: 72 }, (_, i) => `C${String(i + 1).padStart(2, '0')}`));
  expect(new Set(glossary.map(({ title }) => title)).size).toBe(72);
  expect(live.length).toBe(63);
});

test.each(live.map(({ id, title }) => ({ id, title })))('$id, $title, is asked about, and the Guide names it', ({ id, title }) => {
  expect(asked).toContain(id);
  expect(conceptTitle(id)).toBe(title);
});

test('the nine others have a drawing, whose parts lie on the sheet and say something', () => {
  const drawn = glossary.filter((one) => one.drawn).map(({ id }) => id);
  expect(Object.keys(conceptCards)).toEqual(drawn);
  for (const { label, boxes } of Object.values(conceptCards)) {
    expect(label.length).toBeGreaterThan(40);
    for (const { x, y, width, height } of boxes)
      expect([x >= 0, y >= 0, x + width <= 320, y + height <= 150]).toEqual([true, true, true, true]);
  }
});

test('lessons name only concepts that there are', () => {
  expect(asked.filter((id) => !glossary.some((one) => one.id === id))).toEqual([]);
});
