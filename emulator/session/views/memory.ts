import * as v from 'valibot';
import { InputError } from '../../base/errors.ts';
import { hex } from '../../base/hex.ts';
import { readSpan, spansOf } from '../memory-bytes.ts';
import { memoryLabels, tableLabels } from '../memory-labels.ts';
import type { Program } from '../program.ts';
import { guestsOf, isWaiting, mmuOfGuest } from '../guests.ts';
import { limits } from '../limits.ts';
import { address, count, level, space, vmid } from '../schemas.ts';
import { atRest, view } from '../view.ts';
import type { MemorySpan, MemoryView } from '../views.ts';

const LAST = (1n << 64n) - 1n;

/** Around an address, or around where a register points: "pc", "sp", "x0" to "x30". */
const params = v.strictObject({
  space,
  address: v.optional(address),
  follow: v.optional(v.pipe(v.string(), v.regex(/^(pc|sp|x[12]?\d|x30)$/, 'expected pc, sp or x0 to x30'))),
  /** Bytes shown before the address, and in all: of whole lines. */
  before: v.pipe(count, v.maxValue(limits.memoryBytes)),
  bytes: v.pipe(count, v.minValue(16), v.maxValue(limits.memoryBytes), v.multipleOf(16)),
  /** Bytes of a line: 16 if absent. */
  line: v.optional(v.picklist([16, 32])),
  /** The level whose VAs they are; absent: the current one. */
  el: v.optional(level),
  /** Of a guest other than the current one, with the registers that it was left with. */
  vmid: v.optional(vmid),
});
export type MemoryParams = v.InferOutput<typeof params>;

/** Bytes of an address space around an address, by peeks alone: no device notices, and nothing is translated for the machine. */
export const memory = view(params, (program, params, { isRunning, previousStop } = atRest): MemoryView => {
  const { machine, timeline } = program;
  const { space, bytes: length, line = 16 } = params;
  const mmu = mmuOfGuest(program, params.vmid);
  const el = params.el ?? (params.vmid !== undefined && machine.cpu.el === 2 ? 1 : machine.cpu.el);
  const waiting = isWaiting(program, mmu) ? params.vmid : undefined;
  if (waiting !== undefined && params.follow !== undefined)
    throw new InputError(`guest ${waiting} does not run at this instant, so no register is its own`, {}, 'name an address');
  const { address, follows } = wanted(program, params);
  const room = LAST - BigInt(length) + 1n;
  const back = address - (address % BigInt(line)) - BigInt(params.before - (params.before % line));
  const start = back < 0n ? 0n : back > room ? room : back;
  const spans = spansOf(program.machine, space, start, length, el, mmu);
  const bytes = new Uint8Array(length);
  for (const span of spans) bytes.set(readSpan(program.machine, span), span.offset);
  const before = isRunning ? undefined : previousStop;
  const seen = { program, mmu, waiting, space, el, start, bytes, spans, line };
  return {
    at: machine.steps,
    space,
    el,
    running: machine.cpu.el,
    guests: guestsOf(program),
    vmid: params.vmid ?? null,
    start: hex(start),
    address: hex(address),
    follows,
    bytes,
    changed:
      before === undefined
        ? []
        : timeline.excursion(before, () => changedBytes(program, spans, bytes), {
            key: `bytes ${[space, el, waiting, start, length].join(' ')}`,
          }),
    spans,
    // Whole trees of tables are not read again for each picture of a machine that runs.
    labels: [...memoryLabels(seen), ...(isRunning ? [] : tableLabels(seen))].sort((a, b) => a.offset - b.offset),
  };
});

/** The address that the view is about, and the register it comes from. */
function wanted({ machine: { cpu } }: Program, { address, follow }: MemoryParams): { address: bigint; follows: string | null } {
  if (follow === 'pc') return { address: cpu.pc, follows: 'the PC' };
  if (follow === 'sp') return { address: cpu.sp, follows: 'the stack pointer' };
  if (follow !== undefined) return { address: cpu.x(Number(follow.slice(1))), follows: follow };
  return { address: BigInt(address ?? 0), follows: null };
}

/** Offsets of the bytes that were others at the machine's present instant, in the same physical memory. */
function changedBytes(program: Program, spans: readonly MemorySpan[], bytes: Uint8Array): number[] {
  return spans.flatMap((span) => {
    const old = readSpan(program.machine, span);
    return [...old.keys()].filter((i) => old[i] !== bytes[span.offset + i]).map((i) => span.offset + i);
  });
}
