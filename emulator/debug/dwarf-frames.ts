/**
 * How to get from a function to its caller: call-frame information of .debug_frame and .eh_frame (DWARF 5, section 6.4; Linux Standard Base,
 * "Exception Frames"). The tables are gone through once for where they hold; rules are made for the address that is asked about.
 */
import { InputError } from '../base/errors.ts';
import { compute, type ExpressionFrame } from './dwarf-expression.ts';
import type { DwarfReader } from './dwarf-reader.ts';
import type { DwarfSections } from './dwarf-sections.ts';

/** Where the caller's value of a register is. */
type Rule =
  | { readonly kind: 'same' | 'undefined' }
  /** At CFA + offset, or CFA + offset itself. */
  | { readonly kind: 'offset' | 'valueOffset'; readonly offset: bigint }
  | { readonly kind: 'register'; readonly register: number }
  /** Of the address where it is, or of the value itself. */
  | { readonly kind: 'expression' | 'valueExpression'; readonly code: DwarfReader };
type CfaRule = { readonly register: number; readonly offset: bigint } | { readonly code: DwarfReader };

export interface FrameRules {
  readonly cfa: CfaRule;
  /** By the ABI's number of the register; others keep their values if a called function must keep them. */
  readonly registers: ReadonlyMap<number, Rule>;
  /** The register with the return address. */
  readonly returnRegister: number;
  /** The frame is that of a signal handler: its return address is not behind a call. */
  readonly isSignal: boolean;
}

interface Common {
  readonly codeFactor: number;
  readonly dataFactor: number;
  readonly returnRegister: number;
  /** Encoding of addresses in .eh_frame; undefined: plain. */
  readonly encoding: number;
  readonly isSignal: boolean;
  readonly hasAugmentation: boolean;
  readonly program: DwarfReader;
}
interface Description {
  readonly from: bigint;
  readonly to: bigint;
  readonly common: Common;
  readonly program: DwarfReader;
}

const SP = 31;
/** Descriptions of functions. Linux has some hundred thousand. */
const MOST_DESCRIPTIONS = 1 << 20;
/** Saved states of rules, and registers with rules. */
const MOST_STATES = 64;
const MOST_REGISTERS = 256;

export class FrameTable {
  private all: readonly Description[] | undefined;
  /** What could not be read, as a sentence. */
  problem: string | undefined;

  constructor(private readonly sections: DwarfSections) {}

  /** The rules for the instruction at an address of the file; undefined where there are none. Throws InputError for damaged ones. */
  rulesAt(address: bigint): FrameRules | undefined {
    const all = (this.all ??= this.readAll());
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (all[middle].from <= address) low = middle + 1;
      else high = middle;
    }
    const found = all[low - 1] as Description | undefined;
    return found && address < found.to ? new Execution(found).run(address) : undefined;
  }

  private readAll(): readonly Description[] {
    const found: Description[] = [];
    for (const section of ['.debug_frame', '.eh_frame'] as const) {
      try {
        this.read(section, found);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        this.problem ??= error.message;
      }
    }
    return found.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  }

  private read(section: '.debug_frame' | '.eh_frame', found: Description[]): void {
    const isEh = section === '.eh_frame';
    const whole = this.sections.reader(section);
    const address = this.sections.address(section);
    const commons = new Map<number, Common>();
    const commonAt = (offset: number): Common => {
      let common = commons.get(offset);
      if (!common) commons.set(offset, (common = readCommon(whole.from(offset), isEh)));
      return common;
    };
    while (whole.remaining > 0 && found.length < MOST_DESCRIPTIONS) {
      const start = whole.position;
      if (isEh && whole.remaining < 4) break;
      const entry = whole.unit();
      if (entry.remaining === 0) continue;
      const idAt = whole.position - entry.remaining;
      const is64 = entry.offsetBytes === 8;
      // .eh_frame counts backwards from here, in 4 bytes always; a common part has 0 there, in .debug_frame all ones.
      const id = isEh ? entry.u32() : is64 ? entry.address() : BigInt(entry.u32());
      if (isEh ? id === 0 : id === (is64 ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn)) continue;
      const common = commonAt(isEh ? idAt - Number(id) : Number(id));
      const place = (): bigint => address + BigInt(idAt + entry.position);
      const from = isEh ? encoded(entry, common.encoding, place()) : entry.address();
      const length = isEh ? encoded(entry, common.encoding & 0x0f, 0n) : entry.address();
      if (common.hasAugmentation) entry.skip(entry.uleb());
      if (length > 0n && this.sections.isCode(from)) found.push({ from, to: from + length, common, program: entry });
      if (whole.position === start) break;
    }
  }
}

/** A common information entry (6.4.1), from its length on. */
function readCommon(reader: DwarfReader, isEh: boolean): Common {
  const entry = reader.unit();
  const id = entry.offsetBytes === 8 && !isEh ? entry.address() : BigInt(entry.u32());
  if (isEh ? id !== 0n : id !== 0xffff_ffffn && id !== 0xffff_ffff_ffff_ffffn)
    throw entry.error('the description of a frame refers to something else than a common part');
  const version = entry.u8();
  if (version !== 1 && version !== 3 && version !== 4)
    throw entry.error(`version ${version} of call-frame information`, 'expected 1, 3 or 4');
  const augmentation = entry.text();
  if (version === 4) {
    const [addressBytes, segmentBytes] = [entry.u8(), entry.u8()];
    if (addressBytes !== 8 || segmentBytes !== 0)
      throw entry.error(`addresses of ${addressBytes} bytes, segments of ${segmentBytes}`, 'expected 8 and 0');
  }
  const codeFactor = entry.uleb();
  const dataFactor = entry.sleb();
  const returnRegister = version === 1 ? entry.u8() : entry.uleb();
  let encoding = 0;
  const hasAugmentation = augmentation.startsWith('z');
  if (!hasAugmentation && augmentation !== '') throw entry.error(`augmentation ${JSON.stringify(augmentation)} of call-frame information`);
  if (hasAugmentation) {
    const data = entry.slice(entry.uleb());
    for (const letter of augmentation.slice(1)) {
      if (letter === 'R') encoding = data.u8();
      else if (letter === 'L') data.u8();
      else if (letter === 'P') encoded(data, data.u8() & 0x0f, 0n);
      // S: a signal handler's; B: signed with the B key; what else there is has no data that matters here.
      else if (!'SBG'.includes(letter)) break;
    }
  }
  return { codeFactor, dataFactor, returnRegister, encoding, isSignal: augmentation.includes('S'), hasAugmentation, program: entry };
}

/** An address of .eh_frame (LSB, "DWARF Exception Header Encoding"). `place`: VA of the value itself. */
function encoded(reader: DwarfReader, encoding: number, place: bigint): bigint {
  const value = plain(reader, encoding & 0x0f);
  switch (encoding & 0x70) {
    case 0x00:
      return BigInt.asUintN(64, value);
    case 0x10:
      return BigInt.asUintN(64, place + value);
    default:
      throw reader.error(`addresses in encoding 0x${encoding.toString(16)}`, 'expected absolute ones or such from their place');
  }
}
function plain(reader: DwarfReader, kind: number): bigint {
  switch (kind) {
    case 0x0:
    case 0x4:
      return reader.address();
    case 0x1:
      return reader.leb64(false);
    case 0x2:
      return BigInt(reader.u16());
    case 0x3:
      return BigInt(reader.u32());
    case 0x9:
      return reader.leb64(true);
    case 0xa:
      return BigInt(reader.i16());
    case 0xb:
      return BigInt(reader.i32());
    case 0xc:
      return BigInt.asIntN(64, reader.address());
    default:
      throw reader.error(`an address of kind ${kind}`);
  }
}

/** Carries out the instructions of a description up to an address (6.4.2). */
class Execution {
  private registers = new Map<number, Rule>();
  private cfa: CfaRule = { register: SP, offset: 0n };
  private initial: ReadonlyMap<number, Rule> = new Map();
  private readonly states: { readonly registers: Map<number, Rule>; readonly cfa: CfaRule }[] = [];
  private at: bigint;

  constructor(private readonly description: Description) {
    this.at = description.from;
  }

  run(address: bigint): FrameRules {
    const { common, program } = this.description;
    this.execute(common.program, undefined);
    this.initial = new Map(this.registers);
    this.execute(program, address);
    const { returnRegister, isSignal } = common;
    return { cfa: this.cfa, registers: this.registers, returnRegister, isSignal };
  }

  /** `until`: the rows behind this address are not wanted. */
  private execute(program: DwarfReader, until: bigint | undefined): void {
    const code = program.from(program.position);
    while (code.remaining > 0) {
      const byte = code.u8();
      const low = byte & 0x3f;
      switch (byte >> 6) {
        case 1:
          this.advance(low);
          break;
        case 2:
          this.rule(code, low, { kind: 'offset', offset: this.factored(BigInt(code.uleb())) });
          break;
        case 3:
          this.restore(low);
          break;
        default:
          this.other(code, byte);
      }
      if (until !== undefined && this.at > until) return;
    }
  }
  private advance(by: number): void {
    this.at += BigInt(by) * BigInt(this.description.common.codeFactor);
  }
  private factored(offset: bigint): bigint {
    return offset * BigInt(this.description.common.dataFactor);
  }
  private rule(code: DwarfReader, register: number, rule: Rule): void {
    if (this.registers.size > MOST_REGISTERS) throw code.error('rules for more registers than there are');
    this.registers.set(register, rule);
  }
  private restore(register: number): void {
    const rule = this.initial.get(register);
    if (rule) this.registers.set(register, rule);
    else this.registers.delete(register);
  }
  private other(code: DwarfReader, byte: number): void {
    switch (byte) {
      case 0x00: // nop
        return;
      case 0x01: // set_loc
        this.at = code.address();
        return;
      case 0x02:
        return this.advance(code.u8());
      case 0x03:
        return this.advance(code.u16());
      case 0x04:
        return this.advance(code.u32());
      case 0x05: // offset_extended
        return this.rule(code, code.uleb(), { kind: 'offset', offset: this.factored(BigInt(code.uleb())) });
      case 0x06:
        return this.restore(code.uleb());
      case 0x07:
        return this.rule(code, code.uleb(), { kind: 'undefined' });
      case 0x08:
        return this.rule(code, code.uleb(), { kind: 'same' });
      case 0x09:
        return this.rule(code, code.uleb(), { kind: 'register', register: code.uleb() });
      case 0x0a: // remember_state
        if (this.states.length === MOST_STATES) throw code.error('too many remembered states');
        this.states.push({ registers: new Map(this.registers), cfa: this.cfa });
        return;
      case 0x0b: {
        const state = this.states.pop();
        if (!state) throw code.error('a state that was never remembered');
        [this.registers, this.cfa] = [state.registers, state.cfa];
        return;
      }
      case 0x0c:
        this.cfa = { register: code.uleb(), offset: BigInt(code.uleb()) };
        return;
      case 0x0d:
        this.cfa = { register: code.uleb(), offset: this.cfaOffset };
        return;
      case 0x0e:
        this.cfa = { register: this.cfaRegister(code), offset: BigInt(code.uleb()) };
        return;
      case 0x0f:
        this.cfa = { code: code.slice(code.uleb()) };
        return;
      case 0x10:
      case 0x16: {
        const register = code.uleb();
        return this.rule(code, register, { kind: byte === 0x10 ? 'expression' : 'valueExpression', code: code.slice(code.uleb()) });
      }
      case 0x11: // offset_extended_sf
        return this.rule(code, code.uleb(), { kind: 'offset', offset: this.factored(code.leb64(true)) });
      case 0x12:
        this.cfa = { register: code.uleb(), offset: this.factored(code.leb64(true)) };
        return;
      case 0x13:
        this.cfa = { register: this.cfaRegister(code), offset: this.factored(code.leb64(true)) };
        return;
      case 0x14:
        return this.rule(code, code.uleb(), { kind: 'valueOffset', offset: this.factored(BigInt(code.uleb())) });
      case 0x15:
        return this.rule(code, code.uleb(), { kind: 'valueOffset', offset: this.factored(code.leb64(true)) });
      case 0x2d: // AARCH64_negate_ra_state: pointer authentication, which Armv8.0-A lacks
        return;
      case 0x2e: // GNU_args_size
        code.uleb();
        return;
      default:
        throw code.error(`instruction 0x${byte.toString(16)} in call-frame information`);
    }
  }
  private get cfaOffset(): bigint {
    return 'offset' in this.cfa ? this.cfa.offset : 0n;
  }
  private cfaRegister(code: DwarfReader): number {
    if (!('register' in this.cfa)) throw code.error('an offset for a CFA that is an expression');
    return this.cfa.register;
  }
}

/** A register that a called function must keep (AAPCS64, sections 6.1.1 and 6.1.2): X19 to X29, and the lower halves of V8 to V15. */
const isKept = (register: number): boolean => (register >= 19 && register <= 29) || (register >= V8 && register <= V8 + 7);
const V8 = 72;

export interface CallerRegisters {
  readonly cfa: bigint;
  readonly pc: bigint;
  /** By the ABI's numbers (`Location`); undefined for what is not known any more. Of V8 to V15 the lower halves. */
  readonly registers: readonly (bigint | undefined)[];
}

/** The canonical frame address of a frame; undefined where it depends on something that is gone. */
export function cfaOf({ cfa }: FrameRules, frame: ExpressionFrame): bigint | undefined {
  if ('code' in cfa) return compute(cfa.code.from(cfa.code.position), frame);
  const base = frame.register(cfa.register);
  return base === undefined ? undefined : BigInt.asUintN(64, base + cfa.offset);
}

/**
 * The registers of the caller; undefined where its frame or its place is not known. `hasCalled`: the frame waits for a function that it
 * called, which has overwritten a return address that was not kept.
 */
export function callerOf(rules: FrameRules, frame: ExpressionFrame, hasCalled: boolean): CallerRegisters | undefined {
  const cfa = cfaOf(rules, frame);
  if (cfa === undefined || (hasCalled && !rules.registers.has(rules.returnRegister))) return undefined;
  const value = (register: number): bigint | undefined => {
    const rule = rules.registers.get(register);
    if (!rule) return isKept(register) || register === rules.returnRegister ? frame.register(register) : undefined;
    switch (rule.kind) {
      case 'same':
        return frame.register(register);
      case 'undefined':
        return undefined;
      case 'offset':
        return frame.memory(BigInt.asUintN(64, cfa + rule.offset), 8);
      case 'valueOffset':
        return BigInt.asUintN(64, cfa + rule.offset);
      case 'register':
        return frame.register(rule.register);
      case 'expression': {
        const address = compute(rule.code.from(rule.code.position), frame, [cfa]);
        return address === undefined ? undefined : frame.memory(address, 8);
      }
      case 'valueExpression':
        return compute(rule.code.from(rule.code.position), frame, [cfa]);
    }
  };
  const pc = value(rules.returnRegister);
  if (pc === undefined) return undefined;
  const registers = Array.from({ length: V8 + 8 }, (_, i) => (i < SP || i >= V8 ? value(i) : undefined));
  registers[rules.returnRegister] = pc;
  registers[SP] = cfa;
  return { cfa, pc, registers };
}
