/** A string table: the empty string first. */
export class Strings {
  private readonly parts: number[] = [0];
  private readonly known = new Map<string, number>();

  /** Offset of the string in the table. */
  add(text: string): number {
    let offset = this.known.get(text);
    if (offset === undefined) {
      offset = this.parts.length;
      this.known.set(text, offset);
      for (const byte of new TextEncoder().encode(text)) this.parts.push(byte);
      this.parts.push(0);
    }
    return offset;
  }
  get bytes(): Uint8Array {
    return Uint8Array.from(this.parts);
  }
}
