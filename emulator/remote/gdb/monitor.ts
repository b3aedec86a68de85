/** `monitor` commands: what the command line prints, of the machine that gdb is connected to. */
import { InputError } from '../../base/errors.ts';
import { levelsText, placeText } from '../../explain/levels-text.ts';
import { placeOf } from '../../explain/subject.ts';
import { allTraps, trapText } from '../../explain/trap-forms.ts';
import { walkText } from '../../explain/walk-text.ts';
import { locate } from '../../session/expression.ts';
import { instantNow, instantText } from '../../session/instant.ts';
import { mapsText } from '../../session/maps-text.ts';
import type { Program } from '../../session/program.ts';
import type { Session } from '../../session/session.ts';
import { stateText } from '../../session/state-text.ts';
import { tablesText } from '../../session/tables-text.ts';
import { translatingTables } from '../../session/translating-tables.ts';
import type { Level } from '../../session/views.ts';
import { views } from '../../session/views/index.ts';
import { runToInstant } from '../../time/goals.ts';
import type { GdbMemory, MemoryViewpoint } from './memory.ts';

const help = `info levels         the exception levels, and what led here
info walk VA        the page-table walk of an address
info map            the address spaces side by side
info tables         all page tables that are in use
info traps [N]      the last N exceptions, returns and PSCI calls (all of them without N)
info regs           the registers and the state hash
why                 where the machine is, and why
at N                goes to instant N
run-to N            runs to instant N, or to a breakpoint
view el0|el1|el2    whose addresses gdb reads from now on
view phys|ipa       physical, or intermediate physical ones
view vmid K         those of the guest with VMID K, also while it does not run
view                those of the level that runs
exit                ends the program and the connection, as kill does
help                this list
Other commands than these move the machine or change what is read: afterwards
"maintenance flush register-cache" makes gdb look again.
`;

const noProgress = (): undefined => undefined;

/** The text that a command prints. Throws InputError for what makes no sense. */
export async function monitor(connection: Monitored, line: string): Promise<string> {
  const [command = '', ...words] = line.trim().split(/\s+/);
  const known = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (!known) throw new InputError(`there is no command ${JSON.stringify(command)}`, {}, '"monitor help" lists them');
  const text = await known({ connection, program: connection.session.needProgram(), words });
  return text.endsWith('\n') ? text : `${text}\n`;
}

interface Monitored {
  readonly session: Session;
  readonly memory: GdbMemory;
  killAfterwards(): void;
}
interface Asked {
  readonly connection: Monitored;
  readonly program: Program;
  readonly words: readonly string[];
}
type Answer = (asked: Asked) => string | Promise<string>;

const topics: Readonly<Record<string, Answer>> = {
  levels: ({ program }) => levelsText(views.levels.of(program, {})),
  walk: ({ program, words }) => {
    const text = words.slice(1).join(' ');
    if (text === '') throw new InputError('the address is missing', {}, 'monitor info walk 0x40080000, for example');
    return walkText(views.walk.of(program, { va: locate(program, { text, space: 'va' }), access: 'r' }).walk);
  },
  map: ({ program }) => mapsText(views.maps.of(program, {})),
  tables: ({ program }) => tablesText(translatingTables(program)),
  traps: ({ program, words: [, most] }) => lastTraps(program, most === undefined ? Infinity : wholeNumber(most)),
  regs: ({ program }) => stateText(program),
};

const commands: Readonly<Record<string, Answer>> = {
  help: () => help,
  info: (asked) => {
    const [topic = ''] = asked.words;
    if (!Object.hasOwn(topics, topic))
      throw new InputError(`there is nothing to tell about ${JSON.stringify(topic)}`, {}, `info ${Object.keys(topics).join('|')}`);
    return topics[topic](asked);
  },
  why: ({ program }) => instantText(instantNow(program)),
  at: async ({ connection: { session }, program, words: [instant = ''] }) => {
    await session.movement.seek(wholeNumber(instant), noProgress);
    return here(program);
  },
  'run-to': async ({ connection: { session }, program, words: [instant = ''] }) => {
    const to = wholeNumber(instant);
    if (to < program.timeline.at) throw new InputError(`instant ${to} is in the past`, {}, `monitor at ${to} goes back to it`);
    await session.movement.pursue((timeline) => runToInstant(timeline, to), `Running to instant ${to}`, noProgress);
    return here(program);
  },
  view: ({ connection: { memory }, program, words }) => {
    memory.viewpoint = viewpoint(words);
    // A guest that has not run has no addresses.
    memory.read(program, 0n, 1);
    return `gdb reads ${viewpointText(memory.viewpoint)} from now on.`;
  },
  exit: ({ connection }) => {
    connection.killAfterwards();
    return 'ELscope ends the program.';
  },
};

function lastTraps(program: Program, most: number): string {
  const all = allTraps(program);
  const left = Math.max(0, all.length - most);
  const chosen = { ...all, length: all.length - left, get: (place: number) => all.get(left + place), isAll: left === 0 };
  return [...trapText('text', program, chosen)].join('');
}

const here = (program: Program): string => {
  const { machine, timeline, names } = program;
  const { cpu } = machine;
  return `instant ${timeline.at}, EL${cpu.el}, PC ${placeText(placeOf(names.of(cpu.el), cpu.pc))}`;
};

function viewpoint([kind, vmid]: readonly string[]): MemoryViewpoint {
  const level = /^el([0-2])$/.exec(kind ?? '')?.[1];
  if (level !== undefined) return { el: Number(level) as Level };
  if (kind === undefined) return 'current';
  if (kind === 'phys' || kind === 'ipa') return kind;
  if (kind === 'vmid' && vmid !== undefined) return { vmid: wholeNumber(vmid) };
  throw new InputError(`there is no view ${JSON.stringify(kind)}`, {}, 'view el0|el1|el2|phys|ipa|vmid K');
}
const viewpointText = (view: MemoryViewpoint): string => {
  if (view === 'current') return 'the addresses of the level that runs';
  if (view === 'phys') return 'physical addresses';
  if (view === 'ipa') return 'intermediate physical addresses';
  return 'el' in view ? `the addresses of EL${view.el}` : `the addresses of the guest with VMID ${view.vmid}`;
};

function wholeNumber(text: string): number {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw new InputError(`${JSON.stringify(text)} is no number`);
  return value;
}
