/** The fields of a register as a table: each with its meaning, and what each of its values means, equal neighbours in one line. */
import type { FieldValue } from '../../emulator/explain/views.ts';

/** `fieldsOf` decodes a value; the fields are those of `base`, below bit `below`. */
export function valueTable(fieldsOf: (value: bigint) => readonly FieldValue[], base: bigint, below = 64): string[] {
  let last = '';
  return fieldsOf(base)
    .filter(({ high, name }) => high < below && !name.startsWith('RES0'))
    .flatMap(({ name, high, low, meaning }) => {
      const field = `  ${name.padEnd(11)} ${(high === low ? `${high}` : `${high}:${low}`).padEnd(6)} ${meaning}`;
      const told = values(fieldsOf, base, name, high, low);
      const isLong = told.length > 200;
      const shown = isLong && told === last ? 'values as above' : told;
      last = told;
      return shown ? [field, `      ${shown}`] : [field];
    });
}

function values(fieldsOf: (value: bigint) => readonly FieldValue[], base: bigint, name: string, high: number, low: number): string {
  if (high - low > 7) return '';
  const mask = ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
  const words = Array.from(
    { length: 2 ** (high - low + 1) },
    (_, value) => fieldsOf((base & ~mask) | (BigInt(value) << BigInt(low))).find((field) => field.name === name)?.text ?? '',
  );
  const told: string[] = [];
  for (let from = 0; from < words.length;) {
    let to = from;
    while (words[to + 1] === words[from]) to++;
    if (words[from]) told.push(`${from === to ? from : `${from}..${to}`} = ${words[from]}`);
    from = to + 1;
  }
  return told.join(' | ');
}
