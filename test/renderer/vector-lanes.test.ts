/** A SIMD&FP register cut into lanes. */
import { expect, test } from 'vitest';
import { laneTexts } from '../../src-renderer/geometry/vector-lanes.ts';

test('a vector register is shown as each kind of lane, the highest first', () => {
  const value = '0xbff8000000000000c1480000007fc001';
  expect(laneTexts(value, 'bytes').join(' ')).toBe('bf f8 00 00 00 00 00 00 c1 48 00 00 00 7f c0 01');
  expect(laneTexts(value, 'halfwords').join(' ')).toBe('bff8 0000 0000 0000 c148 0000 007f c001');
  expect(laneTexts(value, 'words').join(' ')).toBe('bff80000 00000000 c1480000 007fc001');
  expect(laneTexts(value, 'doublewords').join(' ')).toBe('bff8000000000000 c1480000007fc001');
  expect(laneTexts(value, 'singles')).toEqual(['-1.9375', '0', '-12.5', '1.1731986e-38']);
  expect(laneTexts('0xbff80000000000007ff0000000000000', 'doubles')).toEqual(['-1.5', 'infinity']);
  expect(laneTexts('0x7fc00000800000003dcccccd', 'singles')).toEqual(['0', 'NaN', '-0', '0.1']);
});
