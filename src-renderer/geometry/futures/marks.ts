/**
 * What differs between two scenes of one kind: a text that the same part of the other one does not have gets the yellow marker. In a scene by
 * itself the marker tells what the step before wrote; here it tells of nothing but the difference.
 */
import { rect, type GroupNode, type Scene, type SceneNode, type TextNode } from '../scene.ts';
import { textWidth } from '../text.ts';
import { styleOf } from '../style.ts';

/** Parts whose texts are values: registers, what rides on the floor that runs, reads, regions, what a walk asks for and where it ends. */
const isPart = ({ id, key = '' }: GroupNode): boolean =>
  /^(register|read|region):/.test(id ?? '') || isRider(key) || /^(result|request)$/.test(key);
/** The same part on whichever floor. */
const isRider = (key: string): boolean => /^rider\d$/.test(key);
/** Number of a sub-step. */
const isOfStep = (node: SceneNode): boolean => node.kind === 'group' && /^badge\d+$/.test(node.key ?? '');
/** The marker of what a sub-step wrote. */
const isMarker = (node: SceneNode): boolean => node.kind === 'rect' && node.class.split(' ').includes('f-mark');

/** By the way to a part: the texts in it. */
type Texts = ReadonlyMap<string, readonly string[]>;

export function marked(a: Scene, b: Scene): readonly [Scene, Scene] {
  const [inA, inB] = [textsOf(a.nodes), textsOf(b.nodes)];
  return [mark(a, inB), mark(b, inA)];
}

const wayTo = (way: string, { key }: GroupNode, i: number): string => (isRider(key ?? '') ? 'rider' : `${way}/${key ?? i}`);

function textsOf(nodes: readonly SceneNode[], way = '', part: string[] | undefined = undefined, all = new Map<string, string[]>()): Texts {
  nodes.forEach((node, i) => {
    if (node.kind === 'text') part?.push(node.text);
    if (node.kind !== 'group' || isOfStep(node)) return;
    const inner = wayTo(way, node, i);
    const own = isPart(node) ? [] : part;
    if (own && own !== part) all.set(inner, own);
    textsOf(node.nodes, inner, own, all);
  });
  return all;
}

const mark = (scene: Scene, others: Texts): Scene => ({ ...scene, nodes: markNodes(scene.nodes, others) });

/** The texts of a part in the other scene, in the order in which they are compared. */
interface Others {
  readonly texts: readonly string[];
  /** As many as here: each has its place. */
  readonly isAligned: boolean;
  next: number;
}

/** `others`: undefined outside of parts. */
function markNodes(nodes: readonly SceneNode[], texts: Texts, way = '', others: Others | undefined = undefined): SceneNode[] {
  return nodes.flatMap((node, i): SceneNode[] => {
    if (isOfStep(node) || (others !== undefined && isMarker(node))) return [];
    if (node.kind === 'text') {
      if (others === undefined) return [node];
      const place = others.next++;
      const isSame = others.isAligned ? others.texts[place] === node.text : others.texts.includes(node.text);
      return isSame || node.text === '' ? [node] : markText(node);
    }
    if (node.kind !== 'group') return [node];
    const inner = wayTo(way, node, i);
    const part = isPart(node) ? othersOf(node, texts.get(inner) ?? []) : others;
    return [{ ...node, nodes: markNodes(node.nodes, texts, inner, part) }];
  });
}

const othersOf = (node: GroupNode, texts: readonly string[]): Others => ({
  texts,
  isAligned: texts.length === textsIn(node.nodes),
  next: 0,
});
const textsIn = (nodes: readonly SceneNode[]): number =>
  nodes.reduce((sum, node) => sum + (node.kind === 'text' ? 1 : node.kind === 'group' && !isOfStep(node) ? textsIn(node.nodes) : 0), 0);

/** Whatever it stood on, on the marker it is ink. */
function markText(node: TextNode): SceneNode[] {
  const classes = node.class
    .split(' ')
    .filter((name) => !/^(f-|soft$)/.test(name))
    .join(' ');
  const { size = 12.5, anchor } = styleOf(node.class, 'text');
  const width = textWidth(node.text, node.class);
  const left = anchor === 'end' ? node.x - width : anchor === 'middle' ? node.x - width / 2 : node.x;
  const key = node.key === undefined ? {} : { key: `mark-${node.key}` };
  return [rect(left - 3, node.y - size * 0.95, width + 6, size * 1.3, 'f-mark', 2, key), { ...node, class: classes }];
}
