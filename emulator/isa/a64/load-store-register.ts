// Arm ARM C4.1.94: Load register (literal), load/store register: unscaled, post-indexed, unprivileged, pre-indexed, register offset,
// unsigned offset; and their prefetch forms. CONSTRAINED UNPREDICTABLE write-back to the register transferred goes as in QEMU: the base
// is written last, and a store writes the old value.
import type { Access, Builder, Int, Register } from '../builder.ts';
import { define } from '../define.ts';
import { extended, load } from './operands.ts';

for (const [opc, name, R, access] of [
  ['00', 'ldr', 'W', { bytes: 4, width: 32 }],
  ['01', 'ldr', 'X', { bytes: 8, width: 64 }],
  ['10', 'ldrsw', 'X', { bytes: 4, width: 64, signed: true }],
] as const satisfies [string, string, string, Access][]) {
  define(
    `${name.toUpperCase()} (literal)`,
    `${opc} 011 0 00 imm19 Rt`,
    `${name} <${R}t>, <label:imm19>`,
    ({ imm19 }) => ({ distance: imm19 * 4 }),
    (b, { Rt, distance }) => b.set(Rt, load(b, access, b.add(b.pc(), distance))),
  ).says(`Loads ${access.bytes} bytes from <label:imm19>${'signed' in access ? ', sign-extended to 64 bits' : ''}`);
}
// There is no cache to fill.
const prefetch = ({ prfop }: Readonly<Record<string, number>>): string => {
  const use = ['read', 'executed', 'written'][prfop >> 3];
  const level = ((prfop >> 1) & 3) + 1;
  if (use === undefined || level === 4) return 'Gives a reserved prefetch hint; it does nothing here';
  return `Hints that this memory will soon be ${use}${prfop & 1 ? ' once' : ''} and could be fetched into the L${level} cache; it does nothing here`;
};
define('PRFM (literal)', '11 011 0 00 imm19 prfop', 'prfm <prfop>, <label:imm19>', () => {}).says(prefetch);

type Move = (b: Builder, Rt: Register, address: Int, unprivileged?: boolean) => void;
const loads =
  (access: Access): Move =>
  (b, Rt, address, unprivileged = false) =>
    b.set(Rt, b.loadAt(b.readable(address, { bytes: access.bytes, unprivileged }), 0, access));
const stores =
  (access: Access): Move =>
  (b, Rt, address, unprivileged = false) =>
    b.storeAt(b.writable(address, { bytes: access.bytes, unprivileged }), 0, access, b.x(Rt));

// One line per instruction (size, opc); the addressing modes below are written once for all of them.
for (const [name, size, opc, R, scale, move, extension = ''] of [
  ['strb', '00', '00', 'W', 0, stores({ bytes: 1, width: 32 })],
  ['ldrb', '00', '01', 'W', 0, loads({ bytes: 1, width: 32 })],
  ['ldrsb', '00', '10', 'X', 0, loads({ bytes: 1, width: 64, signed: true }), ', sign-extended to 64 bits'],
  ['ldrsb', '00', '11', 'W', 0, loads({ bytes: 1, width: 32, signed: true }), ', sign-extended to 32 bits'],
  ['strh', '01', '00', 'W', 1, stores({ bytes: 2, width: 32 })],
  ['ldrh', '01', '01', 'W', 1, loads({ bytes: 2, width: 32 })],
  ['ldrsh', '01', '10', 'X', 1, loads({ bytes: 2, width: 64, signed: true }), ', sign-extended to 64 bits'],
  ['ldrsh', '01', '11', 'W', 1, loads({ bytes: 2, width: 32, signed: true }), ', sign-extended to 32 bits'],
  ['str', '10', '00', 'W', 2, stores({ bytes: 4, width: 32 })],
  ['ldr', '10', '01', 'W', 2, loads({ bytes: 4, width: 32 })],
  ['ldrsw', '10', '10', 'X', 2, loads({ bytes: 4, width: 64, signed: true }), ', sign-extended to 64 bits'],
  ['str', '11', '00', 'X', 3, stores({ bytes: 8, width: 64 })],
  ['ldr', '11', '01', 'X', 3, loads({ bytes: 8, width: 64 })],
] as const satisfies [string, string, string, string, number, Move, string?][]) {
  const text = `${name} <${R}t>, [<Xn|SP>`,
    NAME = name.toUpperCase(),
    unscaled = name.replace(/^(ld|st)/, '$1u'),
    unprivileged = name.replace(/^(ld|st)r/, '$1tr'),
    what = ['a byte', '2 bytes', '4 bytes', '8 bytes'][scale],
    part = ['the lowest byte of ', 'the low 2 bytes of ', '', ''][scale],
    does = name.startsWith('st') ? `stores ${part}<${R}t> at <address>` : `loads ${what} from <address>${extension}`,
    says = does[0].toUpperCase() + does.slice(1);

  define(
    unscaled.toUpperCase(),
    `${size} 111 0 00 ${opc} 0 imm9 00 Rn Rt`,
    `${unscaled} <${R}t>, [<Xn|SP>{, #<imm9>}]`,
    (b, { Rt, Rn, imm9 }) => move(b, Rt, b.add(b.base(Rn), imm9)),
  ).says(`${says}, with an unscaled offset`);
  define(`${NAME} (post-index)`, `${size} 111 0 00 ${opc} 0 imm9 01 Rn Rt`, `${text}], #<imm9>`, (b, { Rt, Rn, imm9 }) => {
    const base = b.base(Rn);
    move(b, Rt, base);
    b.setSP(Rn, b.add(base, imm9));
  }).says(`${says}, then <moved>`);
  define(
    unprivileged.toUpperCase(),
    `${size} 111 0 00 ${opc} 0 imm9 10 Rn Rt`,
    `${unprivileged} <${R}t>, [<Xn|SP>{, #<imm9>}]`,
    (b, { Rt, Rn, imm9 }) => move(b, Rt, b.add(b.base(Rn), imm9), true),
  ).says(`${says}, with the permissions of EL0`);
  define(`${NAME} (pre-index)`, `${size} 111 0 00 ${opc} 0 imm9 11 Rn Rt`, `${text}, #<imm9>]!`, (b, { Rt, Rn, imm9 }) => {
    const address = b.add(b.base(Rn), imm9);
    move(b, Rt, address);
    b.setSP(Rn, address);
  }).says(`First <moved>, then ${does}`);
  define(
    `${NAME} (register)`,
    `${size} 111 0 00 ${opc} 1 Rm option S 10 Rn Rt`,
    `${text}, <Rm:option>{, <index*${scale}>}]`,
    ({ option }) => (option & 2 ? {} : undefined),
    (b, { Rt, Rn, Rm, option, S }) => move(b, Rt, b.add(b.base(Rn), b.shl(extended(b, Rm, option, 64), S * scale))),
  ).says(says);
  define(
    `${NAME} (unsigned offset)`,
    `${size} 111 0 01 ${opc} imm12 Rn Rt`,
    `${text}{, #<imm12*${1 << scale}>}]`,
    ({ imm12 }) => ({ offset: imm12 << scale }),
    (b, { Rt, Rn, offset }) => move(b, Rt, b.add(b.base(Rn), offset)),
  ).says(says);
}

define('PRFUM', '11 111 0 00 10 0 imm9 00 Rn prfop', 'prfum <prfop>, [<Xn|SP>{, #<imm9>}]', () => {}).says(prefetch);
define(
  'PRFM (register)',
  '11 111 0 00 10 1 Rm option S 10 Rn prfop',
  'prfm <prfop>, [<Xn|SP>, <Rm:option>{, <index*3>}]',
  ({ option }) => (option & 2 ? {} : undefined),
  () => {},
).says(prefetch);
define('PRFM (immediate)', '11 111 0 01 10 imm12 Rn prfop', 'prfm <prfop>, [<Xn|SP>{, #<imm12*8>}]', () => {}).says(prefetch);
