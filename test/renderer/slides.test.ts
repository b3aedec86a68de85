/** Slides are for a wall: 1920 by 1080, no text below 20 pixels, none on another or cut, whatever the program is and however long its names are. */
import { expect, test } from 'vitest';
import type { TrapRow } from '../../emulator/session/views.ts';
import { registerPicture } from '../../src-renderer/geometry/sheets/registers.ts';
import { sequencePicture } from '../../src-renderer/geometry/sequence-picture.ts';
import { towerPicture } from '../../src-renderer/geometry/tower/picture.ts';
import { walkPicture } from '../../src-renderer/geometry/walk/picture.ts';
import { levelsFixtures } from './fixtures/levels.ts';
import { walkFixtures } from './fixtures/walks.ts';
import { everyPicture, expectSlides, misjudged, slideTexts } from './slides.ts';

test.each([
  ['04-stage2.elf', ({ type, to }: TrapRow) => type === 'DataAbort' && to === 2],
  ['05-interrupts.elf', ({ type, from }: TrapRow) => type === 'IRQ' && from === 1],
] as const)('every picture of %s', (file, isMeant) => {
  const seen = new Set<string>();
  everyPicture(
    file,
    (traps) => [traps.find(isMeant)!.n + 1, traps.findLast(({ kind }) => kind === 'return')!.n],
    (picture) => {
      expectSlides(picture);
      seen.add(picture.name.replace(/-.*/, ''));
    },
  );
  const all = 'code encoding interrupts levels maps memory preflight register sequence syndrome tables trap traps walk';
  expect([...seen].sort().join(' ')).toBe(all);
});

test.each(Object.entries(walkFixtures()))('the walk %s', (_name, walk) => void expectSlides(walkPicture(walk, 'hv.elf')));
test.each(Object.entries(levelsFixtures))('the levels %s', (_name, view) => void expectSlides(towerPicture(view, 'hv.elf')));

test('a register of 64 fields is cut into slides that hold all of them', () => {
  const fields = Array.from({ length: 64 }, (_, i) => ({
    name: `FIELD_${63 - i}`,
    high: 63 - i,
    low: 63 - i,
    value: String(i & 1),
    meaning: 'A field with a long meaning that says what it is for',
    text: 'and what its value does, in many more words than have room in a single line of a slide that is 1920 pixels wide, or nearly so',
  }));
  const decoded = { name: 'ALL_EL2', value: '0xaaaaaaaaaaaaaaaa', width: 64, text: 'Everything', fields } as const;
  const register = { name: 'ALL_EL2', value: decoded.value, text: '', changed: false, byHand: false, writable: true, decoded };
  const view = { at: 1, telling: 'ALL_EL2', groups: [{ title: 'All', registers: [register] }] } as const;
  const slides = expectSlides(registerPicture(view, 'ALL_EL2', `${'a-very-long-name-of-a-program'.repeat(8)}.elf`)!);
  const texts = slides.flatMap(slideTexts).map(({ text }) => text);
  for (const { name } of fields) expect(texts).toContain(name);
  expect(texts).toContain(`${slides.length} of ${slides.length}`);
});

test('a name without end goes on in the next line, and nothing of it is lost', () => {
  const name = `_ZN${'4core3ptr85drop_in_place'.repeat(12)}`;
  const fields = Array.from({ length: 20 }, (_, i) => ({ name: `F${i}`, high: i, low: i, value: '1', meaning: name, text: name }));
  const decoded = { name: 'ALL_EL2', value: '0xfffff', width: 64, text: name, fields } as const;
  const register = { name: 'ALL_EL2', value: decoded.value, text: '', changed: false, byHand: false, writable: true, decoded };
  const view = { at: 0, telling: 'ALL_EL2', groups: [{ title: 'All', registers: [register] }] } as const;
  const words = expectSlides(registerPicture(view, 'ALL_EL2', name)!)
    .flatMap(slideTexts)
    .map(({ text }) => text);
  expect(words.join('').replaceAll(/[.\s]/g, '').split(name).length).toBeGreaterThan(40);
});

test('what has no room in a picture stands below it in full, also where that is much', () => {
  const symbol = `_ZN${'14guest_services9forwarded'.repeat(5)}Ev`;
  const place = { file: 'src/guests/services.cc', line: 12, symbol, address: '0x40081498' } as const;
  const withEvent = Object.values(levelsFixtures).find(({ event }) => event !== null)!;
  const levels = { ...withEvent, event: { ...withEvent.event!, cause: { ...withEvent.event!.cause, place } } };
  const [slide] = expectSlides(towerPicture(levels, `${'a-long-name'.repeat(12)}.elf`));
  const words = slideTexts(slide).map(({ text }) => text);
  expect(words.join('')).toContain(`services.cc:12  ${symbol}`);
  expect(words.join('')).toContain('a-long-name'.repeat(12));

  const rows = Array.from({ length: 30 }, (_, index) => ({
    index,
    number: index + 1,
    n: index * 10,
    kind: 'exception',
    type: 'HVC',
    name: 'HVC',
    from: 1,
    to: 2,
    vmid: 1,
    text: `hvc #${index} in ${symbol}`,
  })) as unknown as TrapRow[];
  const lanes = [
    { el: 1, vmid: 1 },
    { el: 2, vmid: 0 },
  ] as const;
  const told = expectSlides(sequencePicture(rows, lanes, 'hv.elf', 0, null)!)
    .flatMap(slideTexts)
    .map(({ text }) => text)
    .join('');
  for (const row of rows) expect(told).toContain(row.text);
});

test('no text is wider than it is taken for, in the faces that are shipped', () => {
  const texts: { text: string; class: string }[] = [];
  everyPicture(
    '04-stage2.elf',
    (traps) => [traps[1].n + 1],
    (picture) => texts.push(...expectSlides(picture).flatMap(slideTexts)),
  );
  const distinct = [...new Map(texts.map(({ text, class: classes }) => [`${classes} ${text}`, { text, class: classes }])).values()];
  expect(distinct.length).toBeGreaterThan(100);
  const step = Math.ceil(distinct.length / 120);
  const wide = misjudged(distinct.filter(({ text }, i) => i % step === 0 && text.length > 3)).filter(({ by }) => by > 0.05);
  expect(wide).toEqual([]);
});
