/** The walk as a picture that can leave the app. */
import type { Walk } from '../../../emulator/session/views.ts';
import { count } from '../numbers.ts';
import type { Picture } from '../picture.ts';
import { scaleToFill } from '../slide.ts';
import { walkScene } from './index.ts';
import { columnsWidth } from './layout.ts';
import { stage2Levels, walkReads, walkRows } from './rows.ts';

/** A short walk makes a low picture. */
const naturalHeight = (walk: Walk): number => 112 + 138 * walkRows(walk).length;

export function walkPicture(walk: Walk, image: string, done?: number): Picture {
  const reads = walkReads(walk);
  const of = (stage: 1 | 2): number => reads.filter((read) => read.step.stage === stage).length;
  const both = walk.stages.stage2?.on ?? false;
  const act = { r: 'One load', w: 'One store', x: 'One instruction fetch' }[walk.access];
  const el = walk.regime === 'el2' ? 2 : 1;
  return {
    name: 'walk',
    title: `${act}, ${count(reads.length, 'memory read')}`,
    subtitle: both
      ? of(1) > 0
        ? `Each stage 1 table address is an IPA, so stage 2 must translate it first: ${of(2)} reads of stage 2 for ${of(1)} of stage 1.`
        : `Stage 1 is off: the address is already an IPA, and stage 2 alone translates it, with ${count(of(2), 'read')}.`
      : `Each table gives the address of the next one. Virtual address ${walk.va}.`,
    scene: walkScene(walk, { width: 1120, height: Math.min(640, naturalHeight(walk)), done }),
    slides: (room) => {
      const columns = stage2Levels(walkRows(walk)).length;
      const scale = scaleToFill(room, (width) => (width < columnsWidth(columns) ? Infinity : naturalHeight(walk)));
      return [walkScene(walk, { width: room.width / scale, height: room.height / scale, done })];
    },
    key: [
      { swatch: { class: `f-el${el}` }, text: el === 1 ? 'stage 1, the guest’s tables' : 'EL2’s own tables' },
      ...(both ? [{ swatch: { class: 'f-el2', pattern: 'p-cut-on' }, text: 'stage 2, the hypervisor’s tables' }] : []),
    ],
    image,
    at: walk.at,
    data: walk,
  };
}
