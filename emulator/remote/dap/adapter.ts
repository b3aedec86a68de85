/**
 * The debug adapter: requests of the Debug Adapter Protocol as movements and views of a session, so that an editor shows what the app would.
 * Transport-free: messages come and go as objects.
 */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { VA } from '../../base/addresses.ts';
import { InputError } from '../../base/errors.ts';
import { hex } from '../../base/hex.ts';
import { deviceRegisters } from '../../explain/device-registers.ts';
import { stepOver, step } from '../../time/goals.ts';
import { stepOut } from '../../time/step-out.ts';
import { previousLine, stepLine, type LineNow } from '../../time/line-steps.ts';
import type { Program } from '../../session/program.ts';
import type { Session } from '../../session/session.ts';
import { sourceFile } from '../../session/sources.ts';
import { functionAt } from '../../session/symbols.ts';
import type { BreakpointSpec, RegistersView, ValueRow } from '../../session/views.ts';
import { views } from '../../session/views/index.ts';
import { GdbMemory } from '../gdb/memory.ts';
import { capabilities, ERET, filters } from './capabilities.ts';

export type DapMessage = Dap.ProtocolMessage;
export type DapRequest = Dap.Request;

/** What an adapter asks of its shell. */
export interface DapShell {
  /** Opens the program that a launch names, standing at its entry. Rejects with an InputError. */
  open(session: Session, program: string): Promise<void>;
  readonly base64: { encode(bytes: Uint8Array): string; decode(text: string): Uint8Array };
  /** Opens the app on a recording of the run so far, at the instant shown. */
  openInApp(name: string, recording: Uint8Array): Promise<void>;
}

const THREAD = 1;
/** Registers of a device that are an array: so many are listed. */
const MOST_OF_ARRAY = 4;
const noProgress = (): undefined => undefined;

interface VariablesOf {
  readonly frame: number;
  readonly scope: 'arguments' | 'locals' | 'part' | 'registers' | 'EL1' | 'EL2' | 'gic';
  readonly of?: string;
}

export class DapAdapter {
  private seq = 1;
  private readonly memory = new GdbMemory();
  private references: VariablesOf[] = [];
  /** Ids of the session's breakpoints, by what set them. */
  private readonly own = new Map<string, number[]>();
  private logs = new Map<number, string>();
  private source = new Map<string, number>();
  private stopsOnEntry = true;
  private isConfigured = false;
  private isOpen = false;
  private output: Program | undefined;

  constructor(
    private readonly session: Session,
    private readonly shell: DapShell,
    private readonly send: (message: Dap.ProtocolMessage) => void,
    private readonly ended: () => void,
  ) {}

  receive(message: Dap.Request): void {
    void this.answer(message);
  }
  private async answer({ seq, command, arguments: args }: Dap.Request): Promise<void> {
    const reply = (rest: Partial<Dap.Response>): void => {
      this.send({ seq: this.seq++, type: 'response', request_seq: seq, command, success: true, ...rest });
    };
    const handler = (this.handlers as Readonly<Record<string, ((args: never) => unknown) | undefined>>)[command];
    try {
      if (!handler) throw new InputError(`the request ${command} is not one that this adapter knows`);
      const body = await handler((args ?? {}) as never);
      reply({ body: body ?? {} });
      if (command === 'initialize') return;
      if (command === 'launch' || command === 'configurationDone') this.begin();
      if (command === 'disconnect' || command === 'terminate') this.ended();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      reply({
        success: false,
        message: text,
        body: { error: { id: 1, format: text.replaceAll('{', '(').replaceAll('}', ')'), showUser: true } },
      });
    }
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
    if (this.stopsOnEntry) this.stopped('entry');
    else void this.move(() => this.running());
  }
  private stopped(reason: string, text?: string): void {
    this.references = [];
    this.event('stopped', { reason, threadId: THREAD, allThreadsStopped: true, ...(text !== undefined && { description: text, text }) });
  }

  // ---- movements

  /** Answers at once; the editor hears of the stop by an event. */
  private async move(work: () => Promise<unknown>, reason = 'step'): Promise<void> {
    const { movement } = this.session;
    try {
      await this.session.ready('run');
      await work();
      await movement.rest();
    } catch (error) {
      this.event('output', { category: 'stderr', output: `${error instanceof Error ? error.message : String(error)}\n` });
    }
    const { machine, timeline } = this.program;
    const why = movement.reason;
    const hits = timeline.breakpoints.hits;
    const isHit = hits.length > 0 && why !== undefined;
    this.stopped(this.isPausing ? 'pause' : isHit ? this.reasonOf(hits[0].id) : reason, why ?? machine.stopSentence());
    this.isPausing = false;
    if (machine.stop?.kind === 'off' && timeline.at === timeline.end)
      this.event('output', { category: 'console', output: 'The guest has powered off. Step back to see how it came to that.\n' });
  }
  private isPausing = false;
  private reasonOf(id: number): string {
    const kind = [...this.own].find(([, ids]) => ids.includes(id))?.[0] ?? '';
    if (kind === 'exceptions') return 'exception';
    return kind === 'data'
      ? 'data breakpoint'
      : kind === 'functions'
        ? 'function breakpoint'
        : kind === 'instructions'
          ? 'instruction breakpoint'
          : 'breakpoint';
  }
  /** Runs; a log point prints, and the run goes on. */
  private async running(): Promise<void> {
    const { movement } = this.session;
    for (;;) {
      movement.run();
      await movement.rest();
      const { hits } = this.program.timeline.breakpoints;
      const logged = hits.flatMap(({ id }) => this.logs.get(id) ?? []);
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

  // ---- breakpoints

  private replaceOwn(
    kind: string,
    specs: readonly { readonly spec: BreakpointSpec; readonly log?: string | undefined }[],
  ): (Error | number)[] {
    const { breakpoints } = this.session;
    // The same breakpoint asked for twice is one: it goes when nobody wants it any more.
    const others = new Set([...this.own].flatMap(([other, ids]) => (other === kind ? [] : ids)));
    for (const id of new Set(this.own.get(kind) ?? [])) {
      if (others.has(id)) continue;
      breakpoints.remove(id);
      this.logs.delete(id);
    }
    const found = specs.map(({ spec, log }) => {
      try {
        const id = breakpoints.add(this.program, spec);
        if (log !== undefined) this.logs.set(id, log);
        return id;
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
    });
    this.own.set(
      kind,
      found.filter((one) => typeof one === 'number'),
    );
    this.session.edited();
    return found;
  }
  private demand({
    condition,
    hitCondition,
  }: {
    readonly condition?: string;
    readonly hitCondition?: string;
  }): Pick<BreakpointSpec, 'when' | 'nth' | 'every'> {
    const every = /^\s*%\s*(\d+)$/.exec(hitCondition ?? '')?.[1];
    const nth = /^\s*(?:==?|>=)?\s*(\d+)\s*$/.exec(hitCondition ?? '')?.[1];
    if (hitCondition && every === undefined && nth === undefined)
      throw new InputError(`${hitCondition} is no count of hits`, {}, '3, or % 10 for every tenth');
    return {
      ...(condition && { when: condition }),
      ...(nth !== undefined && { nth: Number(nth) }),
      ...(every !== undefined && { every: Number(every) }),
    };
  }
  private described(found: Error | number, at: Partial<Dap.Breakpoint> = {}): Dap.Breakpoint {
    return typeof found === 'number' ? { id: found, verified: true, ...at } : { verified: false, message: found.message, ...at };
  }
  private addressOf(text: string, offset = 0): string {
    return hex(BigInt(text) + BigInt(offset));
  }

  private setBreakpoints({ source, breakpoints = [] }: Dap.SetBreakpointsArguments): Dap.SetBreakpointsResponse['body'] {
    const path = source.path ?? source.name ?? '';
    const rows = breakpoints.map((wanted) => ({ wanted, ...this.lineAt(path, wanted.line) }));
    const specs = rows.flatMap(({ wanted, vas }) =>
      vas.map((va) => ({ spec: { kind: 'address' as const, va: hex(va), ...this.demand(wanted) }, log: wanted.logMessage })),
    );
    const found = this.replaceOwn(`source ${path}`, specs);
    let next = 0;
    return {
      breakpoints: rows.map(({ line, vas }) => {
        const own = found.slice(next, (next += vas.length));
        return this.described(own[0] ?? new Error('no code comes from this line'), { line });
      }),
    };
  }
  /** Where the code of a line begins, or of the next one that has any. */
  private lineAt(path: string, wanted: number): { readonly line: number; readonly vas: readonly VA[] } {
    const { recorded } = this.program.names;
    const parts = path.split(/[\\/]/).filter(Boolean);
    for (let count = parts.length; count > 0; count--) {
      const tail = parts.slice(-count).join('/');
      for (const file of recorded.files) {
        const number = file.lines.files.findIndex((one) => one.path === path || one.name === tail || one.path.endsWith(`/${tail}`));
        if (number < 0) continue;
        const line = file.lines.linesOf(number).find((one) => one.line >= wanted)?.line;
        if (line === undefined) return { line: wanted, vas: [] };
        return { line, vas: file.lines.addresses(file.lines.files[number].name, line).map((va) => recorded.movedFrom(file, va)) };
      }
    }
    return { line: wanted, vas: [] };
  }

  // ---- variables

  private reference(what: VariablesOf): number {
    return this.references.push(what);
  }
  private variables({ variablesReference }: Dap.VariablesArguments): Dap.Variable[] {
    const what = this.references[variablesReference - 1] as VariablesOf | undefined;
    if (!what) throw new InputError('these variables are of an instant that is not shown any more');
    const { frame, scope, of } = what;
    if (scope === 'registers') return this.registers(frame);
    if (scope === 'EL1' || scope === 'EL2') {
      const groups = views.registers.of(this.program, {}).groups;
      return registersOf(groups, scope);
    }
    if (scope === 'gic') return this.gic();
    const rows = views.variables.of(this.program, { frame, ...(of !== undefined && { of }) }).rows;
    return rows
      .filter(({ kind }) => scope === 'part' || (kind === 'argument') === (scope === 'arguments'))
      .map((row) => this.variable(row, frame));
  }
  private variable(row: ValueRow, frame: number): Dap.Variable {
    return {
      name: row.name,
      value: row.value,
      type: row.type,
      evaluateName: row.path,
      variablesReference: row.hasParts ? this.reference({ frame, scope: 'part', of: row.path }) : 0,
      ...(row.address !== null && { memoryReference: row.address }),
    };
  }
  /** Those of the frame: what a called function has overwritten is not known. */
  private registers(frame: number): Dap.Variable[] {
    const { registers, sp, pc } = views.stack.of(this.program, {}).frames[frame];
    const named = [...registers.map((value, i) => [`x${i}`, value] as const), ['sp', sp] as const, ['pc', pc] as const];
    return named.map(([name, value]) => ({ name, value: value ?? '<not saved>', evaluateName: `$${name}`, variablesReference: 0 }));
  }
  /** Of registers in arrays those of the first interrupts. */
  private gic(): Dap.Variable[] {
    const { board } = this.program.machine;
    return board.gic.devices
      .flatMap((device) => deviceRegisters(device, (_, index) => index < MOST_OF_ARRAY))
      .map(({ name, value, text }) => ({ name, value: `${value}  ${text}`, variablesReference: 0 }));
  }

  private setValue(frame: number, path: string, text: string): Dap.SetVariableResponse['body'] {
    const { program, session } = this;
    const number = views.evaluation.of(program, { frame: 0, text });
    const frames = views.stack.of(program, {}).frames;
    const shown = frames[frame] as (typeof frames)[number] | undefined;
    if (shown && shown.at !== program.timeline.at)
      throw new InputError(`this frame is as it was at instant ${shown.at}`, {}, 'go there to change it');
    if (/^(x\d+|sp|pc)$|_EL[0-3]$/i.test(path)) return { value: session.setRegister({ register: path, value: text, replace: true }).value };
    const target = views.evaluation.of(program, { frame, text: path });
    const value = BigInt.asUintN(64, parsed(number.value));
    if (target.address !== null && target.bytes > 0 && target.bytes <= 8) {
      const bytes = Uint8Array.from({ length: target.bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
      this.memory.write(session, BigInt(target.address), bytes);
    } else if (target.register !== null && target.register < 32 && frame === 0)
      session.setRegister({ register: target.register === 31 ? 'sp' : `x${target.register}`, value: hex(value), replace: true });
    else throw new InputError(`${path} cannot be changed: it is neither in memory nor in a register of the running function`);
    return { value: views.evaluation.of(this.program, { frame, text: path }).value };
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
      await this.shell.open(this.session, program);
      this.stopsOnEntry = stopOnEntry;
      this.isOpen = true;
      this.follow();
    },
    attach: () => {
      throw new InputError('attaching to an app that runs is not possible: launch the program, or connect gdb to the app');
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
    setBreakpoints: (args: Dap.SetBreakpointsArguments) => this.setBreakpoints(args),
    setFunctionBreakpoints: ({ breakpoints }: Dap.SetFunctionBreakpointsArguments) => ({
      breakpoints: this.replaceOwn(
        'functions',
        breakpoints.map((one) => ({ spec: { kind: 'symbol', name: one.name, ...this.demand(one) } })),
      ).map((found) => this.described(found)),
    }),
    setInstructionBreakpoints: ({ breakpoints }: Dap.SetInstructionBreakpointsArguments) => ({
      breakpoints: this.replaceOwn(
        'instructions',
        breakpoints.map((one) => ({
          spec: { kind: 'address', va: this.addressOf(one.instructionReference, one.offset), ...this.demand(one) },
        })),
      ).map((found) => this.described(found)),
    }),
    setExceptionBreakpoints: ({ filters: wanted }: Dap.SetExceptionBreakpointsArguments) => {
      const specs = wanted.flatMap((name): BreakpointSpec[] => {
        if (name === ERET) return ([0, 1] as const).map((to) => ({ kind: 'level-change', to }));
        const types = filters[name]?.types;
        return name in filters ? [{ kind: 'exception', ...(types && { types: [...types] }) }] : [];
      });
      return {
        breakpoints: this.replaceOwn(
          'exceptions',
          specs.map((spec) => ({ spec })),
        ).map((found) => this.described(found)),
      };
    },
    dataBreakpointInfo: ({ name, variablesReference, frameId }: Dap.DataBreakpointInfoArguments) => {
      const what = variablesReference === undefined ? undefined : this.references[variablesReference - 1];
      const path =
        what?.of === undefined
          ? name
          : (views.variables.of(this.program, { frame: what.frame, of: what.of }).rows.find((row) => row.name === name)?.path ?? name);
      const row = views.evaluation.of(this.program, { frame: what?.frame ?? (frameId === undefined ? 0 : frameId - 1), text: path });
      if (row.address === null || row.bytes === 0) return { dataId: null, description: `${path} is not in memory` };
      return { dataId: `${row.address},${row.bytes}`, description: path, accessTypes: ['read', 'write', 'readWrite'] };
    },
    setDataBreakpoints: ({ breakpoints }: Dap.SetDataBreakpointsArguments) => ({
      breakpoints: this.replaceOwn(
        'data',
        breakpoints.map((one) => {
          const [address, bytes] = one.dataId.split(',');
          const access = one.accessType === 'read' ? 'r' : one.accessType === 'readWrite' ? 'rw' : 'w';
          return { spec: { kind: 'memory', space: 'va', address, bytes: Number(bytes), access, ...this.demand(one) } };
        }),
      ).map((found) => this.described(found)),
    }),
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
    scopes: ({ frameId }: Dap.ScopesArguments): Dap.ScopesResponse['body'] => {
      const frame = frameId - 1;
      const scope = (name: string, kind: VariablesOf['scope'], hint?: string): Dap.Scope => ({
        name,
        expensive: kind !== 'arguments' && kind !== 'locals',
        variablesReference: this.reference({ frame, scope: kind }),
        ...(hint !== undefined && { presentationHint: hint }),
      });
      const shown = views.stack.of(this.program, {}).frames.at(frame);
      const known = shown?.hasVariables ? [scope('Arguments', 'arguments', 'arguments'), scope('Locals', 'locals', 'locals')] : [];
      // Those of the machine are of this instant: a frame below an exception is of another.
      const machine = shown?.at === this.program.timeline.at ? [scope('EL1', 'EL1'), scope('EL2', 'EL2'), scope('GIC', 'gic')] : [];
      return { scopes: [...known, scope('Registers', 'registers', 'registers'), ...machine] };
    },
    variables: (args: Dap.VariablesArguments) => ({ variables: this.variables(args) }),
    setVariable: ({ variablesReference, name, value }: Dap.SetVariableArguments) => {
      const what = this.references[variablesReference - 1] as VariablesOf | undefined;
      if (!what) throw new InputError('this variable is of an instant that is not shown any more');
      const row =
        what.scope === 'part' || what.scope === 'arguments' || what.scope === 'locals'
          ? views.variables
              .of(this.program, { frame: what.frame, ...(what.of !== undefined && { of: what.of }) })
              .rows.find((one) => one.name === name)
          : undefined;
      return this.setValue(what.frame, row?.path ?? name, value);
    },
    evaluate: ({ expression, frameId }: Dap.EvaluateArguments): Dap.EvaluateResponse['body'] => {
      const frame = frameId === undefined ? 0 : frameId - 1;
      const row = views.evaluation.of(this.program, { frame, text: expression });
      const { value, type, variablesReference, memoryReference } = this.variable(row, frame);
      return {
        result: value,
        variablesReference,
        ...(type !== undefined && { type }),
        ...(memoryReference !== undefined && { memoryReference }),
      };
    },
    disassemble: ({ memoryReference, offset = 0, instructionOffset = 0, instructionCount }: Dap.DisassembleArguments) => {
      const address = this.addressOf(memoryReference, offset + 4 * instructionOffset);
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
      const address = this.addressOf(memoryReference, offset);
      const bytes = this.memory.read(this.program, BigInt(address), Math.min(count, 1 << 16));
      return { address, data: this.shell.base64.encode(bytes), unreadableBytes: count - bytes.length };
    },
    writeMemory: ({ memoryReference, offset = 0, data }: Dap.WriteMemoryArguments) => {
      const bytes = this.shell.base64.decode(data);
      this.memory.write(this.session, BigInt(this.addressOf(memoryReference, offset)), bytes);
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

const registersOf = (groups: RegistersView['groups'], title: string): Dap.Variable[] =>
  (groups.find((group) => group.title === title)?.registers ?? []).map(({ name, value, text }) => ({
    name,
    value: text === '' ? value : `${value}  ${text}`,
    variablesReference: 0,
    evaluateName: name,
  }));

/** The number at the beginning of a value's text. */
function parsed(text: string): bigint {
  const digits = /^-?(0x[0-9a-f]+|\d+)/i.exec(text)?.[0];
  if (digits === undefined) throw new InputError(`${text} is no number`);
  return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits);
}
