/** Programs to begin with, from firmware/assembly: what they are is the comment that they begin with. */
const texts = import.meta.glob<string>('../../../firmware/assembly/*.s', { query: '?raw', import: 'default', eager: true });

export interface StartingPoint {
  readonly title: string;
  readonly file: string;
  readonly text: string;
}

const titles: readonly (readonly [title: string, file: string])[] = [
  ['Minimal EL2', 'minimal-el2.s'],
  ['EL2 to EL1', 'el2-to-el1.s'],
  ['Vectors', 'vectors.s'],
  ['Stage 1', 'stage1.s'],
  ['Stage 2', 'stage2.s'],
  ['To repair: EL1 is silent', 'lab-silent-el1.s'],
];

export const startingPoints: readonly StartingPoint[] = titles.map(([title, file]) => ({
  title,
  file,
  text: texts[`../../../firmware/assembly/${file}`],
}));
