/**
 * A number of 52 bits for a text: the same for the same text, and hardly ever the same for another one. Two FNV-1a hashes side by side
 * (Fowler, Noll and Vo), from different beginnings.
 */
export function textHash(text: string): number {
  let [low, high] = [0x811c_9dc5, 0x1234_5677];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x0100_0193);
    high = Math.imul(high ^ (code + i), 0x0100_0193);
  }
  // The last characters have hardly reached the upper bits yet.
  high ^= high >>> 15;
  high = Math.imul(high, 0x85eb_ca6b) ^ (low >>> 13);
  return (high >>> 12) * 2 ** 32 + (low >>> 0);
}
