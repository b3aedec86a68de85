/** PSCI against QEMU: a program makes every call over SMC and prints what X0 holds after it. */
import { afterAll, describe, expect, it } from 'vitest';
import { callPsci, psciName } from '../../emulator/machine/psci.ts';
import { Workshop } from '../debug/build.ts';
import { runQemu } from '../firmware/qemu.ts';

const shop = new Workshop();
afterAll(() => shop.close());

type Call = readonly [id: bigint, a: bigint, b: bigint, c: bigint];
const ids = [
  ...Array.from({ length: 0x20 }, (_, i) => BigInt(0x8400_0000 + i)),
  ...Array.from({ length: 0x20 }, (_, i) => BigInt(0xc400_0000 + i)),
  ...[0x95c1ba5e, 0x95c1ba5f, 0x95c1ba60, 0x95c1ba61, 0x95c1ba62, 0x8000_0000, 0x8000_0001, 0].map(BigInt),
];
/** Calls that do not come back, or that wait. */
const leaving = new Set([0x8400_0001n, 0x8400_0002n, 0x8400_0008n, 0x8400_0009n, 0xc400_0001n, 0x95c1_ba5en, 0x95c1_ba5fn]);

const calls: Call[] = [
  ...ids.filter((id) => !leaving.has(id)).map((id): Call => [id, 0n, 0n, 0n]),
  ...ids.map((id): Call => [0x8400_000an, id, 0n, 0n]),
  [0xffff_ffff_8400_0000n, 0n, 0n, 0n],
  [0x1_8400_0000n, 0n, 0n, 0n],
  [0x8400_000an, 0x1_8400_0000n, 0n, 0n],
  [0x8400_0001n, 0x2_0000n, 0n, 0n],
  [0xc400_0001n, 0xfffe_0000n, 0n, 0n],
  ...[0x8400_0003n, 0xc400_0003n, 0x8400_0004n, 0xc400_0004n].flatMap((id) =>
    [0n, 1n, 0x8000_0000n, 0xff_0000_0000n, 0xffff_ffff_0000_0000n].flatMap((affinity) =>
      [0n, 1n, 4n, 0x1_0000_0000n].map((level): Call => [id, affinity, level, 0n]),
    ),
  ),
];

const program = `.global _start
_start:
  adr x20, calls
  ldr x21, =0x09000000
next:
  ldp x0, x1, [x20], #16
  ldp x2, x3, [x20], #16
  cmn x0, #9
  b.eq end
  smc #0
  mov w5, #60
digit:
  lsr x6, x0, x5
  and x6, x6, #15
  add x6, x6, #48
  cmp x6, #58
  b.lt print
  add x6, x6, #39
print:
  str w6, [x21]
  subs w5, w5, #4
  b.ge digit
  mov w6, #10
  str w6, [x21]
  b next
end:
  ldr x0, =0x84000008
  smc #0
  b .
.align 4
calls:
${[...calls, [-9n, 0n, 0n, 0n]].map((call) => `  .quad ${call.join(', ')}`).join('\n')}
`;

/** The one CPU of the board, by its affinity. */
const oneCpu = (affinity: bigint): 'on' | undefined => (affinity === 0n ? 'on' : undefined);

describe('PSCI', () => {
  it('gives the results that QEMU gives', async () => {
    const { path } = shop.link('psci.elf', { 'psci.S': program }, ['-Wl,-Ttext=0x40080000']);
    const { text } = await runQemu({ image: path, args: ['-nic', 'none'] });
    const theirs = text.trim().split(/\r?\n/);
    const ours = calls.map(([id, ...args]) => callPsci(id, args, oneCpu).result!.toString(16).padStart(16, '0'));
    const tell = (results: string[]): string[] =>
      results.map((result, i) => `${calls[i].map((value) => `0x${value.toString(16)}`).join(' ')}: ${result}`);
    expect(tell(ours)).toEqual(tell(theirs));
  });

  it('says what the machine must do', () => {
    const effect = (id: bigint, ...args: [bigint, bigint, bigint]): unknown => {
      const { name, result, effect: what } = callPsci(id, args, (affinity) => (affinity === 1n ? 'off' : oneCpu(affinity)));
      return [name, result, what];
    };
    expect(effect(0x8400_0008n, 0n, 0n, 0n)).toEqual(['SYSTEM_OFF', undefined, { kind: 'systemOff' }]);
    expect(effect(0x8400_0009n, 0n, 0n, 0n)).toEqual(['SYSTEM_RESET', undefined, { kind: 'systemReset' }]);
    expect(effect(0x8400_0002n, 0n, 0n, 0n)).toEqual(['CPU_OFF', undefined, { kind: 'cpuOff' }]);
    expect(effect(0xc400_0001n, 0n, 0n, 0n)).toEqual(['CPU_SUSPEND', 0n, { kind: 'cpuSuspend' }]);
    expect(effect(0xc400_0003n, 1n, 0x4008_0000n, 7n)).toEqual([
      'CPU_ON',
      0n,
      { kind: 'cpuOn', affinity: 1n, entry: 0x4008_0000n, context: 7n },
    ]);
    expect(effect(0x1234n, 0n, 0n, 0n)).toEqual([undefined, 0xffff_ffff_ffff_ffffn, { kind: 'none' }]);
    expect(psciName(0xc400_0003n)).toBe('CPU_ON');
    expect(psciName(0x1234n)).toBeUndefined();
  });
});
