import { describe, expect, test } from 'vitest';
import type { LanesView, TrapRow } from '../../emulator/session/views.ts';
import { laneBars, laneShapes, laneStrip } from '../../src-renderer/geometry/lanes.ts';
import { toSvg } from '../../src-renderer/geometry/svg.ts';
import { zoomLanes } from '../../src-renderer/geometry/zoom-lanes.ts';
import { lanesView, recordedSpans, sharesView } from './fixtures/spans.ts';
import { expectReadable, rounded } from './scene-checks.ts';

const from = 1_264_000;
const to = 1_404_000;
const spans = recordedSpans(2).filter((span) => span.to > from && span.from < to);
const view = lanesView(spans, from, to);
const traps = spans.slice(1).map((span, i): TrapRow => {
  const isException = span.el > spans[i].el;
  const type = isException ? (i % 3 ? 'DataAbort' : 'HVC') : 'ERET';
  return {
    index: 100 + i,
    number: null,
    n: span.from,
    kind: isException ? 'exception' : 'return',
    type,
    name: { DataAbort: 'Data abort', HVC: 'HVC', ERET: 'Return' }[type],
    from: spans[i].el,
    to: span.el,
    vmid: span.vmid,
    text: '',
    steps: null,
  };
});

describe('the strip of the whole recording', () => {
  test('is drawn as before', async () => {
    const { nodes, height } = laneStrip(lanesView(recordedSpans(), 0, 2_000_000), 1200);
    await expect(rounded(toSvg({ width: 1200, height, label: 'lanes', nodes, table: [] }))).toMatchFileSnapshot('snapshots/lane-strip.svg');
  });
  test('keeps a span that is narrower than a pixel', () => {
    const short = lanesView([{ el: 0, vmid: 1, from: 500_000, to: 500_001 }], 0, 2_000_000);
    const [bar] = laneBars(short, { el: 0, lanes: [0], y: 0, h: 13 }, 1000);
    expect(bar.kind === 'path' && bar.d).toBe('M250 0h1v13h-1z');
  });
});

describe('bins of a stretch with more events than pixels', () => {
  const row = { el: 1, y: 0, h: 10 } as const;
  const path = (view: LanesView, lanes: readonly number[]): string[] =>
    laneBars(view, { ...row, lanes }, 40).map((node) => (node.kind === 'path' ? `${node.class} ${node.d}` : node.kind));

  test('are as high as their share of the time, and what ran at all shows', () => {
    const binned = sharesView([{ el: 1, vmid: 1 }], [[255, 128, 1, 0]]);
    expect(path(binned, [0])).toEqual(['f-el1 M0 10V0H10V4.98H20V8H30V10z']);
    expect(laneShapes(binned)).toBe(3);
  });
  test('of several VMs in one row stand on each other, the second with its pattern', () => {
    const binned = sharesView(
      [
        { el: 1, vmid: 1 },
        { el: 1, vmid: 2 },
      ],
      [
        [51, 0],
        [204, 102],
      ],
    );
    expect(path(binned, [0, 1])).toEqual(['f-el1 M0 10V0H20V6H40V10z', 'p-cut-on M0 10V0H20V6H40V10z', 'f-el1 M0 10V8H20V10z']);
  });
});

describe('the stretch to read', () => {
  test.each([1400, 990, 640])('is readable %i wide', (width) => {
    for (const chosen of [null, ...traps]) expectReadable(zoomLanes(view, traps, { width, height: 190, chosen, at: 1_300_000 }));
  });
  test('is drawn as before', async () => {
    const scene = zoomLanes(view, traps, { width: 1400, height: 190, chosen: traps[4], at: 1_300_000 });
    await expect(rounded(toSvg(scene))).toMatchFileSnapshot('snapshots/zoom-lanes.svg');
  });
  test.each([1400, 640])('marks what a person changed, in words where there is room, %i wide', (width) => {
    const changes = [from + 900, from + 1000, from + 60_000].map((n) => ({ n, text: `x0 changed by hand` }));
    const scene = zoomLanes({ ...view, changes }, traps, { width, height: 190, chosen: traps[4], at: 1_300_000 });
    expectReadable(scene);
    const svg = toSvg(scene);
    expect(svg.match(/l4 4l-4 4l-4 -4z/g)).toHaveLength(3);
    expect(svg.match(/>x0 changed by hand</g)?.length).toBeLessThan(3);
    expect(scene.table.filter(([, what]) => what === 'x0 changed by hand')).toHaveLength(3);
  });
  test('with a hundred VMs keeps a row for those that have no room of their own', () => {
    const many = lanesView(
      Array.from({ length: 100 }, (_, i) => ({ el: 1, vmid: i + 1, from: i * 10, to: i * 10 + 10 }) as const),
      0,
      1000,
    );
    const scene = zoomLanes(many, [], { width: 990, height: 190, chosen: null, at: 0 });
    expectReadable(scene);
    expect(toSvg(scene)).toContain('97 more VMs');
  });
});
