/** The words of the mangling of C++ (Itanium C++ ABI, sections 5.1.3, 5.1.5 and 5.1.10), and how types are written. */

export const standard: Readonly<Record<string, string>> = {
  t: 'std',
  a: 'std::allocator',
  b: 'std::basic_string',
  s: 'std::string',
  i: 'std::istream',
  o: 'std::ostream',
  d: 'std::iostream',
};

export const operators: Readonly<Record<string, string>> = {
  nw: 'new', na: 'new[]', dl: 'delete', da: 'delete[]', aw: 'co_await', ps: '+', ng: '-', ad: '&', de: '*', co: '~', pl: '+', mi: '-', ml: '*',
  dv: '/', rm: '%', an: '&', or: '|', eo: '^', aS: '=', pL: '+=', mI: '-=', mL: '*=', dV: '/=', rM: '%=', aN: '&=', oR: '|=', eO: '^=', ls: '<<',
  rs: '>>', lS: '<<=', rS: '>>=', eq: '==', ne: '!=', lt: '<', gt: '>', le: '<=', ge: '>=', ss: '<=>', nt: '!', aa: '&&', oo: '||', pp: '++',
  mm: '--', cm: ',', pm: '->*', pt: '->', cl: '()', ix: '[]', qu: '?',
}; // prettier-ignore

export const simpleTypes: Readonly<Record<string, string>> = {
  v: 'void', w: 'wchar_t', b: 'bool', c: 'char', a: 'signed char', h: 'unsigned char', s: 'short', t: 'unsigned short', i: 'int', j: 'unsigned int',
  l: 'long', m: 'unsigned long', x: 'long long', y: 'unsigned long long', n: '__int128', o: 'unsigned __int128', f: 'float', d: 'double',
  e: 'long double', g: '__float128', z: '...', Dd: 'decimal64', De: 'decimal128', Df: 'decimal32', Dh: 'half', Di: 'char32_t', Ds: 'char16_t',
  Du: 'char8_t', Da: 'auto', Dc: 'decltype(auto)', Dn: 'decltype(nullptr)',
}; // prettier-ignore

/** What is behind the digits of a literal. */
export const numbered: Readonly<Record<string, string>> = { i: '', j: 'u', l: 'l', m: 'ul', x: 'll', y: 'ull' };

export const cvQualifiers: Readonly<Record<string, string>> = { r: 'restrict', V: 'volatile', K: 'const' };

/** What stands before and behind the name of something that has the type. */
export interface Type {
  readonly pre: string;
  readonly post: string;
  /** A function or an array: a pointer to it needs brackets. */
  readonly isOpen?: boolean;
}
/** Without a name. */
export const written = ({ pre, post }: Type): string => pre + post;

export const pointed = ({ pre, post, isOpen }: Type, sign: string): Type =>
  isOpen ? { pre: `${pre}(${sign}`, post: `)${post}` } : { pre: pre + sign, post };
