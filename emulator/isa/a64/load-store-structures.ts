// Arm ARM C4.1.94: Advanced SIMD load/store multiple structures and single structure, with their post-indexed forms.
// The elements of a structure stand one after the other in memory and go to the same lane of consecutive registers. All of them are one
// access here, with the alignment and byte order of an element: where it faults nothing has been moved.
import { following, type Access, type Builder, type Int, type LaneBits, type Register, type VectorRegister } from '../builder.ts';
import { define } from '../define.ts';
import { laneOfStructure } from '../vector-spelling.ts';
import { loadRegister, storeRegister } from './load-store-simd.ts';

const accesses = [
  { bytes: 1, width: 32 },
  { bytes: 2, width: 32 },
  { bytes: 4, width: 32 },
  { bytes: 8, width: 64 },
] as const satisfies Access[];
const bitsOf = (size: number): LaneBits => (8 << size) as LaneBits;
const numbers = ['', 'one', 'two', 'three', 'four'];
const counts = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** What follows the register list: nothing, a register or the number of bytes moved. */
type PostIndex = { readonly Rn: Register; readonly Rm: Register; readonly byRegister: boolean };
function postIndexed(b: Builder, { Rn, Rm, byRegister }: PostIndex, bytes: number, move: (base: Int) => void): void {
  const base = b.base(Rn);
  move(base);
  b.setSP(Rn, b.add(base, byRegister ? b.x(Rm) : bytes));
}
const addsRegister = ', then adds <Xm> to <name:Xn|SP>';
const addsBytes = (bytes: number): string => `, then adds ${bytes} to <name:Xn|SP>`;

type Operands = { readonly Q: number; readonly size: number; readonly Vt: VectorRegister };

for (const [opcode, registers, structure] of [
  ['0111', 1, 1],
  ['1010', 2, 1],
  ['0110', 3, 1],
  ['0010', 4, 1],
  ['1000', 2, 2],
  ['0100', 3, 3],
  ['0000', 4, 4],
] as const) {
  const bytesOf = (Q: number): number => registers * (8 << Q);
  const span = ({ Q, size }: Operands) => ({ bytes: bytesOf(Q), align: 1 << size });
  const lanesOf = ({ Q, size }: Operands): number[] => counts((8 << Q) >> size);
  /** Where a lane of a register is. */
  const at = (lane: number, register: number, size: number): number => (lane * structure + register) << size;
  const load = (b: Builder, o: Operands, address: Int): void => {
    const { Q, size, Vt } = o;
    const from = b.readable(address, span(o));
    for (const i of counts(registers)) {
      if (structure === 1) loadRegister(b, following(Vt, i), from, i * (8 << Q), Q ? 16 : 8);
      else {
        const lanes = lanesOf(o).map((lane) => b.loadAt(from, at(lane, i, size), accesses[size]));
        b.setLanes(following(Vt, i), bitsOf(size), lanes);
      }
    }
  };
  const store = (b: Builder, o: Operands, address: Int): void => {
    const { Q, size, Vt } = o;
    const to = b.writable(address, span(o));
    for (const i of counts(registers)) {
      const r = following(Vt, i);
      if (structure === 1) storeRegister(b, r, to, i * (8 << Q), Q ? 16 : 8);
      else for (const lane of lanesOf(o)) b.storeAt(to, at(lane, i, size), accesses[size], b.lane(r, bitsOf(size), lane));
    }
  };
  /** There is nothing to interleave in registers of one doubleword. */
  const isAllocated = ({ Q, size }: { Q: number; size: number }): boolean => structure === 1 || size < 3 || Q === 1;

  const list = `<Vt*${registers}.T>`,
    structures = `structures of ${numbers[structure]} elements`;
  for (const [L, mnemonic, move, says] of [
    [
      '1',
      'ld',
      load,
      structure === 1 ? `Loads ${list} from <address>` : `Loads ${structures} from <address>, element by element into ${list}`,
    ],
    ['0', 'st', store, `Stores ${list} at <address>${structure === 1 ? '' : `, as ${structures}, one from each register`}`],
  ] as const) {
    const name = `${mnemonic}${structure}`,
      text = `${name} ${list}, [<Xn|SP>]`,
      title = `${name.toUpperCase()} (multiple structures, ${numbers[registers]} register${registers > 1 ? 's' : ''}`;
    define(
      `${title})`,
      `0 Q 0011000 ${L} 000000 ${opcode} size Rn Vt`,
      text,
      (f) => (isAllocated(f) ? {} : undefined),
      (b, o) => move(b, o, b.base(o.Rn)),
    ).says(says);
    define(
      `${title}, post-index)`,
      `0 Q 0011001 ${L} 0 Rm ${opcode} size Rn Vt`,
      `${text}, <Xm>`,
      (f) => (isAllocated(f) ? { byRegister: f.Rm !== 31 } : undefined),
      (b, o) => postIndexed(b, o, bytesOf(o.Q), (base) => move(b, o, base)),
    )
      .says(`${says}${addsRegister}`)
      .alias(`${text}, #${bytesOf(0)}`, { Rm: 31 }, ({ Q }) => Q === 0)
      .says(`${says}${addsBytes(bytesOf(0))}`)
      .alias(`${text}, #${bytesOf(1)}`, { Rm: 31 }, ({ Q }) => Q === 1)
      .says(`${says}${addsBytes(bytesOf(1))}`);
  }
}

// One lane of each register, or one element for all lanes. Bit 13 and R say how many registers.
for (const [registers, high, R] of [
  [1, '0', '0'],
  [2, '0', '1'],
  [3, '1', '0'],
  [4, '1', '1'],
] as const) {
  const elements = registers === 1 ? 'an element' : `${numbers[registers]} elements`;
  for (const [size, letter, opcode] of [
    [0, 'b', '00'],
    [1, 'h', '01'],
    [2, 's', '10'],
    [3, 'd', '10'],
  ] as const) {
    const bits = bitsOf(size),
      access = accesses[size],
      bytes = registers << size,
      span = { bytes, align: 1 << size };
    const load = (b: Builder, Vt: VectorRegister, lane: number, address: Int): void => {
      const from = b.readable(address, span);
      for (const i of counts(registers)) b.setLane(following(Vt, i), bits, lane, b.loadAt(from, i << size, access));
    };
    const store = (b: Builder, Vt: VectorRegister, lane: number, address: Int): void => {
      const to = b.writable(address, span);
      for (const i of counts(registers)) b.storeAt(to, i << size, access, b.lane(following(Vt, i), bits, lane));
    };
    const list = `<Vt*${registers}.${letter}>[<lane*${1 << size}>]`;
    for (const [L, mnemonic, move, says] of [
      ['1', 'ld', load, `Loads ${elements} from <address> into ${list}, leaving the other lanes as they are`],
      ['0', 'st', store, `Stores ${list} at <address>`],
    ] as const) {
      const name = `${mnemonic}${registers}`,
        text = `${name} ${list}, [<Xn|SP>]`,
        title = `${name.toUpperCase()} (single structure, ${letter}`;
      define(
        `${title})`,
        `0 Q 0011010 ${L} ${R} 00000 ${opcode}${high} S size Rn Vt`,
        text,
        (f) => (laneOfStructure(f, size) === undefined ? undefined : {}),
        (b, o) => move(b, o.Vt, laneOfStructure(o, size)!, b.base(o.Rn)),
      ).says(says);
      define(
        `${title}, post-index)`,
        `0 Q 0011011 ${L} ${R} Rm ${opcode}${high} S size Rn Vt`,
        `${text}, <Xm>`,
        (f) => (laneOfStructure(f, size) === undefined ? undefined : { byRegister: f.Rm !== 31 }),
        (b, o) => postIndexed(b, o, bytes, (base) => move(b, o.Vt, laneOfStructure(o, size)!, base)),
      )
        .says(`${says}${addsRegister}`)
        .alias(`${text}, #${bytes}`, { Rm: 31 })
        .says(`${says}${addsBytes(bytes)}`);
    }
  }

  const replicate = (b: Builder, { Q, size, Vt }: Operands, address: Int): void => {
    const from = b.readable(address, { bytes: registers << size, align: 1 << size });
    for (const i of counts(registers)) {
      const element = b.loadAt(from, i << size, accesses[size]);
      b.setLanes(
        following(Vt, i),
        bitsOf(size),
        counts((8 << Q) >> size).map(() => element),
      );
    }
  };
  const text = `ld${registers}r <Vt*${registers}.T>, [<Xn|SP>]`,
    says = `Loads ${elements} from <address> into every lane of <Vt*${registers}.T>`;
  define(`LD${registers}R`, `0 Q 0011010 1 ${R} 00000 11${high} 0 size Rn Vt`, text, (b, o) => replicate(b, o, b.base(o.Rn))).says(says);
  const indexed = define(
    `LD${registers}R (post-index)`,
    `0 Q 0011011 1 ${R} Rm 11${high} 0 size Rn Vt`,
    `${text}, <Xm>`,
    ({ Rm }) => ({ byRegister: Rm !== 31 }),
    (b, o) => postIndexed(b, o, registers << o.size, (base) => replicate(b, o, base)),
  ).says(`${says}${addsRegister}`);
  for (const size of [0, 1, 2, 3])
    indexed.alias(`${text}, #${registers << size}`, { Rm: 31 }, (f) => f.size === size).says(`${says}${addsBytes(registers << size)}`);
}
