/** Circles of imports: files each of which needs all the others. */
import type { Import } from './imports.ts';

/** Tarjan's strongly connected components, those of one file only where it imports itself; files and circles in alphabetical order. */
export function cycles(imports: readonly Import[]): string[][] {
  const edges = new Map<string, string[]>();
  for (const { from, to } of imports) edges.set(from, [...(edges.get(from) ?? []), to]);
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];

  const visit = (file: string): void => {
    const number = order.size;
    order.set(file, number);
    lowest.set(file, number);
    open.push(file);
    for (const to of edges.get(file) ?? []) {
      if (!order.has(to)) visit(to);
      if (open.includes(to)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(to)!));
    }
    if (lowest.get(file) !== number) return;
    const circle = open.splice(open.indexOf(file));
    if (circle.length > 1 || edges.get(file)?.includes(file)) found.push(circle.sort());
  };
  for (const file of edges.keys()) if (!order.has(file)) visit(file);
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}
