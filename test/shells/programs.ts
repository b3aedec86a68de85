/** Programs of a few instructions, for what no image that comes with the project does. */

/** Words as bytes, little endian. */
export function words(values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32LE(value, 4 * i));
  return bytes;
}

/** An ELF with one segment at PA 0x40080000, where it also begins. */
export function program(code: readonly number[]): Uint8Array {
  const text = words(code);
  const head = Buffer.alloc(120);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  head.writeUInt16LE(2, 16); // ET_EXEC
  head.writeUInt16LE(183, 18); // EM_AARCH64
  head.writeUInt32LE(1, 20);
  head.writeBigUInt64LE(0x4008_0000n, 24); // entry
  head.writeBigUInt64LE(64n, 32); // program headers
  head.writeUInt16LE(64, 52);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(1, 56);
  head.writeUInt32LE(1, 64); // PT_LOAD
  head.writeUInt32LE(5, 68);
  head.writeBigUInt64LE(120n, 72);
  head.writeBigUInt64LE(0x4008_0000n, 80);
  head.writeBigUInt64LE(0x4008_0000n, 88);
  head.writeBigUInt64LE(BigInt(text.length), 96);
  head.writeBigUInt64LE(BigInt(text.length), 104);
  head.writeBigUInt64LE(4n, 112);
  return Buffer.concat([head, text]);
}

/** Every byte that comes goes back: waits for UARTFR.RXFE = 0, loads UARTDR, stores it. */
export const echoProgram = program([0x52a12002, 0xb9401840, 0x3727ffe0, 0xb9400041, 0xb9000041, 0x17fffffc]);
