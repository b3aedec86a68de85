/**
 * Every panel, one row each: its name in layouts, its title, its component in `panels/`, and what Help and the list of keys say about it.
 * Those with their own tab are reached by Alt+1 to Alt+0 in this order, except where `key` says otherwise.
 */

/** What a panel shows and how to use it, for somebody who sees it for the first time. */
export interface HelpText {
  /** One sentence: what it is for. */
  readonly sentence: string;
  /** What to look at and what to do: the thing, then what there is to say about it. */
  readonly points: readonly (readonly [what: string, text: string])[];
}

export interface PanelDescriptor {
  readonly title: string;
  /** Name of its file in `panels/`. */
  readonly component: string;
  /** It has a tab of the window, in whose layouts it is the main panel. */
  readonly tab?: true;
  /** With Alt, its tab's key, where it is not counted with the others. */
  readonly key?: string;
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
      sentence: 'The exception levels as a tower; the lit floor is the one running.',
      points: [
        ['Floors', 'Each floor lists the registers of its level, with their values at this instant.'],
        [
          'Arrow up',
          'An exception, from the instruction that caused it to its entry in the vector table. The label on the arrow names the control bit that routed it there.',
        ],
        ['Arrow down', 'A return (ERET). It is dashed until it happens, and a list says what would go wrong.'],
        [
          'Numbers',
          'What the processor writes, shown one at a time: play them, or step through them with the arrow keys. Architecturally they happen at once: software never sees only some of them done.',
        ],
        ['Entering EL1', 'The six steps from EL2 to EL1 as a checklist, filled in with what the program wrote.'],
      ],
    },
  },
  walk: {
    title: 'Walk',
    component: 'Walk',
    tab: true,
    help: {
      sentence: 'The translation of one virtual address to a physical address, read by read.',
      points: [
        [
          'Address',
          'Type an address, or follow the PC, the stack pointer or the last fault. Choose the regime, the exception level and the kind of access.',
        ],
        [
          'Rows',
          'Each row is one stage 1 table of the guest. With stage 2 on, the address of the table must be translated first: that is the middle part.',
        ],
        ['A read', 'Click a read to see its descriptor, bit by bit. The Left and Right arrow keys move from read to read.'],
        [
          'A fault',
          'Walk it, beside the sentence or in the story of a fault, shows the walk of the refused access and stays at that instant.',
        ],
        ['Result', 'The physical address with the permissions that both stages grant, or the fault with the values of ESR, FAR and HPFAR.'],
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
      sentence: 'All page tables reachable from one base register, in one picture.',
      points: [
        ['Columns', 'Each column is one lookup level. Consecutive entries of the same kind are drawn as one run.'],
        ['Kind', 'Colour and pattern show what the memory is: normal, read-only, executable or device.'],
        ['A run', 'Click a run to see its entries, their permissions and where they are in memory.'],
        ['Look up', 'Beside the picture: who can reach a physical address, and which entries differ from those at another instant.'],
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
      sentence: 'Who sees which memory: virtual addresses, what the guest believes to be physical memory, and the real physical memory.',
      points: [
        ['Columns', 'VA, IPA and PA. Where a stage is off, input and output addresses are equal.'],
        ['Ribbons', 'Each leads from a region to the addresses it translates to. Click a region to follow it in both directions.'],
        ['Not mapped', 'An access there faults. A hypervisor uses this to supply memory on demand or to emulate a device.'],
      ],
    },
  },
  region: { title: 'Selected', component: 'RegionDetail' },
  traps: {
    title: 'Traps',
    component: 'Traps',
    tab: true,
    help: {
      sentence: 'Everything that changed the exception level, in order: exceptions, returns and calls to firmware.',
      points: [
        ['Timeline', 'Which level ran when, with one lane for each virtual machine.'],
        [
          'List',
          'Filter it by kind. A return has the number of the trap that it ends; Returns hides them. Click a trap to go there and see its story.',
        ],
        [
          'Story',
          'One trap from cause to return: the instruction, the rule that routed it, the decoded syndrome, the handler, and the registers it changed.',
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
      sentence: 'The instructions around the PC, with the symbols and source lines from the program’s file.',
      points: [
        ['The next instruction', 'It is marked, and explained in words with the values of its operands.'],
        ['Breakpoints', 'Click beside a line, or press F9. The run stops before that line executes.'],
        [
          'Call stack',
          'Which function waits for which, through exceptions to the code that they interrupted. Choose one to see its line, its variables and what is still known of its registers.',
        ],
        ['Came from', 'After a trap, the panel also shows the instruction that caused it, at the addresses its own level uses.'],
      ],
    },
  },
  nextCode: { title: 'Code', component: 'Code' },
  source: {
    title: 'Source',
    component: 'Source',
    tab: true,
    key: '-',
    keys: [
      { title: 'Assemble and run', keys: 'Ctrl+Enter' },
      { title: 'Next error', keys: 'F8' },
      { title: 'Repair the error as proposed', keys: 'Ctrl+.' },
      { title: 'Save the source', keys: 'Ctrl+S' },
      { title: 'Leave the editor', keys: 'Escape' },
    ],
    help: {
      sentence: 'A program of your own in assembly: write it, run it, change it.',
      points: [
        ['Start from', 'Programs to begin with, from one line at EL2 to a guest behind stage 2. The last one is broken: repair it.'],
        [
          'As you type',
          'It is assembled in the GNU syntax, without the C preprocessor. What is wrong is marked at its place, with a sentence; where there is a repair, a click or Ctrl+. writes it.',
        ],
        [
          'Ctrl+Enter',
          'Runs what you see. Breakpoints stay, and the machine goes back to the place that you were looking at. Until then it goes on with the version before.',
        ],
        ['Beside the lines', 'The address of each instruction. Click left of the line number, or press F9, to stop before a line.'],
        ['Under the pointer', 'An instruction in words; a system register with its fields.'],
        ['Encoding', 'The 32 bits of the instruction in the line with the cursor, field by field.'],
        [
          'Keyboard',
          'Tab completes a name or indents. To leave the editor press Escape, then Tab. The text stays here from one visit to the next; Save makes a file of it.',
        ],
      ],
    },
  },
  encoding: { title: 'Encoding', component: 'Encoding' },
  breakpoints: { title: 'Breakpoints', component: 'Breakpoints' },
  functions: { title: 'Functions', component: 'Functions' },
  registers: {
    title: 'Registers',
    component: 'Registers',
    tab: true,
    help: {
      sentence: 'All general-purpose, SIMD, floating-point and system registers, with changes marked.',
      points: [
        [
          'Decoded',
          'Click a register to see its bits and its fields, each with its meaning. Click a bit to find its field, or a field to find its bits.',
        ],
        ['Changed', 'A mark shows what the last step wrote.'],
        [
          'V0 to V31',
          'They are folded until you show them; those that the last step changed always appear. Choose whether their lanes are bytes, halfwords, words, doublewords, or numbers of single or double precision.',
        ],
        [
          'What if',
          'Double-click a register, or select it and press Enter, then type a new value: a number or a symbol. Fields can be changed the same way. The run continues from there and replaces what was recorded after this instant; you are asked first.',
        ],
      ],
    },
  },
  registerDetail: { title: 'Decoded', component: 'RegisterDetail' },
  generalRegisters: { title: 'Registers', component: 'GeneralRegisters' },
  callStack: { title: 'Call stack', component: 'CallStack' },
  interrupts: {
    title: 'Interrupts',
    component: 'Interrupts',
    tab: true,
    keys: [{ title: 'Choose an interrupt in use', keys: 'ArrowUp ArrowDown' }],
    help: {
      sentence: 'The way of one interrupt from its source to the vector, with the one field that holds it.',
      points: [
        ['Way', 'Source, distributor, CPU interface, routing, vector. What it has passed is solid, what it has not reached is dashed.'],
        ['Held', 'A yellow mark is the field that holds it. The sentence below says why, since when, and what would free it.'],
        ['What the guest sees', 'Below: list registers and HCR_EL2.VI, VF and VSE, the virtual CPU interface, and the guest’s own mask.'],
        ['Choose', 'Click a row, type an INTID, or choose one of the list, which says where each interrupt in use is held.'],
        ['History', 'Beside the picture: when it was raised, acknowledged, ended and deactivated; each instant is a way there.'],
        ['Timers', 'What each timer counts and compares, and when it fires next.'],
      ],
    },
  },
  interruptDetail: { title: 'Interrupt', component: 'InterruptDetail' },
  futures: {
    title: 'Futures',
    component: 'Futures',
    tab: true,
    key: '=',
    keys: [
      { title: 'One step or trap further from the change', keys: 'ArrowRight' },
      { title: 'One step or trap nearer to the change', keys: 'ArrowLeft' },
      { title: 'To the next trap of either future', keys: 'PageDown' },
      { title: 'To the trap before', keys: 'PageUp' },
      { title: 'To the change', keys: 'Home' },
      { title: 'To the end', keys: 'End' },
    ],
    help: {
      sentence: 'What if: the run as it was and another future of it, side by side, at the same distance from a change.',
      points: [
        [
          'Change',
          'A register, a field or a doubleword of memory, at any instant: HCR_EL2.TWI=0, x0=main, [0x40090000]=0x705. Registers, the descriptor of a walk and the Doctor’s Try the fix lead here too.',
        ],
        ['Both run', 'Each in a machine of its own, with the same input. The open run stays as it is.'],
        [
          'Distance',
          'Same step shows both after as many instructions, same trap after as many traps. Move the slider, or use the arrow keys.',
        ],
        ['Marked', 'A value that differs between the two is on the marker, in both.'],
        ['Go there', 'Leaves the experiment at what you see of one of the two. The other one is still to be had from the list.'],
        [
          'Kept',
          'Experiments stay in the list, with a name that you can change, and in the recording of the run. Ctrl+E saves both futures in one picture; Text and JSON are what elscope whatif prints.',
        ],
      ],
    },
  },
  memory: {
    title: 'Memory',
    component: 'Memory',
    tab: true,
    help: {
      sentence: 'Bytes, words and text at any address: virtual (VA), what the guest believes to be physical (IPA), or physical (PA).',
      points: [
        ['Address', 'Type an address or a symbol, or follow the PC, the stack pointer or a register.'],
        ['Margin', 'Who may read, write and execute there, and what is there. Where nothing is mapped, the fault says why.'],
        ['Marked bytes', 'What has changed since the machine last stopped.'],
        ['Selected', 'Select bytes to read them as numbers, to find the store that last wrote them, or to stop at the next one.'],
      ],
    },
  },
  memoryDetail: { title: 'Selected', component: 'MemoryDetail' },
  entering: { title: 'Entering EL1', component: 'EnteringPanel' },
  doctor: {
    title: 'Doctor',
    component: 'Doctor',
    help: {
      sentence: 'Why a program hangs or faults, what works only by luck, and what a real Cortex-A53 would not forgive.',
      points: [
        [
          'When it speaks',
          'By itself when nothing more can come of the program: an exception loop, a wait that nothing ends, a branch to itself. Press D to ask at any time.',
        ],
        [
          'Kinds',
          'A red square is why it hangs or faults, a yellow disc works by luck, an open square is forgiven here but not by hardware, and a dashed disc is where QEMU 7.2 does something else.',
        ],
        ['Evidence', 'Facts from cause to effect. Each leads to its instant, its code, its register or its place in memory.'],
        [
          'Try the fix',
          'Where the fix is a value of a register or of memory, it runs as another future beside this run, which stays as it is.',
        ],
        ['Copy', 'A finding as text, for a message or an issue.'],
      ],
    },
  },
  guide: {
    title: 'Guide',
    component: 'Guide',
    help: {
      sentence: 'Twelve lessons beside the running machine, programs with a mistake to find, and a glossary.',
      points: [
        [
          'Predict',
          'A question stops the machine at an instant and asks what comes next. Nothing moves, and what would give the answer away is covered, until you commit one.',
        ],
        ['Hints', 'Up to three, each says a little more.'],
        ['The answer', 'Your choice and the right one, each with its reason; then the machine goes there, and the numbers are added up.'],
        ['Modify', 'A bit is changed, and the run takes another course. What will it be?'],
        ['Make', 'A program of your own, checked as it runs here.'],
        ['Find it before the Doctor', 'Thirty-seven programs with one mistake each: the symptom first, then the cause among four.'],
        ['Seed', 'Picks instants and values. The same seed asks the same question.'],
        ['Glossary', 'Seventy-two words; Show me goes to where it happens.'],
      ],
    },
  },
  console: {
    title: 'Console',
    component: 'Console',
    help: {
      sentence: 'The UART of the machine as a terminal.',
      points: [
        [
          'Typing',
          'At the end of the run, click in the terminal and type: what you type goes to the guest and into the recording. While the terminal has the focus, Tab and Ctrl+S go to the guest too; F6 leaves it.',
        ],
        [
          'Any character',
          'Rest the pointer on a character to see what sent it: level, function, instruction and instant. Click it to go there. By keyboard, Ctrl+K finds “what sent the last character”.',
        ],
        [
          'Colours',
          'Each level has its colour, and virtual machines other than the first are in italics. Colours that a guest chooses itself win. The palette button turns the colours of the levels off.',
        ],
      ],
    },
  },
} as const satisfies Readonly<Record<string, PanelDescriptor>>;

export type PanelName = keyof typeof table;
export const panels: Readonly<Record<PanelName, PanelDescriptor>> = table;

/** Panels with their own tab. */
export type Tab = { [P in PanelName]: (typeof table)[P] extends { readonly tab: true } ? P : never }[PanelName];
const names = Object.keys(table) as PanelName[];
export const tabs: readonly Tab[] = names.filter((name): name is Tab => panels[name].tab === true);
/** Those that are reached by their number. */
export const numberedTabs: readonly Tab[] = tabs.filter((tab) => panels[tab].key === undefined);
/** The keys that show a tab. */
export const tabKeys = (tab: Tab): string => `Alt+${panels[tab].key ?? (numberedTabs.indexOf(tab) + 1) % 10}`;
