/**
 * Names that a file brings with it, of symbols, sections, sources and devices: somebody else's text, which goes to terminals, spreadsheets
 * and diagrams. They become harmless where they are read, so that nothing that prints them has to think of it.
 */

/** Bytes of a name that are kept. Tables of names can share one long tail: without a limit a small file has gigabytes of names. */
export const longestName = 1024;

/** Control characters, direction marks and what else shows nothing or acts on what follows (Unicode: Cc, Cf, Cs, Zl, Zp). */
const acting = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The text with what acts spelled out: `\x1b` for the escape that begins a terminal's commands, `\u{202e}` for a change of direction. */
export const visible = (text: string): string => text.replace(acting, spelled);

/** The same for a text of several lines, which end as in text files or as in CSV. */
export const visibleLines = (text: string): string =>
  text.replace(acting, (letter, at: number) =>
    letter === '\n' || letter === '\t' || text.startsWith('\r\n', at) ? letter : spelled(letter),
  );

/** JSON, which spells such characters in its own way and means the same. */
export const visibleJson = (value: unknown): string => JSON.stringify(value).replace(acting, jsonSpelled);

/** By halves, as JSON counts characters. */
const jsonSpelled = (letter: string): string =>
  Array.from({ length: letter.length }, (_, i) => `\\u${letter.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');

function spelled(letter: string): string {
  const code = letter.codePointAt(0)!.toString(16);
  return code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, '0')}`;
}

/** A name in UTF-8. */
export function nameFrom(bytes: Uint8Array): string {
  const name = visible(new TextDecoder().decode(bytes.subarray(0, longestName)));
  return bytes.length > longestName ? `${name}…` : name;
}

/** The zero-terminated name at an offset of a table of names; cut where the table ends. */
export function nameAt(table: Uint8Array, offset: number): string {
  // One byte more tells whether it was cut.
  const room = table.subarray(offset, offset + longestName + 1);
  const end = room.indexOf(0);
  return nameFrom(end < 0 ? room : room.subarray(0, end));
}
