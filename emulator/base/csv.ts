/** Comma-separated values for spreadsheets (RFC 4180). */

/** Spreadsheets take what begins so for a formula, which could act. A number is one. */
const formula = /^[=+\-@\t\r]/;
const number = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

function cell(text: string): string {
  // The apostrophe tells a spreadsheet that this is text.
  if (formula.test(text) && !number.test(text)) return `"'${text.replaceAll('"', '""')}"`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const csvLine = (row: readonly string[]): string => `${row.map(cell).join(',')}\r\n`;
export const csvLines = (rows: readonly (readonly string[])[]): string => rows.map(csvLine).join('');
