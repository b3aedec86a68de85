/** Rust's older mangling: that of C++ with nothing but names, the last of which is a hash. */
import { bounded, Misread, Reader } from './reader.ts';

const escapes: Readonly<Record<string, string>> = { SP: '@', BP: '*', RF: '&', LT: '<', GT: '>', LP: '(', RP: ')', C: ',' };

/** With what is behind its end; undefined for a name of C++. */
export function rustLegacy(name: string): { readonly text: string; readonly rest: string } | undefined {
  const reader = new Reader(name);
  if (!reader.takes('_ZN') && !reader.takes('__ZN')) return undefined;
  const parts: string[] = [];
  while (!reader.takes('E')) {
    const length = reader.decimal();
    if (!length || reader.at + length > name.length) return undefined;
    parts.push(reader.characters(length));
  }
  const rest = name.slice(reader.at);
  const hash = parts.pop();
  if (!/^(\.|$)/.test(rest) || !hash || !/^h[0-9a-f]{16}$/.test(hash) || parts.length === 0) return undefined;
  return { text: bounded(parts.map(unescaped).join('::')), rest };
}

function unescaped(part: string): string {
  const text = part.startsWith('_$') ? part.slice(1) : part;
  return text
    .replace(/\$(u[0-9a-f]{1,6}|[A-Z]{1,2})\$/g, (whole, code: string) =>
      code.startsWith('u') ? character(parseInt(code.slice(1), 16)) : (escapes[code] ?? whole),
    )
    .replaceAll('..', '::');
}
function character(code: number): string {
  if (code > 0x10_ffff) throw new Misread();
  return String.fromCodePoint(code);
}
