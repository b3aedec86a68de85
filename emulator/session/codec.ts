/**
 * Messages as bytes, for transports that do not clone data: length of the text (u32, little endian), JSON text, then the bytes of each
 * Uint8Array in the message, which the text names as `{"$bytes": [offset, length]}`.
 */
import { InputError } from '../base/errors.ts';

export function encodeMessage(message: unknown): Uint8Array<ArrayBuffer> {
  const blobs: Uint8Array[] = [];
  let size = 0;
  const text = jsonText(message, (bytes) => {
    blobs.push(bytes);
    size += bytes.length;
    return { $bytes: [size - bytes.length, bytes.length] };
  });
  const head = new TextEncoder().encode(text);
  const out = new Uint8Array(4 + head.length + size);
  new DataView(out.buffer).setUint32(0, head.length, true);
  out.set(head, 4);
  let at = 4 + head.length;
  for (const blob of blobs) {
    out.set(blob, at);
    at += blob.length;
  }
  return out;
}

/** Data as JSON, with something else in the place of each Uint8Array. */
export function jsonText(data: unknown, instead: (bytes: Uint8Array) => unknown): string {
  // To be asked about every value takes ten times as long as to write the text.
  if (!holdsBytes(data)) return JSON.stringify(data);
  return JSON.stringify(data, (_key, value: unknown) => (value instanceof Uint8Array ? instead(value) : value));
}

function holdsBytes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Uint8Array) return true;
  if (Array.isArray(value)) return value.some(holdsBytes);
  for (const name in value) if (holdsBytes(value[name as keyof typeof value])) return true;
  return false;
}

export function decodeMessage(data: Uint8Array): unknown {
  const wrong = (problem: string, offset: number): InputError => new InputError(problem, { file: 'message', offset });
  if (data.length < 4) throw wrong('shorter than its length field', data.length);
  const length = new DataView(data.buffer, data.byteOffset).getUint32(0, true);
  if (length > data.length - 4) throw wrong(`its text of ${length} bytes does not fit`, 0);
  const blobs = data.subarray(4 + length);
  let taken = 0;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(data.subarray(4, 4 + length));
    // To look at every value takes ten times as long as to read the text.
    if (!text.includes('"$bytes"')) return JSON.parse(text);
    return JSON.parse(text, (_key, value: unknown) => {
      const place = bytesPlace(value);
      if (!place) return value;
      if (place.offset + place.length > blobs.length) throw wrong(`bytes ${place.offset}+${place.length} are beyond its end`, 4 + length);
      // Else a small message that names the same bytes again and again would be a large one.
      taken += place.length;
      if (taken > blobs.length) throw wrong('it uses bytes twice', 4 + length);
      return blobs.slice(place.offset, place.offset + place.length);
    });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw wrong('its text is not JSON', 4);
  }
}

function bytesPlace(value: unknown): { offset: number; length: number } | undefined {
  if (typeof value !== 'object' || value === null || !('$bytes' in value)) return undefined;
  const place = value.$bytes;
  if (!Array.isArray(place) || place.length !== 2) return undefined;
  const [offset, length] = place as unknown[];
  const fine = (n: unknown): n is number => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0;
  return fine(offset) && fine(length) ? { offset, length } : undefined;
}
