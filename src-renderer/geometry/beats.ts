/** A trap or a return in a few beats: what led to it, why it went where it went, who handled it, where it goes on. */
import type { Level, Place, TrapRow, TrapStoryView } from '../../emulator/session/views.ts';
import { count, grouped } from './numbers.ts';
import { unnamedBits } from './tower/gate.ts';

export interface Beat {
  /** The level whose colour it has. */
  readonly el: Level;
  readonly when: string;
  readonly what: string;
  /** `what` is an instruction. */
  readonly isCode?: true;
  /** Index of the trap that `what` names. */
  readonly trap?: number;
  readonly words?: string;
  /** Control bits that the rule does not name itself. */
  readonly bits?: string;
  readonly place?: Place;
  /** The instant at which the handler returned. */
  readonly returnedAt?: number;
}

export function beatsOf(story: TrapStoryView): Beat[] {
  const { row, ends, handler, returned } = story;
  const cause: Beat = {
    el: row.from,
    when: `EL${row.from} ${row.kind === 'exception' && /IRQ|FIQ|SError/.test(row.type) ? 'was at' : 'executed'}`,
    what: story.cause.text,
    isCode: true,
    place: story.cause.place,
  };
  const rule = (when: string): Beat => ({ el: row.to, when, what: story.rule.text, bits: unnamedBits(story.rule) });
  if (row.kind === 'psci') return [cause, rule('Handled by the firmware because')];
  if (row.kind === 'exception')
    return [
      cause,
      rule(`Routed to EL${row.to} because`),
      { el: row.to, when: 'Handler', ...(handler ? handlerBeat(handler) : { what: '' }) },
      returned
        ? {
            el: returned.to,
            when: `Returned to EL${returned.to}: ${returned.text}`,
            what: returned.instruction,
            isCode: true,
            place: returned.place,
            ...(handler?.returnsAt ? { returnedAt: handler.returnsAt } : {}),
          }
        : { el: row.to, when: 'Return', what: 'not yet' },
    ];
  return [
    ends
      ? {
          el: ends.from,
          when: `Ends trap${ends.number === null ? '' : ` ${grouped(ends.number)}`}, from EL${ends.from}`,
          what: ends.name,
          trap: ends.index,
          words: `${ends.text}${handler?.steps ? `, handled in ${count(handler.steps, 'step')}` : ''}`,
        }
      : {
          el: row.from,
          when: 'Ends',
          what: 'no trap',
          words: `No exception led to EL${row.from}, so this does not return from one: it starts something new.`,
        },
    cause,
    rule(`Goes to EL${row.to} because`),
    ...(returned
      ? [
          {
            el: returned.to,
            when: `Goes on${returned.text ? `: ${returned.text}` : ''}`,
            what: returned.instruction,
            isCode: true as const,
            place: returned.place,
          },
        ]
      : []),
  ];
}

/** The function that handled, and how the vector came to it. */
function handlerBeat({
  place,
  calls,
  steps: number,
}: NonNullable<TrapStoryView['handler']>): Pick<Beat, 'what' | 'isCode' | 'words' | 'place'> {
  const steps = number === null ? 'has not returned yet' : count(number, 'step');
  const handled = calls.at(-1);
  if (!handled) return { what: steps, place };
  const path = [sourceName(place) || place.symbol || place.address, ...calls.map(functionName)].join(' → ');
  return { what: functionName(handled), isCode: true, words: `${path}, ${steps}`, place: handled };
}

const functionName = ({ symbol, address }: Place): string => (symbol === undefined ? address : `${symbol}()`);

/** "vectors.S:5" */
export const sourceName = ({ file, line }: Place): string => (file ? `${file.split('/').at(-1)}:${line ?? ''}` : '');

/** "HVC, trap 12", "Return of trap 12". */
export const trapTitle = ({ name, number, kind }: Pick<TrapRow, 'name' | 'number' | 'kind'>): string =>
  number === null ? name : kind === 'return' ? `${name} of trap ${grouped(number)}` : `${name}, trap ${grouped(number)}`;
