/** `elscope traps`: the exceptions, returns and PSCI calls of a run, in several forms. */
import type { Program } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { exactlyOne, oneOf, parseWords } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { csvForm, jsonLinesForm, mermaidForm, perfettoForm, textForm, trapLines } from './trap-forms.ts';

const forms: Readonly<Record<string, (program: Program) => string>> = {
  text: textForm,
  jsonl: jsonLinesForm,
  json: (program) => `${JSON.stringify(trapLines(program))}\n`,
  csv: csvForm,
  mermaid: mermaidForm,
  perfetto: perfettoForm,
};

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, { ...machineFlags, ...instantFlags, format: { type: 'string' } });
  const form = forms[oneOf('--format', values.format ?? 'text', Object.keys(forms))];
  const program = await openRun(exactlyOne(positionals, 'image or recording'), values);
  process.stdout.write(form(program));
  return exitCode.done;
}
