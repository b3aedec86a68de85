/**
 * Brings the shapes of a scene into an SVG element and touches only what differs from the scene that was there before. Pictures change eight
 * times a second while the machine runs, and hold hundreds of shapes: a component for each would cost more than all the rest of the window.
 */
import type { Enter, GroupNode, Scene, SceneNode } from '../geometry/scene.ts';

const SVG = 'http://www.w3.org/2000/svg';

interface Drawn {
  readonly element: SVGElement;
  readonly key: string | number;
  node: SceneNode;
  attributes: Attributes;
  /** What the element of a group holds, in its order. */
  parts: readonly Drawn[];
}
/** Undefined: not there. */
type Attributes = Readonly<Record<string, string | number | undefined>>;

export interface DrawingHooks {
  /** What a click on the group chooses; undefined: nothing. */
  readonly idOf: (group: GroupNode) => string | undefined;
  /** Lets a shape come in that is new in a picture or group which was there before. */
  readonly enter: (element: SVGElement, how: Enter) => void;
}

/** A picture of one arrangement; only the last one drawn is seen. */
interface Kept {
  readonly group: SVGGElement;
  parts: readonly Drawn[] | undefined;
}
/** As many arrangements as a running machine alternates between; others are laid out again. */
const MOST_KEPT = 4;

export class Drawing {
  private readonly kept = new Map<string, Kept>();
  private shown: Kept | undefined;

  constructor(
    private readonly svg: SVGSVGElement,
    private readonly hooks: DrawingHooks,
  ) {}

  draw({ nodes, arrangement = '' }: Pick<Scene, 'nodes' | 'arrangement'>): void {
    const picture = this.kept.get(arrangement) ?? this.begin(arrangement);
    if (picture !== this.shown) {
      // Hidden, not removed: what is laid out once comes back without being laid out again.
      this.shown?.group.setAttribute('visibility', 'hidden');
      picture.group.removeAttribute('visibility');
      this.shown = picture;
    }
    picture.parts = this.list(picture.group, picture.parts ?? [], nodes, picture.parts !== undefined);
  }

  private begin(arrangement: string): Kept {
    const [oldest] = this.kept;
    if (this.kept.size === MOST_KEPT && oldest) {
      this.kept.delete(oldest[0]);
      oldest[1].group.remove();
    }
    const picture: Kept = { group: document.createElementNS(SVG, 'g'), parts: undefined };
    this.svg.append(picture.group);
    this.kept.set(arrangement, picture);
    return picture;
  }

  /** `known`: the parent was there before, so what is new in it comes in as it says. */
  private list(parent: SVGElement, before: readonly Drawn[], nodes: readonly SceneNode[], known: boolean): Drawn[] {
    const keyOf = (node: SceneNode, i: number): string | number => node.key ?? i;
    // Only where keys have moved is it worth looking for them.
    let byKey: Map<string | number, Drawn> | undefined;
    const find = (key: string | number, i: number): Drawn | undefined => {
      if (before[i]?.key === key) return before[i];
      byKey ??= new Map(before.map((drawn) => [drawn.key, drawn]));
      return byKey.get(key);
    };
    const kept = new Set<Drawn>();
    const parts = nodes.map((node, i) => {
      const key = keyOf(node, i);
      const old = find(key, i);
      if (!old || old.node.kind !== node.kind || kept.has(old)) return this.create(node, key);
      kept.add(old);
      this.write(old, node, old.node);
      return old;
    });
    for (const drawn of before) if (!kept.has(drawn)) drawn.element.remove();
    let next = parent.firstChild;
    for (const drawn of parts) {
      if (drawn.element === next) next = next.nextSibling;
      else parent.insertBefore(drawn.element, next);
      const { enter } = drawn.node;
      if (known && enter && !kept.has(drawn)) this.hooks.enter(drawn.element, enter);
    }
    return parts;
  }

  private create(node: SceneNode, key: string | number): Drawn {
    const element = document.createElementNS(SVG, node.kind === 'group' ? 'g' : node.kind);
    const drawn: Drawn = { element, key, node, attributes: {}, parts: [] };
    this.write(drawn, node, undefined);
    return drawn;
  }

  private write(drawn: Drawn, node: SceneNode, before: SceneNode | undefined): void {
    const { element, attributes: was } = drawn;
    const is = attributesOf(node, this.hooks);
    for (const name in is) {
      const value = is[name];
      if (was[name] === value) continue;
      if (value === undefined) element.removeAttribute(name);
      else element.setAttribute(name, String(value));
    }
    drawn.node = node;
    drawn.attributes = is;
    if (node.kind === 'text' && node.text !== (before as typeof node | undefined)?.text) {
      if (element.firstChild) element.firstChild.nodeValue = node.text;
      else element.textContent = node.text;
    }
    if (node.kind === 'group') drawn.parts = this.list(element, drawn.parts, node.nodes, before !== undefined);
  }
}

/** Nodes of one kind have the same names. */
function attributesOf(node: SceneNode, { idOf }: DrawingHooks): Attributes {
  const shown = node.class || undefined;
  switch (node.kind) {
    case 'group':
      return {
        class: shown,
        'data-id': idOf(node),
        'data-key': node.key,
        transform: transformOf(node),
      };
    case 'rect':
      return { class: shown, x: node.x, y: node.y, width: node.w, height: node.h, rx: node.r || undefined };
    case 'circle':
      return { class: shown, cx: node.x, cy: node.y, r: node.r };
    case 'path':
      return { class: shown, d: node.d };
    case 'text':
      return { class: shown, x: node.x, y: node.y };
  }
}

function transformOf({ dx = 0, dy = 0, scale = 1 }: GroupNode): string | undefined {
  const moved = dx || dy ? `translate(${dx} ${dy})` : '';
  return moved + (scale === 1 ? '' : `scale(${scale})`) || undefined;
}
