/**
 * The mangling of C++ on AArch64 (Itanium C++ ABI, section 5.1). Names, templates and types are understood; expressions in them (`decltype`,
 * concepts) are not, and a name with one stays as it is.
 */
import { cvQualifiers, numbered, operators, pointed, simpleTypes, standard, written, type Type } from './itanium-words.ts';
import { bounded, Misread, Reader } from './reader.ts';

export function itanium(mangled: string): string {
  const reader = new Reader(mangled);
  if (!reader.takes('_Z') && !reader.takes('__Z')) throw new Misread();
  return new Parser(reader).encoding().text;
}

/** A name, and its last part without template arguments, which constructors repeat. */
interface Name {
  readonly text: string;
  readonly last: string;
}
const plain = (text: string): Name => ({ text, last: text });
const joined = (scope: string, { text, last }: Name): Name => ({ text: scope === '' ? text : bounded(`${scope}::${text}`), last });

class Parser {
  /** What `S_`, `S0_` and so on stand for. */
  private readonly seen: Type[] = [];
  /** What `T_`, `T0_` and so on stand for. */
  private parameters: readonly string[] = [];
  constructor(private readonly reader: Reader) {}

  /** A function or a variable, or what the compiler made beside one; the types of parameters are not read. */
  encoding(): Name {
    return this.reader.within(() => this.special() ?? this.name());
  }

  private special(): Name | undefined {
    const { reader } = this;
    const of: Readonly<Record<string, string>> = { TV: 'vtable', TT: 'VTT', TI: 'typeinfo', TS: 'typeinfo name' };
    const kind = of[reader.peek(2)];
    if (kind) {
      reader.at += 2;
      return plain(`${kind} for ${written(this.type())}`);
    }
    if (reader.takes('GV')) return plain(`guard variable for ${this.name().text}`);
    if (reader.takes('Th')) return this.thunk('non-virtual thunk', 1);
    if (reader.takes('Tv')) return this.thunk('virtual thunk', 2);
    return undefined;
  }
  private thunk(what: string, offsets: number): Name {
    for (let i = 0; i < offsets; i++) if (this.reader.match(/n?\d+_/y) === '') throw new Misread();
    return plain(`${what} to ${this.encoding().text}`);
  }

  // ---- names

  private name(): Name {
    const { reader } = this;
    if (reader.takes('N')) return this.nested();
    if (reader.takes('Z')) return this.local();
    if (reader.peek() === 'S' && reader.peek(2) !== 'St') return this.withArguments(plain(written(this.substitution())));
    const scope = reader.takes('St') ? 'std' : '';
    const name = joined(scope, this.unqualified(''));
    if (reader.peek() !== 'I') return name;
    this.seen.push({ pre: name.text, post: '' });
    return this.withArguments(name);
  }
  private withArguments(name: Name): Name {
    const parameters = this.arguments();
    this.parameters = parameters;
    return { text: withAngles(name.text, parameters), last: name.last };
  }

  private nested(): Name {
    const { reader } = this;
    reader.match(/r?V?K?[RO]?/y);
    let name = plain('');
    /** It can be named again by what follows. */
    let isNew = false;
    while (!reader.takes('E')) {
      if (isNew) this.seen.push({ pre: name.text, post: '' });
      isNew = true;
      const next = reader.peek();
      if (next === 'S') {
        if (name.text !== '') throw new Misread();
        const known = reader.takes('St') ? plain('std') : this.substituted();
        name = known;
        isNew = false;
      } else if (next === 'T') name = plain(written(this.parameter()));
      else if (next === 'I') name = this.withArguments(name);
      else name = joined(name.text, this.unqualified(name.last));
    }
    if (name.text === '') throw new Misread();
    return name;
  }
  private substituted(): Name {
    const text = written(this.substitution());
    const last = /([\w$]+)(?:<.*>)?$/.exec(text)?.[1] ?? text;
    return { text, last: text === 'std::string' ? 'basic_string' : last };
  }

  private local(): Name {
    const { reader } = this;
    const outer = this.encoding();
    while (!reader.takes('E')) this.type();
    if (reader.takes('s')) return plain(`${outer.text}::string literal`);
    if (reader.takes('d')) {
      reader.match(/\d*/y);
      reader.expect('_');
    }
    const inner = this.name();
    reader.match(/_\d|__\d+_/y);
    return joined(outer.text, inner);
  }

  /** `scope`: the class whose constructor it may be. */
  private unqualified(scope: string): Name {
    const { reader } = this;
    reader.takes('L');
    const next = reader.peek();
    if (/\d/.test(next)) return this.tagged(this.source());
    if (next === 'C' || (next === 'D' && /[0-5]/.test(reader.peek(2)[1] ?? ''))) {
      if (scope === '') throw new Misread();
      reader.take();
      if (next === 'C' && reader.takes('I')) this.afterKind(() => this.type());
      else if (!/[0-5]/.test(reader.take())) throw new Misread();
      return this.tagged(next === 'C' ? scope : `~${scope}`);
    }
    if (reader.takes('Ut')) return plain(`{unnamed type#${this.ordinal()}}`);
    if (reader.takes('Ul')) {
      const types = this.types('E');
      return plain(`{lambda(${types})#${this.ordinal()}}`);
    }
    if (reader.takes('cv')) return plain(`operator ${written(this.type())}`);
    if (reader.takes('li')) return plain(`operator"" ${this.source()}`);
    const symbol = operators[reader.peek(2)];
    if (symbol === undefined) throw new Misread();
    reader.at += 2;
    return this.tagged(`operator${/^[a-z]/.test(symbol) ? ' ' : ''}${symbol}`);
  }
  private afterKind(read: () => unknown): void {
    this.reader.take();
    read();
  }
  private tagged(text: string): Name {
    let tags = '';
    while (this.reader.takes('B')) tags += `[abi:${this.source()}]`;
    return { text: text + tags, last: text };
  }
  private source(): string {
    const length = this.reader.decimal();
    if (length === undefined || length === 0) throw new Misread();
    const text = this.reader.characters(length);
    return /^_GLOBAL_[._$]N/.test(text) ? '(anonymous namespace)' : text;
  }
  /** Counted from 1: nothing for the first, `0_` for the second. */
  private ordinal(): number {
    const digits = this.reader.decimal();
    this.reader.expect('_');
    return digits === undefined ? 1 : digits + 2;
  }

  private substitution(): Type {
    const { reader } = this;
    reader.expect('S');
    const short = standard[reader.peek()];
    if (short !== undefined) {
      reader.take();
      return { pre: short, post: '' };
    }
    return this.seen.at(this.index(36)) ?? misread();
  }
  private parameter(): Type {
    this.reader.expect('T');
    const text = this.parameters.at(this.index(10));
    // Of a generic lambda the compiler alone knows.
    return { pre: text ?? 'auto', post: '' };
  }
  private index(base: 10 | 36): number {
    const digits = this.reader.match(base === 36 ? /[\dA-Z]{0,6}/y : /\d{0,6}/y);
    this.reader.expect('_');
    return digits === '' ? 0 : parseInt(digits, base) + 1;
  }

  // ---- template arguments

  private arguments(): string[] {
    this.reader.expect('I');
    const all: string[] = [];
    while (!this.reader.takes('E')) all.push(this.argument());
    return all;
  }
  private argument(): string {
    const { reader } = this;
    return reader.within(() => {
      if (reader.takes('L')) return this.literal();
      if (!reader.takes('J')) return written(this.type());
      const all: string[] = [];
      while (!reader.takes('E')) all.push(this.argument());
      return bounded(all.filter((text) => text !== '').join(', '));
    });
  }
  private literal(): string {
    const { reader } = this;
    if (reader.takes('_Z')) {
      const { text } = this.encoding();
      while (!reader.takes('E')) this.type();
      return `&${text}`;
    }
    const code = reader.peek();
    const type = written(this.type());
    const value = reader.match(/n?\d*/y).replace('n', '-');
    reader.expect('E');
    if (code === 'b') return value === '0' ? 'false' : 'true';
    const suffix = numbered[code];
    return suffix === undefined ? `(${type})${value}` : value + suffix;
  }

  // ---- types

  private types(end: string): string {
    const all: string[] = [];
    while (!this.reader.takes(end)) all.push(written(this.type()));
    return all.length === 1 && all[0] === 'void' ? '' : bounded(all.filter((text) => text !== '').join(', '));
  }

  private type(): Type {
    const { reader } = this;
    return reader.within(() => {
      const code = reader.peek();
      const simple = simpleTypes[code] ?? simpleTypes[reader.peek(2)];
      if (simple !== undefined && reader.peek(2) !== 'St') {
        reader.at += code in simpleTypes ? 1 : 2;
        return { pre: simple, post: '' };
      }
      const type = this.compound(code);
      if (type) {
        bounded(written(type));
        this.seen.push(type);
        return type;
      }
      return this.named();
    });
  }
  /** A type that is made of others; undefined for one with a name. */
  private compound(code: string): Type | undefined {
    const { reader } = this;
    const cv = reader.match(/r?V?K?/y);
    if (cv !== '') {
      const inner = this.type();
      const words = [...cv].toReversed().map((one) => ` ${cvQualifiers[one]}`);
      return inner.isOpen ? { ...inner, post: inner.post + words.join('') } : { ...inner, pre: inner.pre + words.join('') };
    }
    const sign = { P: '*', R: '&', O: '&&' }[code];
    if (sign !== undefined) {
      reader.take();
      return pointed(this.type(), sign);
    }
    if (reader.takes('Do') || code === 'F') return this.function();
    if (reader.takes('A')) {
      const count = reader.match(/\d*/y);
      reader.expect('_');
      const of = this.type();
      return { pre: `${of.pre} `, post: `[${count}]${of.post}`, isOpen: true };
    }
    if (reader.takes('M')) {
      const owner = written(this.type());
      const member = this.type();
      return pointed(member, member.isOpen ? `${owner}::*` : ` ${owner}::*`);
    }
    if (reader.takes('Dp')) {
      const pattern = this.type();
      return { ...pattern, post: `${pattern.post}...` };
    }
    if (reader.takes('u')) return { pre: this.source(), post: '' };
    return undefined;
  }
  private function(): Type {
    const { reader } = this;
    reader.expect('F');
    reader.takes('Y');
    const result = this.type();
    const parameters = this.types('E');
    return { pre: `${result.pre} `, post: `(${parameters})${result.post}`, isOpen: true };
  }
  private named(): Type {
    const { reader } = this;
    const next = reader.peek();
    if (next === 'S' && reader.peek(2) !== 'St') {
      const known = this.substitution();
      return reader.peek() === 'I' ? this.kept(withAngles(written(known), this.arguments())) : known;
    }
    if (next === 'T' && !/[se]/.test(reader.peek(2)[1] ?? '')) {
      const parameter = this.parameter();
      this.seen.push(parameter);
      return reader.peek() === 'I' ? this.kept(withAngles(written(parameter), this.arguments())) : parameter;
    }
    // "struct", "union" and "enum", where they must be told.
    reader.match(/T[sue]/y);
    const outer = this.parameters;
    const { text } = this.name();
    this.parameters = outer;
    return this.kept(text);
  }
  private kept(text: string): Type {
    const type = { pre: bounded(text), post: '' };
    this.seen.push(type);
    return type;
  }
}

function withAngles(name: string, parameters: readonly string[]): string {
  const all = parameters.filter((text) => text !== '').join(', ');
  // What is an operator is told from the brackets by a space.
  return bounded(`${name}${name.endsWith('<') ? ' ' : ''}<${all}${all.endsWith('>') ? ' ' : ''}>`);
}
function misread(): never {
  throw new Misread();
}
