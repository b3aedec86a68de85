/** Parts that messages of the contract share: numbers, addresses, places in memory, what breakpoints wait for. */
import * as v from 'valibot';
import { exceptionTypes } from '../cpu/events.ts';
import type { BreakpointSpec, MemoryPlace, Write } from './views.ts';
import { limits } from './limits.ts';

export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** The value of a register: V0 to V31 have 128 bits. */
export const registerValue = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{1,32}$/));
export const address = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{1,16}$/i, 'expected a hexadecimal address such as 0x40080000'));
export const bytes = v.instance(Uint8Array, 'expected bytes');
export const nothing = v.strictObject({});
export const level = v.picklist([0, 1, 2]);
export const space = v.picklist(['va', 'ipa', 'pa']);
/** Bits of an address; a Cortex-A53 has IPAs and PAs of up to 40. */
export const addressBits = { va: 64, ipa: 40, pa: 40 } as const;

const memoryPlace = <const Most extends number>(mostBytes: Most) => ({
  space,
  address,
  bytes: v.pipe(count, v.minValue(1), v.maxValue(mostBytes)),
  el: v.optional(level),
});
export const vmid = v.pipe(count, v.maxValue(255));
/** An instant, or the one after the trap before. */
export const otherInstant = v.union([count, v.literal('trap')]);
/** Which traps: those that a filter lets through, of one type, with the returns or without, of steps `from` to before `to`. */
export const trapChoice = {
  filter: v.optional(v.pipe(v.string(), v.maxLength(1000))),
  type: v.optional(v.pipe(v.string(), v.maxLength(32))),
  returns: v.optional(v.boolean()),
  from: v.optional(count),
  to: v.optional(count),
};
/** A program in assembly. */
export const sourceText = v.pipe(v.string(), v.maxLength(limits.sourceCharacters, 'a source of more than 262144 characters'));
export const registerName = v.pipe(v.string(), v.minLength(1), v.maxLength(32));

/** What else a breakpoint demands. */
const demand = {
  when: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(1024))),
  nth: v.optional(v.pipe(count, v.minValue(1))),
  every: v.optional(v.pipe(count, v.minValue(1))),
};
const intid = v.pipe(count, v.maxValue(1019, 'an INTID is at most 1019'));
export const breakpointSpec = v.variant('kind', [
  v.strictObject({ ...demand, kind: v.literal('address'), va: address }),
  v.strictObject({ ...demand, kind: v.literal('symbol'), name: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)) }),
  v.strictObject({ ...demand, kind: v.literal('level-change'), to: v.optional(level) }),
  v.strictObject({
    ...demand,
    kind: v.literal('exception'),
    types: v.optional(v.pipe(v.array(v.picklist(exceptionTypes)), v.maxLength(exceptionTypes.length))),
    ec: v.optional(v.pipe(count, v.maxValue(63))),
  }),
  v.strictObject({ ...demand, kind: v.literal('register-write'), register: registerName }),
  v.strictObject({ ...demand, kind: v.literal('memory'), ...memoryPlace(limits.watchedBytes), access: v.picklist(['r', 'w', 'rw']) }),
  v.strictObject({ ...demand, kind: v.literal('stage2-fault') }),
  v.strictObject({
    ...demand,
    kind: v.literal('guest-access'),
    ipa: v.pipe(
      address,
      v.check((text) => BigInt(text) >> BigInt(addressBits.ipa) === 0n, 'an IPA has at most 10 hexadecimal digits'),
    ),
    bytes: v.pipe(count, v.minValue(1), v.maxValue(limits.watchedBytes)),
    access: v.picklist(['r', 'w', 'rw']),
  }),
  v.strictObject({ ...demand, kind: v.literal('intid'), intid }),
  v.strictObject({ ...demand, kind: v.literal('pended'), intid }),
]) satisfies v.GenericSchema<unknown, BreakpointSpec>;

/** What was written: memory, by a place of this instant, or a register (as for `register-write`). */
export const written = {
  memory: v.optional(v.strictObject(memoryPlace(limits.writtenBytes)) satisfies v.GenericSchema<unknown, MemoryPlace>),
  register: v.optional(registerName),
};
export const write = v.custom<Write>((value) => typeof value === 'object' && value !== null);
