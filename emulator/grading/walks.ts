/** What the translation of an address gives at an instant. */
import { VA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import type { Access, Walk } from '../mmu/walk-types.ts';
import { evaluate } from '../session/expression.ts';
import type { Program } from '../session/program.ts';
import { views } from '../session/views/index.ts';
import { expectedText, isExpected, numberText, type ExpectedValue, type Expectations, type FoundValue } from './expected.ts';
import { whoWrote, type Outcome } from './feedback.ts';

/** What can be expected of a walk. */
export const walkKeys: readonly string[] = [
  'ok',
  'pa',
  'ipa',
  'reads',
  'r',
  'w',
  'x',
  'type',
  'memory',
  'fault',
  'stage',
  'level',
  'esr',
  'far',
  'hpfar',
  'takenTo',
];

/** What a task asks to be walked. */
export interface WalkQuestion {
  readonly va: bigint | string;
  readonly regime?: 'el1' | 'el2' | undefined;
  readonly el?: number | undefined;
  readonly access?: Access | undefined;
}

export function walkOutcomes(program: Program, question: WalkQuestion, expect: Expectations): Outcome[] {
  const va = typeof question.va === 'bigint' ? question.va : evaluate(program, question.va);
  const at = program.timeline.at;
  if (va === undefined)
    return Object.keys(expect).map((what) => ({ what, at, passed: false, text: `${program.name} has no symbol ${String(question.va)}.` }));
  const address = VA(BigInt.asUintN(64, va));
  // Permissions are asked of an access each; without a fault all are in one walk.
  const walkFor = (access: Access): Walk =>
    views.walk.of(program, {
      va: hex(address),
      access,
      ...(question.regime && { regime: question.regime }),
      ...(question.el !== undefined && { el: question.el as 0 | 1 | 2 }),
    }).walk;
  const wanted = question.access ?? 'r';
  const walk = walkFor(wanted);
  return Object.entries(expect).map(([what, expected]) => {
    const of = what === 'r' || what === 'w' || what === 'x' ? walkFor(what) : walk;
    return walkOutcome(program, what, expected, of, `a walk of ${hex(address)} as EL${of.el} (${of.access})`);
  });
}

function walkOutcome(program: Program, what: string, expected: ExpectedValue, walk: Walk, name: string): Outcome {
  const { result } = walk;
  const found = partOf(walk, what);
  const common = { what, at: program.timeline.at, expected: expectedText(expected) };
  const came = result.ok ? `it ends at PA ${result.pa} after ${walk.reads} reads` : `it faults: ${result.text}. ${result.decidedBy.text}`;
  if (!found)
    return {
      ...common,
      passed: false,
      text: `At instant ${program.timeline.at}, ${name} has no ${what}: ${came}. Expected ${what} ${common.expected}.`,
    };
  const holds = isExpected(program, expected, found);
  const said = found.words ?? numberText(found.value);
  if (holds === true) return { ...common, found: said, passed: true, text: '' };
  if (holds !== false) return { ...common, found: said, passed: false, text: `${holds}.` };
  const last = walk.steps.at(-1);
  const by = last?.pa ? whoWrote(program, { memory: { space: 'pa', address: last.pa, bytes: 8 } }) : undefined;
  const { sentence, ...source } = by ?? { sentence: '' };
  const descriptor = last?.value
    ? ` The last descriptor, level ${last.level} of stage ${last.stage}, is ${last.value} at ${last.descriptorAddress}.`
    : '';
  return {
    ...common,
    ...source,
    found: said,
    passed: false,
    text: `At instant ${program.timeline.at}, ${what} of ${name} is ${said}; expected ${common.expected}: ${came.replace(/\.$/, '')}.${descriptor}${sentence && ` ${sentence}`}`,
  };
}

const yes = (is: boolean): FoundValue => ({ value: is ? 1n : 0n, words: is ? 'yes' : 'no' });

function partOf({ result, reads, el, access }: Walk, what: string): FoundValue | undefined {
  switch (what) {
    case 'ok':
    case 'r':
    case 'w':
    case 'x':
      return yes(what === 'ok' ? result.ok : result.ok && (result.permissions[what][el] ?? access === what));
    case 'reads':
      return { value: BigInt(reads) };
    case 'pa':
      return result.ok ? { value: BigInt(result.pa) } : undefined;
    case 'ipa':
      return result.ok && result.ipa !== null ? { value: BigInt(result.ipa) } : undefined;
    case 'type':
      return result.ok ? { value: 0n, words: result.attributes.type } : undefined;
    case 'memory':
      return result.ok ? { value: 0n, words: result.attributes.text } : undefined;
  }
  if (result.ok) return undefined;
  const { fault, esr, far, hpfar, takenTo } = result;
  switch (what) {
    case 'fault':
      return { value: BigInt(fault.fsc), words: fault.kind };
    case 'stage':
      return { value: BigInt(fault.stage) };
    case 'level':
      return { value: BigInt(fault.level) };
    case 'takenTo':
      return { value: BigInt(takenTo), words: `EL${takenTo}` };
    case 'esr':
      return { value: BigInt(esr) };
    case 'far':
      return { value: BigInt(far) };
    default:
      return hpfar === null ? undefined : { value: BigInt(hpfar) };
  }
}
