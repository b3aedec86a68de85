/** Registers and their fields by what a person types: "hcr", "TWI", "HCR_EL2.TWI", "stage 2". */
import { fieldText } from '../../emulator/session/field-text.ts';
import type { RegisterGroup } from '../../emulator/session/views.ts';

export interface RegisterFound {
  readonly register: string;
  /** "HCR_EL2" or "HCR_EL2.TWI". */
  readonly name: string;
  /** Its value, and what that means. */
  readonly note: string;
}

/** Names before meanings, registers before fields; at most `most`. */
export function registersFound(groups: readonly RegisterGroup[], typed: string, most: number): RegisterFound[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 || typed.trim().length < 2) return [];
  const ranked: { found: RegisterFound; rank: number }[] = [];
  const consider = (found: RegisterFound, name: string, meaning: string, base: number): void => {
    const lower = name.toLowerCase();
    const isNamed = words.every((word) => lower.includes(word));
    if (!isNamed && !words.every((word) => `${lower} ${meaning.toLowerCase()}`.includes(word))) return;
    const fits = lower === words[0] ? 0 : lower.startsWith(words[0]) ? 1 : isNamed ? 2 : 4;
    ranked.push({ found, rank: 2 * fits + base });
  };
  for (const { name, value, decoded } of groups.flatMap(({ registers }) => registers)) {
    consider({ register: name, name, note: decoded?.text ? `${value}, ${decoded.text}` : value }, name, '', 0);
    for (const field of decoded?.fields ?? []) {
      const whole = `${name}.${field.name}`;
      const note = fieldText({ meaning: field.meaning, text: field.text || field.value });
      consider({ register: name, name: whole, note }, typed.includes('.') ? whole : field.name, field.meaning, 1);
    }
  }
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ found }) => found);
}
