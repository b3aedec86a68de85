/** Assembly forms, parsed into literal text, operands and optional parts; see spelling.ts for the notation. */
import type { Spelling } from './operand.ts';
import { spellingOf } from './spelling.ts';

export type Part = string | Spelling | readonly Part[];

const forms = new Map<string, readonly Part[]>();

export function partsOf(text: string): readonly Part[] {
  let form = forms.get(text);
  if (!form) {
    const stack: Part[][] = [[]];
    for (const piece of text.match(/<[^>]+>|[{}]|[^<{}]+/g)!) {
      if (piece === '{') stack.push([]);
      else if (piece === '}') {
        const part = stack.pop()!;
        stack.at(-1)!.push(part);
      } else stack.at(-1)!.push(piece[0] === '<' ? spellingOf(piece.slice(1, -1)) : piece);
    }
    form = stack[0]!;
    forms.set(text, form);
  }
  return form;
}
