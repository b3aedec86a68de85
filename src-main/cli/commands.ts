import { breakpointUsage } from './breakpoint-usage.ts';
import { inputNote, inputUsage } from './input-usage.ts';

/** The table of commands. Each is a module `<name>.ts` beside this one that exports `run`. */

export interface CommandModule {
  /** Takes the words after the command and gives the exit code (../exit.ts). Throws UsageError and InputError. */
  run(words: readonly string[]): Promise<number>;
}

export interface Command {
  readonly name: string;
  /** What follows the name. */
  readonly usage: string;
  readonly summary: string;
  /** What else its help says. */
  readonly more?: string;
  /** Whether the machine options apply. */
  readonly machine?: true;
  /** Undefined: not in this version. */
  readonly load?: () => Promise<CommandModule>;
}

export const commands: readonly Command[] = [
  {
    name: 'run',
    usage: `IMAGE|RECORDING [--until REGEX] [--break WHAT]... [--max-instructions N] ${inputUsage} [--traps FILE] [--record FILE] [--stats FILE] [--quiet]`,
    summary: 'runs a program, or replays a recording; its UART is stdin and stdout',
    more: `${inputNote}\n\n${breakpointUsage}`,
    machine: true,
    load: () => import('./run.ts'),
  },
  {
    name: 'app',
    usage: '[IMAGE] [--web] [--no-open] [--no-keep] [--port N] [--sources FOLDER]...',
    summary: 'opens the app, in Electron or in the browser',
    machine: true,
    load: () => import('./app.ts'),
  },
  {
    name: 'walk',
    usage:
      'IMAGE|RECORDING --va VA [--at N] [--regime el1|el2] [--el 0|1|2] [--access r|w|x] [--vmid V] [--format text|json|svg|png] [--slide light|dark [--part N]]',
    summary: 'walks the page tables for one virtual address',
    machine: true,
    load: () => import('./walk.ts'),
  },
  {
    name: 'tables',
    usage:
      'IMAGE|RECORDING [--at N] [--register R] [--vmid V] [--filter TRAIT|ADDRESS|WORDS]... [--compare N|trap] [--pa PA] [--format text|json|csv|svg|png] [--slide light|dark [--part N]]',
    summary: 'shows all page tables, the entries that match or have changed, or who can reach a physical address',
    machine: true,
    load: () => import('./tables.ts'),
  },
  {
    name: 'map',
    usage: 'IMAGE|RECORDING [--at N] [--regime el1|el2] [--guests V[,V]] [--format text|json|svg|png] [--slide light|dark [--part N]]',
    summary: 'shows the memory maps',
    machine: true,
    load: () => import('./map.ts'),
  },
  {
    name: 'levels',
    usage: 'IMAGE|RECORDING [--at N] [--format text|json|svg|png] [--slide light|dark [--part N]]',
    summary: 'shows the exception levels',
    machine: true,
    load: () => import('./levels.ts'),
  },
  {
    name: 'interrupts',
    usage: 'IMAGE|RECORDING [--at N] [--intid N|VI|VF|VSE] [--json] [--format text|json|svg|png] [--slide light|dark [--part N]]',
    summary: 'shows the way of an interrupt, the field that holds it, what happened to it, and the timers',
    machine: true,
    load: () => import('./interrupts.ts'),
  },
  {
    name: 'traps',
    usage: 'IMAGE|RECORDING [--at N] [--format jsonl|csv|mermaid|perfetto|text|json|svg|png] [--slide light|dark [--part N]]',
    summary: 'lists exceptions and returns',
    machine: true,
    load: () => import('./traps.ts'),
  },
  {
    name: 'picture',
    usage:
      'WHICH IMAGE|RECORDING [--at N] [--address A] [--register R] [--trap N] [--intid N] [--slide light|dark [--part N]] [--format svg|png] [--sources FOLDER] [--out FOLDER]',
    summary:
      'draws one picture of an instant, or with --out all of them: levels, walk, tables, map, run, sequence, trap, syndrome, register, preflight, code, encoding, memory, interrupts or all',
    machine: true,
    load: () => import('./picture.ts'),
  },
  {
    name: 'state',
    usage: 'RECORDING --at N [--fields] [--json]',
    summary: 'prints the registers, with --fields what each of their fields means, and a hash of the state',
    load: () => import('./state.ts'),
  },
  {
    name: 'explain',
    usage: 'ESR | REGISTER[=VALUE] [IMAGE|RECORDING] | INSTRUCTION | IMAGE|RECORDING [--at N] [--json]',
    summary: 'explains a syndrome, a register or an instruction by its bits, or what happens at an instant',
    more: 'REGISTER is a system register or one of a device (HCR_EL2, GICD_CTLR, GICH_LR0, UARTCR; with --gic 3 GICR_WAKER, ICH_LR0_EL2): with =VALUE that value by field, in an image or a recording what it holds at --at N, else what it holds after a reset. INSTRUCTION is assembly ("msr hcr_el2, x0"), or its 32 bits with --instruction 0xd51c1100.',
    machine: true,
    load: () => import('./explain.ts'),
  },
  {
    name: 'diagnose',
    usage: 'IMAGE|RECORDING [--at N] [--max-instructions N] [--all] [--json]',
    summary: 'says why a program hangs, faults or is silent; ends with 4 where something is broken',
    machine: true,
    load: () => import('./diagnose.ts'),
  },
  {
    name: 'verify',
    usage: 'isa PATH [--group NAME] [--first N] [--json] | sysregs|el2traps|walks|mmu PATH [--json]',
    summary: 'checks the machine against recorded vectors',
    load: () => import('./verify.ts'),
  },
  {
    name: 'whatif',
    usage: 'IMAGE|RECORDING --at N --set WHAT=VALUE [--set ...] [--steps M] [--json]',
    summary: 'changes a register, a field or a doubleword at an instant, and says in what the two futures differ',
    more: 'WHAT is a register (x0, HCR_EL2), a field (HCR_EL2.TWI) or a doubleword by its PA ([0x40090000], a descriptor for example). Both futures run M instructions on (1,000,000). Exit codes: 0 nothing differs, 5 something does, 2 bad usage or bad file.',
    machine: true,
    load: () => import('./whatif.ts'),
  },
  {
    name: 'diff',
    usage: `OLD NEW [--max-instructions N] ${inputUsage} [--json]`,
    summary: "says in what two runs differ: programs, which are run alike, recordings, trap files or QEMU's logs",
    more: 'Traps are aligned, so that code that only moved is no difference. A log of QEMU (-d int -D FILE) tells no instants and less of each trap: only what it tells is compared. Exit codes: 0 nothing differs, 5 something does, 2 bad usage or bad file.',
    machine: true,
    load: () => import('./diff.ts'),
  },
  {
    name: 'assemble',
    usage: 'FILE [-o ELF]',
    summary: 'assembles GNU-style source into a program, with symbols and source lines',
    load: () => import('./assemble.ts'),
  },
  {
    name: 'lesson',
    usage: 'check FILE [--seeds K] [--json]',
    summary: 'checks a lesson: its form, and every question with K seeds (20) on the machine',
    load: () => import('./lesson.ts'),
  },
  {
    name: 'grade',
    usage: 'TASK SUBMISSION... [--json] [--junit FILE] [--hidden]',
    summary: 'grades programs by a task file: what must be so at which instants of a run',
    more: [
      'A submission is an ELF, an Image or assembly (.s, .S); a folder stands for those in it. A task is YAML, described in firmware/tasks/README.md.',
      'Checks that are hidden count; what they expect and found is told with --hidden only.',
      'Exit codes: 0 all points, 5 some checks failed, 4 stuck, with what the Doctor found, 3 the limit on steps was reached, 2 bad usage or a bad file. Of several submissions, the worst: 2, 3, 4, 5, then 0.',
    ].join('\n'),
    load: () => import('./grade.ts'),
  },
  {
    name: 'gdb',
    usage: 'IMAGE [--port P]',
    summary: 'lets gdb or lldb debug a program, forwards and backwards, on 127.0.0.1',
    more: [
      'The first line of the output is what to type in another terminal. Without --port, or with 0, a free port is chosen. After it, stdin and',
      'stdout are the console of the program: its UART, and semihosting, which is on here. The program stands at its first instruction until gdb',
      'lets it go. In gdb, "monitor help" lists what ELscope adds. "kill" ends the command; after "detach" the program runs on, and another gdb',
      'may connect.',
    ].join('\n'),
    machine: true,
    load: () => import('./gdb.ts'),
  },
  {
    name: 'dap',
    usage: '[--port P]',
    summary: 'serves an editor by the Debug Adapter Protocol, on stdin and stdout or on 127.0.0.1',
    more: 'In VS Code, src-main/vscode is the extension that starts it. An editor launches with { "program": FILE, "stopOnEntry": true }.',
    machine: true,
    load: () => import('./dap.ts'),
  },
  {
    name: 'qemu',
    usage: '[--print WHAT [--until PLACE] [--va VA] [--json]] [--unlock] [--web] [--no-open] [--port N] -- QEMU-ARGUMENTS',
    summary: 'starts your own qemu-system-aarch64 and opens the app on it, or prints a panel of it',
    more: [
      'QEMU stands before its first instruction, and ends with the app. Its serial line is the Console, unless your arguments have a -serial, and',
      'its log of exceptions is listed in Traps, unless they have a -d. WHAT is levels, walk, tables, map, registers, traps or all; PLACE is an',
      'address or a function to run to first. With --unlock the app may write registers and memory. QEMU=PROGRAM in the environment names another',
      'QEMU.',
    ].join('\n'),
    load: () => import('./qemu.ts'),
  },
  {
    name: 'attach',
    usage:
      'HOST:PORT [--qmp HOST:PORT|SOCKET] [--serial HOST:PORT|SOCKET] [--traps] [--unlock] [--image FILE] [--memory SIZE] [--print WHAT [--until PLACE] [--va VA] [--json]] [--web] [--no-open] [--port N]',
    summary: 'opens the app on a QEMU that runs with -gdb tcp:HOST:PORT, or prints a panel of it',
    more: [
      'Give --qmp as well, the socket of its -qmp: then a stop is read in a tenth of a second, with the time of its timers. --serial is the socket',
      'of its -serial, for the Console. --traps switches its log to exceptions, into a private file, and lists them. --unlock lets the app write',
      'registers and memory. --image is the program that runs there, for its names; --memory its RAM, where QMP cannot be asked. With --print QEMU',
      'goes on afterwards as before.',
    ].join('\n'),
    load: () => import('./attach.ts'),
  },
  {
    name: 'bench',
    usage: '[IMAGE...] [--seconds N] [--json]',
    summary: 'measures instructions per second',
    load: () => import('./bench.ts'),
  },
];
