/** What is under the pointer: a system register with its fields, or the instruction of the line. */
import type { Extension } from '@codemirror/state';
import { hoverTooltip, type Tooltip } from '@codemirror/view';
import type { SourceWord } from '../../../emulator/session/contract.ts';
import { fieldText } from '../../../emulator/session/field-text.ts';
import type { DecodedRegister, RichText } from '../../../emulator/session/views.ts';
import { bitRange } from '../../geometry/numbers.ts';

export interface Asked {
  register(name: string): Promise<{ readonly register: DecodedRegister | null; readonly isValue: boolean } | undefined>;
  /** An instruction in words: with its values where it is the next one of the machine. */
  instruction(word: SourceWord): Promise<{ readonly text: string; readonly says: RichText } | undefined>;
  /** Instructions of a line. */
  words(line: number): readonly SourceWord[];
}

/** Fields that a card lists: those that are set first. */
const MOST_FIELDS = 14;

export const hover = (asked: Asked): Extension =>
  hoverTooltip(async (view, position): Promise<Tooltip | null> => {
    const { from, text, number } = view.state.doc.lineAt(position);
    const column = position - from;
    const comment = text.indexOf('//');
    if (comment >= 0 && column >= comment) return null;
    const begin = /[\w.$]*$/.exec(text.slice(0, column))![0].length;
    const word = text.slice(column - begin).match(/^[\w.$]+/)?.[0];
    if (word === undefined) return null;
    const range = { pos: from + column - begin, end: from + column - begin + word.length, above: false };
    const found = /^[A-Za-z]\w*$/.test(word) ? await asked.register(word) : undefined;
    if (found?.register) {
      const { register, isValue } = found;
      return { ...range, create: () => ({ dom: registerCard(register, isValue) }) };
    }
    const [first] = asked.words(number);
    const said = first && (await asked.instruction(first));
    return said ? { ...range, create: () => ({ dom: card(said.text, said.says) }) } : null;
  });

function card(title: string, says: RichText): HTMLElement {
  const dom = element('div', 'asm-card');
  dom.append(element('h3', 'mono', title), rich(says));
  return dom;
}

function registerCard({ name, value, text, fields }: DecodedRegister, isValue: boolean): HTMLElement {
  const dom = element('div', 'asm-card');
  dom.append(element('h3', 'mono', isValue ? `${name} = ${value}` : name), element('p', '', isValue ? `${text}, at this instant` : text));
  const shown = isValue ? [...fields].sort((a, b) => Number(/^0*$/.test(a.value)) - Number(/^0*$/.test(b.value))) : fields;
  const table = element('table', '');
  for (const field of shown.slice(0, MOST_FIELDS)) {
    const row = element('tr', '');
    row.append(element('td', 'mono ink3', bitRange(field)), element('td', 'asm-field', field.name));
    if (isValue) row.append(element('td', 'mono', field.value));
    row.append(element('td', '', isValue ? fieldText(field) : field.meaning));
    table.append(row);
  }
  if (fields.length > 0) dom.append(table);
  if (fields.length > MOST_FIELDS) dom.append(element('p', 'ink3', `and ${fields.length - MOST_FIELDS} more fields`));
  return dom;
}

function rich(text: RichText): HTMLElement {
  const p = element('p', '');
  for (const part of text) p.append(typeof part === 'string' ? part : element('code', '', part.code));
  return p;
}

function element(name: string, look: string, text = ''): HTMLElement {
  const dom = document.createElement(name);
  if (look) dom.className = look;
  dom.textContent = text;
  return dom;
}
