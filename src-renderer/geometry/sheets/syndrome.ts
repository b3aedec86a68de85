/** The syndrome of a trap, field by field, as a picture that can leave the app. */
import type { TrapStoryView } from '../../../emulator/session/views.ts';
import { trapTitle } from '../beats.ts';
import type { Picture } from '../picture.ts';
import { fieldBlocks } from './fields.ts';
import { heading, sheetScene, sheetSlides, tableBlocks, type Block, type Sheet } from './sheet.ts';

/** The level that a syndrome belongs to: an exception writes that of the level it goes to, a return reads that of its own. */
export const syndromeLevel = ({ row }: TrapStoryView): TrapStoryView['row']['to'] => (row.kind === 'exception' ? row.to : row.from);

/** FAR, HPFAR and the IPA, where they mean something. */
export const addressBlocks = ({ addresses }: TrapStoryView, width: number): Block[] =>
  tableBlocks(
    addresses.map(({ name, value, text }) => ({
      cells: [
        { text: name, class: 'mono small' },
        { text: value, class: 'mono small bold' },
        { text, class: 'f-ink2' },
      ],
    })),
    { width, heading: 'Addresses' },
  );

export function syndromePicture(story: TrapStoryView, image: string): Picture | undefined {
  const { syndrome, row } = story;
  if (!syndrome) return undefined;
  const label = `${syndrome.name} = ${syndrome.value}`;
  const sheet: Sheet = (width) => [...fieldBlocks(syndrome, syndromeLevel(story), width), ...addressBlocks(story, width)];
  return {
    name: `syndrome-${row.index}`,
    title: `${label}: ${trapTitle(row)}`,
    subtitle: syndrome.text,
    scene: sheetScene(sheet, 1120, label),
    slides: (room) => sheetSlides(sheet, room, label),
    key: [],
    image,
    at: row.n + 1,
    data: { syndrome, addresses: story.addresses },
  };
}

/** The syndrome as a part of a story. */
export const syndromeBlocks = (story: TrapStoryView, width: number): Block[] =>
  story.syndrome
    ? [
        heading(`${story.syndrome.name} = ${story.syndrome.value}: ${story.syndrome.text}`, width),
        ...fieldBlocks(story.syndrome, syndromeLevel(story), width),
      ]
    : [];
