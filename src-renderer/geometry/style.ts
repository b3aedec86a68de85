/**
 * What the class names of a scene mean. One table serves the screen (as CSS with custom properties) and the export (as attributes with
 * the light theme's colours). Where two classes of a shape disagree, the later one in the table wins.
 */
import { light, type Token } from '../theme/palette.ts';
import { patternNames, type PatternName } from './patterns.ts';

export const uiFamily = "Inter, 'Inter Variable', 'Segoe UI', Helvetica, 'Liberation Sans', Arial, sans-serif";
export const monoFamily =
  "'JetBrains Mono', 'JetBrains Mono Variable', 'Cascadia Mono', 'Liberation Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace";

export interface Style {
  readonly fill?: Token | 'none' | PatternName;
  readonly stroke?: Token | 'none';
  readonly strokeWidth?: number;
  readonly dash?: string;
  readonly opacity?: number;
  readonly face?: 'ui' | 'mono';
  readonly size?: number;
  readonly weight?: number;
  readonly anchor?: 'middle' | 'end';
  readonly spacing?: string;
}

/** Shapes are not filled unless a class says so; text is ink in the face of the interface. */
export const base = {
  shape: { fill: 'none' },
  text: { fill: 'ink', face: 'ui', size: 12.5, weight: 400 },
} as const satisfies Record<string, Style>;

const tokens = Object.keys(light) as Token[];
const entries = (make: (token: Token) => readonly [string, Style]): Record<string, Style> => Object.fromEntries(tokens.map(make));

/** `f-<token>` fills, `s-<token>` strokes, `p-<pattern>` fills with a pattern; the rest is named for what it is. */
export const styles: Readonly<Record<string, Style>> = {
  ...entries((token) => [`f-${token}`, { fill: token }]),
  ...entries((token) => [`s-${token}`, { stroke: token }]),
  ...Object.fromEntries(patternNames.map((name) => [`p-${name}`, { fill: name }])),
  hair: { strokeWidth: 0.75 },
  w15: { strokeWidth: 1.5 },
  w2: { strokeWidth: 2 },
  w25: { strokeWidth: 2.5 },
  w4: { strokeWidth: 4 },
  dashed: { dash: '5 4' },
  dashedLong: { dash: '7 5' },
  // text
  mono: { face: 'mono' },
  micro: { size: 11 },
  small: { size: 11.5 },
  lead: { size: 14 },
  title: { size: 17 },
  value: { size: 20 },
  display: { size: 28, weight: 700, spacing: '-0.02em' },
  medium: { weight: 500 },
  bold: { weight: 600 },
  middle: { anchor: 'middle' },
  end: { anchor: 'end' },
  // not happened yet; what is not in the chosen part
  todo: { opacity: 0.3 },
  soft: { opacity: 0.6 },
  ghost: { opacity: 0.26 },
  veil: { opacity: 0.55 },
};

const merged = { shape: new Map<string, Style>(), text: new Map<string, Style>() };

/** The merged style of a class attribute. Unknown names are a mistake in a geometry. */
export function styleOf(classes: string, kind: 'shape' | 'text'): Style {
  const known = merged[kind];
  let style = known.get(classes);
  if (!style) known.set(classes, (style = merge(classes, kind)));
  return style;
}
function merge(classes: string, kind: 'shape' | 'text'): Style {
  const names = classes.split(' ').filter(Boolean);
  for (const name of names) if (!(name in styles)) throw new Error(`scene class ${name} has no style`);
  const style: Style = { ...base[kind] };
  for (const name of order) if (names.includes(name)) Object.assign(style, styles[name]);
  return style;
}
const order = Object.keys(styles);

const family = { ui: 'var(--font-ui)', mono: 'var(--font-mono)' };
const paint = (value: string): string =>
  value === 'none' ? 'none' : patternNames.includes(value as PatternName) ? `url(#${value})` : `var(--${value})`;

function declarations(style: Style): string {
  const out: string[] = [];
  if (style.fill !== undefined) out.push(`fill:${paint(style.fill)}`);
  if (style.stroke !== undefined) out.push(`stroke:${paint(style.stroke)}`);
  if (style.strokeWidth !== undefined) out.push(`stroke-width:${style.strokeWidth}`);
  if (style.dash !== undefined) out.push(`stroke-dasharray:${style.dash}`);
  if (style.opacity !== undefined) out.push(`opacity:${style.opacity}`);
  if (style.face !== undefined) out.push(`font-family:${family[style.face]}`);
  if (style.size !== undefined) out.push(`font-size:${style.size}px`);
  if (style.weight !== undefined) out.push(`font-weight:${style.weight}`);
  if (style.anchor !== undefined) out.push(`text-anchor:${style.anchor}`);
  if (style.spacing !== undefined) out.push(`letter-spacing:${style.spacing}`);
  return out.join(';');
}

/** The table as CSS for shapes inside `.scene`. */
export const sceneCss = (): string =>
  [
    `.scene :is(rect,circle,path){${declarations(base.shape)}}`,
    `.scene text{${declarations(base.text)}}`,
    ...Object.entries(styles).map(([name, style]) => `.scene .${name}{${declarations(style)}}`),
  ].join('\n');
