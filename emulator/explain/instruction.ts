/**
 * The current instruction in words, with the values it will use. Works on the disassembly (mnemonic and operands), so that what is said
 * is about the text that is shown beside it.
 */
import { hex } from '../base/hex.ts';
import type { CpuState } from '../cpu/state.ts';
import type { RichText } from './views.ts';
import { code, hexCode, list, rich } from './words.ts';

export interface Disassembled {
  readonly mnemonic: string;
  readonly operands: string;
  /** Where a branch goes. */
  readonly target?: bigint | undefined;
}

/** What is known of the machine's names. */
export interface Names {
  /** "main+0x10", or undefined. */
  symbol(address: bigint): string | undefined;
}

export function explainInstruction(instruction: Disassembled, cpu: CpuState, names: Names): RichText {
  const operands = splitOperands(instruction.operands);
  const explain = phrases[instruction.mnemonic] ?? phrases[instruction.mnemonic.split('.')[0]];
  return (
    explain?.({ ...instruction, list: operands, cpu, names }) ??
    rich('Executes ', code(`${instruction.mnemonic} ${instruction.operands}`.trim()), '.')
  );
}

interface Context extends Disassembled {
  readonly list: readonly string[];
  readonly cpu: CpuState;
  readonly names: Names;
}
type Phrase = (c: Context) => RichText | undefined;

/** Operands separated by commas outside brackets. */
function splitOperands(text: string): string[] {
  return text.match(/(?:\[[^\]]*\]!?|\{[^}]*\}|[^,[{])+/g)?.map((part) => part.trim()) ?? [];
}

/** Value of a register by its name in assembly, or undefined for anything else. */
function valueOf(name: string | undefined, cpu: CpuState): bigint | undefined {
  const match = /^(?:([xw])(\d+)|(xzr|wzr)|(sp|wsp))$/.exec(name ?? '');
  if (!match) return undefined;
  if (match[3]) return 0n;
  const value = match[4] ? cpu.sp : cpu.x(Number(match[2]));
  return match[1] === 'w' || match[4] === 'wsp' ? value & 0xffff_ffffn : value;
}

const immediate = (text: string | undefined): bigint | undefined => {
  const match = /^#?(-?)(0x[0-9a-f]+|\d+)/.exec(text ?? '');
  return match ? BigInt(match[2]) * (match[1] ? -1n : 1n) : undefined;
};

/** `x1` as "x1 (0x80)"; anything else as it is written. */
function operand(text: string, cpu: CpuState): RichText {
  const value = valueOf(text, cpu);
  return value === undefined ? rich(code(text)) : rich(code(text), ` (${hex(value)})`);
}

/** The address of a memory operand, and what happens to its base register. */
function memory(c: Context, at: number): { address: RichText; after: RichText } {
  const text = c.list[at] ?? '';
  const inner = /^\[([^\]]*)\](!?)/.exec(text);
  if (!inner) return { address: rich(code(text)), after: [] };
  const [base, index, extend] = splitOperands(inner[1]);
  const baseValue = valueOf(base, c.cpu);
  if (baseValue === undefined) return { address: rich(code(text)), after: [] };
  const offset = immediate(index) ?? indexValue(index, extend, c.cpu) ?? 0n;
  const address = BigInt.asUintN(64, baseValue + offset);
  const named = c.names.symbol(address);
  const where = rich(hexCode(address), named === undefined ? '' : ` (${named})`);
  const post = immediate(c.list[at + 1]);
  if (inner[2]) return { address: where, after: rich(', and leaves that address in ', code(base)) };
  if (post !== undefined) return { address: where, after: rich(', then adds ', code(String(post)), ' to ', code(base)) };
  return { address: where, after: [] };
}

function indexValue(index: string | undefined, extend: string | undefined, cpu: CpuState): bigint | undefined {
  let value = valueOf(index, cpu);
  if (value === undefined) return undefined;
  if (extend?.startsWith('sxtw')) value = BigInt.asIntN(32, value);
  return value << (immediate(extend?.split(/\s+/)[1]) ?? 0n);
}

const sizes: Record<string, string> = {
  b: 'one byte',
  sb: 'one byte, keeping its sign,',
  h: '2 bytes',
  sh: '2 bytes, keeping their sign,',
  sw: '4 bytes, keeping their sign,',
};
const sizeOf = (mnemonic: string, register: string | undefined): string =>
  sizes[/(?:ldr|str|ldur|stur|ldtr|sttr|ldar|stlr|ldxr|stxr|ldaxr|stlxr)(sb|sh|sw|b|h)?$/.exec(mnemonic)?.[1] ?? ''] ??
  (register?.startsWith('w') ? '4 bytes' : '8 bytes');

const load: Phrase = (c) => {
  const { address, after } = memory(c, 1);
  return rich(`Reads ${sizeOf(c.mnemonic, c.list[0])} at `, address, ' into ', code(c.list[0]), after, '.');
};
const store: Phrase = (c) => {
  const { address, after } = memory(c, 1);
  return rich(`Writes ${sizeOf(c.mnemonic, c.list[0])} from `, operand(c.list[0], c.cpu), ' to ', address, after, '.');
};
const loadPair: Phrase = (c) => {
  const { address, after } = memory(c, 2);
  return rich('Reads ', code(c.list[0]), ' and ', code(c.list[1]), ' from ', address, after, '.');
};
const storePair: Phrase = (c) => {
  const { address, after } = memory(c, 2);
  return rich('Writes ', operand(c.list[0], c.cpu), ' and ', operand(c.list[1], c.cpu), ' to ', address, after, '.');
};
const binary =
  (verb: (a: RichText, b: RichText) => RichText): Phrase =>
  (c) => {
    const [d, a, b, shift] = c.list;
    if (!d || !a || !b) return undefined;
    const second = rich(operand(b, c.cpu), shift ? rich(' shifted by ', code(shift)) : []);
    return rich(
      verb(operand(a, c.cpu), second),
      ' and puts the result in ',
      code(d),
      c.mnemonic.endsWith('s') && c.mnemonic !== 'bics' ? ', setting the flags.' : '.',
    );
  };
const branchTo = (c: Context): RichText => {
  const symbol = c.target === undefined ? undefined : c.names.symbol(c.target);
  return c.target === undefined ? rich(code(c.operands)) : rich(symbol === undefined ? hexCode(c.target) : code(symbol));
};
const conditions: Record<string, string> = {
  eq: 'equal', ne: 'not equal', cs: 'higher or same (unsigned)', hs: 'higher or same (unsigned)', cc: 'lower (unsigned)', lo: 'lower (unsigned)',
  mi: 'negative', pl: 'positive or zero', vs: 'overflow', vc: 'no overflow', hi: 'higher (unsigned)', ls: 'lower or same (unsigned)',
  ge: 'greater or equal', lt: 'less', gt: 'greater', le: 'less or equal', al: 'always', nv: 'always',
}; // prettier-ignore

/** ConditionHolds(cond), Arm ARM C1.2.4. */
function holds(condition: string, nzcv: number): boolean {
  const n = (nzcv >> 3) & 1, z = (nzcv >> 2) & 1, cf = (nzcv >> 1) & 1, v = nzcv & 1; // prettier-ignore
  const table: Record<string, boolean> = {
    eq: z === 1, ne: z === 0, cs: cf === 1, hs: cf === 1, cc: cf === 0, lo: cf === 0, mi: n === 1, pl: n === 0, vs: v === 1, vc: v === 0,
    hi: cf === 1 && z === 0, ls: cf === 0 || z === 1, ge: n === v, lt: n !== v, gt: n === v && z === 0, le: n !== v || z === 1,
  }; // prettier-ignore
  return table[condition] ?? true;
}
const conditional: Phrase = (c) => {
  const condition = c.mnemonic.split('.')[1] ?? 'al';
  const taken = holds(condition, c.cpu.nzcv);
  return rich(
    'Goes to ',
    branchTo(c),
    ` if the last comparison says "${conditions[condition] ?? condition}": `,
    taken ? 'it does, so it jumps.' : 'it does not, so it goes on.',
  );
};
const compareBranch =
  (zero: boolean): Phrase =>
  (c) => {
    const value = valueOf(c.list[0], c.cpu);
    const taken = (value === 0n) === zero;
    return rich(
      'Goes to ',
      branchTo(c),
      ' if ',
      operand(c.list[0], c.cpu),
      zero ? ' is zero: ' : ' is not zero: ',
      taken ? 'it jumps.' : 'it goes on.',
    );
  };
const testBranch =
  (set: boolean): Phrase =>
  (c) => {
    const value = valueOf(c.list[0], c.cpu) ?? 0n;
    const bit = immediate(c.list[1]) ?? 0n;
    const taken = (((value >> bit) & 1n) === 1n) === set;
    return rich(
      'Goes to ',
      branchTo(c),
      ` if bit ${bit} of `,
      operand(c.list[0], c.cpu),
      set ? ' is 1: ' : ' is 0: ',
      taken ? 'it jumps.' : 'it goes on.',
    );
  };
const compare: Phrase = (c) => rich('Compares ', operand(c.list[0], c.cpu), ' with ', operand(c.list[1], c.cpu), ' and sets the flags.');
const say =
  (...text: readonly (string | { readonly code: string })[]): Phrase =>
  () =>
    rich(...text);

const phrases: Record<string, Phrase> = {
  mov: (c) => rich('Puts ', operand(c.list[1], c.cpu), ' into ', code(c.list[0]), '.'),
  movz: (c) => rich('Puts ', code(c.list.slice(1).join(', ')), ' into ', code(c.list[0]), '.'),
  movn: (c) => rich('Puts the inverse of ', code(c.list.slice(1).join(', ')), ' into ', code(c.list[0]), '.'),
  movk: (c) => rich('Replaces 16 bits of ', operand(c.list[0], c.cpu), ' by ', code(c.list.slice(1).join(', ')), '.'),
  adr: (c) => rich('Puts the address of ', branchTo(c), ' into ', code(c.list[0]), '.'),
  adrp: (c) => rich('Puts the address of the 4 KiB page ', branchTo(c), ' into ', code(c.list[0]), '.'),
  add: binary((a, b) => rich('Adds ', a, ' and ', b)),
  adds: binary((a, b) => rich('Adds ', a, ' and ', b)),
  sub: binary((a, b) => rich('Subtracts ', b, ' from ', a)),
  subs: binary((a, b) => rich('Subtracts ', b, ' from ', a)),
  and: binary((a, b) => rich('Takes the bits set in both ', a, ' and ', b)),
  ands: binary((a, b) => rich('Takes the bits set in both ', a, ' and ', b)),
  orr: binary((a, b) => rich('Takes the bits set in ', a, ' or ', b)),
  eor: binary((a, b) => rich('Takes the bits that differ between ', a, ' and ', b)),
  bic: binary((a, b) => rich('Clears in ', a, ' the bits set in ', b)),
  lsl: binary((a, b) => rich('Shifts ', a, ' left by ', b)),
  lsr: binary((a, b) => rich('Shifts ', a, ' right by ', b)),
  asr: binary((a, b) => rich('Shifts ', a, ' right by ', b, ', keeping its sign,')),
  mul: binary((a, b) => rich('Multiplies ', a, ' by ', b)),
  udiv: binary((a, b) => rich('Divides ', a, ' by ', b)),
  sdiv: binary((a, b) => rich('Divides ', a, ' by ', b, ' as signed numbers')),
  cmp: compare,
  cmn: compare,
  tst: (c) => rich('Tests the bits of ', operand(c.list[0], c.cpu), ' that are set in ', operand(c.list[1], c.cpu), ' and sets the flags.'),
  ldr: load, ldrb: load, ldrh: load, ldrsb: load, ldrsh: load, ldrsw: load, ldur: load, ldurb: load, ldurh: load, ldtr: load, ldar: load, ldxr: load, ldaxr: load,
  str: store, strb: store, strh: store, stur: store, sturb: store, sturh: store, sttr: store, stlr: store,
  ldp: loadPair, ldnp: loadPair, stp: storePair, stnp: storePair,
  b: (c) => (c.mnemonic === 'b' ? rich('Goes to ', branchTo(c), '.') : conditional(c)),
  bl: (c) => rich('Calls ', branchTo(c), '; x30 will hold the return address.'),
  br: (c) => rich('Goes to the address in ', operand(c.list[0], c.cpu), '.'),
  blr: (c) => rich('Calls the function at the address in ', operand(c.list[0], c.cpu), '.'),
  ret: (c) => rich('Returns to ', hexCode(c.cpu.x(30)), ', the address in ', code(c.list[0] ?? 'x30'), '.'),
  cbz: compareBranch(true),
  cbnz: compareBranch(false),
  tbz: testBranch(false),
  tbnz: testBranch(true),
  nop: say('Does nothing.'),
  isb: say('Makes sure that what was written to system registers is in force for the next instruction.'),
  dsb: say('Waits until all memory accesses before it are complete.'),
  dmb: say('Keeps the memory accesses before it in front of those after it.'),
  wfi: say('Waits for an interrupt.'),
  wfe: say('Waits for an event.'),
  sev: say('Sends an event to all processors.'),
  svc: (c) => rich('Asks the level above for a service: an exception to EL1, or to EL2 if ', code('HCR_EL2.TGE'), ' is set. Its number is ', code(c.operands), '.'),
  hvc: (c) => rich('Asks the hypervisor for a service: an exception to EL2. Its number is ', code(c.operands), '.'),
  smc: (c) => rich('Asks the firmware for a service; on this board that is PSCI, unless ', code('HCR_EL2.TSC'), ' traps it to EL2. Its number is ', code(c.operands), '.'),
  eret: (c) => rich('Returns from an exception: PC comes from ', code(`ELR_EL${c.cpu.el}`), ', PSTATE from ', code(`SPSR_EL${c.cpu.el}`), '.'),
  brk: (c) => rich('A breakpoint in the program, number ', code(c.operands), '.'),
  mrs: (c) => rich('Reads system register ', code((c.list[1] ?? '').toUpperCase()), ' into ', code(c.list[0]), '.'),
  msr: (c) => {
    const target = (c.list[0] ?? '').toUpperCase();
    const value = valueOf(c.list[1], c.cpu);
    if (target === 'DAIFSET') return rich('Masks interrupts: sets the bits ', code(c.list[1]), ' of ', code('PSTATE.DAIF'), '.');
    if (target === 'DAIFCLR') return rich('Unmasks interrupts: clears the bits ', code(c.list[1]), ' of ', code('PSTATE.DAIF'), '.');
    return rich('Writes ', value === undefined ? code(c.list[1] ?? '') : rich(hexCode(value)), ' to system register ', code(target), '.');
  },
  tlbi: (c) => rich('Drops translations from the TLB (', code(c.operands), ').'),
  at: (c) => rich('Asks the MMU to translate an address (', code(c.operands), '); the answer is in ', code('PAR_EL1'), '.'),
  dc: (c) => rich('Maintains the data cache (', code(c.operands), ').'),
  ic: (c) => rich('Maintains the instruction cache (', code(c.operands), ').'),
  cset: (c) => rich('Puts 1 or 0 into ', code(c.list[0]), ` depending on whether the last comparison says "${conditions[c.list[1] ?? ''] ?? c.list[1]}".`),
  csel: (c) => rich('Puts ', list([code(c.list[1]), code(c.list[2])]), ' to the choice: the first if the last comparison says ', `"${conditions[c.list[3] ?? ''] ?? c.list[3]}", else the second, into `, code(c.list[0]), '.'),
}; // prettier-ignore
