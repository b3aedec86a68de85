// Arm ARM C4.1.94: Load/store exclusive, load-acquire, store-release. All must be aligned, and order is kept by running one at a time.
// Whether STXR detects faults before the monitor is IMPLEMENTATION DEFINED: as in QEMU, a store that fails touches no memory.
// With Rs equal to Rt, Rt2 or Rn (CONSTRAINED UNPREDICTABLE) it stores the old value, then writes the status.
import type { Access, Builder, Int, Register } from '../builder.ts';
import { define } from '../define.ts';

function storeExclusive(b: Builder, access: Access, address: Int, Rs: Register, values: readonly Int[]): void {
  const bytes = access.bytes * values.length,
    passes = b.exclusivePasses(address, bytes),
    to = b.writableIf(passes, address, { bytes, element: access.bytes, aligned: true });
  values.forEach((value, i) => b.storeAt(to, i * access.bytes, access, value));
  b.set(Rs, b.choose(passes, 0, 1));
  b.clearExclusive();
}

for (const [size, suffix, access] of [
  ['00', 'b', { bytes: 1, width: 32 }],
  ['01', 'h', { bytes: 2, width: 32 }],
  ['10', '', { bytes: 4, width: 32 }],
  ['11', '', { bytes: 8, width: 64 }],
] as const satisfies [string, string, Access][]) {
  const T = access.width === 64 ? 'X' : 'W',
    { bytes } = access,
    aligned = { bytes, aligned: true },
    what = bytes === 1 ? 'a byte' : `${bytes} bytes`,
    part = bytes === 1 ? 'the lowest byte of ' : bytes === 2 ? 'the low 2 bytes of ' : '';
  for (const [o0, a, l, acquiring, releasing] of [
    ['0', '', '', '', ''],
    ['1', 'a', 'l', ', before any later access', ', after all earlier accesses,'],
  ] as const) {
    define(
      `ST${l.toUpperCase()}XR${suffix.toUpperCase()}`,
      `${size} 001000 0 0 0 Rs ${o0} +++++ Rn Rt`,
      `st${l}xr${suffix} <Ws>, <${T}t>, [<Xn|SP>]`,
      (b, { Rs, Rn, Rt }) => storeExclusive(b, access, b.base(Rn), Rs, [b.x(Rt)]),
    ).says(`Stores ${part}<${T}t> at <Xn|SP>${releasing} if the exclusive monitor still holds that address: <passes>; <result>`);
    define(
      `LD${a.toUpperCase()}XR${suffix.toUpperCase()}`,
      `${size} 001000 0 1 0 +++++ ${o0} +++++ Rn Rt`,
      `ld${a}xr${suffix} <${T}t>, [<Xn|SP>]`,
      (b, { Rn, Rt }) => {
        const address = b.base(Rn);
        b.set(Rt, b.loadAt(b.readable(address, aligned), 0, access));
        b.markExclusive(address, bytes);
      },
    ).says(`Loads ${what} from <address>${acquiring}, and marks the address in the exclusive monitor`);
    if (bytes < 4) continue;
    define(
      `ST${l.toUpperCase()}XP`,
      `${size} 001000 0 0 1 Rs ${o0} Rt2 Rn Rt`,
      `st${l}xp <Ws>, <${T}t>, <${T}t2>, [<Xn|SP>]`,
      (b, { Rs, Rn, Rt, Rt2 }) => storeExclusive(b, access, b.base(Rn), Rs, [b.x(Rt), b.x(Rt2)]),
    ).says(`Stores <${T}t> and <${T}t2> at <Xn|SP>${releasing} if the exclusive monitor still holds that address: <passes>; <result>`);
    define(
      `LD${a.toUpperCase()}XP`,
      `${size} 001000 0 1 1 +++++ ${o0} Rt2 Rn Rt`,
      `ld${a}xp <${T}t>, <${T}t2>, [<Xn|SP>]`,
      (b, { Rn, Rt, Rt2 }) => {
        const address = b.base(Rn),
          from = b.readable(address, { bytes: 2 * bytes, element: bytes, aligned: true });
        b.set(Rt, b.loadAt(from, 0, access));
        b.set(Rt2, b.loadAt(from, bytes, access));
        b.markExclusive(address, 2 * bytes);
      },
    ).says(`Loads two values of ${bytes} bytes from <address>${acquiring}, and marks the address in the exclusive monitor`);
  }
  define(`STLR${suffix.toUpperCase()}`, `${size} 001000 1 0 0 +++++ 1 +++++ Rn Rt`, `stlr${suffix} <${T}t>, [<Xn|SP>]`, (b, { Rn, Rt }) =>
    b.storeAt(b.writable(b.base(Rn), aligned), 0, access, b.x(Rt)),
  ).says(`Stores ${part}<${T}t> at <address>, after all earlier accesses (store-release)`);
  define(`LDAR${suffix.toUpperCase()}`, `${size} 001000 1 1 0 +++++ 1 +++++ Rn Rt`, `ldar${suffix} <${T}t>, [<Xn|SP>]`, (b, { Rn, Rt }) =>
    b.set(Rt, b.loadAt(b.readable(b.base(Rn), aligned), 0, access)),
  ).says(`Loads ${what} from <address>, before any later access (load-acquire)`);
}
