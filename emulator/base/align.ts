/**
 * Which elements two sequences have in common, in order: the shortest script of insertions and deletions by E. W. Myers, "An O(ND)
 * Difference Algorithm and Its Variations" (Algorithmica 1, 1986), in its linear-space form. Where the sequences differ so much that it
 * would take long, a part is settled as well as a limited search can: the script is then right, but perhaps not the shortest.
 */

/** Elements `a` to before `aEnd` of the one sequence are in place of `b` to before `bEnd` of the other. Between differences all are equal. */
export interface Hunk {
  readonly a: number;
  readonly aEnd: number;
  readonly b: number;
  readonly bEnd: number;
}

export type Elements = ArrayLike<number>;

/** Edits that one search looks at: fewer where there are many elements, so that millions that have nothing in common take seconds. */
const mostEdits = (elements: number): number => Math.max(32, Math.min(1024, Math.floor(2 ** 26 / elements)));
/** Elements settled between yields. */
const PORTION = 20_000;

/** Gives the differences in order. Yields now and then how many elements of both are settled. */
export function* align(a: Elements, b: Elements): Generator<number, Hunk[]> {
  const hunks: Hunk[] = [];
  const differ = (from: Hunk): void => {
    const last = hunks.at(-1);
    if (last?.aEnd === from.a && last.bEnd === from.b) hunks[hunks.length - 1] = { ...last, aEnd: from.aEnd, bEnd: from.bEnd };
    else hunks.push(from);
  };
  // What is left to do, the beginning of the sequences on top.
  const open: Hunk[] = [{ a: 0, aEnd: a.length, b: 0, bEnd: b.length }];
  const search = new Search(a, b);
  let told = 0;
  for (let part = open.pop(); part; part = open.pop()) {
    const rest = withoutEnds(a, b, part);
    if (rest.a < rest.aEnd && rest.b < rest.bEnd) {
      const [x, y] = search.middle(rest);
      open.push({ ...rest, a: x, b: y }, { ...rest, aEnd: x, bEnd: y });
    } else if (rest.a < rest.aEnd || rest.b < rest.bEnd) differ(rest);
    if (part.a + part.b < told + PORTION) continue;
    told = part.a + part.b;
    yield told;
  }
  return hunks;
}

/** Without what is equal at the beginning and at the end. */
function withoutEnds(a: Elements, b: Elements, part: Hunk): Hunk {
  let { a: x, b: y, aEnd, bEnd } = part;
  while (x < aEnd && y < bEnd && a[x] === b[y]) [x, y] = [x + 1, y + 1];
  while (x < aEnd && y < bEnd && a[aEnd - 1] === b[bEnd - 1]) [aEnd, bEnd] = [aEnd - 1, bEnd - 1];
  return { a: x, aEnd, b: y, bEnd };
}

class Search {
  private readonly most: number;
  // For each diagonal, how far a path of so many edits reaches in `a`: from the beginning, and from the end.
  private readonly forward: Int32Array;
  private readonly backward: Int32Array;

  constructor(
    private readonly a: Elements,
    private readonly b: Elements,
  ) {
    this.most = mostEdits(a.length + b.length);
    this.forward = new Int32Array(2 * this.most + 3);
    this.backward = new Int32Array(2 * this.most + 3);
  }

  /**
   * A point on the shortest path, found from both ends at once; where that takes too many edits, the point that the search came furthest to.
   * It is neither the beginning nor the end, so that what is left gets smaller. The first elements differ, and so do the last ones.
   */
  middle({ a: aStart, aEnd, b: bStart, bEnd }: Hunk): readonly [number, number] {
    const { a, b, forward, backward, most } = this;
    const [n, m] = [aEnd - aStart, bEnd - bStart];
    const delta = n - m;
    const isOdd = (delta & 1) !== 0;
    const zero = most + 1;
    forward[zero + 1] = 0;
    backward[zero + 1] = 0;
    for (let edits = 0; edits <= most; edits++) {
      for (let k = -edits; k <= edits; k += 2) {
        const goesDown = k === -edits || (k !== edits && forward[zero + k - 1] < forward[zero + k + 1]);
        let x = goesDown ? forward[zero + k + 1] : forward[zero + k - 1] + 1;
        while (x < n && x - k < m && x >= 0 && x - k >= 0 && a[aStart + x] === b[bStart + x - k]) x++;
        forward[zero + k] = x;
        const back = delta - k;
        if (isOdd && Math.abs(back) < edits && x + backward[zero + back] >= n && isInside(x, x - k, n, m))
          return [aStart + x, bStart + x - k];
      }
      for (let k = -edits; k <= edits; k += 2) {
        const goesUp = k === -edits || (k !== edits && backward[zero + k - 1] < backward[zero + k + 1]);
        let x = goesUp ? backward[zero + k + 1] : backward[zero + k - 1] + 1;
        while (x < n && x - k < m && x >= 0 && x - k >= 0 && a[aEnd - 1 - x] === b[bEnd - 1 - x + k]) x++;
        backward[zero + k] = x;
        const ahead = delta - k;
        if (!isOdd && Math.abs(ahead) <= edits && x + forward[zero + ahead] >= n && isInside(n - x, m - x + k, n, m))
          return [aEnd - x, bEnd - x + k];
      }
    }
    const [x, y] = this.furthest(n, m);
    return [aStart + x, bStart + y];
  }

  /** Of all points that the paths from the beginning have reached, the one with the most elements behind it. */
  private furthest(n: number, m: number): readonly [number, number] {
    const { forward, most } = this;
    let [bestX, bestY] = [0, 0];
    for (let k = -most; k <= most; k += 2) {
      const x = Math.min(forward[most + 1 + k], n, m + k);
      const y = x - k;
      if (y >= 0 && x + y > bestX + bestY && isInside(x, y, n, m)) [bestX, bestY] = [x, y];
    }
    return [bestX, bestY];
  }
}
const isInside = (x: number, y: number, n: number, m: number): boolean =>
  x >= 0 && y >= 0 && x <= n && y <= m && x + y > 0 && x + y < n + m;
