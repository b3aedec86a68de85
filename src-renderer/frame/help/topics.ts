/** What Help says: first steps, each panel that has help of its own, and how to keep what you see. */
import { version } from '../../../package.json';
import { panels, tabs, type HelpText, type Tab } from '../../state/panels.ts';

export interface Topic extends HelpText {
  readonly id: string;
  readonly title: string;
  /** The tab it describes: Help can go there. */
  readonly tab?: Tab;
}

const ofPanels = Object.entries(panels).flatMap(([id, { title, help }]): Topic[] => {
  const tab = tabs.find((one) => one === id);
  return help ? [{ id, title, ...help, ...(tab && { tab }) }] : [];
});

/** The topic with the licences. */
export const about = 'about';

export const topics: readonly Topic[] = [
  {
    id: 'start',
    title: 'First steps',
    sentence:
      'ELscope runs a hypervisor on an exact model of an Arm Cortex-A53 and draws what the processor does, at any instant of the run.',
    points: [
      ['Top: where', 'The tabs choose what you look at. Every panel shows the same instant of the same machine.'],
      ['The sentence', 'Below the tabs, one sentence says what is happening; the current exception level comes first.'],
      ['Bottom: when', 'The dock is the time axis. Pause, step, or drag the playhead; going back loses nothing.'],
      [
        'Colours',
        'Green is EL0, blue is EL1 and orange is EL2. Red is a fault. In maps and tables, teal is executable memory and purple is a device.',
      ],
      ['Find or run', 'Ctrl+K finds any command and goes to any address or instant you type.'],
    ],
  },
  ...ofPanels,
  {
    id: 'keep',
    title: 'Keep and show',
    sentence: 'Save what you see, or the whole run.',
    points: [
      ['Pictures', 'Ctrl+E saves any picture of the tab as SVG or PNG, or its data as JSON; tables and memory also as CSV.'],
      [
        'Slides',
        'The same menu makes slides of 1920 by 1080, light or dark, with no text below 20 pixels. What does not fit goes on in a second slide, and a name that is cut stands below in full.',
      ],
      [
        'Presenting',
        'Ctrl+F11 shows the panel that has the focus, or the main one of the tab, large and with the time axis. A remote or Page Down goes to the next sub-step or read, then to the next trap; Page Up goes back. 1 to 8 show the panels in the order of the tabs, 9 the console; B blanks the screen, and Escape leaves.',
      ],
      [
        'Recording',
        'Ctrl+S saves the run. Open it again, here or on another machine: it replays to the same state and returns to the instant you were at.',
      ],
      [
        'Nothing lost',
        'Each run is kept while it goes on. After a crash, a closed tab or a killed server, the next start offers the last one: open it or discard it.',
      ],
      [
        'For a class',
        'A program written in Source is saved as a file; elscope grade, on the command line, grades any number of them by a task, with feedback that names the instruction and its line.',
      ],
      ['Your own program', 'Drop an AArch64 ELF on the window, or start ELscope with it. After a rebuild it is loaded again.'],
    ],
  },
  {
    id: about,
    title: 'About',
    sentence: `ELscope ${version} is free software under the MIT licence, and contains parts of other free software. Their licences follow.`,
    points: [],
  },
];

/** Pictures by the id of their topic. */
const files = import.meta.glob<string>('./pictures/*.png', { eager: true, query: '?url', import: 'default' });
export const pictureOf = (id: string): string | undefined => files[`./pictures/${id}.png`];
