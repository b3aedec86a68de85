/** Comma-separated values for spreadsheets (RFC 4180, with line feeds). */
const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export const csvLine = (row: readonly string[]): string => `${row.map(cell).join(',')}\n`;
export const csvLines = (rows: readonly (readonly string[])[]): string => rows.map(csvLine).join('');
