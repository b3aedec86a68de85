/** Drawings of what this processor does not have: boxes and arrows, on a sheet of 320 by 150. */

/** `el`: the exception level whose colour it has; absent: neutral. */
export interface CardBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly text: string;
  readonly el?: 0 | 1 | 2 | 3;
  readonly dashed?: true;
}
export interface CardArrow {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly text?: string;
}
export interface ConceptCard {
  /** What the drawing says, for who cannot see it. */
  readonly label: string;
  readonly boxes: readonly CardBox[];
  readonly arrows: readonly CardArrow[];
}
export const CARD = { width: 320, height: 150 } as const;

const box = (x: number, y: number, width: number, height: number, text: string, el?: CardBox['el']): CardBox => ({
  x,
  y,
  width,
  height,
  text,
  ...(el !== undefined && { el }),
});
const dashed = (one: CardBox): CardBox => ({ ...one, dashed: true });
const arrow = (from: CardArrow['from'], to: CardArrow['to'], text?: string): CardArrow => ({
  from,
  to,
  ...(text !== undefined && { text }),
});

export const conceptCards: Readonly<Record<string, ConceptCard>> = {
  C04: {
    label:
      'Two worlds side by side, Non-secure with EL0 to EL2 and Secure with EL0 to EL2, above both the monitor at EL3, which switches with SCR_EL3.NS.',
    boxes: [
      box(8, 6, 304, 26, 'EL3, monitor: SCR_EL3.NS', 3),
      box(8, 46, 144, 26, 'EL2, hypervisor', 2),
      box(8, 78, 144, 26, 'EL1, kernels', 1),
      box(8, 110, 144, 26, 'EL0, programs', 0),
      dashed(box(168, 46, 144, 26, 'Secure EL2', 2)),
      dashed(box(168, 78, 144, 26, 'trusted system', 1)),
      dashed(box(168, 110, 144, 26, 'trusted programs', 0)),
    ],
    arrows: [arrow([80, 46], [80, 34]), arrow([240, 34], [240, 46])],
  },
  C40: {
    label: 'Sixteen page entries marked contiguous share one entry of the TLB; a written page changes from clean to dirty.',
    boxes: [
      ...Array.from({ length: 16 }, (_, i) => box(8 + (i % 8) * 18, 20 + Math.floor(i / 8) * 22, 16, 20, '', 1)),
      box(190, 30, 122, 26, 'one TLB entry', 1),
      box(8, 100, 120, 26, 'writable, clean'),
      box(192, 100, 120, 26, 'writable, dirty'),
    ],
    arrows: [arrow([156, 43], [188, 43]), arrow([130, 113], [190, 113], 'a store')],
  },
  C41: {
    label:
      'Left, type 1: a hypervisor on the machine, with systems above it. Right, type 2: a host system on the machine, with a hypervisor in it and a guest above.',
    boxes: [
      box(8, 12, 68, 30, 'guest', 1),
      box(84, 12, 68, 30, 'guest', 1),
      box(8, 50, 144, 30, 'hypervisor', 2),
      box(8, 108, 144, 30, 'machine'),
      box(168, 12, 68, 30, 'guest', 1),
      box(244, 12, 68, 68, 'programs', 0),
      box(168, 50, 68, 30, 'type 2', 2),
      box(168, 82, 144, 22, 'host system', 1),
      box(168, 108, 144, 30, 'machine'),
    ],
    arrows: [],
  },
  C42: {
    label: 'A full guest accesses an emulated device and traps; a paravirtualized guest calls the hypervisor by HVC.',
    boxes: [
      box(8, 10, 144, 28, 'unchanged guest', 1),
      box(168, 10, 144, 28, 'guest that knows', 1),
      box(8, 106, 304, 32, 'hypervisor', 2),
      dashed(box(32, 58, 96, 26, 'device')),
    ],
    arrows: [arrow([80, 38], [80, 56]), arrow([80, 84], [80, 104], 'trap'), arrow([240, 38], [240, 104], 'hvc')],
  },
  C62: {
    label:
      'Without VHE a host kernel runs at EL1 above a small part at EL2. With VHE the host kernel itself runs at EL2, and its accesses to EL1 registers mean EL2 ones.',
    boxes: [
      box(8, 10, 144, 28, 'programs', 0),
      box(8, 46, 144, 40, 'host kernel', 1),
      box(8, 96, 144, 40, 'a part for guests', 2),
      box(168, 10, 144, 28, 'programs', 0),
      dashed(box(168, 46, 144, 40, 'EL1 is for guests', 1)),
      box(168, 96, 144, 40, 'host kernel, E2H = 1', 2),
    ],
    arrows: [arrow([240, 38], [240, 94], 'TGE')],
  },
  C63: {
    label:
      'A guest hypervisor at EL1 believes to be at EL2; its guest runs below it; the real hypervisor at EL2 combines both stage 2 tables into a shadow.',
    boxes: [
      box(8, 8, 130, 30, 'guest of the guest', 1),
      dashed(box(8, 54, 130, 30, 'guest hypervisor', 2)),
      box(8, 104, 304, 34, 'hypervisor, EL2', 2),
      box(182, 54, 130, 30, 'shadow stage 2', 2),
    ],
    arrows: [arrow([73, 38], [73, 52]), arrow([73, 84], [73, 102], 'its EL2 traps'), arrow([247, 104], [247, 86])],
  },
  C64: {
    label: 'In the Secure state a Secure EL2 keeps two trusted systems apart, beside the Non-secure hypervisor.',
    boxes: [
      box(8, 14, 130, 30, 'guests', 1),
      box(8, 56, 130, 34, 'EL2', 2),
      box(158, 14, 72, 30, 'trusted', 1),
      box(240, 14, 72, 30, 'trusted', 1),
      box(158, 56, 154, 34, 'Secure EL2', 2),
      box(8, 106, 304, 30, 'EL3', 3),
    ],
    arrows: [arrow([73, 90], [73, 104]), arrow([235, 104], [235, 92])],
  },
  C65: {
    label: 'A walk of four levels in both stages: five rows of four reads of stage 2, and four reads of stage 1, 24 in all.',
    boxes: [
      ...Array.from({ length: 5 }, (_, row) => [
        ...Array.from({ length: 4 }, (_, i) => box(8 + i * 44, 8 + row * 27, 38, 21, 'S2', 2)),
        ...(row < 4 ? [box(190, 8 + row * 27, 38, 21, 'S1', 1)] : [box(190, 8 + row * 27, 38, 21, 'PA')]),
      ]).flat(),
      box(246, 52, 66, 44, '5 × 5 - 1 = 24'),
    ],
    arrows: [],
  },
  C66: {
    label: 'A device with a stream ID goes through the SMMU, which uses the guest’s stage 2, to memory.',
    boxes: [
      box(8, 14, 84, 34, 'device'),
      box(118, 14, 84, 34, 'SMMU'),
      box(228, 14, 84, 34, 'memory'),
      box(118, 96, 84, 34, 'stage 2', 2),
      box(8, 96, 84, 34, 'guest', 1),
    ],
    arrows: [
      arrow([92, 31], [116, 31], ''),
      arrow([202, 31], [226, 31]),
      arrow([160, 94], [160, 50], 'stream ID'),
      arrow([92, 113], [116, 113]),
    ],
  },
};
