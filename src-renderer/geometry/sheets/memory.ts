/** Bytes of memory, with what lies there and who may use it, as a picture that can leave the app. */
import type { MemoryView } from '../../../emulator/session/views.ts';
import { memoryCsv, memoryLines, type LineBytes, type MemoryLine, type WordBytes } from '../memory-rows.ts';
import { count } from '../numbers.ts';
import type { Picture } from '../picture.ts';
import { line, rect, text, type SceneNode } from '../scene.ts';
import { textWidth, wrapWhole } from '../text.ts';
import { sheetScene, sheetSlides, type Block, type Sheet } from './sheet.ts';

const PITCH = 18;
const FACE = 'mono';
/** Notes begin below the bytes where fewer units are left beside them. */
const NOTES = 150;
const names = { va: 'VA', ipa: 'IPA', pa: 'PA' } as const;

function lineBlock(row: MemoryLine, addressWidth: number, width: number): Block {
  const character = textWidth('0', FACE);
  let x = addressWidth;
  const nodes: SceneNode[] = [text(0, 13, row.address, 'mono f-ink3')];
  for (const cell of row.cells) {
    const wide = textWidth(cell.text, FACE);
    if (cell.changed) nodes.push(rect(x - 3, 0, wide + 6, PITCH - 1, 'f-mark', 2));
    nodes.push(text(x, 13, cell.text, cell.faint ? 'mono f-ink3' : 'mono'));
    x += wide + character;
  }
  x += character;
  const written = row.text.map(({ char }) => char).join('');
  if (written.trim() !== '') nodes.push(text(x, 13, written, 'mono f-ink2'));
  x += written.length * character + 16;
  const notes = row.notes.map((note) => note.text).join('  ');
  const beside = width - x >= NOTES;
  const left = beside ? x : addressWidth;
  const lines = notes === '' ? [] : wrapWhole(notes, width - left, 'small');
  lines.forEach((words, i) => nodes.push(text(left, 13 + (i + (beside ? 0 : 1)) * PITCH, words, 'small f-ink2')));
  const below = Math.max(1, lines.length + (beside ? 0 : 1));
  return { height: below * PITCH, nodes, facts: [[row.address, row.cells.map((cell) => cell.text).join(' '), written, notes]] };
}

/** Where another translation or region begins. */
function regionBlock({ permissions, region }: MemoryLine, width: number): Block | undefined {
  const words = [region, permissions].filter(Boolean).join(', ');
  if (words === '') return undefined;
  const lines = wrapWhole(words, width, 'bold');
  return {
    height: lines.length * PITCH + 10,
    nodes: [line(0, 3, width, 3, 's-line2'), ...lines.map((content, i) => text(0, 20 + i * PITCH, content, 'bold'))],
    facts: [[words]],
    leads: true,
  };
}

export function memoryPicture(view: MemoryView, image: string, word: WordBytes = 8, bytes: LineBytes = 16): Picture {
  const { space, el, start, follows } = view;
  const label = `${names[space]} ${start}, ${count(view.bytes.length, 'byte')}`;
  const lines = memoryLines(view, word, bytes);
  const addressWidth = Math.max(...lines.map(({ address }) => textWidth(address, FACE))) + 16;
  const sheet: Sheet = (width) =>
    lines.flatMap((row) => {
      const region = regionBlock(row, width);
      return [...(region ? [region] : []), lineBlock(row, addressWidth, width)];
    });
  return {
    name: `memory-${start}`,
    title: `Memory at ${names[space]} ${view.address}`,
    subtitle: `${space === 'va' ? `As EL${el} sees it. ` : ''}${follows === null ? '' : `Around ${follows}. `}Words of ${count(word, 'byte')}, little-endian; the bytes as text beside them.`,
    scene: sheetScene(sheet, 1120, label),
    slides: (room) => sheetSlides(sheet, room, label),
    key: view.changed.length > 0 ? [{ swatch: { class: 'f-mark' }, text: 'changed since the machine last stood still' }] : [],
    image,
    at: view.at,
    data: { ...view, bytes: [...view.bytes] },
    csv: memoryCsv(view, word, bytes),
  };
}
