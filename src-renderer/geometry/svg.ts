/** A scene as the text of an SVG file: text stays text, every style is an attribute, so that any program opens it the same way. */
import { dark, light, type Token } from '../theme/palette.ts';
import { patternNames, patternSvg, type PatternName } from './patterns.ts';
import { pictureScene, type Picture } from './picture.ts';
import { n, type Scene, type SceneNode } from './scene.ts';
import { monoFamily, styleOf, uiFamily, type Style } from './style.ts';
import { textWidth } from './text.ts';

export const escapeXml = (content: string): string =>
  // Characters that XML does not allow at all are dropped: names come from the image and may hold anything.
  content
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');

const isPattern = (value: string): value is PatternName => (patternNames as string[]).includes(value);

export type SvgTheme = 'light' | 'dark';

export interface SvgOptions {
  readonly theme?: SvgTheme;
  /** Texts say how wide they are: where a program has other faces than ours it narrows theirs, and nothing overlaps. */
  readonly fixedWidths?: boolean;
  /** Everything becomes so many times as large. */
  readonly scale?: number;
}

/** A picture on its page. */
export const pictureSvg = (picture: Picture): string => toSvg(pictureScene(picture), { fixedWidths: true });

export function toSvg(scene: Scene, { theme = 'light', fixedWidths = false, scale = 1 }: SvgOptions = {}): string {
  const colours: Readonly<Record<Token, string>> = theme === 'dark' ? dark : light;
  const used = new Set<PatternName>();
  const paint = (value: string): string => {
    if (value === 'none') return 'none';
    if (!isPattern(value)) return colours[value as Token];
    used.add(value);
    return `url(#${value})`;
  };
  const attributes = (style: Style, by = 1): string =>
    [
      style.fill === undefined ? '' : `fill="${paint(style.fill)}"`,
      style.stroke === undefined ? '' : `stroke="${paint(style.stroke)}"`,
      style.strokeWidth === undefined ? '' : `stroke-width="${style.strokeWidth}"`,
      style.dash === undefined ? '' : `stroke-dasharray="${style.dash}"`,
      style.opacity === undefined ? '' : `opacity="${style.opacity}"`,
      style.face === undefined ? '' : `font-family="${style.face === 'mono' ? monoFamily : uiFamily}"`,
      style.size === undefined ? '' : `font-size="${n(style.size * by)}"`,
      style.weight === undefined ? '' : `font-weight="${style.weight}"`,
      style.anchor === undefined ? '' : `text-anchor="${style.anchor}"`,
      style.spacing === undefined ? '' : `letter-spacing="${style.spacing}"`,
    ]
      .filter(Boolean)
      .join(' ');
  /** `by`: how much larger than in the scene. Sizes of type are written out; shapes, their lines and patterns are scaled as they are. */
  const draw = (node: SceneNode, by: number): string => {
    const scaled = by === 1 ? '' : ` transform="scale(${factor(by)})"`;
    switch (node.kind) {
      case 'group': {
        const style = node.class ? ` ${attributes(groupStyle(node.class))}` : '';
        const moved = node.dx || node.dy ? ` transform="translate(${n((node.dx ?? 0) * by)} ${n((node.dy ?? 0) * by)})"` : '';
        return `<g${style}${moved}>${node.nodes.map((inner) => draw(inner, by * (node.scale ?? 1))).join('')}</g>`;
      }
      case 'rect':
        return `<rect x="${n(node.x)}" y="${n(node.y)}" width="${n(node.w)}" height="${n(node.h)}"${node.r ? ` rx="${n(node.r)}"` : ''} ${attributes(styleOf(node.class, 'shape'))}${scaled}/>`;
      case 'circle':
        return `<circle cx="${n(node.x)}" cy="${n(node.y)}" r="${n(node.r)}" ${attributes(styleOf(node.class, 'shape'))}${scaled}/>`;
      case 'path':
        return `<path d="${node.d}" ${attributes(styleOf(node.class, 'shape'))}${scaled}/>`;
      case 'text':
        return `<text x="${n(node.x * by)}" y="${n(node.y * by)}" xml:space="preserve"${fixedWidths ? width(node.text, node.class, by) : ''} ${attributes(styleOf(node.class, 'text'), by)}>${escapeXml(node.text)}</text>`;
    }
  };
  const body = scene.nodes.map((node) => draw(node, scale)).join('\n');
  const defs = [...used].map((name) => patternSvg(name, (token) => colours[token])).join('');
  const [w, h] = [n(scene.width * scale), n(scene.height * scale)];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img">\n` +
    `<title>${escapeXml(scene.label)}</title>\n${defs ? `<defs>${defs}</defs>\n` : ''}${body}\n</svg>\n`
  );
}

/** With more digits than a place has: it is multiplied by places. */
const factor = (by: number): string => String(Math.round(by * 1e6) / 1e6);

const width = (content: string, classes: string, by: number): string =>
  content.length < 2 ? '' : ` textLength="${n(textWidth(content, classes) * by)}" lengthAdjust="spacingAndGlyphs"`;

/** Of a group's classes only opacity counts; fills and strokes stay with the shapes. */
function groupStyle(classes: string): Style {
  const { opacity } = styleOf(classes, 'shape');
  return opacity === undefined ? {} : { opacity };
}
