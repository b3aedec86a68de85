/** The code around the PC with its next instruction in words, as a picture that can leave the app. */
import type { CodeView, Level } from '../../../emulator/session/views.ts';
import { codeRows, dedented, type CodeRow } from '../code-rows.ts';
import type { Picture } from '../picture.ts';
import { rect, text, type SceneNode } from '../scene.ts';
import { textWidth, wrapWhole } from '../text.ts';
import { gap, heading, paragraph, sheetScene, sheetSlides, type Block, type Sheet } from './sheet.ts';

const PITCH = 17;
const INDENT = 14;

/** Text of a source file by its number, as far as it is known. */
export type SourceText = (source: number) => readonly string[] | undefined;

function rowBlock(row: CodeRow, level: Level, width: number): Block {
  const content = contentOf(row);
  const current = row.kind === 'instruction' && row.line.current;
  const marginWidth = content.margin === '' ? 0 : Math.max(74, textWidth(content.margin, content.marginClass) + 14);
  const x = INDENT + marginWidth;
  const lines = wrapWhole(content.text, width - x, content.class);
  const height = lines.length * PITCH + 2;
  const nodes: SceneNode[] = [
    ...(current ? [rect(0, 0, width, height, 'f-mark')] : []),
    rect(0, 0, 3, height, `f-el${level}`),
    ...(content.margin === '' ? [] : [text(INDENT, 13, content.margin, content.marginClass)]),
    ...lines.map((line, i) => text(x, 13 + i * PITCH, line, `${content.class}${current ? ' bold' : ''}`)),
  ];
  return { height, nodes, facts: [[content.margin, content.text]] };
}

interface Content {
  readonly margin: string;
  readonly marginClass: string;
  readonly text: string;
  readonly class: string;
}
function contentOf(row: CodeRow): Content {
  switch (row.kind) {
    case 'label':
      return { margin: '', marginClass: '', text: `${row.text}:`, class: 'mono bold' };
    case 'file':
      return { margin: '', marginClass: '', text: row.text, class: 'small f-ink3' };
    case 'source':
      return { margin: String(row.line), marginClass: 'mono small f-ink3', text: row.text.replaceAll('\t', '    '), class: 'mono f-ink2' };
    case 'instruction': {
      const { address, mnemonic, operands, seenBy } = row.line;
      const seen = seenBy === undefined ? '' : seenBy === 'file' ? '   (in the file only)' : `   (as EL${seenBy} sees it)`;
      return {
        margin: address,
        marginClass: 'mono small f-ink3',
        text: `${mnemonic.padEnd(7)} ${operands}${seen}`.trimEnd(),
        class: 'mono',
      };
    }
  }
}

export function codePicture(view: CodeView, image: string, textOf: SourceText): Picture {
  const { place, level, cameFrom, explanation } = view;
  const current = view.lines.find((line) => line.current);
  const where = place.symbol ?? place.address;
  const label = `Code at ${where}`;
  const rows = (lines: CodeView['lines']): CodeRow[] => dedented(codeRows(lines, textOf));
  const sheet: Sheet = (width) => [
    paragraph(explanation, width, { face: 'lead', codeFace: 'mono lead bold', pitch: 20 }),
    ...(cameFrom
      ? [
          heading(`EL${cameFrom.level}, came from ${cameFrom.place.symbol ?? cameFrom.place.address}`, width, `f-el${cameFrom.level}-ink`),
          ...rows(cameFrom.lines).map((row) => rowBlock(row, cameFrom.level, width)),
        ]
      : []),
    heading(`EL${level}, next instruction`, width, `f-el${level}-ink`),
    ...rows(view.lines).map((row) => rowBlock(row, level, width)),
    gap(4),
  ];
  return {
    name: 'code',
    title: current ? `${current.mnemonic} ${current.operands}`.trim() : label,
    subtitle: `EL${level} at ${[where, place.file ? `${place.file.split('/').slice(-2).join('/')}:${place.line ?? ''}` : ''].filter(Boolean).join(', ')}; the marked instruction is next.`,
    scene: sheetScene(sheet, 1120, label),
    slides: (room) => sheetSlides(sheet, room, label),
    key: [],
    image,
    at: view.at,
    data: view,
  };
}
