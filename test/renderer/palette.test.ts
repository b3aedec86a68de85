/** The palette keeps its promises: text can be read, shapes can be seen, levels stay apart for people who are colour blind. */
import { describe, expect, test } from 'vitest';
import { dark, forced, light, strong, type Token } from '../../src-renderer/theme/palette.ts';

const linear = (hex: string): [number, number, number] =>
  [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
/** WCAG 2.2, relative luminance and contrast ratio. */
const luminance = (hex: string): number => {
  const [r, g, b] = linear(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a: string, b: string): number => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

/** Björn Ottosson's OKLab, from linear sRGB. */
function oklab([r, g, b]: readonly number[]): [number, number, number] {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
/** How people with a colour vision deficiency see linear sRGB (Machado, Oliveira, Fernandes 2009, severity 1). */
const visions = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const;
function seen(hex: string, vision: keyof typeof visions): [number, number, number] {
  const [r, g, b] = linear(hex);
  const m = visions[vision];
  return oklab([0, 3, 6].map((row) => Math.min(1, Math.max(0, m[row] * r + m[row + 1] * g + m[row + 2] * b))));
}
const distance = (a: string, b: string, vision: keyof typeof visions): number => {
  const [x, y] = [seen(a, vision), seen(b, vision)];
  return 100 * Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
};

const themes: Readonly<Record<string, Readonly<Record<Token, string>>>> = {
  light,
  dark,
  'light, more contrast': strong(light),
  'dark, more contrast': strong(dark),
};

describe.each(Object.entries(themes))('%s theme', (_name, theme) => {
  const levels = ['el0', 'el1', 'el2', 'el3'] as const;
  const kinds = ['m-normal', 'm-ro', 'm-exec', 'm-device', 'm-fault'] as const;

  test('text has a contrast of 4.5 or more', () => {
    const grounds: Token[] = ['surface', 'sunken', 'bg', 'sel', 'mark'];
    const pairs: [Token, Token][] = [
      ...grounds.flatMap((ground): [Token, Token][] => [
        ['ink', ground],
        ['ink2', ground],
      ]),
      ['ink3', 'surface'],
      ['ink3', 'sunken'],
      ['onink', 'ink'],
      ...levels.flatMap((level): [Token, Token][] => [
        [`on-${level}`, level],
        [`${level}-ink`, 'surface'],
        [`${level}-ink`, `${level}-tint`],
        ['ink2', `${level}-tint`],
        ['ink3', `${level}-tint`],
      ]),
      ...kinds.flatMap((kind): [Token, Token][] => [
        [`${kind}-ink`, 'surface'],
        ['ink', `${kind}-tint`],
        ['ink2', `${kind}-tint`],
      ]),
      ['m-fault-ink', 'm-fault-tint'],
    ];
    const poor = pairs
      .filter(([text, ground]) => contrast(theme[text], theme[ground]) < 4.5)
      .map((pair) => `${pair.join(' on ')} ${contrast(theme[pair[0]], theme[pair[1]]).toFixed(2)}`);
    expect(poor).toEqual([]);
  });

  test('fills and outlines have a contrast of 3 or more', () => {
    const shapes: Token[] = [...levels, ...kinds.map((kind): Token => `${kind}-line`)];
    expect(shapes.filter((shape) => contrast(theme[shape], theme.surface) < 3)).toEqual([]);
  });

  test.each(Object.keys(visions) as (keyof typeof visions)[])('levels stay apart in %s vision', (vision) => {
    const close = levels.flatMap((a, i) =>
      levels
        .slice(i + 1)
        .filter((b) => distance(theme[a], theme[b], vision) < 8)
        .map((b) => `${a} ${b}`),
    );
    expect(close).toEqual([]);
  });
});

test('where the system chooses the colours, every colour is one of its own', () => {
  expect(Object.keys(forced).sort()).toEqual(Object.keys(light).sort());
  const own = /^(Canvas|CanvasText|LinkText|GrayText|Highlight|color-mix\(in srgb, (Highlight|GrayText) \d+%, Canvas\))$/;
  expect(Object.values(forced).filter((colour) => !own.test(colour))).toEqual([]);
  // What is said of a level or a kind is told from its ground.
  for (const name of ['el0', 'el1', 'el2', 'el3', 'm-normal', 'm-ro', 'm-exec', 'm-device', 'm-fault'] as const)
    expect(forced[name]).not.toBe(forced[`on-${name}`]);
});
