/** Plain data with bytes and bigints as JSON text, for the DevTools protocol. page/codec.js is the same for the page. */
import { readFileSync } from 'node:fs';

/** The source, to be put before what runs in a page. */
export const codecSource = readFileSync(new URL('./page/codec.js', import.meta.url), 'utf8');

interface Codec {
  readonly encode: (value: unknown) => string;
  readonly decode: (text: string) => unknown;
}
// One source for both sides: they cannot differ.
// oxlint-disable-next-line typescript/no-implied-eval
const makeCodec = new Function(`${codecSource}; return { encode, decode };`) as () => Codec;
export const { encode, decode } = makeCodec();
