/** Disassembly and the source lines it comes from, as rows of one height. */
import type { CodeLine } from '../../emulator/session/views.ts';

export type CodeRow =
  | { readonly kind: 'label' | 'file'; readonly key: string; readonly text: string }
  | { readonly kind: 'source'; readonly key: string; readonly line: number; readonly text: string }
  | { readonly kind: 'instruction'; readonly key: string; readonly line: CodeLine };

/** Lines without code that are shown between two that have code: a declaration, a comment, a brace. */
const MOST_BETWEEN = 4;

/**
 * Each instruction with what stands above it: the label of its function, the name of its file where that changes, and the source lines that
 * begin here. `textOf` gives the lines of a source file by its number; undefined where they are not known: then the place is named.
 */
export function codeRows(
  lines: readonly CodeLine[],
  textOf: (source: number) => readonly string[] | undefined,
  withSource = true,
): CodeRow[] {
  const rows: CodeRow[] = [];
  let before: CodeLine | undefined;
  for (const line of lines) {
    const { address, label, source } = line;
    if (label !== undefined) rows.push({ kind: 'label', key: `${address} label`, text: label });
    if (withSource && source !== undefined && line.line !== undefined && !isSamePlace(before, line)) {
      const text = textOf(source);
      if (!text) rows.push({ kind: 'file', key: `${address} place`, text: `${line.file}:${line.line}` });
      else {
        if (before?.source !== source) rows.push({ kind: 'file', key: `${address} file`, text: line.file ?? '' });
        for (let n = firstLine(before, line, label !== undefined); n <= line.line; n++)
          rows.push({ kind: 'source', key: `${address} ${n}`, line: n, text: text[n - 1] ?? '' });
      }
    }
    rows.push({ kind: 'instruction', key: address, line });
    before = line;
  }
  return rows;
}

const isSamePlace = (a: CodeLine | undefined, b: CodeLine): boolean => a?.source === b.source && a?.line === b.line;

/** Inlined and reordered code jumps about: the lines in between belong here only where the source continues. */
function firstLine(before: CodeLine | undefined, { source, line = 1 }: CodeLine, startsFunction: boolean): number {
  const last = before?.source === source ? before?.line : undefined;
  return last !== undefined && !startsFunction && last < line && line - last <= MOST_BETWEEN ? last + 1 : line;
}

/** Without the indentation that all source lines share, for a narrow place. */
export function dedented(rows: readonly CodeRow[]): CodeRow[] {
  const spaced = (text: string): string => text.replaceAll('\t', '    ');
  const indents = rows.flatMap((row) => (row.kind === 'source' && row.text.trim() !== '' ? [spaced(row.text).search(/\S/)] : []));
  const shared = Math.min(...indents);
  return rows.map((row) => (row.kind === 'source' ? { ...row, text: spaced(row.text).slice(shared) } : row));
}

/** How many rows to leave out at the top so that the current instruction is among the first `visible`, about a third from the top. */
export function rowsToSkip(rows: readonly CodeRow[], visible: number): number {
  const current = rows.findIndex((row) => row.kind === 'instruction' && row.line.current);
  return current < visible - 1 ? 0 : current - Math.round(visible * 0.35);
}
