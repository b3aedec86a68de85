/** The story of one trap as a picture that can leave the app. */
import type { TrapStoryView } from '../../../emulator/session/views.ts';
import { beatsOf, sourceName, trapTitle, type Beat } from '../beats.ts';
import { count, grouped } from '../numbers.ts';
import type { Picture } from '../picture.ts';
import { path, rect, text, type SceneNode } from '../scene.ts';
import { wrapWhole } from '../text.ts';
import { gap, paragraph, sheetScene, sheetSlides, tableBlocks, type Block, type Sheet } from './sheet.ts';
import { addressBlocks, syndromeBlocks } from './syndrome.ts';

const PITCH = 16;
const BETWEEN = 24;
/** Narrower beats stand two by two. */
const LEAST = 190;

function beatBlocks(beats: readonly Beat[], width: number): Block[] {
  const inRow = (width - BETWEEN * (beats.length - 1)) / beats.length >= LEAST ? beats.length : 2;
  const wide = (width - BETWEEN * (inRow - 1)) / inRow;
  const rows = Array.from({ length: Math.ceil(beats.length / inRow) }, (_, i) => beats.slice(i * inRow, (i + 1) * inRow));
  return rows.map((row) => {
    const columns = row.map((beat) => linesOf(beat, wide));
    return {
      height: Math.max(...columns.map(({ length }) => length)) * PITCH + 22,
      nodes: row.flatMap((beat, c): SceneNode[] => {
        const x = c * (wide + BETWEEN);
        const goesOn = c + 1 < row.length;
        return [
          rect(x, 4, wide, 3, `f-el${beat.el}`),
          ...(goesOn ? [path(`M${x + wide + 8} 0.5l8 5l-8 5z`, 'f-ink3')] : []),
          ...columns[c].map((line, i) => text(x, 23 + i * PITCH, line.text, line.class)),
        ];
      }),
      facts: row.map(({ when, what, words = '', bits = '' }) => [when, what, words, bits]),
    };
  });
}

function linesOf(beat: Beat, width: number): { text: string; class: string }[] {
  const { place } = beat;
  const part = (content: string | undefined, cls: string): { text: string; class: string }[] =>
    content ? wrapWhole(content, width, cls).map((line) => ({ text: line, class: cls })) : [];
  return [
    ...part(beat.when, 'small f-ink3'),
    ...part(beat.what, beat.isCode ? 'mono bold' : 'bold'),
    ...part(beat.words, 'small f-ink2'),
    ...part(beat.bits, 'mono small f-ink2'),
    ...(place ? [...part(sourceName(place), 'small f-ink2'), ...part(place.symbol ?? place.address, 'mono small f-ink2')] : []),
    ...(beat.returnedAt === undefined ? [] : part(`instant ${grouped(beat.returnedAt)}`, 'small f-ink2')),
  ];
}

const mono = (content: string): { text: string; class: string } => ({ text: content, class: 'mono small' });
const said = (content: string): { text: string; class: string } => ({ text: content, class: 'f-ink2' });
const more = (left: number, noun: string): { cells: { text: string; class: string }[] }[] =>
  left > 0 ? [{ cells: [said(`and ${count(left, `more ${noun}`)}`)] }] : [];

function changeBlocks({ changes }: TrapStoryView, width: number): Block[] {
  if (!changes) return [];
  const { registers, memory, devices } = changes;
  return [
    ...tableBlocks(
      registers.map(({ name, before, after, text }) => ({ cells: [mono(name), mono(before), mono(after), said(text)] })),
      { width, head: ['Register', 'Before', 'After', ''], heading: 'The handler changed' },
    ),
    ...tableBlocks(
      memory ? memory.runs.map(({ pa, before, after, text }) => ({ cells: [mono(pa), mono(before), mono(after), said(text)] })) : [],
      {
        width,
        head: ['PA', 'Before', 'After', ''],
        heading: memory ? `Memory: ${count(memory.bytes, 'byte')} in ${count(memory.pages, 'page')}` : '',
      },
    ),
    ...tableBlocks(more(memory?.more ?? 0, 'place'), { width }),
    ...tableBlocks(
      devices?.writes.map(({ n, register, value, text }) => ({ cells: [mono(grouped(n)), mono(register), mono(value), said(text)] })) ?? [],
      {
        width,
        head: ['Instant', 'Register', 'Value', ''],
        heading: 'Written to devices',
      },
    ),
    ...tableBlocks(more(devices?.more ?? 0, 'write'), { width }),
  ];
}

export function storyPicture(story: TrapStoryView, image: string): Picture {
  const { row, nested, cause } = story;
  const label = trapTitle(row);
  const way = row.kind === 'psci' ? 'to the firmware' : row.from === row.to ? `at EL${row.from}` : `from EL${row.from} to EL${row.to}`;
  const sheet: Sheet = (width) => [
    paragraph(story.sentence, width),
    gap(6),
    ...beatBlocks(beatsOf(story), width),
    ...syndromeBlocks(story, width),
    ...tableBlocks(
      cause.args.map(({ name, value, text }) => ({ cells: [mono(name), mono(value), said(text)] })),
      { width, heading: 'Called with' },
    ),
    ...addressBlocks(story, width),
    ...tableBlocks(
      [
        ...nested.rows.map(({ n, from, to, kind, name, text }) => ({
          cells: [mono(grouped(n)), said(`EL${from} → ${kind === 'psci' ? 'firmware' : `EL${to}`}`), said(`${name} ${text}`)],
        })),
        ...more(nested.more, 'event'),
      ],
      { width, heading: 'While the handler ran' },
    ),
    ...changeBlocks(story, width),
  ];
  return {
    name: `trap-${row.index}`,
    title: `${label}, ${way}`,
    subtitle: row.text,
    scene: sheetScene(sheet, 1120, label),
    slides: (room) => sheetSlides(sheet, room, label),
    key: ([2, 1, 0] as const)
      .filter((el) => beatsOf(story).some((beat) => beat.el === el))
      .map((el) => ({ swatch: { class: `f-el${el}` }, text: `EL${el}` })),
    image,
    at: row.n + 1,
    data: story,
  };
}
