/** What came out of the UART up to an instant. */
import type { Program } from '../session/program.ts';
import type { Outcome } from './feedback.ts';
import type { Check } from './task.ts';

/** Characters of the output that a report repeats. */
const MOST_SHOWN = 400;

export function outputOutcomes({ timeline }: Program, wanted: NonNullable<Check['uart']>): Outcome[] {
  const { output, at } = timeline;
  const text = new TextDecoder().decode(output.slice(output.first, output.lengthAt(at)));
  const found = JSON.stringify(text.length > MOST_SHOWN ? `...${text.slice(-MOST_SHOWN)}` : text);
  const whole = text === '' ? 'Nothing came out of the UART' : `The output is ${found}`;
  if (typeof wanted === 'object' && !Array.isArray(wanted)) {
    const passed = text === wanted.is;
    const expected = JSON.stringify(wanted.is);
    return [{ what: 'uart', at, expected, found, passed, text: passed ? '' : `${whole}; expected exactly ${expected}.` }];
  }
  let from = 0;
  return (Array.isArray(wanted) ? wanted : [wanted]).map((part, i): Outcome => {
    const place = text.indexOf(part, from);
    const expected = JSON.stringify(part);
    if (place >= 0) {
      from = place + part.length;
      return { what: 'uart', at, expected, passed: true, text: '' };
    }
    const where = i > 0 && text.includes(part) ? ' after what was expected before it' : '';
    return { what: 'uart', at, expected, found, passed: false, text: `${whole}; ${expected} does not appear in it${where}.` };
  });
}
