/** Widths of text without a browser, so that geometries can fit it: advance widths of the two faces, as the app sets them. */
import { styleOf } from './style.ts';

/** Inter with tabular figures, code points 32..126, in thousandths of the font size. */
const regular = [
  269, 288, 466, 633, 642, 982, 644, 300, 391, 391, 648, 648, 269, 648, 269, 360, 648, 648, 648, 648, 648, 648, 648, 648, 648, 648, 269,
  269, 648, 648, 648, 511, 966, 690, 654, 730, 722, 601, 590, 746, 743, 269, 571, 672, 565, 903, 753, 765, 639, 765, 644, 642, 646, 744,
  690, 985, 682, 679, 629, 391, 360, 391, 471, 456, 323, 562, 612, 571, 612, 583, 370, 613, 591, 242, 242, 549, 242, 876, 591, 600, 612,
  612, 376, 528, 327, 591, 562, 818, 546, 562, 552, 391, 333, 391, 648,
];
const semibold = [
  269, 321, 523, 644, 650, 1004, 663, 326, 391, 391, 647, 647, 269, 647, 269, 379, 647, 647, 647, 647, 647, 647, 647, 647, 647, 647, 269,
  269, 647, 647, 647, 543, 999, 728, 659, 737, 722, 605, 588, 749, 746, 277, 580, 703, 565, 922, 759, 769, 645, 773, 652, 650, 660, 736,
  728, 1020, 720, 713, 652, 391, 379, 391, 481, 469, 351, 574, 624, 583, 624, 591, 389, 626, 612, 262, 262, 569, 262, 900, 612, 609, 624,
  624, 397, 549, 353, 612, 587, 839, 569, 588, 566, 391, 359, 391, 647,
];
/** JetBrains Mono: every character. */
const monoAdvance = 600;
/** Thin spaces, ellipses and other characters outside the table. */
const otherAdvance: Readonly<Record<string, number>> = { '\u2009': 200, '…': 820, '·': 269 };

/** Ideographs, syllables of Hangul and signs of their width, which come from other faces: as wide as they are high. */
const isWide = (character: string): boolean =>
  character >= '\u1100' && /[\p{sc=Han}\p{sc=Hangul}\p{sc=Hira}\p{sc=Kana}\uff01-\uff60\p{ExtPict}]/u.test(character);
const WIDE = 1000;

/** Width of a line of text set with these classes, in scene units. */
export function textWidth(content: string, classes: string): number {
  const { face, size = 12.5, weight = 400, spacing } = styleOf(classes, 'text');
  const table = weight >= 550 ? semibold : regular;
  let sum = 0;
  for (const character of content) {
    if (isWide(character)) sum += WIDE;
    else sum += face === 'mono' ? monoAdvance : (table[character.charCodeAt(0) - 32] ?? otherAdvance[character] ?? 650);
    if (spacing !== undefined) sum += parseFloat(spacing) * 1000;
  }
  return (sum * size) / 1000;
}

/** The text cut to a width, with an ellipsis where something is missing. */
export function fit(content: string, width: number, classes: string): string {
  if (textWidth(content, classes) <= width) return content;
  const characters = [...content];
  while (characters.length > 1 && textWidth(`${characters.join('').trimEnd()}…`, classes) > width) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

/** Words cut to a width between parts of a list, else between words, where that leaves most of them: "RW, VM, IMO…". */
export function fitWords(content: string, width: number, classes: string): string {
  if (textWidth(content, classes) <= width) return content;
  for (const between of [/(?=[,:] )/, /(?= )/]) {
    const parts = content.split(between);
    while (parts.length > 1 && textWidth(`${parts.join('')}…`, classes) > width) parts.pop();
    const whole = `${parts.join('').replace(/ \.\.\.$/, '')}…`;
    if (textWidth(whole, classes) <= width && whole.length * 2 > content.length) return whole;
  }
  return fit(content, width, classes);
}

/** An address cut to a width: its last digits after an ellipsis, because those tell addresses apart. */
export function fitAddress(address: string, width: number, classes: string): string {
  if (textWidth(address, classes) <= width) return address;
  let digits = address.replace(/^0x/, '');
  while (digits.length > 4 && textWidth(`…${digits}`, classes) > width) digits = digits.slice(1);
  return `…${digits}`;
}

/** Words in lines no wider than `width`, longer ones parted after a hyphen or underscore, then before a dot; the last of `maxLines` is cut. */
export function wrap(content: string, width: number, classes: string, maxLines: number, whole = false): string[] {
  const lines: string[] = [];
  let current = '';
  const parted = (word: string, at: RegExp): string[] => (textWidth(word, classes) > width ? word.split(at) : [word]);
  const words = content.split(' ').flatMap((word) =>
    parted(word, /(?<=[-_])/)
      .flatMap((part) => parted(part, /(?=\.)/))
      .map((part, i) => ({ word: part, isNew: i === 0 })),
  );
  for (const { word, isNew } of words) {
    const longer = current && isNew ? `${current} ${word}` : `${current}${word}`;
    if (current && textWidth(longer, classes) > width && lines.length < maxLines - 1) {
      lines.push(current);
      current = word;
    } else current = longer;
  }
  return [...lines, whole ? current : fit(current, width, classes)];
}

/** All words in lines no wider than `width`: like `wrap`, but nothing is cut, and a word without a joint is parted where a line ends. */
export function wrapWhole(content: string, width: number, classes: string): string[] {
  return wrap(content, width, classes, Infinity, true).flatMap((line) => parted(line, width, classes));
}

function parted(line: string, width: number, classes: string): string[] {
  const lines: string[] = [];
  let rest = line;
  while (textWidth(rest, classes) > width) {
    const characters = [...rest];
    let count = characters.length;
    while (count > 1 && textWidth(characters.slice(0, count).join(''), classes) > width) count--;
    lines.push(characters.slice(0, count).join(''));
    rest = characters.slice(count).join('');
  }
  return [...lines, rest];
}
