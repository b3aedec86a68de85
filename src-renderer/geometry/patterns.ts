/**
 * Patterns: the second channel beside colour. Device = diagonal hatch, read-only = rules, executable = dots, not mapped = cross,
 * stage 2 and VM 2 = diagonal cut, a level that is absent = pale hatch. `-on` forms are cut out of a solid bar in the surface colour.
 */
import type { Token } from '../theme/palette.ts';

export interface Pattern {
  /** Side of the square tile. */
  readonly size: number;
  readonly rotate?: 45;
  /** Lines and dots of the tile as path data, stroked or filled with the token. */
  readonly d: string;
  readonly token: Token;
  readonly stroke?: number;
  readonly opacity?: number;
}

const dots = (r: number): string =>
  [1.5, 4.5].map((at) => `M${at - r} ${at}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`).join('');

export const patterns = {
  hatch: { size: 6, rotate: 45, d: 'M0 0V6', token: 'm-device', stroke: 2.4 },
  'hatch-on': { size: 6, rotate: 45, d: 'M0 0V6', token: 'surface', stroke: 2, opacity: 0.75 },
  'hatch-s2': { size: 5, rotate: 45, d: 'M0 0V5', token: 'el2', stroke: 1.6 },
  'hatch-absent': { size: 7, rotate: 45, d: 'M0 0V7', token: 'hatch', stroke: 1.5 },
  rules: { size: 5, d: 'M0 1H5', token: 'm-ro-ink', stroke: 1, opacity: 0.45 },
  dots: { size: 6, d: dots(1), token: 'm-exec-ink', opacity: 0.55 },
  'dots-on': { size: 6, d: dots(1.2), token: 'surface', opacity: 0.85 },
  cross: { size: 7, rotate: 45, d: 'M0 0H7M0 0V7', token: 'm-fault', stroke: 1.6 },
  'cut-on': { size: 5, rotate: 45, d: 'M0 0V5', token: 'surface', stroke: 1.8, opacity: 0.8 },
} as const satisfies Record<string, Pattern>;

export type PatternName = keyof typeof patterns;
export const patternNames = Object.keys(patterns) as PatternName[];

/** SVG text of a pattern; `colour` turns a token into a colour (a custom property on the screen, a value in an export). */
export function patternSvg(name: PatternName, colour: (token: Token) => string): string {
  const pattern: Pattern = patterns[name];
  const paint = pattern.stroke
    ? `fill="none" stroke="${colour(pattern.token)}" stroke-width="${pattern.stroke}"`
    : `fill="${colour(pattern.token)}"`;
  const opacity = pattern.opacity === undefined ? '' : ` opacity="${pattern.opacity}"`;
  const turn = pattern.rotate ? ` patternTransform="rotate(${pattern.rotate})"` : '';
  return (
    `<pattern id="${name}" width="${pattern.size}" height="${pattern.size}" patternUnits="userSpaceOnUse"${turn}>` +
    `<path d="${pattern.d}" ${paint}${opacity}/></pattern>`
  );
}
