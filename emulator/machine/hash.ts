/**
 * A 64-bit hash of bytes: two lanes of 32-bit multiply and rotate, each with its own constants. Made for comparing machine states
 * that should be equal, not against an adversary.
 */
export class StateHash {
  private a = 0x9e3779b9;
  private b = 0x85ebca6b;

  number(value: number): this {
    return this.word(value >>> 0).word(Math.floor(value / 2 ** 32) >>> 0);
  }

  /** Bytes; a length that is no multiple of 4 is padded with zeros. */
  bytes(bytes: Uint8Array): this {
    const whole = bytes.length & ~3;
    if (bytes.byteOffset % 4 === 0) {
      const words = new Uint32Array(bytes.buffer, bytes.byteOffset, whole >> 2);
      for (let i = 0; i < words.length; i++) this.word(words[i]);
    } else {
      for (let i = 0; i < whole; i += 4) this.word(bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24));
    }
    let rest = 0;
    for (let i = whole; i < bytes.length; i++) rest |= bytes[i] << (8 * (i - whole));
    return whole === bytes.length ? this : this.word(rest);
  }

  private word(value: number): this {
    this.a = Math.imul((this.a ^ value) | 0, 0x01000193) ^ (this.a >>> 15);
    this.b = Math.imul(((this.b << 13) | (this.b >>> 19)) ^ value, 0xcc9e2d51) + 0x52dce729;
    return this;
  }

  /** Sixteen hexadecimal digits. */
  digest(): string {
    const mix = (x: number): number => {
      x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
      x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
      return (x ^ (x >>> 16)) >>> 0;
    };
    return [mix(this.a ^ Math.imul(this.b, 3)), mix(this.b)].map((x) => x.toString(16).padStart(8, '0')).join('');
  }
}
