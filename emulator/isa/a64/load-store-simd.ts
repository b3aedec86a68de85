// Arm ARM C4.1.94: loads and stores of SIMD&FP registers: literal, pair, and the addressing modes of single registers.
// A quadword is one element, in the byte order of the data too, and moves as two doublewords. Where write-back cases are CONSTRAINED
// UNPREDICTABLE for general registers, here they are not: base and data are different registers.
import { type Access, type Builder, type Immediate, type Int, type Pointer, type Register, type VectorRegister } from '../builder.ts';
import { define } from '../define.ts';
import { extended } from './operands.ts';

type Bytes = 1 | 2 | 4 | 8 | 16;
const letters = { 1: 'B', 2: 'H', 4: 'S', 8: 'D', 16: 'Q' } as const;
const accessOf = (bytes: Bytes): Access => (bytes >= 8 ? { bytes: 8, width: 64 } : { bytes: bytes as 1 | 2 | 4, width: 32 });
const bitsOf = (bytes: Bytes): 8 | 16 | 32 | 64 => (accessOf(bytes).bytes * 8) as 8 | 16 | 32 | 64;

/** The register becomes what is at the pointer, and zero above it. */
export function loadRegister(b: Builder, r: VectorRegister, from: Pointer, offset: number, bytes: Bytes): void {
  const access = accessOf(bytes);
  const lanes = Array.from({ length: bytes / access.bytes }, (_, i) => b.loadAt(from, offset + 8 * i, access));
  b.setLanes(r, bitsOf(bytes), lanes);
}
export function storeRegister(b: Builder, r: VectorRegister, to: Pointer, offset: number, bytes: Bytes): void {
  const access = accessOf(bytes);
  for (let i = 0; i < bytes / access.bytes; i++) b.storeAt(to, offset + 8 * i, access, b.lane(r, bitsOf(bytes), i));
}
const load = (b: Builder, r: VectorRegister, address: Int, bytes: Bytes): void =>
  loadRegister(b, r, b.readable(address, { bytes }), 0, bytes);
const store = (b: Builder, r: VectorRegister, address: Int, bytes: Bytes): void =>
  storeRegister(b, r, b.writable(address, { bytes }), 0, bytes);

for (const [opc, bytes] of [
  ['00', 4],
  ['01', 8],
  ['10', 16],
] as const) {
  const R = letters[bytes];
  define(
    `LDR (literal, ${R})`,
    `${opc} 011 1 00 imm19 Vt`,
    `ldr <${R}t>, <label:imm19>`,
    ({ imm19 }) => ({ distance: imm19 * 4 }),
    (b, { Vt, distance }) => load(b, Vt, b.add(b.pc(), distance), bytes),
  ).says(`Loads ${bytes} bytes from <label:imm19> into <name:${R}t>`);
}

type PairOperands = { readonly Vt: VectorRegister; readonly Vt2: VectorRegister; readonly Rn: Register; readonly offset: Immediate };

for (const [opc, bytes] of [
  ['00', 4],
  ['01', 8],
  ['10', 16],
] as const) {
  const R = letters[bytes],
    span = { bytes: 2 * bytes, align: bytes };
  const scaled = ({ imm7 }: { imm7: number }) => ({ offset: imm7 * bytes });
  // Rt = Rt2 in a load keeps what Rt2 loaded, as in QEMU.
  const loadPair = (b: Builder, { Vt, Vt2 }: PairOperands, address: Int): void => {
    const from = b.readable(address, span);
    loadRegister(b, Vt, from, 0, bytes);
    loadRegister(b, Vt2, from, bytes, bytes);
  };
  const storePair = (b: Builder, { Vt, Vt2 }: PairOperands, address: Int): void => {
    const to = b.writable(address, span);
    storeRegister(b, Vt, to, 0, bytes);
    storeRegister(b, Vt2, to, bytes, bytes);
  };
  for (const [L, suffix, transfer, does] of [
    ['0', 'stp', storePair, `tores <${R}t> and <${R}t2> at <address>`],
    ['1', 'ldp', loadPair, `oads two values of ${bytes} bytes from <address> into <name:${R}t> and <name:${R}t2>`],
  ] as const) {
    const text = `<${R}t>, <${R}t2>, [<Xn|SP>`,
      [says, then] = L === '0' ? [`S${does}`, `s${does}`] : [`L${does}`, `l${does}`],
      noAllocate = suffix.replace('p', 'np'),
      name = `${suffix.toUpperCase()} (${R}`;
    define(
      `${noAllocate.toUpperCase()} (${R})`,
      `${opc} 101 1 000 ${L} imm7 Vt2 Rn Vt`,
      `${noAllocate} ${text}{, #<imm7*${bytes}>}]`,
      scaled,
      (b, o) => transfer(b, o, b.add(b.base(o.Rn), o.offset)),
    ).says(`${says}, with a hint not to keep them in the cache`);
    define(`${name}, post-index)`, `${opc} 101 1 001 ${L} imm7 Vt2 Rn Vt`, `${suffix} ${text}], #<imm7*${bytes}>`, scaled, (b, o) => {
      const base = b.base(o.Rn);
      transfer(b, o, base);
      b.setSP(o.Rn, b.add(base, o.offset));
    }).says(`${says}, then <moved>`);
    define(`${name}, signed offset)`, `${opc} 101 1 010 ${L} imm7 Vt2 Rn Vt`, `${suffix} ${text}{, #<imm7*${bytes}>}]`, scaled, (b, o) =>
      transfer(b, o, b.add(b.base(o.Rn), o.offset)),
    ).says(says);
    define(`${name}, pre-index)`, `${opc} 101 1 011 ${L} imm7 Vt2 Rn Vt`, `${suffix} ${text}, #<imm7*${bytes}>]!`, scaled, (b, o) => {
      const address = b.add(b.base(o.Rn), o.offset);
      transfer(b, o, address);
      b.setSP(o.Rn, address);
    }).says(`First <moved>, then ${then}`);
  }
}

// One line per size (size, opc<1>); both directions and all addressing modes are written once.
for (const [size, opc1, bytes, scale] of [
  ['00', '0', 1, 0],
  ['01', '0', 2, 1],
  ['10', '0', 4, 2],
  ['11', '0', 8, 3],
  ['00', '1', 16, 4],
] as const)
  for (const [opc0, name, move] of [
    ['0', 'str', store],
    ['1', 'ldr', load],
  ] as const) {
    const R = letters[bytes],
      NAME = `${name.toUpperCase()} (${R}`,
      opc = `${opc1}${opc0}` as const,
      text = `${name} <${R}t>, [<Xn|SP>`,
      unscaled = name.replace(/^(ld|st)/, '$1u'),
      count = bytes === 1 ? 'a byte' : `${bytes} bytes`,
      does = name === 'str' ? `stores <${R}t> at <address>` : `loads ${count} from <address> into <name:${R}t>`,
      says = does[0].toUpperCase() + does.slice(1);

    define(
      `${unscaled.toUpperCase()} (${R})`,
      `${size} 111 1 00 ${opc} 0 imm9 00 Rn Vt`,
      `${unscaled} <${R}t>, [<Xn|SP>{, #<imm9>}]`,
      (b, { Vt, Rn, imm9 }) => move(b, Vt, b.add(b.base(Rn), imm9), bytes),
    ).says(`${says}, with an unscaled offset`);
    define(`${NAME}, post-index)`, `${size} 111 1 00 ${opc} 0 imm9 01 Rn Vt`, `${text}], #<imm9>`, (b, { Vt, Rn, imm9 }) => {
      const base = b.base(Rn);
      move(b, Vt, base, bytes);
      b.setSP(Rn, b.add(base, imm9));
    }).says(`${says}, then <moved>`);
    define(`${NAME}, pre-index)`, `${size} 111 1 00 ${opc} 0 imm9 11 Rn Vt`, `${text}, #<imm9>]!`, (b, { Vt, Rn, imm9 }) => {
      const address = b.add(b.base(Rn), imm9);
      move(b, Vt, address, bytes);
      b.setSP(Rn, address);
    }).says(`First <moved>, then ${does}`);
    define(
      `${NAME}, register)`,
      `${size} 111 1 00 ${opc} 1 Rm option S 10 Rn Vt`,
      `${text}, <Rm:option>{, <index*${scale}>}]`,
      ({ option }) => (option & 2 ? {} : undefined),
      (b, { Vt, Rn, Rm, option, S }) => move(b, Vt, b.add(b.base(Rn), b.shl(extended(b, Rm, option, 64), S * scale)), bytes),
    ).says(says);
    define(
      `${NAME}, unsigned offset)`,
      `${size} 111 1 01 ${opc} imm12 Rn Vt`,
      `${text}{, #<imm12*${bytes}>}]`,
      ({ imm12 }) => ({ offset: imm12 << scale }),
      (b, { Vt, Rn, offset }) => move(b, Vt, b.add(b.base(Rn), offset), bytes),
    ).says(says);
  }
