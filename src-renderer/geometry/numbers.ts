/** Numbers as people read them. */

/** Thousands parted by thin spaces. */
export const grouped = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, '\u2009');

/** Bytes as "4 KiB", "1.5 MiB". */
export function size(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 && bytes === 1 ? '1 byte' : `${Number.isInteger(value) ? value : value.toFixed(value < 10 ? 2 : 1)} ${units[unit]}`;
}

/** "1 read", "15 reads". */
export const count = (value: number, noun: string): string => `${grouped(value)} ${noun}${value === 1 ? '' : 's'}`;

/** Long addresses by their last digits, which tell them apart; other text as it is. */
export const shortHex = (text: string): string =>
  text.replace(/^0x[0-9a-f]+([0-9a-f]{8})$/i, (all, last: string) => (all.length > 12 ? `…${last}` : all));

/** The bits of a field, as manuals write them: `5`, `9:6`. */
export const bitRange = ({ high, low }: { readonly high: number; readonly low: number }): string =>
  high === low ? String(high) : `${high}:${low}`;
