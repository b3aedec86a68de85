/**
 * Which functions wait for which at an instant: from the one that runs to its callers, and through exceptions to the code that was
 * interrupted. Callers are found by call-frame information, where there is none by frame records (AAPCS64, section 6.4.6). What a handler
 * interrupted is not guessed from registers, which handlers save and overwrite: the recording knows which exception the handler is for, and
 * the stack goes on with the machine as it was at that instant.
 */
import { VA } from '../base/addresses.ts';
import { currentVmid } from '../cpu/exceptions.ts';
import type { CpuState, ExceptionEvent, ExceptionLevel } from '../cpu/index.ts';
import { disassemble } from '../isa/index.ts';
import type { Machine } from '../machine/machine.ts';
import type { Timeline } from '../time/timeline.ts';
import type { AddressNames, FileAddress, NamedLine } from './address-names.ts';
import type { FunctionScope, Variable, Whereabouts } from './debug-info.ts';
import type { ExpressionFrame } from './dwarf-expression.ts';

/** What a stack is looked for in. */
export interface Unwound {
  readonly machine: Machine;
  readonly timeline: Timeline;
  readonly names: AddressNames;
}

/** The registers of a frame. Undefined: not known any more. */
export interface FrameRegisters {
  readonly pc: VA;
  /** By the ABI's numbers: 0 to 30 are X0 to X30, 31 is SP, 64 to 95 are V0 to V31, of callers the lower halves of V8 to V15. */
  readonly registers: readonly (bigint | undefined)[];
}

export interface Frame extends FrameRegisters {
  /** The instant whose state it is part of: before that of the frames above it where an exception is between them. */
  readonly at: number;
  readonly el: ExceptionLevel;
  /** Of the guest, where it belongs to one. */
  readonly vmid: number;
  /** The exception that interrupted this code, in favour of the frame above. */
  readonly interruptedBy: ExceptionEvent | undefined;
  /** Of the function, as debug information or else the symbol table has it. */
  readonly name: string | undefined;
  readonly isInlined: boolean;
  readonly line: (Omit<NamedLine, 'source'> & { readonly source: number | undefined }) | undefined;
  /** Its PC is where a call returns to: it is not the one that runs, nor was it interrupted. */
  readonly hasCalled: boolean;
  /** Where the frame begins (canonical frame address); undefined where nothing tells. */
  readonly cfa: bigint | undefined;
  /** How the frame was found from the one above. */
  readonly by: 'running' | 'exception' | 'inlined' | 'call-frame information' | 'frame record' | 'return address';
  /** Within the file, in the middle of the call: what is true there holds for the frame. `offset`: from there to the VA. */
  readonly place: (FileAddress & { readonly offset: bigint; readonly scope: FunctionScope | undefined }) | undefined;
}

/** Frames between two exceptions, and exceptions within each other. */
const MOST_FRAMES = 256;
const MOST_TRAPS = 8;

/** The stack at the instant of the machine, the running function first. */
export function stackOf(program: Unwound): readonly Frame[] {
  const { timeline, machine } = program;
  const chain = exceptionsBelow(program);
  const oldest = chain.at(-1);
  if (!oldest) return [...framesHere(program, undefined, undefined)];
  // From the oldest on: where its handler's stack begins is known before what the handler called is asked about.
  const look = (): { readonly frames: readonly Frame[]; readonly entered: Entered } => {
    let frames: readonly Frame[] = [];
    let entered: Entered | undefined;
    for (const event of chain.toReversed()) {
      timeline.seek(event.n);
      frames = [...framesHere(program, event, entered), ...frames];
      entered = { event, sp: machine.cpu.get(event.to === 2 ? 'SP_EL2' : 'SP_EL1') };
    }
    return { frames, entered: entered! };
  };
  const { frames, entered } = timeline.excursion(oldest.n, look, { key: `stack ${chain[0].n}`, moves: true });
  return [...framesHere(program, undefined, entered), ...frames];
}

/** The exceptions whose handlers wait for what runs, the innermost first. */
function exceptionsBelow(program: Unwound): ExceptionEvent[] {
  const { timeline, machine } = program;
  const chain: ExceptionEvent[] = [];
  let event = handledBy(program, timeline.at, machine.cpu.el, currentVmid(machine.cpu));
  for (; event && event.n >= timeline.first && chain.length < MOST_TRAPS; event = handledBy(program, event.n, event.from, event.vmid))
    chain.push(event);
  return chain;
}

/** The exception whose handler runs at a level at an instant: the last one to it that has not been returned from. */
function handledBy({ timeline: { traps } }: Unwound, at: number, el: ExceptionLevel, vmid: number): ExceptionEvent | undefined {
  if (el === 0) return undefined;
  const index = traps.handledBefore(traps.firstAt(at), el, vmid);
  const event = index === undefined ? undefined : traps.get(index);
  return event?.kind === 'exception' ? event : undefined;
}

/** The handler's stack ends where its SP was as it was entered. */
interface Entered {
  readonly event: ExceptionEvent;
  readonly sp: bigint | undefined;
}

const [FP, LR, SP, V0] = [29, 30, 31, 64];
function registersOf(cpu: CpuState): bigint[] {
  const registers: bigint[] = [];
  for (let i = 0; i <= LR; i++) registers[i] = cpu.x(i);
  registers[SP] = cpu.sp;
  for (let i = 0; i < 32; i++) registers[V0 + i] = cpu.v(i);
  return registers;
}

/** The frames of the level that runs, up to where it was entered. */
function* framesHere(program: Unwound, interruptedBy: ExceptionEvent | undefined, entered: Entered | undefined): Generator<Frame> {
  const { machine } = program;
  const { cpu } = machine;
  const { el } = cpu;
  const vmid = el === 2 ? 0 : currentVmid(cpu);
  const shared = { at: machine.steps, el, vmid };
  let frame: FrameRegisters = { pc: cpu.pc, registers: registersOf(cpu) };
  let by: Frame['by'] = interruptedBy ? 'exception' : 'running';
  /** Where the stack of the frame begins at the lowest. */
  let lowest: bigint = cpu.sp;
  for (let count = 0; count < MOST_FRAMES; count++) {
    // A return address is behind the call: the function may end there, and the next line begin.
    const hasCalled = count > 0;
    const at = VA(BigInt.asUintN(64, hasCalled ? frame.pc - 1n : frame.pc));
    const files = program.names.filesAt(at, el);
    const file =
      files.find(({ file: one, address }) => one.debug.hasRules(address) || one.debug.functionsAt(address).length > 0) ?? files[0];
    const scopes = file?.file.debug.functionsAt(file.address) ?? [];
    const offset = file === undefined ? 0n : at - file.address;
    const expressions = expressionFrame(program, frame, el, offset);
    const cfa = file?.file.debug.cfa(file.address, expressions);
    const names = program.names.of(el);
    const named = names.function(at)?.name ?? names.symbol(at);
    const base = { ...shared, ...frame, hasCalled, cfa };
    let line: Frame['line'] = names.line(at);
    for (const [i, scope] of (scopes.length > 0 ? scopes : [undefined]).entries()) {
      yield {
        ...base,
        interruptedBy: count === 0 && i === 0 ? interruptedBy : undefined,
        name: scope?.name ?? named,
        isInlined: scope?.isInlined ?? false,
        line,
        by: i === 0 ? by : 'inlined',
        place: file && { ...file, offset, scope },
      };
      line = scope?.call && calledFrom(program, file, scope.call);
    }
    const next = callerHere(program, frame, expressions, file, entered, { hasCalled, lowest });
    // Stacks grow downwards: what seems to be a caller further down, or the same again, is none.
    if (!next || next.lowest < lowest || (next.lowest === lowest && next.frame.pc === frame.pc)) return;
    ({ frame, by, lowest } = next);
  }
}

/** The line of a call of an inlined function, with its file's number among those of all symbol files. */
function calledFrom({ names }: Unwound, file: FileAddress | undefined, call: NonNullable<FunctionScope['call']>): Frame['line'] {
  if (!file || !call.file) return undefined;
  const { path, name } = call.file;
  const number = file.file.lines.files.findIndex((one) => one.path === path);
  return { file: name, line: call.line, source: number < 0 ? undefined : names.recorded.firstSource(file.file) + number };
}

interface Caller {
  readonly frame: FrameRegisters;
  readonly by: Frame['by'];
  readonly lowest: bigint;
}

/** `hasCalled`: the frame is not the one that runs. */
function callerHere(
  program: Unwound,
  { pc: at, registers }: FrameRegisters,
  expressions: ExpressionFrame,
  file: FileAddress | undefined,
  entered: Entered | undefined,
  { hasCalled, lowest }: { readonly hasCalled: boolean; readonly lowest: bigint },
): Caller | undefined {
  const { el } = program.machine.cpu;
  const isCode = (pc: bigint): boolean => pc !== 0n && program.machine.fetchWord(VA(pc), el) !== undefined;
  if (file?.file.debug.hasRules(file.address)) {
    const caller = file.file.debug.caller(file.address, expressions, hasCalled);
    if (!caller || !isCode(caller.pc)) return undefined;
    return { frame: { pc: VA(caller.pc), registers: caller.registers }, by: 'call-frame information', lowest: caller.cfa };
  }
  const back = hasCalled ? undefined : returnAddress(program, at, registers[LR], entered);
  if (back) {
    const known = registers.map((value, i) => (i === SP && !back.keepsSp ? undefined : value));
    return { frame: { pc: back.pc, registers: known }, by: 'return address', lowest };
  }
  // A record holds the caller's frame pointer and the return address. It lies in the stack of the level: above where SP was when a handler
  // was entered is what it interrupted.
  const fp = registers[FP];
  if (fp === undefined || fp < lowest || fp % 8n !== 0n || (entered?.sp !== undefined && fp + 16n > entered.sp)) return undefined;
  const [next, pc] = [expressions.memory(fp, 8), expressions.memory(fp + 8n, 8)];
  if (next === undefined || pc === undefined || !isCode(pc)) return undefined;
  // Which of the other registers the function has kept where, nobody wrote down.
  const known = registers.map((_, i) => (i === FP ? next : i === LR ? pc : undefined));
  return { frame: { pc: VA(pc), registers: known }, by: 'frame record', lowest: fp + 16n };
}

/** Bytes of a function that are looked at for what it has done so far. */
const MOST_BYTES = 4096n;

/**
 * The return address where it is still in X30: the function was called, has made no frame record, and has called nothing. Undefined where
 * that is not certain.
 */
function returnAddress(
  { machine, names }: Unwound,
  pc: VA,
  back: bigint | undefined,
  entered: Entered | undefined,
): { readonly pc: VA; readonly keepsSp: boolean } | undefined {
  const { el } = machine.cpu;
  const here = names.at(pc, el);
  if (back === undefined || !here || here.offset > MOST_BYTES) return undefined;
  const from = VA(pc - here.offset);
  const behind = VA(BigInt.asUintN(64, back - 4n));
  const word = machine.fetchWord(behind, el);
  const call = word === undefined ? undefined : disassemble(word, behind);
  // Code that an exception entered was not called; a function may have been by way of another that ended with a branch to it.
  const isHandler = entered !== undefined && names.at(entered.event.pc, el)?.symbol === here.symbol;
  const isCall = call?.mnemonic === 'blr' || (call?.mnemonic === 'bl' && (call.target === from || here.symbol.kind === 'function'));
  if (!call || !isCall || (isHandler && call.target !== from)) return undefined;
  let keepsSp = true;
  for (let at = from; at < pc; at = VA(at + 4n)) {
    const done = machine.fetchWord(at, el);
    const { mnemonic, operands } = (done === undefined ? undefined : disassemble(done, at)) ?? { mnemonic: '', operands: '' };
    if (/^blr?$/.test(mnemonic) || operands.startsWith('x29, sp') || (mnemonic.startsWith('ld') && operands.includes('x30')))
      return undefined;
    if (/\bsp\b/.test(operands)) keepsSp = false;
  }
  return { pc: VA(back), keepsSp };
}

/** What expressions of debug information may ask of a frame of the level that runs. */
function expressionFrame({ machine }: Unwound, { registers }: FrameRegisters, el: ExceptionLevel, offset: bigint): ExpressionFrame {
  return {
    register: (register) => registers[register],
    memory: (address, bytes) => readMemory(machine, VA(BigInt.asUintN(64, address)), bytes, el),
    offset,
  };
}

/** Memory as a load of the level would read it, as a little-endian number; undefined where it would fault. */
export function readMemory(machine: Machine, va: VA, bytes: number, el: ExceptionLevel): bigint | undefined {
  const found = readBytes(machine, va, bytes, el);
  return found?.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
export function readBytes({ mmu, board }: Machine, va: VA, bytes: number, el: ExceptionLevel): Uint8Array | undefined {
  const found = new Uint8Array(bytes);
  for (let done = 0; done < bytes;) {
    const at = VA(BigInt.asUintN(64, va + BigInt(done)));
    const count = Math.min(bytes - done, 4096 - Number(at & 0xfffn));
    const reached = mmu.probe(at, 'read', el);
    const part = reached.ok ? board.bus.peekBytes(reached.pa, count) : undefined;
    if (!part) return undefined;
    found.set(part, done);
    done += count;
  }
  return found;
}

/** The variables that a frame sees. */
export const variablesOf = ({ place }: Frame): readonly Variable[] =>
  place?.scope ? place.file.debug.variablesOf(place.scope, place.address) : [];

/** Where a variable of a frame is, at the frame's own instant. `stack`: all frames, to which it belongs. */
export function whereIs(program: Unwound, stack: readonly Frame[], frame: Frame, variable: Variable): Whereabouts {
  if (!frame.place) return 'optimized out';
  const { file, address } = frame.place;
  return file.debug.where(variable, address, {
    ...framed(program, frame),
    entryValue: (register) => {
      // A function is entered by the call that is next on the stack; inlined functions have none of their own.
      const caller = stack.slice(stack.indexOf(frame) + 1).find(({ by, at }) => by !== 'inlined' && at === frame.at);
      if (caller?.by !== 'call-frame information' || !caller.place) return undefined;
      return caller.place.file.debug.callValue(BigInt(caller.place.address) + 1n, register, framed(program, caller));
    },
  });
}
const framed = (program: Unwound, frame: Frame): ExpressionFrame => expressionFrame(program, frame, frame.el, frame.place?.offset ?? 0n);
