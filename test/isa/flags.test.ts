import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Driver } from './driver.ts';

const CODE = 0x10000;
const d = new Driver([{ va: CODE, bytes: 0x1000, executable: true }]);

/** AddWithCarry of the manual: result and NZCV. */
function addWithCarry(x: bigint, y: bigint, carry: bigint, width: 32 | 64): { result: bigint; nzcv: number } {
  const unsigned = BigInt.asUintN(width, x) + BigInt.asUintN(width, y) + carry,
    signed = BigInt.asIntN(width, x) + BigInt.asIntN(width, y) + carry,
    result = BigInt.asUintN(width, unsigned);
  const n = result >> BigInt(width - 1) ? 8 : 0,
    z = result === 0n ? 4 : 0,
    c = unsigned !== result ? 2 : 0,
    v = signed !== BigInt.asIntN(width, result) ? 1 : 0;
  return { result, nzcv: n | z | c | v };
}
/** ConditionHolds of the manual. */
function conditionHolds(cond: number, nzcv: number): boolean {
  const [n, z, c, v] = [8, 4, 2, 1].map((bit) => (nzcv & bit) !== 0) as [boolean, boolean, boolean, boolean];
  const holds = [z, c, n, v, c && !z, n === v, n === v && !z, true][cond >> 1];
  return cond & 1 && cond !== 15 ? !holds : holds;
}
const conditions = 'eq ne cs cc mi pl vs vc hi ls ge lt gt le'.split(' ');

/** Numbers near the ends of the ranges as often as others. */
const operand = fc.oneof(
  fc.bigInt(0n, 2n ** 64n - 1n),
  fc.constantFrom(0n, 1n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n),
);
type Model = (a: bigint, b: bigint, before: number, width: 32 | 64) => { result?: bigint; nzcv: number };
const carryOf = (nzcv: number): bigint => BigInt((nzcv >> 1) & 1);
const logic = (result: bigint, width: 32 | 64): { result: bigint; nzcv: number } => {
  const r = BigInt.asUintN(width, result);
  return { result: r, nzcv: (r >> BigInt(width - 1) ? 8 : 0) | (r === 0n ? 4 : 0) };
};
const instructions: readonly [text: string, model: Model][] = [
  ['adds R0, R1, R2', (a, b, _, w) => addWithCarry(a, b, 0n, w)],
  ['subs R0, R1, R2', (a, b, _, w) => addWithCarry(a, ~b, 1n, w)],
  ['adcs R0, R1, R2', (a, b, f, w) => addWithCarry(a, b, carryOf(f), w)],
  ['sbcs R0, R1, R2', (a, b, f, w) => addWithCarry(a, ~b, carryOf(f), w)],
  ['ands R0, R1, R2', (a, b, _, w) => logic(a & b, w)],
  ['bics R0, R1, R2', (a, b, _, w) => logic(a & ~b, w)],
  ['ccmp R1, R2, #9, hi', (a, b, f, w) => (conditionHolds(8, f) ? { nzcv: addWithCarry(a, ~b, 1n, w).nzcv } : { nzcv: 9 })],
  ['ccmn R1, R2, #6, lt', (a, b, f, w) => (conditionHolds(11, f) ? { nzcv: addWithCarry(a, b, 0n, w).nzcv } : { nzcv: 6 })],
];

test('results, NZCV and every condition follow the manual', () => {
  fc.assert(
    fc.property(
      operand,
      operand,
      fc.integer({ min: 0, max: 15 }),
      fc.constantFrom(...instructions),
      fc.constantFrom<32 | 64>(32, 64),
      (a, b, before, [text, model], width) => {
        const { cpu } = d;
        cpu.setX(0, 0x5555n);
        cpu.setX(1, a);
        cpu.setX(2, b);
        cpu.nzcv = before;
        d.load(CODE, [text.replaceAll('R', width === 64 ? 'x' : 'w'), ...conditions.map((cond, i) => `cset x${i + 10}, ${cond}`)]);
        d.run(1);
        const { result = 0x5555n, nzcv } = model(a, b, before, width);
        // As TypeScript reads the flags, then as instructions do.
        expect(cpu.nzcv).toBe(nzcv);
        expect(cpu.x(0)).toBe(result);
        d.run(conditions.length);
        expect(conditions.map((_, i) => cpu.x(i + 10))).toEqual(conditions.map((_, cond) => (conditionHolds(cond, nzcv) ? 1n : 0n)));
      },
    ),
    { numRuns: 2000, seed: 7 },
  );
});

test('settle makes equal flags equal bytes', () => {
  const bytes = (line: string): Uint8Array => {
    d.cpu.setX(0, 0n);
    d.cpu.setX(1, 0n);
    d.load(CODE, [line]);
    d.run(1);
    d.cpu.pc = 0n;
    d.cpu.settle();
    return d.cpu.bytes.slice();
  };
  expect(bytes('cmp x1, #0')).toEqual(bytes('cmp w0, w1'));
  expect(bytes('tst x1, x0')).toEqual(bytes('adds xzr, x1, x0'));
});
