/** What must hold for any picture, whatever it shows. */
import { expect } from 'vitest';
import { styleOf } from '../../src-renderer/geometry/style.ts';
import { textWidth } from '../../src-renderer/geometry/text.ts';
import { walkNodes, type Scene, type SceneNode } from '../../src-renderer/geometry/scene.ts';

export interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Where each text lies, moved by the groups around it. Faded text counts too: it comes back. */
export function textBoxes(nodes: readonly SceneNode[], dx = 0, dy = 0): Box[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'group') return textBoxes(node.nodes, dx + (node.dx ?? 0), dy + (node.dy ?? 0));
    if (node.kind !== 'text' || node.text === '') return [];
    const { anchor, size = 12.5 } = styleOf(node.class, 'text');
    const width = textWidth(node.text, node.class);
    const left = dx + node.x - (anchor === 'middle' ? width / 2 : anchor === 'end' ? width : 0);
    // Ascenders of figures and capitals; descenders may touch the next line.
    return [{ text: node.text, left, right: left + width, top: dy + node.y - size * 0.72, bottom: dy + node.y }];
  });
}

/** A tolerance for what rounding does. */
const SLACK = 1.5;

export function overlaps(boxes: readonly Box[]): string[] {
  const found: string[] = [];
  boxes.forEach((a, i) => {
    for (const b of boxes.slice(i + 1))
      if (a.left + SLACK < b.right && b.left + SLACK < a.right && a.top + SLACK < b.bottom && b.top + SLACK < a.bottom)
        found.push(`"${a.text}" and "${b.text}"`);
  });
  return found;
}

export function expectReadable(scene: Scene): void {
  const boxes = textBoxes(scene.nodes);
  expect(overlaps(boxes), 'texts on top of each other').toEqual([]);
  const outside = boxes.filter(
    (box) => box.left < -SLACK || box.right > scene.width + SLACK || box.top < -SLACK || box.bottom > scene.height + SLACK,
  );
  expect(
    outside.map((box) => box.text),
    'texts outside of the picture',
  ).toEqual([]);
  const small = [...walkNodes(scene.nodes)].filter((node) => node.kind === 'text' && (styleOf(node.class, 'text').size ?? 0) < 11);
  expect(small, 'text under 11 px').toEqual([]);
  expectKeysApart(scene.nodes);
}

/** Two shapes of one list with the same key would be one shape on the screen. */
function expectKeysApart(nodes: readonly SceneNode[]): void {
  const keys = nodes.map((node, i) => node.key ?? i);
  expect(keys.length).toBe(new Set(keys).size);
  for (const node of nodes) if (node.kind === 'group') expectKeysApart(node.nodes);
}

/** Numbers in the snapshot to half a pixel: what nobody sees does not count. */
export const rounded = (svg: string): string => svg.replace(/-?\d+\.\d+/g, (number) => String(Math.round(Number(number) * 2) / 2));

/** The texts of a scene in drawing order. */
export const sceneTexts = (scene: Scene): string[] =>
  [...walkNodes(scene.nodes)].flatMap((node) => (node.kind === 'text' ? [node.text] : []));
