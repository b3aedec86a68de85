/** Registers as rows for a spreadsheet: one each, and one more for each field of those that have some. */
import { csvLines } from '../../emulator/session/csv.ts';
import { fieldText } from '../../emulator/session/field-text.ts';
import type { RegisterGroup } from '../../emulator/session/views.ts';
import { bitRange } from './numbers.ts';

export function registersCsv(groups: readonly RegisterGroup[]): string {
  const rows = groups.flatMap(({ title, registers }) =>
    registers.flatMap(({ name, value, text, changed, before, decoded }) => [
      [title, name, '', value, text, changed ? (before ?? '') : ''],
      ...(decoded?.fields ?? []).map((field) => [title, name, `${field.name} ${bitRange(field)}`, field.value, fieldText(field), '']),
    ]),
  );
  return csvLines([['group', 'register', 'field', 'value', 'meaning', 'value one step earlier'], ...rows]);
}
