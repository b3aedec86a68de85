/** An image without its section headers, as a stripped program is. */
export function stripped(image: Uint8Array): Uint8Array {
  const bytes = image.slice();
  const view = new DataView(bytes.buffer);
  // e_shoff, and e_shnum with e_shstrndx.
  view.setBigUint64(40, 0n, true);
  view.setUint32(60, 0, true);
  return bytes;
}
