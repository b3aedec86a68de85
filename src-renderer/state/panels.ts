/**
 * Every panel, each by one row: its name in layouts, its title, its component in `panels/`, and what Help and the sheet of keys say of it.
 * Those with a tab of their own are reached by Alt+1 to Alt+0 in this order.
 */

/** What a panel shows and how it is used, in words for somebody who meets it for the first time. */
export interface HelpText {
  /** One sentence: what it is for. */
  readonly sentence: string;
  /** What to look at and what to do: the thing, then what is to be said of it. */
  readonly points: readonly (readonly [what: string, text: string])[];
}

export interface PanelDescriptor {
  readonly title: string;
  /** Name of its file in `panels/`. */
  readonly component: string;
  /** It has a tab of the window, in whose layouts it is the main panel. */
  readonly tab?: true;
  /** Keys that it handles itself. */
  readonly keys?: readonly { readonly title: string; readonly keys: string }[];
  readonly help?: HelpText;
}

const table = {
  levels: {
    title: 'Levels',
    component: 'Levels',
    tab: true,
    help: {
      sentence: 'The exception levels as a tower: the floor that is lit is running.',
      points: [
        ['Floors', 'Each floor has the registers that belong to its level, with what they hold at this instant.'],
        [
          'Arrow up',
          'An exception: from the instruction that caused it to the entry of the vector table. The pill on its way names the control bit that sent it there.',
        ],
        ['Arrow down', 'A return (ERET). While it is still to come it is dashed, and a list says what would go wrong.'],
        [
          'Numbers',
          'What the processor writes, shown one by one: play them, or step through them with the arrow keys. Software never sees some of them done and others not: architecturally they happen at once.',
        ],
        ['Entering EL1', 'The six steps from EL2 to EL1 as a check-list, filled with what the program wrote.'],
      ],
    },
  },
  walk: {
    title: 'Walk',
    component: 'Walk',
    tab: true,
    help: {
      sentence: 'One virtual address on its way to a physical one, read by read.',
      points: [
        [
          'Address',
          'Type one, or follow the PC, the stack pointer or the last fault. Choose the regime, the level and the kind of access.',
        ],
        [
          'Rows',
          'A row is one table of the guest (stage 1). With stage 2 on, its address must be translated first: that is the part in the middle.',
        ],
        ['A read', 'Click it to see the descriptor, bit by bit. Left and right go from read to read.'],
        ['Result', 'The physical address with the rights that both stages leave, or the fault with what ESR, FAR and HPFAR would say.'],
      ],
    },
  },
  walkResult: { title: 'Result', component: 'WalkResult' },
  descriptor: { title: 'Descriptor', component: 'Descriptor' },
  tables: {
    title: 'Tables',
    component: 'Tables',
    tab: true,
    help: {
      sentence: 'All page tables that hang from one base register, as one picture.',
      points: [
        ['Columns', 'A column is a level of tables. Entries alike that follow each other are drawn as one.'],
        ['Kind', 'Colour and pattern say what the memory is: normal, read-only, executable or device.'],
        ['A run', 'Click it for its entries, its rights and the address where they lie.'],
        ['Look up', 'Beside the picture: who reaches a physical address, and which entries have changed since another instant.'],
      ],
    },
  },
  tableEntry: { title: 'Entry', component: 'TableEntry' },
  tableLookup: { title: 'Look up', component: 'TableLookup' },
  maps: {
    title: 'Maps',
    component: 'Maps',
    tab: true,
    help: {
      sentence: 'Who sees which memory: the addresses of a program, what the guest takes for physical memory, and the memory there is.',
      points: [
        ['Columns', 'VA, IPA and PA. Where a stage is off, the addresses on both sides of it are the same.'],
        ['Ribbons', 'They lead from a region to where it is translated. Click a region to follow it both ways.'],
        ['Not mapped', 'An access there traps. For a hypervisor that is a way to supply memory, or to play a device.'],
      ],
    },
  },
  region: { title: 'Selected', component: 'RegionDetail' },
  traps: {
    title: 'Traps',
    component: 'Traps',
    tab: true,
    help: {
      sentence: 'Everything that changed the level, in order: exceptions, returns and calls to firmware.',
      points: [
        ['Timeline', 'Which level ran when, with one lane for each virtual machine.'],
        ['List', 'Filter it by kind. A click tells the story of a trap; a double click, or Enter, goes to its instant.'],
        [
          'Story',
          'One trap from its cause to its return: the instruction, the rule that routed it, the syndrome decoded, the handler, and the registers that it changed.',
        ],
      ],
    },
  },
  code: {
    title: 'Code',
    component: 'CodeWide',
    tab: true,
    keys: [
      { title: 'Choose a line of code', keys: 'ArrowUp ArrowDown' },
      { title: 'Breakpoint at the chosen line', keys: 'Enter' },
    ],
    help: {
      sentence: 'The instructions around the PC, with the names and source lines that the program’s file holds.',
      points: [
        ['The next instruction', 'It is marked, and said in words with the values of its operands.'],
        ['Breakpoints', 'Click beside a line, or press F9. The run stops in front of it.'],
        ['Came from', 'After a trap the panel also shows the instruction that caused it, as its level saw it.'],
      ],
    },
  },
  nextCode: { title: 'Code', component: 'Code' },
  breakpoints: { title: 'Breakpoints', component: 'Breakpoints' },
  functions: { title: 'Functions', component: 'Functions' },
  registers: {
    title: 'Registers',
    component: 'Registers',
    tab: true,
    help: {
      sentence: 'All registers, general and system, with what changed marked.',
      points: [
        ['Decoded', 'Click a register: its bits and its fields, each with what it means. A click on one finds the other.'],
        ['Changed', 'A mark shows what the step before this instant wrote.'],
        [
          'What if',
          'Double-click a register, or press Enter on the chosen one, and give it another value: a number or a symbol. A field is changed the same way. The run goes on from there; what was recorded after this instant is replaced, which is said before it happens.',
        ],
      ],
    },
  },
  registerDetail: { title: 'Decoded', component: 'RegisterDetail' },
  generalRegisters: { title: 'Registers', component: 'GeneralRegisters' },
  memory: {
    title: 'Memory',
    component: 'Memory',
    tab: true,
    help: {
      sentence:
        'Bytes, words and text at any address, as a level sees it (VA), as the guest takes it for physical (IPA), or as it is (PA).',
      points: [
        ['Address', 'Type an address or a symbol, or follow the PC, the stack pointer or a register.'],
        ['Margin', 'Who may read, write and execute there, and what lies there. Where nothing is mapped, the fault says why.'],
        ['Marked bytes', 'What has changed since the machine stood still before.'],
        ['Selected', 'Choose bytes to read them as numbers, to find the store that wrote them last, or to stop at the next one.'],
      ],
    },
  },
  memoryDetail: { title: 'Selected', component: 'MemoryDetail' },
  entering: { title: 'Entering EL1', component: 'EnteringPanel' },
  console: {
    title: 'Console',
    component: 'Console',
    help: {
      sentence: 'The UART of the machine as a terminal.',
      points: [
        [
          'Typing',
          'At the end of the run, click into it and type: the bytes go to the guest, and into the recording. So does Ctrl+S while you type there.',
        ],
        ['Any character', 'Alt+click it to go to the instruction that sent it.'],
      ],
    },
  },
} as const satisfies Readonly<Record<string, PanelDescriptor>>;

export type PanelName = keyof typeof table;
export const panels: Readonly<Record<PanelName, PanelDescriptor>> = table;

/** Panels with a tab of their own. */
export type Tab = { [P in PanelName]: (typeof table)[P] extends { readonly tab: true } ? P : never }[PanelName];
const names = Object.keys(table) as PanelName[];
export const tabs: readonly Tab[] = names.filter((name): name is Tab => panels[name].tab === true);
