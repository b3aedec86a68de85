// Arm ARM C4.1.94: Load/store register pair, and no-allocate pair.
// CONSTRAINED UNPREDICTABLE cases go as in QEMU: Rt = Rt2 in a load keeps what Rt loaded (the later `set`), and with write-back to a
// base that is also transferred the base is written last.
import type { Access, Builder, Immediate, Int, Register } from '../builder.ts';
import { define } from '../define.ts';

type PairOperands = { readonly Rt: Register; readonly Rt2: Register; readonly Rn: Register; readonly offset: Immediate };

for (const [opc, suffix, access, scale, R] of [
  ['00', '', { bytes: 4, width: 32 }, 2, 'W'],
  ['01', 'sw', { bytes: 4, width: 64, signed: true }, 2, 'X'],
  ['10', '', { bytes: 8, width: 64 }, 3, 'X'],
] as const satisfies [string, string, Access, number, string][]) {
  const size = access.bytes,
    span = { bytes: 2 * size, align: size };
  const scaled = ({ imm7 }: { imm7: number }) => ({ offset: imm7 << scale });

  const load = (b: Builder, { Rt, Rt2 }: PairOperands, address: Int): void => {
    const from = b.readable(address, span);
    b.set(Rt2, b.loadAt(from, size, access));
    b.set(Rt, b.loadAt(from, 0, access));
  };
  const store = (b: Builder, { Rt, Rt2 }: PairOperands, address: Int): void => {
    const to = b.writable(address, span);
    b.storeAt(to, 0, access, b.x(Rt));
    b.storeAt(to, size, access, b.x(Rt2));
  };

  const pair = `<${R}t> and <${R}t2>`,
    two = `two values of ${size} bytes`;
  for (const [L, name, transfer, does] of [
    ['0', 'stp', store, `tores ${pair} at <address>`],
    ['1', `ldp${suffix}`, load, `oads ${two} from <address>${suffix ? ', sign-extended to 64 bits' : ''}`],
  ] as const) {
    if (opc === '01' && L === '0') continue; // STGP, of a later extension
    const NAME = name.toUpperCase(),
      text = `<${R}t>, <${R}t2>, [<Xn|SP>`,
      [says, then] = L === '0' ? [`S${does}`, `s${does}`] : [`L${does}`, `l${does}`];

    if (opc !== '01') {
      const noAllocate = name.replace('p', 'np');
      define(
        noAllocate.toUpperCase(),
        `${opc} 101 0 000 ${L} imm7 Rt2 Rn Rt`,
        `${noAllocate} ${text}{, #<imm7*${size}>}]`,
        scaled,
        (b, o) => transfer(b, o, b.add(b.base(o.Rn), o.offset)),
      ).says(`${says}, with a hint not to keep them in the cache`);
    }
    define(`${NAME} (post-index)`, `${opc} 101 0 001 ${L} imm7 Rt2 Rn Rt`, `${name} ${text}], #<imm7*${size}>`, scaled, (b, o) => {
      const base = b.base(o.Rn);
      transfer(b, o, base);
      b.setSP(o.Rn, b.add(base, o.offset));
    }).says(`${says}, then <moved>`);
    define(`${NAME} (signed offset)`, `${opc} 101 0 010 ${L} imm7 Rt2 Rn Rt`, `${name} ${text}{, #<imm7*${size}>}]`, scaled, (b, o) =>
      transfer(b, o, b.add(b.base(o.Rn), o.offset)),
    ).says(says);
    define(`${NAME} (pre-index)`, `${opc} 101 0 011 ${L} imm7 Rt2 Rn Rt`, `${name} ${text}, #<imm7*${size}>]!`, scaled, (b, o) => {
      const address = b.add(b.base(o.Rn), o.offset);
      transfer(b, o, address);
      b.setSP(o.Rn, address);
    }).says(`First <moved>, then ${then}`);
  }
}
