import { PA, VA } from '../../base/addresses.ts';
import * as v from 'valibot';
import { InputError } from '../../base/errors.ts';
import { hex } from '../../base/hex.ts';
import { faultStatus, isOfWrite } from '../../cpu/events.ts';
import { faultStatuses } from '../../cpu/faults.ts';
import { nextAccessTo } from '../../explain/accesses.ts';
import { detailedEvent } from '../../explain/events.ts';
import { outcomeOf } from '../../explain/outcome.ts';
import { code, rich } from '../../explain/words.ts';
import { explainWalk, type Walk } from '../../mmu/index.ts';
import { guestsOf, isWaiting, mmuOfGuest } from '../guests.ts';
import { nameOfVirtual } from '../place-names.ts';
import type { Program } from '../program.ts';
import { address, count, level, vmid } from '../schemas.ts';
import { atRest, view } from '../view.ts';
import type { Level, RichText, WalkView } from '../views.ts';

/** What to walk: an address, or what the machine is doing (`follow`); without either the last fault, else the PC. */
const params = v.strictObject({
  va: v.optional(address),
  follow: v.optional(v.picklist(['pc', 'sp', 'fault'])),
  regime: v.optional(v.picklist(['el1', 'el2'])),
  el: v.optional(level),
  access: v.optional(v.picklist(['r', 'w', 'x'])),
  /** Of a guest other than the current one, with the registers that it was left with; it has no PC here, so an address is needed. */
  vmid: v.optional(vmid),
  /** The instruction that makes the access, for the syndrome. */
  word: v.optional(v.pipe(count, v.maxValue(0xffff_ffff))),
});
type WalkParams = v.InferOutput<typeof params>;

export const walk = view(params, (program, params, { isRunning } = atRest): WalkView => {
  const { machine, names, timeline } = program;
  const mmu = mmuOfGuest(program, params.vmid);
  const ofOther = isWaiting(program, mmu);
  const chosen = choose(program, params, isRunning, ofOther);
  const regime = params.regime ?? (params.vmid === undefined && (params.el ?? chosen.el) === 2 ? 'el2' : 'el1');
  const el: Level = regime === 'el2' ? 2 : params.el === 2 ? 1 : (params.el ?? (chosen.el === 2 ? 1 : chosen.el));
  const access = params.access ?? chosen.access;
  const word = params.word ?? (access === chosen.access && el === chosen.el ? chosen.word : undefined);
  // Of an address that the next instruction accesses, the walk is that of this access.
  const next = isRunning || ofOther || params.va === undefined ? undefined : nextAccessTo(machine, outcomeOf(machine), chosen.va, access);
  const found: Walk = {
    ...explainWalk(mmu, chosen.va, {
      regime,
      el,
      access,
      faultsOnDevice: chosen.faultsOnDevice ?? false,
      ...(next?.options.el === el && next.options.regime === regime && next.options),
      ...(word !== undefined && { word }),
    }),
    at: machine.steps,
  };
  const symbol = (ofOther ? names.met(el, params.vmid!, timeline.at) : names.of(el)).symbol(chosen.va);
  const name = found.result.ok ? nameOfVirtual(program, chosen.va, PA(Number(found.result.pa)), 1) : '';
  return {
    at: machine.steps,
    walk: found,
    follows: chosen.follows,
    guests: guestsOf(program),
    vmid: params.vmid ?? null,
    va: symbol === undefined ? {} : { symbol },
    pa: name === '' ? {} : { name },
    sentence: sentence(found),
    ...(program.elsewhere !== undefined
      ? { noTlb: 'QEMU does not show its TLB' }
      : ofOther && { noTlb: 'not looked at: this guest does not run' }),
  };
});

interface Chosen {
  /** It was refused as an access that is not aligned, or DC ZVA, is in Device memory. */
  readonly faultsOnDevice?: boolean;
  readonly va: VA;
  readonly el: Level;
  readonly access: 'r' | 'w' | 'x';
  readonly follows: string;
  /** The instruction that made the access. */
  readonly word?: number | undefined;
}

function choose(program: Program, { va, follow, vmid }: WalkParams, isRunning: boolean, ofOther: boolean): Chosen {
  const { machine, timeline } = program;
  const { cpu } = machine;
  if (va !== undefined) return { va: VA(BigInt(va)), el: cpu.el, access: 'r', follows: 'this address' };
  if (ofOther) throw new InputError(`guest ${vmid} does not run at this instant, so no register is its own`, {}, 'name an address');
  if (follow === 'sp') return { va: cpu.sp, el: cpu.el, access: 'w', follows: 'the stack pointer' };
  if (follow !== 'pc') {
    const fault = lastFault(program, timeline.traps.firstAt(timeline.at), isRunning);
    if (fault) return fault;
  }
  return { va: cpu.pc, el: cpu.el, access: 'x', follows: 'the PC' };
}

/**
 * The last abort before trap number `end`, with the address that faulted. Its instruction is found by going there, for which there is no time
 * while the machine runs.
 */
function lastFault(program: Program, end: number, isRunning: boolean): Chosen | undefined {
  const { traps } = program.timeline;
  for (let i = end - 1; i >= Math.max(traps.first, end - 1000); i--) {
    const type = traps.type(i);
    if (type !== 'DataAbort' && type !== 'InstructionAbort') continue;
    const event = traps.get(i);
    if (event.kind !== 'exception' || event.far === null) continue;
    const isWrite = type === 'DataAbort' && isOfWrite(event.esr ?? 0);
    const access = type === 'InstructionAbort' ? 'x' : isWrite ? 'w' : 'r';
    const word = isRunning || access === 'x' ? undefined : detailedEvent(program, event.n).causeWord;
    const faultsOnDevice = faultStatus(event.esr ?? 0) === faultStatuses.alignment.code;
    return { va: event.far, el: event.from, access, follows: 'the last fault', word, faultsOnDevice };
  }
  return undefined;
}

function sentence({ va, reads, result, stages, access }: Walk): RichText {
  const verb = { r: 'read from', w: 'write to', x: 'execute at' }[access];
  if (!result.ok)
    return rich(
      `A ${verb.replace(' to', '').replace(' from', '').replace('execute at', 'fetch')} of `,
      code(va),
      ` faults: ${result.text}. ${result.decidedBy.text}`,
    );
  if (reads === 0) return rich('No table is read: both stages are off, so ', code(va), ' is already the physical address.');
  const both = stages.stage1.on && stages.stage2?.on;
  const why = both ? ': each table of stage 1 must itself be translated by stage 2' : '';
  return rich(
    `To ${verb} `,
    code(va),
    ', the processor needs ',
    `${reads} memory read${reads === 1 ? '' : 's'}${why}. It ends at `,
    code(hex(BigInt(result.pa))),
    '.',
  );
}
