/**
 * Sequences of instructions that one handler of the loop does. Which ones pay off is seen from what ran: the commonest pair of neighbours
 * becomes one, then the commonest pair of what is left, and so on (as in byte-pair encoding).
 *
 * A sequence is more than its instructions' handlers: it says too which register operands are the same register, so that the handler can
 * pass on a value that it has without going by memory. Apart from that any registers will do.
 */

/** An instruction as sequences see it: its own handler, and the numbers of the registers read and written. */
export interface Instruction {
  readonly own: number;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}
export type Sequence = readonly Instruction[];

/** Instructions in a row that ran, and how often each was counted. */
export interface Straight {
  readonly code: Sequence;
  readonly counts: readonly number[];
}

/** What ran outside the loop. */
export interface Counts {
  readonly total: number;
  /** By the handler of the instruction. */
  readonly byHandler: ReadonlyMap<number, number>;
  /** The instructions that ran often enough to matter. */
  readonly straights: readonly Straight[];
}

/** Most instructions in one handler. */
export const LONGEST = 8;

/**
 * For each register read, in order: the place among all accesses of the sequence (of each instruction first its reads, then its writes)
 * that first had the value it reads, or -1.
 */
export function linksOf(sequence: Sequence): number[] {
  const links: number[] = [];
  const holders: number[] = [];
  let place = 0;
  for (const { reads, writes } of sequence) {
    for (const register of reads) {
      links.push(holders[register] ?? -1);
      holders[register] ??= place;
      place++;
    }
    for (const register of writes) holders[register] = place++;
  }
  return links;
}
/** Sequences that one handler can do have the same key. */
export const keyOf = (sequence: Sequence): string => `${sequence.map(({ own }) => own).join()}:${linksOf(sequence).join()}`;

interface Piece {
  readonly sequence: Sequence;
  readonly key: string;
  /** How often its first and its last instruction ran. */
  readonly first: number;
  readonly last: number;
  /** Key of what it would be together with the next piece. */
  pair?: string | undefined;
}

/** Choosing looks at no more instructions than this, the commonest, so that it takes some milliseconds. */
const LOOKED_AT = 1000;

/** Sequences of two or more that would do at least `share` of all that was counted as one step, `most` of them. */
export function chooseSequences({ total, straights }: Counts, share: number, most: number): Sequence[] {
  let texts = commonest(straights).map(({ code, counts }) =>
    code.map((instruction, i): Piece => {
      const sequence = [instruction];
      return { sequence, key: keyOf(sequence), first: counts[i], last: counts[i] };
    }),
  );
  for (let found = 0; found < most;) {
    const pairs = commonestPairs(texts, total * share).slice(0, most - found);
    if (pairs.length === 0) break;
    const keys = new Set(pairs);
    texts = texts.map((text) => joinPairs(text, keys));
    found += pairs.length;
  }
  const uses = new Map<string, { readonly sequence: Sequence; count: number }>();
  for (const { sequence, key, first } of texts.flat()) {
    const use = uses.get(key);
    if (use) use.count += first;
    else if (sequence.length > 1) uses.set(key, { sequence, count: first });
  }
  return [...uses.values()].filter(({ count }) => count >= (total * share) / 2).map(({ sequence }) => sequence);
}

function commonest(straights: readonly Straight[]): Straight[] {
  const byCount = [...straights].sort((a, b) => Math.max(...b.counts) - Math.max(...a.counts));
  let instructions = 0;
  return byCount.filter(({ code }) => (instructions += code.length) <= LOOKED_AT);
}

/** Keys of the commonest pair of neighbours that was counted so often at least, and of those half as common that have no piece with another. */
function commonestPairs(texts: readonly Piece[][], least: number): string[] {
  const pairs = new Map<string, { readonly key: string; readonly left: string; readonly right: string; count: number }>();
  for (const text of texts) {
    for (let i = 0; i + 1 < text.length; i++) {
      const [left, right] = [text[i], text[i + 1]];
      if (left.sequence.length + right.sequence.length > LONGEST) continue;
      const key = (left.pair ??= keyOf([...left.sequence, ...right.sequence])),
        count = Math.min(left.last, right.first),
        known = pairs.get(key);
      if (known) known.count += count;
      else pairs.set(key, { key, left: left.key, right: right.key, count });
    }
  }
  const byCount = [...pairs.values()].filter(({ count }) => count >= least).sort((a, b) => b.count - a.count),
    taken = new Set<string>();
  return byCount
    .filter(({ left, right, count }) => {
      if (count < byCount[0].count / 2 || taken.has(left) || taken.has(right)) return false;
      taken.add(left).add(right);
      return true;
    })
    .map(({ key }) => key);
}

function joinPairs(text: Piece[], keys: ReadonlySet<string>): Piece[] {
  const joins = (piece: Piece | undefined): boolean => piece?.pair !== undefined && keys.has(piece.pair);
  if (!text.some(joins)) return text;
  const out: Piece[] = [];
  for (let i = 0; i < text.length; i++) {
    const piece = text[i];
    if (joins(piece)) {
      const right = text[++i];
      out.push({ sequence: [...piece.sequence, ...right.sequence], key: piece.pair!, first: piece.first, last: right.last });
    } else out.push({ ...piece, pair: joins(text[i + 1]) ? undefined : piece.pair });
  }
  return out;
}

interface Node {
  readonly next: Map<number, Node>;
  /** Handlers of the sequences that end here, by key. */
  readonly handlers: Map<string, number>;
}
const newNode = (): Node => ({ next: new Map(), handlers: new Map() });

/** Finds the longest sequence that begins somewhere. */
export class SequenceTree {
  private readonly root = newNode();

  add(sequence: Sequence, handler: number): void {
    let node = this.root;
    for (const { own } of sequence) {
      let next = node.next.get(own);
      if (!next) node.next.set(own, (next = newNode()));
      node = next;
    }
    node.handlers.set(keyOf(sequence), handler);
  }

  /** Whether any sequence begins with this instruction. */
  begins(own: number): boolean {
    return this.root.next.has(own);
  }
  /** The longest sequence at the front of what `at` gives: its handler and its length. Undefined where there is none of two or more. */
  longest(at: (i: number) => Instruction | undefined): { readonly handler: number; readonly length: number } | undefined {
    const sequence: Instruction[] = [];
    let found: { handler: number; length: number } | undefined;
    for (let node: Node | undefined = this.root; node;) {
      const instruction = at(sequence.length);
      node = instruction && node.next.get(instruction.own);
      if (!node || !instruction) break;
      sequence.push(instruction);
      const handler = node.handlers.size > 0 ? node.handlers.get(keyOf(sequence)) : undefined;
      if (handler !== undefined) found = { handler, length: sequence.length };
    }
    return found;
  }
}
