/** Rust's newer mangling (RFC 2603, "Rust symbol name mangling v0"). */
import { bounded, Misread, Reader } from './reader.ts';

const basic: Readonly<Record<string, string>> = {
  a: 'i8', b: 'bool', c: 'char', d: 'f64', e: 'str', f: 'f32', h: 'u8', i: 'isize', j: 'usize', l: 'i32', m: 'u32', n: 'i128', o: 'u128', p: '_',
  s: 'i16', t: 'u16', u: '()', v: '...', x: 'i64', y: 'u64', z: '!',
}; // prettier-ignore

export function rustV0(mangled: string): string {
  const reader = new Reader(mangled);
  reader.expect('_R');
  const parser = new Parser(reader);
  const text = parser.path(true);
  // The crate that made this copy of a generic function may follow.
  if (!reader.isAtEnd) parser.path(true);
  if (!reader.isAtEnd) throw new Misread();
  return bounded(text);
}

class Parser {
  /** Lifetimes that binders around this part have named. */
  private lifetimes = 0;
  constructor(private readonly reader: Reader) {}

  /** `isValue`: generic arguments are written with `::`, as in expressions. */
  path(isValue: boolean): string {
    const { reader } = this;
    return reader.within(() => {
      switch (reader.take()) {
        case 'C':
          return this.identifier().name;
        case 'M':
          this.implPath();
          return `<${this.type()}>`;
        case 'X':
          this.implPath();
          return `<${this.type()} as ${this.path(false)}>`;
        case 'Y':
          return `<${this.type()} as ${this.path(false)}>`;
        case 'N':
          return this.nested(isValue);
        case 'I': {
          const path = this.path(isValue);
          return `${path}${isValue ? '::' : ''}<${this.listed(() => this.argument())}>`;
        }
        case 'B':
          return this.back(() => this.path(isValue));
        default:
          throw new Misread();
      }
    });
  }
  private implPath(): void {
    this.disambiguator();
    this.path(false);
  }
  private nested(isValue: boolean): string {
    const namespace = this.reader.take();
    const path = this.path(isValue);
    const { disambiguator, name } = this.identifier();
    if (/[a-z]/.test(namespace)) return name === '' ? path : bounded(`${path}::${name}`);
    const kind = { C: 'closure', S: 'shim' }[namespace] ?? namespace;
    return bounded(`${path}::{${kind}${name === '' ? '' : `:${name}`}#${disambiguator}}`);
  }

  private identifier(): { readonly disambiguator: number; readonly name: string } {
    const { reader } = this;
    const disambiguator = this.disambiguator();
    const isPunycode = reader.takes('u');
    const length = reader.decimal();
    if (length === undefined) throw new Misread();
    reader.takes('_');
    const name = reader.characters(length);
    return { disambiguator, name: isPunycode ? fromPunycode(name) : name };
  }
  private disambiguator(): number {
    return this.reader.takes('s') ? this.base62() + 1 : 0;
  }
  /** Digits, an underscore: 0 for none, else their value plus one. */
  private base62(): number {
    const digits = this.reader.match(/[0-9a-zA-Z]*/y);
    this.reader.expect('_');
    if (digits === '') return 0;
    let value = 0;
    for (const digit of digits) value = value * 62 + '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.indexOf(digit);
    return value + 1;
  }
  /** What was written at an earlier place. */
  private back<T>(read: () => T): T {
    const { reader } = this;
    const from = reader.at - 1;
    const to = this.base62() + 2;
    if (to >= from) throw new Misread();
    const { at } = reader;
    reader.at = to;
    const result = read();
    reader.at = at;
    return result;
  }
  private listed(read: () => string): string {
    const all: string[] = [];
    while (!this.reader.takes('E')) all.push(read());
    return bounded(all.join(', '));
  }

  private argument(): string {
    if (this.reader.takes('L')) return this.lifetime(this.base62());
    return this.reader.takes('K') ? this.constant() : this.type();
  }
  private lifetime(index: number): string {
    if (index === 0) return "'_";
    const depth = this.lifetimes - index;
    if (depth < 0) throw new Misread();
    return depth < 26 ? `'${String.fromCharCode(97 + depth)}` : `'_${depth}`;
  }
  /** `for<'a>` in front of what it names lifetimes for. */
  private bound(read: () => string): string {
    const count = this.reader.takes('G') ? this.base62() + 1 : 0;
    if (count > 64) throw new Misread();
    const names = Array.from({ length: count }, () => {
      this.lifetimes++;
      return this.lifetime(1);
    });
    const text = read();
    this.lifetimes -= count;
    return count === 0 ? text : `for<${names.join(', ')}> ${text}`;
  }

  private type(): string {
    const { reader } = this;
    return reader.within(() => {
      const tag = reader.peek();
      if (tag in basic) {
        reader.take();
        return basic[tag];
      }
      if (/[CMXYNI]/.test(tag)) return this.path(false);
      switch (reader.take()) {
        case 'R':
        case 'Q': {
          const lifetime = reader.takes('L') ? this.base62() : 0;
          return `&${lifetime === 0 ? '' : `${this.lifetime(lifetime)} `}${tag === 'Q' ? 'mut ' : ''}${this.type()}`;
        }
        case 'P':
          return `*const ${this.type()}`;
        case 'O':
          return `*mut ${this.type()}`;
        case 'A':
          return `[${this.type()}; ${this.constant()}]`;
        case 'S':
          return `[${this.type()}]`;
        case 'T': {
          const from = reader.at;
          const parts = this.listed(() => this.type());
          // One of one element is written with a comma.
          return `(${parts}${this.isOne(from) ? ',' : ''})`;
        }
        case 'F':
          return this.bound(() => this.functionType());
        case 'D':
          return this.dynamic();
        case 'B':
          return this.back(() => this.type());
        default:
          throw new Misread();
      }
    });
  }
  private isOne(from: number): boolean {
    const { reader } = this;
    const { at } = reader;
    reader.at = from;
    if (!reader.takes('E')) this.type();
    const isOne = reader.at > from + 1 && reader.peek() === 'E' && reader.at + 1 === at;
    reader.at = at;
    return isOne;
  }
  private functionType(): string {
    const { reader } = this;
    const unsafe = reader.takes('U') ? 'unsafe ' : '';
    const abi = reader.takes('K') ? `extern "${reader.takes('C') ? 'C' : this.identifier().name.replaceAll('_', '-')}" ` : '';
    const parameters = this.listed(() => this.type());
    const result = reader.takes('u') ? '' : ` -> ${this.type()}`;
    return `${unsafe}${abi}fn(${parameters})${result}`;
  }
  private dynamic(): string {
    const { reader } = this;
    const traits = this.bound(() => {
      const all: string[] = [];
      while (!reader.takes('E')) all.push(this.dynamicTrait());
      return all.join(' + ');
    });
    reader.expect('L');
    const lifetime = this.base62();
    return `dyn ${traits}${lifetime === 0 ? '' : ` + ${this.lifetime(lifetime)}`}`;
  }
  private dynamicTrait(): string {
    const { reader } = this;
    let path = this.path(false);
    while (reader.takes('p')) {
      const { name } = this.identifier();
      const isOpen = path.endsWith('>');
      path = `${isOpen ? `${path.slice(0, -1)}, ` : `${path}<`}${name} = ${this.type()}>`;
    }
    return path;
  }

  private constant(): string {
    const { reader } = this;
    if (reader.takes('p')) return '_';
    if (reader.takes('B')) return this.back(() => this.constant());
    const type = reader.take();
    const isNegative = reader.takes('n');
    const digits = reader.match(/[0-9a-f]*/y);
    reader.expect('_');
    const value = digits === '' ? 0n : BigInt(`0x${digits}`);
    if (type === 'b') return value === 1n ? 'true' : 'false';
    if (type === 'c' && value <= 0x10_ffffn) return `'${String.fromCodePoint(Number(value))}'`;
    if (!/[ahijlmnostxy]/.test(type)) throw new Misread();
    return `${isNegative ? '-' : ''}${value}`;
  }
}

/** RFC 3492, with `_` in place of the hyphen. */
function fromPunycode(text: string): string {
  const at = text.lastIndexOf('_');
  const out = Array.from(at < 0 ? '' : text.slice(0, at));
  const rest = at < 0 ? text : text.slice(at + 1);
  let [n, i, bias, isFirst] = [128, 0, 72, true];
  for (let next = 0; next < rest.length;) {
    const before = i;
    for (let weight = 1, k = 36; ; k += 36) {
      const digit = 'abcdefghijklmnopqrstuvwxyz0123456789'.indexOf(rest.charAt(next++));
      if (digit < 0 || next > rest.length) throw new Misread();
      i += digit * weight;
      const threshold = Math.min(26, Math.max(1, k - bias));
      if (digit < threshold) break;
      weight *= 36 - threshold;
    }
    let delta = Math.floor((i - before) / (isFirst ? 700 : 2));
    isFirst = false;
    delta += Math.floor(delta / (out.length + 1));
    bias = 0;
    for (; delta > 455; bias += 36) delta = Math.floor(delta / 35);
    bias += Math.floor((36 * delta) / (delta + 38));
    n += Math.floor(i / (out.length + 1));
    i %= out.length + 1;
    if (!(n <= 0x10_ffff)) throw new Misread();
    out.splice(i++, 0, String.fromCodePoint(n));
  }
  return out.join('');
}
