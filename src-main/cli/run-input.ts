/** What a run is given to type at its console: `--input`. */
import { readProgramFile } from '../program-file.ts';

/** TEXT with the usual escapes (`\n`, `\r`, `\t`, `\\`, `\xHH`), or the bytes of a file. */
export async function inputBytes(text: string): Promise<Uint8Array> {
  if (text.startsWith('@')) return (await readProgramFile(text.slice(1), 'a file of input')).bytes;
  const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\' };
  const plain = text.replace(/\\(x[0-9a-f]{2}|[nrt\\])/gi, (_all, code: string) =>
    code.length > 1 ? String.fromCharCode(parseInt(code.slice(1), 16)) : escapes[code],
  );
  return new TextEncoder().encode(plain);
}
