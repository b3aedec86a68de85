/** Sizes in binary units: "4 KiB", "2 MiB", "1 GiB". */
export function sizeText(bytes: number): string {
  let unit = 0;
  let size = bytes;
  while (size >= 1024 && size % 1024 === 0 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size} ${units[unit]}`;
}
const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
