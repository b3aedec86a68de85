/** What the TLB holds for the address, above the walk: nothing, what the tables say too, or something that they no longer say. */
import type { Walk } from '../../../emulator/session/views.ts';
import { size } from '../numbers.ts';
import { group, rect, text, type GroupNode, type SceneNode } from '../scene.ts';
import { fit, textWidth } from '../text.ts';

/** Heights with the space below: one line, and the two boxes of a stale entry. */
export const TLB_LINE = 26;
const TLB_STALE = 62;

type Entry = NonNullable<Walk['tlb']['entry']>;

/** How much room the TLB takes; 0 where translation is off, for then it is not asked. */
export function tlbHeight({ stages, tlb }: Walk): number {
  if (!stages.stage1.on && !stages.stage2?.on) return 0;
  return tlb.stale ? TLB_STALE : TLB_LINE;
}

export function tlbBand(walk: Walk, x: number, y: number, width: number, height: number): GroupNode {
  const { tlb } = walk;
  if (tlb.entry && tlb.stale && height >= TLB_STALE) return staleBand(walk, tlb.entry, x, y, width);
  const [badge, words] = tlb.entry
    ? tlb.stale
      ? ['TLB: stale', `${entryText(tlb.entry)}. The tables differ: ${tlb.difference ?? ''}`]
      : ['TLB: hit', `${entryText(tlb.entry)}: no table needs to be read. The tables say:`]
    : [
        'TLB: miss',
        `nothing for this address${tags(walk.stages.stage1.id ?? null, walk.stages.stage2?.on ? (walk.stages.stage2.id ?? null) : null)}: the tables are read.`,
      ];
  const w = textWidth(badge, 'small bold') + 14;
  const fill = tlb.stale ? 'f-mark' : tlb.hit ? 'f-ink' : 's-line2';
  return group(
    [
      rect(x, y, w, 19, fill, 4),
      text(x + 7, y + 13.5, badge, `small bold ${tlb.hit && !tlb.stale ? 'f-onink' : 'f-ink'}`),
      text(x + w + 9, y + 13.5, fit(words, width - w - 12, 'small'), 'small f-ink2'),
    ],
    { key: 'tlb' },
  );
}

const tags = (asid: number | null, vmid: number | null): string =>
  `${asid === null ? '' : `, ASID ${asid}`}${vmid === null ? '' : `, VMID ${vmid}`}`;

/** What an entry comes from: it is for 4 KiB in any case. */
const leafText = ({ leafBytes }: Entry): string => `${size(leafBytes)} ${leafBytes > 65536 ? 'block' : 'page'}`;

function entryText(entry: Entry): string {
  const { va, pa, permissions, memory, asid, vmid } = entry;
  const rights = Object.entries(permissions).map(([el, rights]) => `EL${el} ${rights}`);
  const where = entry.leafBytes > 4096 ? `VA ${va}, in a ${leafText(entry)},` : `${leafText(entry)} ${va}`;
  return `${where} is at PA ${pa}, ${rights.join(' ')}, ${memory}${tags(asid, vmid)}`;
}

/** Two boxes: what is used until a TLBI, and what the tables would give now. */
function staleBand({ result, tlb }: Walk, entry: Entry, x: number, y: number, width: number): GroupNode {
  const gap = 10;
  const w = (width - gap) / 2;
  const offsetless = result.ok ? `PA ${page(result.pa)}` : result.text;
  const now = result.ok ? `${offsetless}, ${rightsOf(result.permissions)}, ${result.attributes.text}` : offsetless;
  const rights = Object.entries(entry.permissions).map(([el, text]) => `EL${el} ${text}`);
  const box = (at: number, title: string, words: string, look: string, ink: string): SceneNode[] => [
    rect(at, y, w, 46, look, 5),
    text(at + 12, y + 18, fit(title, w - 24, 'small bold'), `small bold ${ink}`),
    text(at + 12, y + 36, fit(words, w - 24, 'mono small'), `mono small ${ink}`),
  ];
  return group(
    [
      ...box(
        x,
        `Stale in the TLB, used until a TLBI${tags(entry.asid, entry.vmid)}`,
        `${leafText(entry)}, PA ${entry.pa}, ${rights.join(' ')}, ${entry.memory}`,
        'f-mark s-ink w15',
        'f-ink',
      ),
      ...box(
        x + w + gap,
        `The tables, if read now${tlb.difference && result.ok ? '' : ': a fault'}`,
        now,
        result.ok ? 'f-surface s-line2 dashed' : 'f-m-fault-tint s-m-fault dashed',
        result.ok ? 'f-ink2' : 'f-m-fault-ink',
      ),
    ],
    { key: 'tlb' },
  );
}

const page = (pa: string): string => `0x${((BigInt(pa) >> 12n) << 12n).toString(16)}`;

type Rights = Extract<Walk['result'], { ok: true }>['permissions'];
const rightsOf = ({ r, w, x }: Rights): string =>
  (['0', '1', '2'] as const)
    .filter((el) => r[el] !== undefined)
    .map((el) => `EL${el} ${r[el] ? 'r' : '-'}${w[el] ? 'w' : '-'}${x[el] ? 'x' : '-'}`)
    .join(' ');
