/** Columns and rows of the walk. Rows get lower before anything gets smaller; text never goes below 11 px. */
import type { WalkRow } from './rows.ts';
import { TLB_LINE } from './tlb-band.ts';

export interface WalkLayout {
  readonly width: number;
  readonly height: number;
  /** Left edge of the column of requests. */
  readonly left: number;
  readonly leftWidth: number;
  /** Left edge of each stage-2 column. */
  readonly stage2: readonly number[];
  readonly stage2Width: number;
  readonly right: number;
  readonly rightWidth: number;
  /** Room for what the TLB says, below the VA; 0 where there is none. */
  readonly tlbHeight: number;
  /** Top of the first row. */
  readonly top: number;
  readonly rowHeight: number;
  /** Height of the tables drawn in a row. */
  readonly stripHeight: number;
  /** Lines of text that a row has room for. */
  readonly lines: 2 | 3 | 4;
  readonly linePitch: number;
  /** The same for stage-2 reads, which always have a line below the value. */
  readonly readPitch: number;
  /** Values are set smaller where columns are narrow. */
  readonly face: string;
}

const MARGIN = 14;
/** Columns of stage 2 that are narrower than this have no room for their names. */
const COLUMN = 176;
/** What a walk with so many levels of stage 2 needs. */
export const columnsWidth = (levels: number): number => (levels === 0 ? 700 : 2 * MARGIN + COLUMN * (levels + 2.4));
export const VA_TOP = 20;
export const VA_HEIGHT = 36;
const LOWEST_ROW = 66;

/** `tlb`: height that the TLB asks for; it gets one line, or none, where rows would get too low. */
export function walkLayout(rows: readonly WalkRow[], levels: readonly number[], width: number, height: number, tlb: number): WalkLayout {
  const n2 = levels.length;
  const left = MARGIN;
  const narrow = n2 > 0 && width < columnsWidth(n2);
  const leftWidth = n2 === 0 ? 300 : narrow ? 196 : 232;
  const rightWidth = n2 === 0 ? Math.min(360, width * 0.42) : narrow ? 188 : 224;
  const gap = n2 === 0 ? 0 : 12;
  const middle = width - 2 * MARGIN - leftWidth - rightWidth - gap;
  const stage2Width = n2 === 0 ? 0 : Math.min(230, middle / n2);
  // With one stage only, the two columns stay near each other in the middle.
  const used = n2 === 0 ? leftWidth + rightWidth + Math.min(180, middle) : leftWidth + rightWidth + gap + stage2Width * n2;
  const start = left + Math.max(0, (width - 2 * MARGIN - used) / 2);
  const head = VA_TOP + VA_HEIGHT + (n2 === 0 ? 34 : 42);
  const spare = height - head - 10 - LOWEST_ROW * rows.length;
  const tlbHeight = [tlb, Math.min(tlb, TLB_LINE)].find((wanted) => wanted <= spare) ?? 0;
  const top = head + tlbHeight;
  const rowHeight = Math.max(LOWEST_ROW, Math.min(138, (height - top - 10) / Math.max(1, rows.length)));
  const stripHeight = Math.min(92, rowHeight - (rowHeight > 118 ? 40 : 22));
  const lines = stripHeight >= 76 ? 4 : stripHeight >= 58 ? 3 : 2;
  return {
    width,
    height: Math.max(height, top + rowHeight * rows.length + 10),
    left: start,
    leftWidth,
    stage2: levels.map((_, i) => start + leftWidth + 12 + i * stage2Width),
    stage2Width,
    right: start + used - rightWidth,
    rightWidth,
    tlbHeight,
    top,
    rowHeight,
    stripHeight,
    lines,
    linePitch: Math.min(20, Math.max(14.5, (stripHeight - 27) / (lines - 1))),
    readPitch: Math.min(20, (stripHeight - 14) / (lines === 4 ? 3 : 2)),
    face: narrow || stage2Width < 178 ? 'mono small' : 'mono',
  };
}
