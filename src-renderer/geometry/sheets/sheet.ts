/**
 * What a panel writes as a document (text, tables, bits, code), as a scene: blocks from the top down, cut between blocks where a slide ends.
 */
import type { RichText } from '../../../emulator/session/views.ts';
import type { Room } from '../picture.ts';
import { group, line, rect, text, type Scene, type SceneNode } from '../scene.ts';
import { SCALES } from '../slide.ts';
import { textWidth, wrapWhole } from '../text.ts';

export interface Block {
  readonly height: number;
  readonly nodes: readonly SceneNode[];
  /** The same facts as rows of text. */
  readonly facts: readonly (readonly string[])[];
  /** Stays with the block after it. */
  readonly leads?: boolean;
  /** Stands again at the top of the next slide, where one begins among its rows. */
  readonly head?: Block;
}

/** A document for any width. */
export type Sheet = (width: number) => readonly Block[];

const PITCH = 17;
/** Baseline below the top of a line. */
const RISE = 13;
const PAD = 5;

const heightOf = (blocks: readonly Block[]): number => blocks.reduce((sum, { height }) => sum + height, 0);

function sceneOf(blocks: readonly Block[], width: number, height: number, label: string): Scene {
  let y = 0;
  const nodes = blocks.map((block) => {
    const placed = group(block.nodes, { dy: y });
    y += block.height;
    return placed;
  });
  return { width, height, label, nodes, table: blocks.flatMap(({ facts }) => facts) };
}

/** As one picture, as high as it needs. */
export function sheetScene(sheet: Sheet, width: number, label: string): Scene {
  const blocks = sheet(width);
  return sceneOf(blocks, width, heightOf(blocks), label);
}

/**
 * In the rooms of slides: in as few as it takes, as large as these let it be, and with about as much in each.
 */
export function sheetSlides(sheet: Sheet, room: Room, label: string): Scene[] {
  const cut = (scale: number): Block[][] => pages(sheet(room.width / scale), room.height / scale);
  const fewest = cut(1).length;
  const scale = SCALES.find((one) => cut(one).length === fewest) ?? 1;
  const [width, height] = [room.width / scale, room.height / scale];
  const blocks = sheet(width);
  return evenPages(blocks, height, fewest).map((page) => sceneOf(page, width, height, label));
}

function pages(blocks: readonly Block[], height: number): Block[][] {
  const all: Block[][] = [];
  let page: Block[] = [];
  blocks.forEach((block, i) => {
    // What leads stays with what it leads to.
    let needs = block.height;
    for (let next = i; blocks[next].leads && next + 1 < blocks.length; next++) needs += blocks[next + 1].height;
    if (page.length > 0 && heightOf(page) + needs > height) {
      all.push(page);
      page = block.head ? [block.head] : [];
    }
    page.push(block);
  });
  return page.length > 0 ? [...all, page] : all;
}

/** No page is filled while the next one would have a line or two. */
function evenPages(blocks: readonly Block[], height: number, count: number): Block[][] {
  for (let most = heightOf(blocks) / count; most < height; most += 8) {
    const found = pages(blocks, most);
    if (found.length <= count && found.every((page) => heightOf(page) <= height)) return found;
  }
  return pages(blocks, height);
}

export const gap = (height: number): Block => ({ height, nodes: [], facts: [] });

export const heading = (content: string, width: number, ink = ''): Block => {
  const lines = wrapWhole(content, width, 'bold');
  return {
    height: lines.length * PITCH + 12,
    nodes: lines.map((words, i) => text(0, 9 + RISE + i * PITCH, words, `bold ${ink}`.trim())),
    facts: [[content]],
    leads: true,
  };
};

interface Piece {
  readonly text: string;
  readonly class: string;
}
/** Text with parts in the code face, in lines. */
export function paragraph(content: RichText, width: number, { face = '', codeFace = 'mono bold', pitch = PITCH + 1 } = {}): Block {
  const space = textWidth(' ', face);
  const lines: { x: number; piece: Piece }[][] = [[]];
  let x = 0;
  /** A part follows the one before without a space between them: they are one word. */
  for (const word of words(content, face, codeFace)) {
    const wide = word.reduce((sum, piece) => sum + textWidth(piece.text, piece.class), 0);
    if (x > 0 && x + space + wide > width) {
      lines.push([]);
      x = 0;
    } else if (x > 0) x += space;
    for (const piece of word)
      wrapWhole(piece.text, width, piece.class).forEach((text, i) => {
        if (i > 0) {
          lines.push([]);
          x = 0;
        }
        lines.at(-1)!.push({ x, piece: { text, class: piece.class } });
        x += textWidth(text, piece.class);
      });
  }
  return {
    height: lines.length * pitch + 6,
    nodes: lines.flatMap((line, i) => line.map(({ x, piece }) => text(x, RISE + 2 + i * pitch, piece.text, piece.class))),
    facts: [[content.map((part) => (typeof part === 'string' ? part : part.code)).join('')]],
  };
}

function words(content: RichText, face: string, codeFace: string): Piece[][] {
  const all: Piece[][] = [[]];
  for (const part of content) {
    const [all_, cls] = typeof part === 'string' ? [part, face] : [part.code, codeFace];
    all_.split(/\s+/).forEach((word, i) => {
      if (i > 0) all.push([]);
      if (word !== '') all.at(-1)!.push({ text: word, class: cls });
    });
  }
  return all.filter((word) => word.length > 0);
}

export interface Cell {
  readonly text: string;
  readonly class: string;
}
export interface TableRow {
  readonly cells: readonly Cell[];
  /** Class of what lies under the row. */
  readonly ground?: string | undefined;
}
export interface TableOptions {
  readonly width: number;
  /** Names of the columns, if they are not plain. */
  readonly head?: readonly string[];
  /** No column but the last is wider; its cells go on in the next line. */
  readonly widest?: number;
  readonly heading?: string;
}

const COLUMN_GAP = 14;

/** A row for each fact; the last column has the rest of the width. */
export function tableBlocks(rows: readonly TableRow[], { width, head, widest = 260, heading: title }: TableOptions): Block[] {
  if (rows.length === 0) return [];
  const columns = Math.max(...rows.map(({ cells }) => cells.length));
  const headClass = 'small f-ink3';
  const widths = Array.from({ length: columns - 1 }, (_, c) =>
    Math.min(
      widest,
      Math.ceil(
        Math.max(
          textWidth(head?.[c] ?? '', headClass),
          ...rows.map(({ cells: { [c]: cell } }) => (cell ? textWidth(cell.text, cell.class) : 0)),
        ),
      ),
    ),
  );
  const left = (c: number): number => PAD + widths.slice(0, c).reduce((sum, wide) => sum + wide + COLUMN_GAP, 0);
  const room = (c: number): number => (c < columns - 1 ? widths[c] : width - left(c) - PAD);
  const top = head && {
    height: PITCH + 5,
    nodes: head.map((name, c) => text(left(c), RISE, name, headClass)),
    facts: [head],
    leads: true,
  };
  const blocks = rows.map(({ cells, ground }): Block => {
    const lines = cells.map((cell, c) => wrapWhole(cell.text, room(c), cell.class));
    const height = Math.max(...lines.map(({ length }) => length)) * PITCH + PAD + 1;
    return {
      height,
      nodes: [
        ...(ground ? [rect(0, 0.5, width, height - 1, ground)] : []),
        line(0, 0, width, 0, 's-line'),
        ...lines.flatMap((texts, c) => texts.map((words, i) => text(left(c), RISE + 3 + i * PITCH, words, cells[c].class))),
      ],
      facts: [cells.map((cell) => cell.text)],
      ...(top ? { head: top } : {}),
    };
  });
  return [...(title === undefined ? [] : [heading(title, width)]), ...(top ? [top] : []), ...blocks];
}

/** A scene among the blocks, such as bits. */
export const sceneBlock = (scene: Scene, below = 6): Block => ({
  height: scene.height + below,
  nodes: [group(scene.nodes)],
  facts: scene.table,
});
