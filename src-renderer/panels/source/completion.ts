/** What can stand where the cursor is: mnemonics, directives, registers and operations of the session, labels and macros of the text. */
import { autocompletion, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import type { Extension } from '@codemirror/state';
import type { CommandResult } from '../../../emulator/session/contract.ts';

export type Vocabulary = CommandResult<'vocabulary'>;

const MOST_NAMES = 2000;

/** `vocabulary`: undefined until it has come. */
export const completion = (vocabulary: () => Vocabulary | undefined): Extension =>
  autocompletion({ override: [(context) => complete(context, vocabulary())], icons: false, maxRenderedOptions: 60 });

function complete(context: CompletionContext, words: Vocabulary | undefined): CompletionResult | null {
  const { text, from: start } = context.state.doc.lineAt(context.pos);
  const before = text.slice(0, context.pos - start);
  const typed = /[\w.$]*$/.exec(before)![0];
  if (!words || (typed === '' && !context.explicit) || /\/\/|"[^"]*$/.test(before)) return null;
  const options = optionsFor(context, words, before.slice(0, before.length - typed.length), typed);
  return { from: context.pos - typed.length, options, validFor: /^[\w.$]*$/ };
}

/** `left`: the line up to the word that is being typed. */
function optionsFor({ state }: CompletionContext, words: Vocabulary, left: string, typed: string): Completion[] {
  const statement = left.replace(/^.*;/, '').replace(/^\s*(?:[A-Za-z_.$][\w.$]*|\d+)\s*:/, '');
  const as = (name: string): string => (typed !== '' && typed === typed.toUpperCase() && /[A-Z]/.test(typed) ? name.toUpperCase() : name);
  const doc = state.doc.toString();
  if (statement.trim() === '') {
    if (typed.startsWith('.')) return words.directives.map((label) => ({ label, type: 'keyword' }));
    const macros = named(doc, /^\s*\.macro\s+([\w.$]+)/gim);
    return [...words.mnemonics.map((name) => ({ label: as(name) })), ...macros.map((label) => ({ label, detail: 'macro' }))];
  }
  if (/^\s*(mrs\s+\w+\s*,|msr)\s*$/i.test(statement))
    return words.registers.map(({ name, title }) => ({ label: as(name.toLowerCase()), detail: title }));
  const operation = /^\s*(tlbi|dc|ic|at)\s+$/i.exec(statement)?.[1].toUpperCase();
  if (operation !== undefined)
    return words.operations
      .filter((name) => name.startsWith(`${operation} `))
      .map((name) => ({ label: as(name.slice(operation.length + 1).toLowerCase()) }));
  const names = [
    ...named(doc, /^\s*([A-Za-z_.$][\w.$]*)\s*:/gm),
    ...named(doc, /^\s*\.(?:equ|set|equiv|comm|lcomm)\s+([\w.$]+)/gim),
    ...named(doc, /^\s*([A-Za-z_.$][\w.$]*)\s*=(?!=)/gm),
  ];
  return [...new Set(names)].map((label) => ({ label }));
}

function named(text: string, pattern: RegExp): string[] {
  const names: string[] = [];
  for (const [, name] of text.matchAll(pattern)) if (names.push(name) >= MOST_NAMES) break;
  return names;
}
