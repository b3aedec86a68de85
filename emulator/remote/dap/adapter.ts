/**
 * The debug adapter: requests of the Debug Adapter Protocol as movements and views of a session, so that an editor shows what the app would.
 * Transport-free: messages come and go as objects.
 */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { InputError } from '../../base/errors.ts';
import { stepOver, step } from '../../time/goals.ts';
import { stepOut } from '../../time/step-out.ts';
import { previousLine, stepLine, type LineNow } from '../../time/line-steps.ts';
import type { Program } from '../../session/program.ts';
import type { Session } from '../../session/session.ts';
import { sourceFile } from '../../session/sources.ts';
import { functionAt } from '../../session/symbols.ts';
import { views } from '../../session/views/index.ts';
import { GdbMemory } from '../gdb/memory.ts';
import { addressOf, DapBreakpoints } from './breakpoints.ts';
import { capabilities } from './capabilities.ts';
import { DapVariables } from './variables.ts';

export type DapMessage = Dap.ProtocolMessage;
export type DapRequest = Dap.Request;

/** What an adapter asks of its shell. */
export interface DapShell {
  /** Opens the program that a launch names, standing at its entry. Rejects with an InputError. Absent: the session is a person's own, to attach to. */
  open?(session: Session, program: string): Promise<void>;
  readonly base64: { encode(bytes: Uint8Array): string; decode(text: string): Uint8Array };
  /** Opens the app on a recording of the run so far, at the instant shown. */
  openInApp(name: string, recording: Uint8Array): Promise<void>;
}

const THREAD = 1;
/** Milliseconds between looks at where others have moved the machine to. */
const LOOK_MS = 150;
const noProgress = (): undefined => undefined;

export class DapAdapter {
  private seq = 1;
  private readonly memory = new GdbMemory();
  private readonly breakpoints: DapBreakpoints;
  private readonly variables: DapVariables;
  private stopsOnEntry = true;
  private isConfigured = false;
  private isOpen = false;
  private output: Program | undefined;
  /** Requests are answered in their order: breakpoints that come while the program is being opened wait for it. */
  private work = Promise.resolve();
  private isMoving = false;
  /** Where the editor knows the machine to be, in which program; undefined while it takes it to run. */
  private known: { readonly programs: number; readonly at: number } | undefined;
  private looking: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly session: Session,
    private readonly shell: DapShell,
    private readonly send: (message: Dap.ProtocolMessage) => void,
    private readonly ended: () => void,
  ) {
    this.breakpoints = new DapBreakpoints(session);
    this.variables = new DapVariables(session, this.memory);
  }

  receive(message: Dap.Request): void {
    this.work = this.work.then(() => this.answer(message));
  }
  /** The editor has gone: what it had set is gone, and a machine of others stays as it is. */
  close(): void {
    clearTimeout(this.looking);
    this.breakpoints.clear();
  }
  private async answer({ seq, command, arguments: args }: Dap.Request): Promise<void> {
    const reply = (rest: Partial<Dap.Response>): void => {
      this.send({ seq: this.seq++, type: 'response', request_seq: seq, command, success: true, ...rest });
    };
    const handlers: Readonly<Record<string, (args: never) => unknown>> = this.handlers;
    const handler = Object.hasOwn(handlers, command) ? handlers[command] : undefined;
    try {
      if (!handler) throw new InputError(`the request ${command} is not one that this adapter knows`);
      const body = await handler((args ?? {}) as never);
      reply({ body: body ?? {} });
      if (command === 'initialize') return;
      if (command === 'launch' || command === 'attach' || command === 'configurationDone') this.begin();
      if (command === 'disconnect' || command === 'terminate') this.ended();
    } catch (error) {
      this.refuse({ seq, command }, error instanceof Error ? error.message : String(error));
    }
  }
  /** Answers a request that cannot be carried out. */
  refuse({ seq, command }: Pick<Dap.Request, 'seq' | 'command'>, text: string): void {
    const body = { error: { id: 1, format: text.replaceAll('{', '(').replaceAll('}', ')'), showUser: true } };
    this.send({ seq: this.seq++, type: 'response', request_seq: seq, command, success: false, message: text, body } as Dap.Response);
  }
  private event(event: string, body: object = {}): void {
    this.send({ seq: this.seq++, type: 'event', event, body } as Dap.Event);
  }

  private get program(): Program {
    return this.session.needProgram();
  }
  /** Once the program is open and the editor has set its breakpoints. */
  private begin(): void {
    if (!this.isOpen || !this.isConfigured) return;
    if (this.stopsOnEntry) this.stopped(this.shell.open ? 'entry' : 'pause');
    else void this.move(() => this.running());
    if (!this.shell.open) this.lookSoon();
  }
  private lookSoon(): void {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => {
      this.look();
      this.lookSoon();
    }, LOOK_MS);
  }
  /** Others move the machine too: the editor hears of it. */
  private look(): void {
    const { session, known } = this;
    const { program, movement } = session;
    if (this.isMoving || !program) return;
    if (movement.isRunning || movement.isSeeking) {
      if (known) this.event('continued', { threadId: THREAD, allThreadsContinued: true });
      this.known = undefined;
    } else if (known?.at !== program.timeline.at || known.programs !== session.programs) {
      this.follow();
      this.stopped('goto', movement.reason ?? `ELscope has moved the machine to instant ${program.timeline.at}`);
    }
  }
  private stopped(reason: string, text?: string): void {
    this.known = { programs: this.session.programs, at: this.program.timeline.at };
    this.variables.forget();
    this.event('stopped', { reason, threadId: THREAD, allThreadsStopped: true, ...(text !== undefined && { description: text, text }) });
  }

  // ---- movements

  /** Answers at once; the editor hears of the stop by an event. */
  private async move(work: () => Promise<unknown>, reason = 'step'): Promise<void> {
    const { movement } = this.session;
    this.isMoving = true;
    try {
      await this.session.ready('run');
      await work();
      await movement.rest();
    } catch (error) {
      this.event('output', { category: 'stderr', output: `${error instanceof Error ? error.message : String(error)}\n` });
    }
    this.isMoving = false;
    const { machine, timeline } = this.program;
    const why = movement.reason;
    const hits = timeline.breakpoints.hits;
    const isHit = hits.length > 0 && why !== undefined;
    this.stopped(this.isPausing ? 'pause' : isHit ? this.breakpoints.reasonOf(hits[0].id) : reason, why ?? machine.stopSentence());
    this.isPausing = false;
    if (machine.stop?.kind === 'off' && timeline.at === timeline.end)
      this.event('output', { category: 'console', output: 'The guest has powered off. Step back to see how it came to that.\n' });
  }
  private isPausing = false;
  /** Runs; a log point prints, and the run goes on. */
  private async running(): Promise<void> {
    const { movement } = this.session;
    for (;;) {
      movement.run();
      await movement.rest();
      const { hits } = this.program.timeline.breakpoints;
      const logged = hits.flatMap(({ id }) => this.breakpoints.logOf(id) ?? []);
      if (movement.reason === undefined || hits.length === 0 || logged.length < hits.length || this.isPausing) return;
      for (const text of logged) this.event('output', { category: 'console', output: `${this.filled(text)}\n` });
    }
  }
  /** `{expression}` stands for its value. */
  private filled(text: string): string {
    return text.replace(/\{([^{}]*)\}/g, (_, expression: string) => {
      try {
        return views.evaluation.of(this.program, { frame: 0, text: expression }).value;
      } catch (error) {
        return `<${error instanceof Error ? error.message : String(error)}>`;
      }
    });
  }

  private readonly lineNow: LineNow = () => {
    const { machine, names } = this.program;
    const { pc, el } = machine.cpu;
    const found = names.of(el).line(pc);
    if (!found) return undefined;
    const isStart = names.filesAt(pc, el).some(({ file, address }) => file.lines.startsAt(address));
    return { line: `${found.file}:${found.line}`, isStart, function: names.of(el).function(pc)?.name };
  };
  private stepping(args: { readonly granularity?: string }, over: boolean): void {
    const byLine = args.granularity !== 'instruction' && this.lineNow() !== undefined;
    void this.move(() =>
      this.session.movement.pursue(
        byLine ? (timeline) => stepLine(timeline, this.lineNow, over) : over ? stepOver : step,
        'Stepping',
        noProgress,
      ),
    );
  }

  // ---- requests

  private readonly handlers = {
    initialize: (): Dap.Capabilities => {
      queueMicrotask(() => this.event('initialized'));
      return capabilities;
    },
    launch: async ({ program, stopOnEntry = true }: { program?: string; stopOnEntry?: boolean }) => {
      if (typeof program !== 'string')
        throw new InputError('the launch names no program', {}, '"program": "build/hypervisor.elf" in launch.json');
      if (!this.shell.open) throw new InputError('ELscope has its program open', {}, 'attach to it: "request": "attach" in launch.json');
      await this.shell.open(this.session, program);
      this.stopsOnEntry = stopOnEntry;
      this.isOpen = true;
      this.follow();
    },
    attach: async ({ stopOnEntry = true }: { stopOnEntry?: boolean }) => {
      if (this.shell.open)
        throw new InputError(
          'the attach names no port',
          {},
          '"port": 1234 in launch.json, the one that ELscope names where it lets gdb connect',
        );
      const { session } = this;
      session.needProgram();
      if (session.attachment) throw new InputError('the program runs in QEMU', {}, 'take it over in ELscope first');
      session.giveUp();
      await session.movement.rest();
      this.stopsOnEntry = stopOnEntry;
      this.isOpen = true;
      this.follow();
    },
    configurationDone: () => void (this.isConfigured = true),
    restart: () => {
      this.session.reset();
      this.follow();
      this.stopped('entry');
    },
    disconnect: () => this.session.giveUp(),
    terminate: () => this.session.giveUp(),
    threads: () => {
      const { cpu } = this.program.machine;
      return { threads: [{ id: THREAD, name: `CPU 0 (EL${cpu.el})` }] };
    },
    setBreakpoints: (args: Dap.SetBreakpointsArguments) => this.breakpoints.inSource(args),
    setFunctionBreakpoints: (args: Dap.SetFunctionBreakpointsArguments) => this.breakpoints.atFunctions(args),
    setInstructionBreakpoints: (args: Dap.SetInstructionBreakpointsArguments) => this.breakpoints.atInstructions(args),
    setExceptionBreakpoints: (args: Dap.SetExceptionBreakpointsArguments) => this.breakpoints.atExceptions(args),
    setDataBreakpoints: (args: Dap.SetDataBreakpointsArguments) => this.breakpoints.onData(args),
    dataBreakpointInfo: (args: Dap.DataBreakpointInfoArguments) => this.variables.dataBreakpointInfo(args),
    continue: () => {
      void this.move(() => this.running(), 'pause');
      return { allThreadsContinued: true };
    },
    reverseContinue: () => void this.move(() => this.session.movement.runBack(noProgress), 'entry'),
    next: (args: Dap.NextArguments) => this.stepping(args, true),
    stepIn: (args: Dap.StepInArguments) => this.stepping(args, false),
    stepOut: () =>
      void this.move(() =>
        this.session.movement.pursue(
          (timeline) => stepOut(timeline, (pc) => functionAt(this.program, pc)),
          'Running to the return',
          noProgress,
        ),
      ),
    stepBack: ({ granularity }: Dap.StepBackArguments) =>
      void this.move(async () => {
        const { movement } = this.session;
        const { timeline } = this.program;
        const byLine = granularity !== 'instruction';
        const to = byLine
          ? await movement.ask(previousLine(timeline, this.lineNow), 'Looking for the line before', noProgress)
          : timeline.at - 1;
        await movement.seek(Math.max(timeline.first, to), noProgress, { again: true });
      }),
    pause: () => {
      this.isPausing = this.session.movement.isRunning;
      this.session.giveUp();
    },
    stackTrace: ({ startFrame = 0, levels }: Dap.StackTraceArguments) => {
      const frames = views.stack.of(this.program, {}).frames;
      const end = levels ? startFrame + levels : frames.length;
      return {
        totalFrames: frames.length,
        stackFrames: frames.slice(startFrame, end).map((frame, i): Dap.StackFrame => {
          const trap = frame.interruptedBy === null ? '' : `${frame.interruptedBy} from `;
          return {
            id: startFrame + i + 1,
            name: `${trap}${frame.name}${frame.isInlined ? ' (inlined)' : ''} · EL${frame.level}${frame.level < 2 && frame.vmid > 0 ? ` of VM ${frame.vmid}` : ''}`,
            line: frame.line ?? 0,
            column: 0,
            instructionPointerReference: frame.pc,
            ...(frame.source !== undefined && { source: this.sourceOf(frame.source) }),
          };
        }),
      };
    },
    scopes: ({ frameId }: Dap.ScopesArguments) => ({ scopes: this.variables.scopes(frameId) }),
    variables: (args: Dap.VariablesArguments) => ({ variables: this.variables.of(args) }),
    setVariable: (args: Dap.SetVariableArguments) => this.variables.set(args),
    evaluate: (args: Dap.EvaluateArguments) => this.variables.evaluate(args),
    disassemble: ({ memoryReference, offset = 0, instructionOffset = 0, instructionCount }: Dap.DisassembleArguments) => {
      const address = addressOf(memoryReference, offset + 4 * instructionOffset);
      const { lines } = views.code.of(this.program, { before: 0, after: Math.min(instructionCount, 400) - 1, address });
      return {
        instructions: lines.map((line): Dap.DisassembledInstruction => ({
          address: line.address,
          instruction: `${line.mnemonic} ${line.operands}`.trim() || '(not readable)',
          ...(line.word !== null && { instructionBytes: line.word }),
          ...(line.label !== undefined && { symbol: line.label }),
          ...(line.source !== undefined && line.line !== undefined && { location: this.sourceOf(line.source), line: line.line }),
        })),
      };
    },
    readMemory: ({ memoryReference, offset = 0, count }: Dap.ReadMemoryArguments) => {
      const address = addressOf(memoryReference, offset);
      const bytes = this.memory.read(this.program, BigInt(address), Math.min(count, 1 << 16));
      return { address, data: this.shell.base64.encode(bytes), unreadableBytes: count - bytes.length };
    },
    writeMemory: ({ memoryReference, offset = 0, data }: Dap.WriteMemoryArguments) => {
      const bytes = this.shell.base64.decode(data);
      this.memory.write(this.session, BigInt(addressOf(memoryReference, offset)), bytes);
      return { bytesWritten: bytes.length };
    },
    source: async ({ sourceReference, source }: Dap.SourceArguments) => {
      const number = (source?.sourceReference ?? sourceReference) - 1;
      const { text, problem } = await sourceFile(this.program, this.session, number);
      if (text === null) throw new InputError(problem ?? 'the source cannot be had');
      return { content: text };
    },
    openInElscope: async () => {
      const { name, bytes } = await this.session.recording(noProgress);
      await this.shell.openInApp(name, bytes);
    },
  };

  /** The editor reads files that exist by their path; else it asks for the text. */
  private sourceOf(number: number): Dap.Source {
    const { recorded } = this.program.names;
    const holder = recorded.sourceHolder(number);
    const file = holder?.file.lines.files[number - holder.first];
    const name = file?.name.split('/').at(-1) ?? '?';
    return file?.path.startsWith('/') ? { name, path: file.path } : { name, sourceReference: number + 1 };
  }

  /** What the guest sends is the editor's to show. */
  private follow(): void {
    const { program } = this;
    if (program === this.output) return;
    this.output = program;
    let line = '';
    program.machine.onOutput.on(({ n, byte }) => {
      if (n < program.timeline.end) return;
      line += String.fromCharCode(byte);
      if (byte !== 10 && line.length < 1024) return;
      this.event('output', { category: 'stdout', output: line });
      line = '';
    });
  }
}
