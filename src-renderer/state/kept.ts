/**
 * What comes new from the machine, with everything that is as before taken from before: what depends only on a part that has not changed
 * has nothing to do. For plain data: objects, arrays, bytes, values.
 */
export function kept<T>(before: unknown, now: T): T {
  if (Object.is(before, now)) return now;
  if (typeof before !== 'object' || before === null || typeof now !== 'object' || now === null) return now;
  if (now instanceof Uint8Array) return before instanceof Uint8Array && sameItems(before, now) ? (before as T) : now;
  if (Array.isArray(now)) {
    if (!Array.isArray(before)) return now;
    const items = now.map((item: unknown, i) => kept(before[i], item));
    return (sameItems(before, items) ? before : items) as T;
  }
  if (Array.isArray(before) || before instanceof Uint8Array) return now;
  const old = before as Record<string, unknown>;
  const fresh = now as Record<string, unknown>;
  const names = Object.keys(fresh);
  const parts = names.map((name) => kept(old[name], fresh[name]));
  const isSame = names.length === Object.keys(old).length && names.every((name, i) => name in old && Object.is(old[name], parts[i]));
  return (isSame ? before : Object.fromEntries(names.map((name, i) => [name, parts[i]]))) as T;
}

function sameItems(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
