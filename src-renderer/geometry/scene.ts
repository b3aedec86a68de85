/**
 * A picture as data: a small tree of shapes with class names from style.ts. The screen (diagrams/Scene.svelte) and the export (svg.ts)
 * draw the same tree, so they cannot differ. Units are CSS pixels at scale 1; y grows downwards.
 */
import { pathRound } from 'd3';

/** How a shape comes in on the screen when it appears; exports and reduced motion show it at once. */
export type Enter = 'fade' | 'draw' | { readonly travelX: number; readonly travelY: number };

interface Common {
  readonly class: string;
  /** Identity from one picture to the next; without one, the place in its list. */
  readonly key?: string;
  readonly enter?: Enter;
}
export interface RectNode extends Common {
  readonly kind: 'rect';
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly r: number;
}
export interface CircleNode extends Common {
  readonly kind: 'circle';
  readonly x: number;
  readonly y: number;
  readonly r: number;
}
export interface PathNode extends Common {
  readonly kind: 'path';
  readonly d: string;
}
export interface TextNode extends Common {
  readonly kind: 'text';
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** What it would say if it had the room. */
  readonly whole?: string;
}
export interface GroupNode extends Common {
  readonly kind: 'group';
  readonly nodes: readonly SceneNode[];
  /** What it represents; a click or Enter on it selects this. */
  readonly id?: string;
  /** Said of it when it can be chosen. */
  readonly label?: string;
  /** Moves everything in it, after it has made it larger. */
  readonly dx?: number;
  readonly dy?: number;
  readonly scale?: number;
}
export type SceneNode = RectNode | CircleNode | PathNode | TextNode | GroupNode;

export interface Scene {
  readonly width: number;
  readonly height: number;
  /** The picture in one sentence. */
  readonly label: string;
  readonly nodes: readonly SceneNode[];
  /** What decides which shapes there are: the screen keeps pictures of a few arrangements, for a machine that goes to and fro between them. */
  readonly arrangement?: string;
  /** The same facts as rows of text, for people who cannot see the picture. The first row is the head. */
  readonly table: readonly (readonly string[])[];
}

type Extra = Pick<Common, 'key' | 'enter'>;
type TextExtra = Extra & { readonly whole?: string | undefined };

export const rect = (x: number, y: number, w: number, h: number, cls: string, r = 0, extra: Extra = {}): RectNode => ({
  kind: 'rect',
  x,
  y,
  w: Math.max(0, w),
  h: Math.max(0, h),
  r,
  class: cls,
  ...extra,
});
export const circle = (x: number, y: number, r: number, cls: string, extra: Extra = {}): CircleNode => ({
  kind: 'circle',
  x,
  y,
  r,
  class: cls,
  ...extra,
});
export const path = (d: string, cls: string, extra: Extra = {}): PathNode => ({ kind: 'path', d, class: cls, ...extra });
export const line = (x1: number, y1: number, x2: number, y2: number, cls: string, extra: Extra = {}): PathNode =>
  path(`M${n(x1)} ${n(y1)}L${n(x2)} ${n(y2)}`, cls, extra);
export const text = (x: number, y: number, content: string, cls: string, { whole, ...extra }: TextExtra = {}): TextNode => ({
  kind: 'text',
  x,
  y,
  text: content,
  class: cls,
  ...(whole !== undefined && whole !== content && { whole }),
  ...extra,
});
export const group = (
  nodes: readonly (SceneNode | null)[],
  props: Extra & { class?: string; id?: string; label?: string; dx?: number; dy?: number; scale?: number } = {},
): GroupNode => ({
  kind: 'group',
  class: '',
  ...props,
  nodes: nodes.filter((node) => node !== null),
});

/** Decimals of a number in a path or an attribute, at most. */
export const DIGITS = 2;
export const n = (value: number): string => String(Math.round(value * 10 ** DIGITS) / 10 ** DIGITS);

type Point = readonly [x: number, y: number];
/** A line along points, with round corners. */
export function rounded([first, ...rest]: readonly [Point, ...Point[]], radius: number): string {
  const pen = pathRound(DIGITS);
  pen.moveTo(...first);
  rest.forEach((point, i) => (i + 1 < rest.length ? pen.arcTo(...point, ...rest[i + 1], radius) : pen.lineTo(...point)));
  return String(pen);
}

/** Filled arrow head with its tip at (x, y). */
export function arrowHead(x: number, y: number, to: 'up' | 'down' | 'left' | 'right', cls: string, size = 9, extra: Extra = {}): PathNode {
  const half = size * 0.62;
  const d = {
    up: `M${n(x - half)} ${n(y + size)}L${n(x)} ${n(y)}L${n(x + half)} ${n(y + size)}z`,
    down: `M${n(x - half)} ${n(y - size)}L${n(x)} ${n(y)}L${n(x + half)} ${n(y - size)}z`,
    left: `M${n(x + size)} ${n(y - half)}L${n(x)} ${n(y)}L${n(x + size)} ${n(y + half)}z`,
    right: `M${n(x - size)} ${n(y - half)}L${n(x)} ${n(y)}L${n(x - size)} ${n(y + half)}z`,
  }[to];
  return path(d, cls, extra);
}

/** All nodes of a tree, groups before what they hold. */
export function* walkNodes(nodes: readonly SceneNode[]): Generator<SceneNode> {
  for (const node of nodes) {
    yield node;
    if (node.kind === 'group') yield* walkNodes(node.nodes);
  }
}
