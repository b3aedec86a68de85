/** Paints the shapes of a scene on a canvas, as the SVG would show them: for pictures with more shapes than a page should hold. */
import { patterns, type Pattern, type PatternName } from '../geometry/patterns.ts';
import type { SceneNode } from '../geometry/scene.ts';
import { styleOf } from '../geometry/style.ts';
import { dark, forced, light, type Token } from '../theme/palette.ts';
import type { Theme } from '../state/theme.svelte.ts';

export class Painter {
  private readonly colours: Readonly<Record<Token, string>>;
  private readonly made = new Map<PatternName, CanvasPattern | null>();

  constructor(
    private readonly context: CanvasRenderingContext2D,
    theme: Theme,
    /** Device pixels in one unit of the scene. */
    private readonly scale: number,
  ) {
    this.colours = matchMedia('(forced-colors: active)').matches ? forced : theme === 'dark' ? dark : light;
  }

  /** Texts are left out: they stay text, above the canvas. */
  paint(nodes: readonly SceneNode[]): void {
    const { context } = this;
    for (const node of nodes) {
      if (node.kind === 'group') {
        context.save();
        context.translate(node.dx ?? 0, node.dy ?? 0);
        context.scale(node.scale ?? 1, node.scale ?? 1);
        this.paint(node.nodes);
        context.restore();
      } else if (node.kind === 'rect') {
        const path = new Path2D();
        path.rect(node.x, node.y, node.w, node.h);
        this.shape(path, node.class);
      } else if (node.kind === 'path') this.shape(new Path2D(node.d), node.class);
    }
  }

  private shape(path: Path2D, classes: string): void {
    const { context } = this;
    const style = styleOf(classes, 'shape');
    if (style.fill !== undefined && style.fill !== 'none') {
      context.fillStyle = this.fill(style.fill);
      context.fill(path);
    }
    if (style.stroke !== undefined && style.stroke !== 'none') {
      context.strokeStyle = this.colours[style.stroke];
      context.lineWidth = style.strokeWidth ?? 1;
      context.stroke(path);
    }
  }

  private fill(name: Token | PatternName): string | CanvasPattern {
    if (!(name in patterns)) return this.colours[name as Token];
    const pattern = name as PatternName;
    if (!this.made.has(pattern)) this.made.set(pattern, this.tile(patterns[pattern]));
    return this.made.get(pattern) ?? 'transparent';
  }

  private tile({ size, rotate, d, token, stroke, opacity = 1 }: Pattern): CanvasPattern | null {
    const { scale } = this;
    const tile = new OffscreenCanvas(Math.round(size * scale), Math.round(size * scale));
    const context = tile.getContext('2d')!;
    context.scale(scale, scale);
    context.globalAlpha = opacity;
    const path = new Path2D(d);
    context.fillStyle = context.strokeStyle = this.colours[token];
    context.lineWidth = stroke ?? 0;
    if (stroke) context.stroke(path);
    else context.fill(path);
    const made = this.context.createPattern(tile, 'repeat');
    made?.setTransform(new DOMMatrix().rotate(rotate ?? 0).scale(1 / scale));
    return made;
  }
}
