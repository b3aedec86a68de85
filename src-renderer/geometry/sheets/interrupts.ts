/** The interrupts in use at an instant as a picture that can leave the app. */
import type { InterruptLineState, InterruptsView, InterruptState } from '../../../emulator/session/views.ts';
import { count } from '../numbers.ts';
import type { Picture } from '../picture.ts';
import { heading, paragraph, sheetScene, sheetSlides, tableBlocks, type Cell, type Sheet } from './sheet.ts';

const state = ({ pending, active, enabled }: InterruptState): string =>
  [pending && active ? 'active and pending' : active ? 'active' : pending ? 'pending' : 'inactive', enabled ? '' : 'disabled']
    .filter(Boolean)
    .join(', ');

function lineWords({ asserted, intid, listRegister, taken }: InterruptLineState): string {
  const what = intid === null ? '' : ` for INTID ${intid}${listRegister === null ? '' : ` in GICH_LR${listRegister}`}`;
  return asserted
    ? `asserted${what}: ${taken ? 'taken before the next instruction' : 'not taken now'}`
    : `not asserted; would ${taken ? '' : 'not '}be taken now`;
}

const mono = (text: string, more = ''): Cell => ({ text, class: `mono small ${more}`.trim() });
const plain = (text: string): Cell => ({ text, class: 'f-ink2' });

export function interruptsPicture(view: InterruptsView, image: string): Picture {
  const { el, lines, interrupts, listRegisters, hasGic } = view;
  const taken = lines.find((line) => line.asserted && line.taken);
  const pending = interrupts.filter((one) => one.pending).length;
  const title = taken
    ? `An ${taken.type} is about to be taken`
    : pending > 0
      ? `${count(pending, 'interrupt')} pending, none taken now`
      : 'No interrupt is pending';
  const sheet: Sheet = (width) => [
    heading(`What reaches the CPU, at EL${el}`, width, `f-el${el}-ink`),
    ...tableBlocks(
      lines.map((line) => ({
        cells: [
          { text: line.type, class: 'bold' },
          { text: lineWords(line), class: line.asserted ? 'f-ink' : 'f-ink2' },
          mono(line.because, 'f-ink2'),
        ],
        ground: line.asserted ? 'f-mark' : undefined,
      })),
      { width, widest: 420 },
    ),
    heading('At the GIC', width),
    ...(interrupts.length === 0
      ? [paragraph([hasGic ? 'No interrupt is enabled, pending or active.' : 'The board has no GICv2.'], width)]
      : tableBlocks(
          interrupts.map((one) => ({
            cells: [
              mono(String(one.intid)),
              { text: one.name, class: 'bold' },
              plain(state(one)),
              mono(`${one.priority}, group ${one.group}`),
              plain([one.verdict, one.condition].filter(Boolean).join('. ')),
            ],
            ground: one.pending || one.active ? 'f-sel' : undefined,
          })),
          { width, head: ['INTID', 'Interrupt', 'State', 'Priority', 'What the GIC does, and why'], widest: 210 },
        )),
    ...tableBlocks(
      listRegisters.map(({ name, value, fields }) => ({
        cells: [mono(name), mono(value, 'bold'), plain(fields.map((field) => `${field.name} ${field.value} (${field.text})`).join(', '))],
      })),
      { width, heading: 'List registers: virtual interrupts that the hypervisor has made' },
    ),
  ];
  const label = `Interrupts: ${title}`;
  return {
    name: 'interrupts',
    title,
    subtitle: 'From the source through the GIC to the CPU: what each interrupt waits for, and what keeps it back.',
    scene: sheetScene(sheet, 1120, label),
    slides: (room) => sheetSlides(sheet, room, label),
    key: [],
    image,
    at: view.at,
    data: view,
  };
}
