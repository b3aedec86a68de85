/** A SIMD&FP register as the elements that it may hold. */
import { floatText } from '../../emulator/session/float-text.ts';

/** Lanes by their width in bits, and whether they are floating-point numbers. */
const shapes = {
  bytes: { title: 'Bytes', bits: 8, isFloat: false },
  halfwords: { title: 'Halfwords', bits: 16, isFloat: false },
  words: { title: 'Words', bits: 32, isFloat: false },
  doublewords: { title: 'Doublewords', bits: 64, isFloat: false },
  singles: { title: 'Single precision', bits: 32, isFloat: true },
  doubles: { title: 'Double precision', bits: 64, isFloat: true },
} as const;

export type LaneShape = keyof typeof shapes;
export const laneShapes = Object.keys(shapes) as LaneShape[];
export const laneTitle = (shape: LaneShape): string => shapes[shape].title;

export const isVector = (register: string): boolean => /^v\d/.test(register);

/** The lanes of a value, the highest first, as its digits stand. */
export function laneTexts(value: string, shape: LaneShape): string[] {
  const { bits, isFloat } = shapes[shape];
  const count = 128 / bits;
  return Array.from({ length: count }, (_, i) => {
    const lane = BigInt.asUintN(bits, BigInt(value) >> BigInt((count - 1 - i) * bits));
    return isFloat ? floatText(lane, bits) : lane.toString(16).padStart(bits / 4, '0');
  });
}
