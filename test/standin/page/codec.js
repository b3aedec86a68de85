/* Plain data with bytes and bigints as JSON text. Evaluated in Node and in pages, each time inside a function. */

function encode(value) {
  return JSON.stringify(value, (_key, part) => {
    if (typeof part === 'bigint') return { $bigint: String(part) };
    if (part instanceof ArrayBuffer) return { $buffer: textOf(new Uint8Array(part)) };
    if (part instanceof Uint8Array) return { $bytes: textOf(part) };
    return part;
  });
}

function decode(text) {
  return JSON.parse(text, (_key, part) => {
    if (part?.$bigint !== undefined) return BigInt(part.$bigint);
    if (part?.$buffer !== undefined) return bytesOf(part.$buffer).buffer;
    if (part?.$bytes !== undefined) return bytesOf(part.$bytes);
    return part;
  });
}

function textOf(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
