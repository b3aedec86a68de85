/**
 * The traps that a machine elsewhere tells of, as the latest rows of a list: what they are in words, and
 * where, but not why.
 */
import { VA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import { exceptionClassOf, type ExceptionLevel } from '../cpu/index.ts';
import { explainSyndrome } from '../explain/syndrome.ts';
import { placeOf, type Names } from '../explain/subject.ts';
import type { Place } from '../explain/views.ts';
import type { ToldTrap } from './target.ts';

export interface ToldTraps {
  readonly traps: readonly ToldTrap[];
  /** How many were before those. */
  forgotten(): number;
}

export interface ToldRow {
  /** From 1, in the order in which they happened. */
  readonly number: number;
  readonly kind: ToldTrap['kind'];
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** Where it was taken, or a return goes on. */
  readonly place: Place | null;
}
export interface ToldView {
  /** How many it told of. */
  readonly total: number;
  /** The latest, the last one first. */
  readonly rows: readonly ToldRow[];
}

interface Told {
  readonly names: { of(el: ExceptionLevel): Names };
  readonly elsewhere?: { readonly told: ToldTraps };
}
export function toldView({ elsewhere, names }: Told, count: number): ToldView {
  const told = elsewhere?.told;
  const traps = told?.traps ?? [];
  const total = (told?.forgotten() ?? 0) + traps.length;
  const latest = traps.slice(-count).reverse();
  return {
    total,
    rows: latest.map((trap, i) => {
      const [level, address] = trap.kind === 'exception' ? [trap.from, trap.elr] : [trap.to, trap.pc];
      return {
        number: total - i,
        kind: trap.kind,
        name: nameOf(trap),
        from: trap.from,
        to: trap.to,
        text: textOf(trap),
        place: address === null ? null : placeOf(names.of(level), VA(address)),
      };
    }),
  };
}

/** A line each, in the order in which they happened. */
export const toldText = ({ rows }: ToldView): string =>
  rows
    .toReversed()
    .map(({ number, name, from, to, text, place }) =>
      [
        String(number).padStart(6),
        from === to ? `EL${from}     ` : `EL${from}->EL${to}`,
        name,
        text,
        place ? (place.symbol ?? place.address) : '',
      ]
        .filter((part) => part !== '')
        .join('  '),
    )
    .join('\n');

function nameOf({ kind, name, esr }: ToldTrap): string {
  switch (kind) {
    case 'exception':
      return (esr === null ? undefined : exceptionClassOf(esr)?.brief) ?? name;
    case 'psci':
      return 'PSCI';
    default:
      return kind === 'return' ? 'Return' : 'Illegal return';
  }
}

function textOf({ kind, esr, far }: ToldTrap): string {
  if (kind === 'psci') return 'a call of the firmware';
  if (esr === null) return '';
  return `${explainSyndrome(BigInt(esr)).text}${far === null ? '' : `, FAR ${hex(far)}`}`;
}
