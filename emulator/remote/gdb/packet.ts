/**
 * Packets of gdb's remote serial protocol ("GDB User Manual", appendix E): `$payload#checksum`, with `}` in front of bytes that mean something
 * to the framing. A payload is a string with one character for each byte, since most of it is text.
 */

export type Incoming =
  | { readonly kind: 'packet'; readonly payload: string; /** Its checksum is right. */ readonly isSound: boolean }
  /** `+`, `-`, and Ctrl-C. */
  | { readonly kind: 'ack' | 'nak' | 'interrupt' }
  /** More than anybody may send at once. */
  | { readonly kind: 'too long' };

/** Bytes of a payload, before it is escaped, that are taken from a client: what PacketSize announces. */
export const packetSize = 0x2_0000;
/** Each byte of it may be escaped. */
const mostRaw = 2 * packetSize;

const INTERRUPT = 0x03;
const ESCAPED = /[}#$*]/g;
const flipped = (char: string): string => String.fromCharCode(char.charCodeAt(0) ^ 0x20);

export const escape = (payload: string): string => payload.replace(ESCAPED, (char) => `}${flipped(char)}`);
/** A `}` at the very end stands for nothing. */
export const unescape = (raw: string): string => raw.replace(/\}([^]?)/g, (_, char: string) => (char === '' ? '' : flipped(char)));

/** What is sent to a client may shorten a run: a character, `*`, and how often it comes again plus 29 as a character. */
const lengthen = (raw: string): string =>
  raw.replace(/(\}[^]|[^])\*([ -~])/g, (_, char: string, count: string) => char.repeat(1 + count.charCodeAt(0) - 29));

/** The sum of the bytes between `$` and `#`, as two digits. */
export function checksum(raw: string): string {
  let sum = 0;
  for (let i = 0; i < raw.length; i++) sum += raw.charCodeAt(i);
  return (sum & 0xff).toString(16).padStart(2, '0');
}

export function frame(payload: string): string {
  const raw = escape(payload);
  return `$${raw}#${checksum(raw)}`;
}

/** Takes a stream apart, however it is cut into pieces. */
export class PacketReader {
  /** What came of a packet after its `$`; undefined between packets. */
  private raw: string | undefined;
  /** The digits of its checksum; undefined before `#`. */
  private digits: string | undefined;

  /** `shortens`: runs may be shortened, as what is sent to a client. */
  constructor(private readonly shortens = false) {}

  /** What the bytes complete. */
  feed(bytes: Uint8Array): Incoming[] {
    const found: Incoming[] = [];
    for (let at = 0; at < bytes.length; at++) {
      if (this.raw !== undefined && this.digits === undefined) at = this.collect(bytes, at, found);
      else this.take(bytes[at], found);
    }
    return found;
  }

  /** The rest of a packet's payload in one piece. Returns the place of the last byte that was used. */
  private collect(bytes: Uint8Array, from: number, found: Incoming[]): number {
    let to = from;
    while (to < bytes.length && bytes[to] !== HASH && bytes[to] !== DOLLAR) to++;
    this.raw += latin1(bytes.subarray(from, to));
    if (this.raw!.length > mostRaw) {
      this.raw = undefined;
      found.push({ kind: 'too long' });
      return to - 1;
    }
    // A `$` within a packet is the beginning of another: the rest of the first was lost.
    if (bytes[to] === DOLLAR) this.raw = '';
    else if (bytes[to] === HASH) this.digits = '';
    return to;
  }

  private take(byte: number, found: Incoming[]): void {
    if (this.raw !== undefined && this.digits !== undefined) {
      this.digits += String.fromCharCode(byte);
      if (this.digits.length < 2) return;
      found.push({
        kind: 'packet',
        payload: unescape(this.shortens ? lengthen(this.raw) : this.raw),
        isSound: this.digits.toLowerCase() === checksum(this.raw),
      });
      this.raw = this.digits = undefined;
    } else if (byte === DOLLAR) this.raw = '';
    else if (byte === INTERRUPT) found.push({ kind: 'interrupt' });
    else if (byte === PLUS) found.push({ kind: 'ack' });
    else if (byte === MINUS) found.push({ kind: 'nak' });
  }
}
const [DOLLAR, HASH, PLUS, MINUS] = [...'$#+-'].map((char) => char.charCodeAt(0));

/** Bytes as characters, and back. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  // A call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** Bytes as pairs of digits, and back; undefined for what is none. */
export const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
export function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
/** Text as gdb's console takes it: UTF-8, in digits. */
export const textToHex = (text: string): string => toHex(new TextEncoder().encode(text));
