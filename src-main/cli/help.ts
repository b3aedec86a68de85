/** Help texts, made from the table of commands. */
import { machineUsage } from '../machine-options.ts';
import type { Command } from './commands.ts';

export function help(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary, load }) => `  ${name.padEnd(width)}  ${summary}${load ? '' : ' (not in this version yet)'}`);
  return [
    'ELscope shows Arm virtualization as it happens.',
    '',
    'Usage: elscope COMMAND ...',
    '',
    ...lines,
    '',
    'For details: elscope COMMAND --help. For the version: elscope --version.',
    'IMAGE is an AArch64 ELF or a Linux Image; RECORDING is a file written by elscope run --record.',
    'Exit codes: 0 success, 2 bad usage or bad file, 3 limit reached, 4 stuck, 5 verification failed or something differs.',
  ].join('\n');
}

export function commandHelp({ name, usage, summary, more, machine, load }: Command): string {
  const lines = [`elscope ${name} ${usage}`, '', `${summary[0].toUpperCase()}${summary.slice(1)}.`];
  if (more !== undefined) lines.push(more);
  if (!load) lines.push('', 'This command is not in this version of ELscope yet.');
  if (machine) lines.push('', machineUsage);
  return lines.join('\n');
}
