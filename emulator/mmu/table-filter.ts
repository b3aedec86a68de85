/** Which entries of a tree a person asks for: by what they grant, by what they are, by address. */
import { parseNumber } from '../base/hex.ts';
import type { LeafInfo } from './leaf.ts';
import { right } from './permissions.ts';
import { inputOf, type TableNode, type TableRun, type TableTree } from './table-types.ts';

/** What an entry can be asked to be. */
const entryTraits = {
  writable: (leaf) => (leaf.rights & right.write) !== 0,
  readOnly: (leaf) => (leaf.rights & right.read) !== 0 && (leaf.rights & right.write) === 0,
  executable: (leaf) => (leaf.rights & right.execute) !== 0,
  /** EL0 may do something. */
  user: (leaf) => (leaf.permissions['0'] ?? '---') !== '---',
  device: (leaf) => leaf.isDevice,
  normal: (leaf) => !leaf.isDevice,
  /** AF = 0. */
  unaccessed: (leaf) => leaf.refused === 'access flag',
  notGlobal: (leaf) => leaf.notGlobal,
  contiguous: (leaf) => leaf.contiguous,
} as const satisfies Record<string, (leaf: LeafInfo) => boolean>;
/** `invalid` is the one that is about entries that map nothing. */
export type EntryTrait = keyof typeof entryTraits | 'invalid';
export const entryTraitNames = [...(Object.keys(entryTraits) as (keyof typeof entryTraits)[]), 'invalid'] as const;

export interface EntryFilter {
  /** All of them must hold. */
  readonly traits: readonly EntryTrait[];
  /** An address ("0x80000000"), a range ("0x80000000-0x80010000", "0x80000000+0x1000"), or words of what an entry says. */
  readonly text: string;
}

/** How many entries of a run match; it is no table. */
export type EntryMatcher = (node: TableNode, run: TableRun) => number;

/** Undefined where everything matches. */
export function entryMatcher(tree: TableTree, { traits, text }: EntryFilter): EntryMatcher | undefined {
  const wanted = text.trim().toLowerCase();
  if (traits.length === 0 && wanted === '') return undefined;
  const range = addressRange(wanted);
  const within = range && entriesWithin(tree, range);
  const words = range ? [] : wanted.split(/\s+/).filter(Boolean);
  const invalid = traits.includes('invalid');
  const tests = traits.filter((trait) => trait !== 'invalid').map((trait) => entryTraits[trait]);
  return (node, run) => {
    const { leaf } = run;
    // Without being asked for, what maps nothing matches only by its address.
    if (leaf ? invalid : !invalid && (tests.length > 0 || !range)) return 0;
    if (leaf ? !tests.every((test) => test(leaf)) : tests.length > 0) return 0;
    if (words.length > 0) {
      const said = sayings(run);
      if (!words.every((word) => said.includes(word))) return 0;
    }
    return within ? within(node, run) : run.count;
  };
}

const sayings = ({ kind, leaf }: TableRun): string =>
  `${kind} ${leaf ? `${Object.values(leaf.permissions).join(' ')} ${leaf.memory} ${leaf.shareability}` : ''}`.toLowerCase();

interface AddressRange {
  readonly from: bigint;
  /** Not part of it. */
  readonly to: bigint;
}

/** Undefined where the text is no address. The end of "from-to" is part of it. */
function addressRange(text: string): AddressRange | undefined {
  const [first, sign, second] = text.split(/(-|\.\.|\+)/).map((part) => part.trim());
  if (!/^0x/i.test(first ?? '')) return undefined;
  const from = parseNumber(first);
  if (from === undefined) return undefined;
  if (sign === undefined) return { from, to: from + 1n };
  const other = parseNumber(second ?? '');
  if (other === undefined) return undefined;
  return { from, to: sign === '+' ? from + other : other + 1n };
}

/** Counts the entries of a run whose input or output addresses touch a range. */
function entriesWithin({ base }: TableTree, range: AddressRange): EntryMatcher {
  // As numbers, which are exact where trees have addresses: below 2^48 from the start of the range.
  const input = { from: Number(range.from - base), to: Number(range.to - base) };
  const output = { from: Number(range.from), to: Number(range.to) };
  const overlap = (start: number, bytesPerEntry: number, count: number, { from, to }: typeof input): void => {
    first = Math.max(0, Math.floor((from - start) / bytesPerEntry));
    end = Math.min(count, Math.ceil((to - start) / bytesPerEntry));
  };
  let first = 0;
  let end = 0;
  return (node, run) => {
    overlap(inputOf(node, run), node.bytesPerEntry, run.count, input);
    const inputFirst = first;
    const inputEnd = end;
    const byInput = Math.max(0, end - first);
    if (run.output === undefined) return byInput;
    overlap(run.output, node.bytesPerEntry, run.count, output);
    const byOutput = Math.max(0, end - first);
    const both = byInput && byOutput ? Math.max(0, Math.min(end, inputEnd) - Math.max(first, inputFirst)) : 0;
    return byInput + byOutput - both;
  };
}
