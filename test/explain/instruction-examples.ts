/** One machine to look at instructions in, and an example of every way to write one. */
import { PA, VA } from '../../emulator/base/addresses.ts';
import { cpuLayout } from '../../emulator/cpu/layout.ts';
import type { StoredRegister } from '../../emulator/cpu/stored-registers.ts';
import { explainInstruction } from '../../emulator/explain/instruction.ts';
import { plain } from '../../emulator/explain/words.ts';
import { assemble, decode, definitions, disassemble, disassemblyText, preferredForm, type Definition } from '../../emulator/isa/index.ts';
import { writeFields } from '../../emulator/isa/pattern.ts';
import { defaultMachineOptions, Machine } from '../../emulator/machine/machine.ts';
import { randomNumbers, randomWordOf } from '../isa/random-words.ts';

export const CODE = 0x4008_0000;
export const DATA = 0x4009_0000;
const TABLES = 0x400a_0000;
/** Stage 1 of EL1 on, and stage 2 on. */
export const stage1 = { SCTLR_EL1: 1n, TCR_EL1: 0x19n, TTBR0_EL1: BigInt(TABLES) } as const;
export const stage2 = { HCR_EL2: (1n << 31n) | 1n, VTCR_EL2: 0x59n, VTTBR_EL2: BigInt(TABLES + 4096) } as const;

const blockAt = (pa: number, attributes: number): Uint8Array => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(8, BigInt(pa + attributes), true);
  return bytes;
};

export interface Setting {
  readonly el?: 0 | 1 | 2;
  readonly registers?: Partial<Record<StoredRegister, bigint>>;
  readonly x?: Readonly<Record<number, bigint>>;
  readonly nzcv?: number;
  /** The bytes at DATA that the exclusive monitor holds. */
  readonly marked?: number;
  readonly sp?: bigint;
}

/** 0.5, 1.5, 2.5 ... and above it the negative. */
const doublesOf = (n: number): bigint => {
  const [low, high] = new BigUint64Array(Float64Array.of(n + 0.5, -n - 0.5).buffer);
  return (high << 64n) | low;
};

const symbols: readonly (readonly [from: number, to: number, name: string])[] = [
  [CODE, CODE + 0x100, 'main'],
  [CODE + 0x200, CODE + 0x300, 'table'],
  [DATA, DATA + 0x100, 'data'],
];
const here = {
  symbol(address: bigint): string | undefined {
    const at = Number(address);
    const symbol = symbols.find(([from, to]) => at >= from && at < to);
    return symbol && `${symbol[2]}+0x${(at - symbol[0]).toString(16)}`;
  },
};
const names = { of: () => here };

export class Stage {
  readonly machine: Machine;
  private readonly start: Uint8Array;
  constructor() {
    this.machine = new Machine({ ...defaultMachineOptions, memoryBytes: 1 << 20 });
    this.start = this.machine.saveState();
  }

  /** The sentence about a word, about to execute in this setting. */
  tell(word: number, setting: Setting = {}): string {
    this.set(word, setting);
    return plain(explainInstruction({ machine: this.machine, names }));
  }

  set(word: number, { el = 2, registers = {}, x = {}, nzcv = 4, marked = 0, sp = BigInt(DATA + 0x80) }: Setting): void {
    const { machine } = this;
    machine.loadState(this.start);
    const { cpu } = machine;
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, word, true);
    machine.writePhysical(PA(CODE), bytes);
    machine.writePhysical(PA(DATA), Uint8Array.of(0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x80, 0x90, 0, 0, 0, 0, 0, 0x40));
    // A table of level 1 for either stage: the second GiB maps to itself.
    machine.writePhysical(PA(TABLES), blockAt(0x4000_0000, 0x701));
    machine.writePhysical(PA(TABLES + 4096), blockAt(0x4000_0000, 0x7fd));
    cpu.set('HCR_EL2', 1n << 31n);
    for (const [name, value] of Object.entries(registers)) cpu.set(name as StoredRegister, value);
    cpu.setLevel(el, el === 0 ? 0 : 1);
    machine.environment.translationChanged();
    machine.environment.levelChanged();
    for (let n = 0; n < 31; n++) cpu.setX(n, x[n] ?? [0x10n, BigInt(DATA), 0x8n, 0x3n][n] ?? BigInt(n));
    const { ftype, sz } = decode(word)?.fields ?? {};
    for (let n = 0; n < 32; n++) cpu.setV(n, ftype === undefined && sz === undefined ? lanesOf(n) : doublesOf(n));
    cpu.sp = sp;
    cpu.nzcv = nzcv;
    cpu.pc = BigInt(CODE);
    cpu.u32[cpuLayout.exclusiveBytes >> 2] = marked;
    cpu.u64[cpuLayout.exclusiveAddress >> 3] = BigInt(DATA);
  }
}

/** Halfwords that count up from n, the lowest of which is negative, so that an instruction with V registers has something to do. */
const lanesOf = (n: number): bigint =>
  [0xfff0, 1, 2, 0x30, 4, 5, 0x4000, 7].reduce((sum, lane, i) => sum | (BigInt((lane + n) & 0xffff) << BigInt(16 * i)), 0n);

/** Values of fields that read well. */
const usual: Readonly<Record<string, readonly number[]>> = {
  Rd: [0], Rt: [0], Rn: [1], Rm: [2], Ra: [3], Rt2: [3], Rs: [4],
  imm3: [2], imm5: [3], imm6: [4, 0], imm12: [16, 2, 0], imm16: [0x5, 0], imm7: [2, -2], imm9: [8, -16], immlo: [0], immhi: [0x80],
  N: [1, 0], immr: [4, 60, 0, 8, 16], imms: [11, 7, 15, 31, 63, 59, 0], sh: [0], b5: [0], b40: [3], nzcv: [4], o0: [1], op1: [0, 3], CRn: [0], CRm: [11, 0, 2], op2: [0, 5, 1, 6, 7],
  prfop: [0], imm14: [8], imm19: [8, 0x80], imm26: [8], sf: [1, 0], hw: [1, 0], shift: [0, 1], option: [2, 3], S: [1], cond: [0],
  Vd: [0], Vt: [0], Vn: [1], Vm: [2], Vm4: [2], Va: [3], Vt2: [1], Q: [1, 0], size: [1, 0, 2, 3], immh: [2, 4, 8, 1], immb: [3, 0], lane5: [6, 4, 8, 12], lane4: [6], len: [1], L: [1], M: [0], H: [0],
  abc: [1], defgh: [3], imm8: [0x70], sz: [1, 0], ftype: [1, 0], scale: [48, 0],
}; // prettier-ignore

/** A word that is written in form number `i` of a definition; undefined where other forms are always preferred. */
export function exampleOf(definition: Definition, i: number): number | undefined {
  const { pattern, forms } = definition;
  const isMine = (word: number): boolean => {
    const decoded = decode(word);
    return decoded?.definition === definition && preferredForm(forms, decoded.fields) === forms[i];
  };
  const slots = pattern.slots.map(({ name }) => name);
  let found: number | undefined;
  const tryAll = (at: number, fields: Record<string, number>): void => {
    if (found !== undefined) return;
    if (at < slots.length) for (const value of usual[slots[at]] ?? [0]) tryAll(at + 1, { ...fields, [slots[at]]: value });
    else {
      const word = writeFields(pattern, { ...fields, ...forms[i].implied(fields) });
      if (isMine(word)) found = word;
    }
  };
  tryAll(0, {});
  if (found !== undefined) return found;
  const random = randomNumbers(i + 1);
  for (let n = 0; n < 10_000; n++) {
    const word = randomWordOf(definition, random);
    if (isMine(word)) return word;
  }
  return undefined;
}

export const textOf = (word: number): string => disassemblyText(disassemble(word, VA(BigInt(CODE))));
export const wordOf = (text: string): number => assemble(text, BigInt(CODE));
export { definitions };
