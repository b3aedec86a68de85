import { describe, expect, test } from 'vitest';
import type { TrapRow } from '../../emulator/session/views.ts';
import { laneBars, laneStrip } from '../../src-renderer/geometry/lanes.ts';
import { toSvg } from '../../src-renderer/geometry/svg.ts';
import { zoomLanes } from '../../src-renderer/geometry/zoom-lanes.ts';
import { recordedSpans } from './fixtures/spans.ts';
import { expectReadable, rounded } from './scene-checks.ts';

const from = 1_264_000;
const to = 1_404_000;
const spans = recordedSpans(2).filter((span) => span.to > from && span.from < to);
const traps = spans.slice(1).map((span, i): TrapRow => ({
  index: 100 + i,
  n: span.from,
  kind: span.el > spans[i].el ? 'exception' : 'return',
  type: span.el > spans[i].el ? (i % 3 ? 'DataAbort' : 'HVC') : 'ERET',
  from: spans[i].el,
  to: span.el,
  vmid: span.vmid,
  text: '',
  steps: null,
}));

describe('the strip of the whole recording', () => {
  test('is drawn as before', async () => {
    const { nodes, height } = laneStrip(recordedSpans(), 0, 2_000_000, 1200);
    await expect(rounded(toSvg({ width: 1200, height, label: 'lanes', nodes, table: [] }))).toMatchFileSnapshot('snapshots/lane-strip.svg');
  });
  test('keeps a span that is narrower than a pixel', () => {
    const [bar] = laneBars([{ el: 0, vmid: 1, from: 500_000, to: 500_001 }], { el: 0, vmid: null, y: 0, h: 13 }, 0, 2_000_000, 1000);
    expect(bar.kind === 'path' && bar.d).toBe('M250 0h1v13h-1z');
  });
});

describe('the stretch to read', () => {
  test.each([1400, 990, 640])('is readable %i wide', (width) => {
    for (const chosen of [null, ...traps.map((trap) => trap.index)])
      expectReadable(zoomLanes(spans, traps, { from, to, width, height: 190, chosen, at: 1_300_000 }));
  });
  test('is drawn as before', async () => {
    await expect(
      rounded(toSvg(zoomLanes(spans, traps, { from, to, width: 1400, height: 190, chosen: 104, at: 1_300_000 }))),
    ).toMatchFileSnapshot('snapshots/zoom-lanes.svg');
  });
});
