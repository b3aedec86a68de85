/** Types of C and Rust as debug information describes them (DWARF 5, chapter 5), each made when it is first asked for. */
import { longestName } from '../base/names.ts';
import type { Entries, Entry } from './dwarf-entries.ts';

import { AT, ATE, TAG } from './dwarf-names.ts';

export interface Member {
  /** Empty for a structure without a name within another. */
  readonly name: string;
  readonly type: Type;
  /** Bytes from the beginning. */
  readonly offset: number;
  /** Of a bit field: its width, and its lowest bit from the beginning. */
  readonly bits?: { readonly width: number; readonly low: number };
  /** Of a variant: it is there only where the discriminant says so. */
  readonly variant?: Variant;
}
/** `value` undefined: where the discriminant has none of the values of the other variants. */
interface Variant {
  readonly discriminant: Member;
  readonly value: bigint | undefined;
  readonly others: readonly bigint[];
}

interface Named {
  /** As C would write it. */
  readonly name: string;
  /** Undefined where the type is not complete. */
  readonly bytes: number | undefined;
}
export type Type =
  | (Named & { readonly kind: 'base'; readonly encoding: Encoding; readonly isSigned: boolean })
  | (Named & { readonly kind: 'pointer'; readonly to: Type })
  | (Named & { readonly kind: 'struct' | 'union'; readonly members: readonly Member[] })
  | (Named & {
      readonly kind: 'enum';
      readonly isSigned: boolean;
      readonly values: readonly { readonly name: string; readonly value: bigint }[];
    })
  /** `count` undefined: the size is not in the type. */
  | (Named & { readonly kind: 'array'; readonly of: Type; readonly count: number | undefined })
  | (Named & { readonly kind: 'function' })
  | (Named & { readonly kind: 'void' });

type Encoding = 'boolean' | 'float' | 'integer' | 'character';

export const VOID: Type = { kind: 'void', name: 'void', bytes: undefined };
const unknown = (why: string): Type => ({ kind: 'void', name: `(${why})`, bytes: undefined });

/** Types within types: pointers to pointers to arrays. */
const MOST_DEPTH = 64;
/** Members of a structure, values of an enumeration. */
const MOST_MEMBERS = 4096;

export class Types {
  private readonly known = new Map<number, Type>();

  constructor(private readonly entries: Entries) {}

  /** The type of a variable, a member or what a pointer points to. */
  of(entry: Entry, depth = 0): Type {
    const attribute = entry.inherited(AT.type);
    if (!attribute) return VOID;
    const type = typeof attribute.value === 'bigint' ? this.entries.entryAt(Number(attribute.value)) : undefined;
    return type ? this.at(type, depth) : unknown('a type in another file');
  }

  private at(entry: Entry, depth: number): Type {
    const known = this.known.get(entry.offset);
    if (known) return known;
    if (depth > MOST_DEPTH) return unknown('a type that is nested too deeply');
    // Types can go round in a damaged file, by way of the types of a function's parameters for example.
    this.known.set(entry.offset, unknown('a type that contains itself'));
    const type = this.make(entry, depth);
    this.known.set(entry.offset, type);
    return type;
  }

  private make(entry: Entry, depth: number): Type {
    const name = entry.name;
    const bytes = entry.small(AT.byte_size);
    switch (entry.tag) {
      case TAG.base_type:
        return { kind: 'base', name: name ?? 'int', bytes, ...encodingOf(entry.small(AT.encoding)) };
      case TAG.pointer_type:
      case TAG.reference_type:
      case TAG.rvalue_reference_type:
        return this.pointer(entry, entry.tag === TAG.pointer_type ? '*' : '&', depth);
      case TAG.structure_type:
      case TAG.class_type:
      case TAG.union_type:
        return this.structure(entry, name, bytes);
      case TAG.enumeration_type:
        return this.enumeration(entry, name, bytes, depth);
      case TAG.array_type:
        return this.array(entry, depth);
      case TAG.typedef:
        return renamed(this.of(entry, depth + 1), name ?? '(no name)');
      case TAG.const_type:
        return qualified(this.of(entry, depth + 1), 'const');
      case TAG.volatile_type:
        return qualified(this.of(entry, depth + 1), 'volatile');
      case TAG.atomic_type:
        return qualified(this.of(entry, depth + 1), '_Atomic');
      case TAG.restrict_type:
        return this.of(entry, depth + 1);
      case TAG.subroutine_type:
        return this.function(entry, depth);
      case TAG.unspecified_type:
        return { kind: 'void', name: name ?? 'void', bytes: undefined };
      default:
        return unknown('a type that is not known here');
    }
  }

  /** What it points to is looked at when somebody follows it: a structure may point to itself. */
  private pointer(entry: Entry, sign: string, depth: number): Type {
    const follow = (): Type => this.of(entry, depth + 1);
    let to: Type | undefined;
    let name: string | undefined;
    return {
      kind: 'pointer',
      bytes: 8,
      get to(): Type {
        return (to ??= follow());
      },
      get name(): string {
        // Rust names its references; C's name says what it points to.
        if (name !== undefined) return name;
        name = '(a pointer to itself)';
        const own = entry.get(AT.name)?.value;
        return (name = typeof own === 'string' ? own : declared(this.to.name, sign));
      },
    };
  }

  private structure(entry: Entry, name: string | undefined, bytes: number | undefined): Type {
    const all = (): Member[] => this.members(entry);
    const kind = entry.tag === TAG.union_type ? 'union' : 'struct';
    let members: Member[] | undefined;
    return {
      kind,
      name: `${kind} ${name ?? '{...}'}`,
      bytes: entry.get(AT.declaration) ? undefined : bytes,
      get members(): Member[] {
        return (members ??= all());
      },
    };
  }
  private members(structure: Entry): Member[] {
    const found: Member[] = [];
    for (const entry of structure.children()) {
      if (found.length === MOST_MEMBERS) break;
      if (entry.tag === TAG.variant_part) found.push(...this.variants(entry));
      else if ((entry.tag === TAG.member || entry.tag === TAG.inheritance) && !entry.get(AT.external)) found.push(this.member(entry));
    }
    return found.slice(0, MOST_MEMBERS);
  }
  /** Those of an enum of Rust. One that has a single variant has no discriminant. */
  private variants(part: Entry): Member[] {
    const selector = part.referred(AT.discr);
    const discriminant = selector && this.member(selector);
    const variants = [...part.children()].filter(({ tag }) => tag === TAG.variant);
    const others = variants.flatMap((one) => one.number(AT.discr_value) ?? []);
    return variants.flatMap((one) => {
      const variant = discriminant && { discriminant, value: one.number(AT.discr_value), others };
      const members = [...one.children()].filter(({ tag }) => tag === TAG.member);
      return members.map((member) => ({ ...this.member(member), ...(variant && { variant }) }));
    });
  }
  private member(entry: Entry): Member {
    const type = this.of(entry);
    const width = entry.small(AT.bit_size);
    const offset = entry.small(AT.data_member_location) ?? 0;
    const shared = { name: entry.name ?? '', type };
    if (width === undefined) return { ...shared, offset };
    const low = entry.small(AT.data_bit_offset);
    if (low !== undefined) return { ...shared, offset: low >> 3, bits: { width, low } };
    // DWARF 3: from the highest bit of a unit of storage (5.5.6).
    const storage = 8 * (entry.small(AT.byte_size) ?? type.bytes ?? 4);
    const fromHighest = entry.small(AT.bit_offset) ?? 0;
    return { ...shared, offset, bits: { width, low: 8 * offset + storage - fromHighest - width } };
  }

  private enumeration(entry: Entry, name: string | undefined, bytes: number | undefined, depth: number): Type {
    const underlying = this.of(entry, depth + 1);
    const values: { name: string; value: bigint }[] = [];
    for (const child of entry.children()) {
      const value = child.tag === TAG.enumerator ? child.number(AT.const_value) : undefined;
      if (value !== undefined && values.length < MOST_MEMBERS) values.push({ name: child.name ?? '', value });
    }
    const isSigned = underlying.kind === 'base' ? underlying.isSigned : values.some(({ value }) => value < 0n);
    return { kind: 'enum', name: `enum ${name ?? '{...}'}`, bytes: bytes ?? underlying.bytes ?? 4, isSigned, values };
  }

  private array(entry: Entry, depth: number): Type {
    const counts = [...entry.children()]
      .filter(({ tag }) => tag === TAG.subrange_type)
      .map((range) => {
        const count = range.small(AT.count);
        const upper = range.small(AT.upper_bound);
        return count ?? (upper === undefined ? undefined : upper + 1);
      });
    const element = this.of(entry, depth + 1);
    return (counts.length === 0 ? [undefined] : counts.slice(0, MOST_DEPTH)).reduceRight<Type>((of, count) => {
      const bytes = of.bytes === undefined || count === undefined ? undefined : of.bytes * count;
      return { kind: 'array', name: declared(of.name, `[${count ?? ''}]`), bytes, of, count };
    }, element);
  }

  private function(entry: Entry, depth: number): Type {
    const parameters = [...entry.children()].slice(0, 64).flatMap((child) => {
      if (child.tag === TAG.unspecified_parameters) return ['...'];
      return child.tag === TAG.formal_parameter ? [this.of(child, depth + 1).name] : [];
    });
    return { kind: 'function', name: cut(`${this.of(entry, depth + 1).name} (${parameters.join(', ') || 'void'})`), bytes: undefined };
  }
}

function encodingOf(encoding: number | undefined): { readonly encoding: Encoding; readonly isSigned: boolean } {
  const isSigned = encoding === ATE.signed || encoding === ATE.signed_char;
  if (encoding === ATE.boolean) return { encoding: 'boolean', isSigned };
  if (encoding === ATE.float) return { encoding: 'float', isSigned };
  const isCharacter = encoding === ATE.signed_char || encoding === ATE.unsigned_char || encoding === ATE.UTF;
  return { encoding: isCharacter ? 'character' : 'integer', isSigned };
}

/** Names are made of names: without a limit a small file has gigabytes of them. */
const cut = (name: string): string => (name.length > longestName ? `${name.slice(0, longestName)}…` : name);

/** `*` and `[n]` in C stand where the name would: `int (*)[4]`, `void (*)(int)`, `int [2][3]`. */
function declared(whole: string, sign: string): string {
  const name = cut(whole);
  const inner = name.lastIndexOf('*)');
  if (inner >= 0 && sign === '*') return `${name.slice(0, inner + 1)}*${name.slice(inner + 1)}`;
  if (inner >= 0) return `${name.slice(0, inner + 1)}${sign}${name.slice(inner + 1)}`;
  const suffix = /^(.*?) ?((?:\[\d*\])+|\([^()]*\))$/.exec(name);
  if (suffix && sign !== '*' && sign !== '&') return `${suffix[1]} ${sign}${suffix[2]}`;
  if (suffix) return `${suffix[1]} (${sign})${suffix[2]}`;
  return sign.startsWith('[') ? `${name} ${sign}` : `${name}${name.endsWith('*') ? '' : ' '}${sign}`;
}

/** A pointer's getters must stay lazy: what it points to may be itself. */
function renamed(type: Type, name: string): Type {
  return Object.create(type, { name: { value: name, enumerable: true } }) as Type;
}
function qualified(type: Type, qualifier: string): Type {
  return Object.create(type, {
    name: {
      get: () => (type.kind === 'pointer' ? `${type.name} ${qualifier}` : `${qualifier} ${type.name}`),
      enumerable: true,
    },
  }) as Type;
}
