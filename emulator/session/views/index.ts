/** Every view by its name. Parameters and data of a view are what its row makes of them. */
import * as v from 'valibot';
import { checklistView } from '../../explain/checklist.ts';
import { levelsView } from '../../explain/levels.ts';
import { rich } from '../../explain/words.ts';
import { nowView } from '../../explain/now.ts';
import { trapStory } from '../../explain/trap-story.ts';
import { limits } from '../limits.ts';
import { count, nothing } from '../schemas.ts';
import type { ExperimentsView } from '../experiment-views.ts';
import type { GdbView } from '../gdb-door.ts';
import type { GuideView } from '../guide-views.ts';
import type { Session } from '../session.ts';
import { atRest, view, type View } from '../view.ts';
import { symbolRows } from '../symbols.ts';
import { toldView } from '../told-traps.ts';
import type { BreakpointsView, DoctorView, SymbolFilesView } from '../views.ts';
import { code } from './code.ts';
import { comparisonView } from './comparison.ts';
import { consoleView, sender } from './console.ts';
import { entry } from './entry.ts';
import { interrupts } from './interrupts.ts';
import { lanes } from './lanes.ts';
import { memory } from './memory.ts';
import { maps } from './maps.ts';
import { reach } from './reach.ts';
import { registers } from './registers.ts';
import { statusView } from './status.ts';
import { evaluation, stack, variables } from './stack.ts';
import { tables } from './tables.ts';
import { traps } from './traps.ts';
import { walk } from './walk.ts';

/** The program at one instant as plain data. */
export const views = {
  now: view(nothing, (program, _, { isRunning, isHeld, isElsewhere } = atRest) => {
    const data = nowView(program, { isRunning, isHeld });
    return isElsewhere
      ? { ...data, sentence: rich(`${program.elsewhere?.name ?? 'QEMU'} is running. What is shown is its last stop.`) }
      : data;
  }),
  levels: view(nothing, (program, _, { isHeld } = atRest) => levelsView(program, isHeld)),
  interrupts,
  checklist: view(nothing, (program, _, { again } = atRest) => {
    const data = checklistView(program);
    if (data.isSearching) again();
    return data;
  }),
  walk,
  maps,
  tables,
  entry,
  reach,
  traps,
  trap: view(v.strictObject({ index: count }), (program, { index }) => trapStory(program, index)),
  told: view(v.strictObject({ count: v.pipe(count, v.maxValue(limits.rows)) }), (program, { count }) => toldView(program, count)),
  lanes,
  code,
  memory,
  stack,
  variables,
  evaluation,
  console: consoleView,
  sender,
  registers,
};

/** What a session says of itself, at no instant. They have no parameters. */
export const sessionViews = {
  status: statusView,
  breakpoints: (session: Session): BreakpointsView => session.breakpoints.view(),
  comparison: comparisonView,
  experiments: (session: Session): ExperimentsView => session.experiments.view(),
  symbolFiles: ({ program }: Session): SymbolFilesView => ({ files: program ? symbolRows(program) : [] }),
  doctor: (session: Session): DoctorView => session.doctor.view(),
  gdb: (session: Session): GdbView => session.gdb.view(),
  guide: (session: Session): GuideView => session.guide.view(),
};

/** Each view's parameters and its data. */
export type Views = {
  [V in keyof typeof views]: (typeof views)[V] extends View<infer Params, infer Data>
    ? { params: v.InferOutput<Params>; data: Data }
    : never;
} & { [V in keyof typeof sessionViews]: { params: Record<string, never>; data: ReturnType<(typeof sessionViews)[V]> } };

export type ViewName = keyof Views;
export type ViewParams<V extends ViewName> = Views[V]['params'];
