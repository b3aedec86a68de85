/** Every view by its name: the machine at one instant as plain data. */
import { checklistView } from '../../explain/checklist.ts';
import { levelsView } from '../../explain/levels.ts';
import { nowView } from '../../explain/now.ts';
import { trapStory } from '../../explain/trap-story.ts';
import type { Session } from '../session.ts';
import type { ViewName, Views } from '../views.ts';
import { codeView } from './code.ts';
import { comparisonView } from './comparison.ts';
import { consoleView } from './console.ts';
import { entryView } from './entry.ts';
import { lanesView } from './lanes.ts';
import { memoryView } from './memory.ts';
import { mapsView } from './maps.ts';
import { reachView } from './reach.ts';
import { registersView } from './registers.ts';
import { statusView } from './status.ts';
import { tablesView } from './tables.ts';
import { trapsView } from './traps.ts';
import { walkView } from './walk.ts';

export const views: { readonly [V in ViewName]: (session: Session, params: Views[V]['params']) => Views[V]['data'] } = {
  status: statusView,
  now: (session) => nowView(session.needProgram(), session.movement.isRunning),
  levels: (session) => levelsView(session.needProgram()),
  checklist: (session) => checklistView(session.needProgram()),
  walk: walkView,
  maps: mapsView,
  tables: tablesView,
  entry: entryView,
  reach: reachView,
  traps: trapsView,
  trap: (session, { index }) => trapStory(session.needProgram(), index),
  comparison: comparisonView,
  lanes: lanesView,
  code: codeView,
  breakpoints: (session) => session.breakpoints.view(),
  memory: memoryView,
  console: consoleView,
  registers: registersView,
};
