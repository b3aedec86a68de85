/** The command line: finds the command and carries it out. */
import { version } from '../../package.json';
import { exitCode, exitCodeOf } from '../exit.ts';
import { UsageError } from '../usage.ts';
import { commands, type Command } from './commands.ts';
import { commandHelp, help } from './help.ts';

/** `words`: all after the program's name. */
export async function main([name, ...words]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const text = help(commands);
    if (name === undefined) {
      console.error(text);
      return exitCode.badInput;
    }
    console.log(text);
    return exitCode.done;
  }
  if (isForVersion(name)) {
    console.log(`elscope ${version}`);
    return exitCode.done;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) return exitCodeOf('elscope', () => Promise.reject(new UsageError(`unknown command ${name} (elscope --help lists them)`)));
  if (asksForHelp(words)) {
    console.log(commandHelp(command));
    return exitCode.done;
  }
  return exitCodeOf(`elscope ${name}`, () => execute(command, words));
}

async function execute({ load }: Command, words: readonly string[]): Promise<number> {
  if (!load) throw new UsageError('this command is not in this version of ELscope yet');
  return (await load()).run(words);
}

const isForVersion = (word: string | undefined): boolean => word === '--version' || word === '-V';

function asksForHelp(words: readonly string[]): boolean {
  const options = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  return options.includes('--help') || options.includes('-h');
}

/** For the packaged app, which is started with a program more often than with a command. */
export const isCommand = (word: string | undefined): boolean =>
  word === '--help' || word === '-h' || isForVersion(word) || commands.some(({ name }) => name === word && name !== 'app');
