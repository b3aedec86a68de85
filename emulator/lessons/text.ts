/** Values and sentences of a lesson as they are written. */
import { hex } from '../base/hex.ts';
import { code, rich } from '../explain/words.ts';
import type { RichText } from '../explain/views.ts';
import { valueFormats, type ValueFormat } from './format.ts';
import type { World } from './world.ts';

/** Small numbers look the same in both, and larger ones are addresses and registers. */
const LEAST_HEX = 10n;

export function valueText(world: World, at: number, value: bigint, as: ValueFormat): string {
  const bits = BigInt.asUintN(64, value);
  switch (as) {
    case 'hex':
      return bits < LEAST_HEX ? String(bits) : hex(bits);
    case 'decimal':
      return String(value);
    case 'binary':
      return `0b${bits.toString(2)}`;
    case 'level':
      return `EL${bits}`;
    case 'bytes':
      return bytesText(bits);
    case 'instruction':
    case 'symbol':
    case 'source':
      return world[as](at, bits);
  }
}

/** What is added to something: what is subtracted has its sign. */
export function addendText(world: World, at: number, value: bigint, as: ValueFormat): string {
  const signed = BigInt.asIntN(64, value);
  return signed < 0n && signed > -MOST_SUBTRACTED ? `-${valueText(world, at, -signed, as)}` : valueText(world, at, value, as);
}
/** Beyond this it is an address in the upper half. */
const MOST_SUBTRACTED = 1n << 32n;

/** "4 KiB". */
function bytesText(bytes: bigint): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  let rest = bytes;
  while (rest >= 1024n && rest % 1024n === 0n && unit < units.length - 1) [rest, unit] = [rest / 1024n, unit + 1];
  return `${rest} ${units[unit]}`;
}

/** `{VBAR_EL2}` and `{x0|decimal}` are values, and what stands between backticks is code. */
export function sentence(world: World, at: number, text: string): RichText {
  const filled = filledIn(world, at, text);
  return rich(...filled.split('`').map((part, i) => (i % 2 === 0 ? part : code(part))));
}

/** The values put in. */
export function filledIn(world: World, at: number, text: string): string {
  return text.replaceAll(/\{([^{}]+?)(?:\|(\w+))?\}/g, (_whole, expression: string, as: string | undefined) => {
    const format = valueFormats.find((one) => one === as) ?? 'hex';
    const value = world.ask(at, expression);
    return value === undefined ? 'nothing' : valueText(world, at, value, format);
  });
}
