/** `elscope explain`: a syndrome in words, a register or an instruction by field, or what happens at an instant of a run. */
import {
  assemble,
  boardWith,
  encodingOf,
  encodingText,
  explainInstant,
  explainSyndrome,
  InputError,
  instantText,
  mnemonics,
  namedRegister,
  registerText,
  syndromeText,
  VA,
  type DecodedRegister,
} from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { machineFlags, machineOptions, type MachineFlagValues } from '../machine-options.ts';
import { address, atMostOne, parseWords, UsageError } from '../usage.ts';
import { instantFlags, openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    ...machineFlags,
    ...instantFlags,
    instruction: { type: 'string' },
    json: { type: 'boolean' },
  });
  const tell = async <T>(told: T, text: (told: T) => string): Promise<number> => {
    await (values.json ? writeJson(told) : write(`${text(told)}\n`));
    return exitCode.done;
  };
  const [subject, ...rest] = positionals;
  if (values.instruction !== undefined) {
    if (subject !== undefined) throw new UsageError(`--instruction stands alone, but got ${subject}`);
    return tell(encodingOf(wordOf(values.instruction), VA(0n)), encodingText);
  }
  // A file may be called "96000045", "far_el1" or "nop"; it is meant where an instant of it is.
  const asked = subject !== undefined && values.at === undefined;
  if (asked && rest.length === 0 && /^(0x)?[0-9a-f]+$/i.test(subject)) return tell(explainSyndrome(address('ESR', subject)), syndromeText);
  if (asked && rest.length === 0 && isInstruction(subject)) return tell(encodingOf(assemble(subject, 0n), VA(0n)), encodingText);
  const register = await registerOf(subject, rest, values);
  if (register) return tell(register, registerText);
  return tell(explainInstant(await openRun(atMostOne(positionals, 'syndrome, image or recording'), values)), instantText);
}

/** As it is written in assembly, or its 32 bits. */
const wordOf = (text: string): number => {
  if (!/^(0x)?[0-9a-f]{1,8}$/i.test(text.trim())) return assemble(text, 0n);
  return Number(address('--instruction', text.trim()));
};
const isInstruction = (text: string): boolean => {
  const [mnemonic, ...operands] = text.trim().toLowerCase().split(/\s+/);
  return mnemonics().has(mnemonic) && (operands.length > 0 || !/[./]/.test(mnemonic));
};

/** `NAME=VALUE` and `NAME` after a reset, or `NAME` at an instant of a run; undefined where the first word is no register. */
async function registerOf(
  subject: string | undefined,
  rest: readonly string[],
  values: MachineFlagValues & { at?: string },
): Promise<DecodedRegister | undefined> {
  const [, name, text] = /^([a-z][a-z0-9_]*)(?:=(.*))?$/i.exec(subject ?? '') ?? [];
  if (name === undefined) return undefined;
  const value = text === undefined ? undefined : valueOf(name, text);
  const gic = values.gic === undefined ? undefined : machineOptions(values).gic;
  const board = boardWith(name, gic);
  const missing = (): InputError => {
    const version = (board ?? boardWith(name))?.options.gic;
    const hint = version === undefined ? 'HCR_EL2 or GICD_CTLR, for example' : `it is one of a GICv${version}: --gic ${version}`;
    return new InputError(`there is no register ${name}`, {}, hint);
  };
  const image = atMostOne(rest, 'image or recording');
  if (image !== undefined) {
    const register = namedRegister((await openRun(image, values)).machine, name, value);
    if (!register) throw missing();
    return register;
  }
  if (board && (value !== undefined || values.at === undefined)) return namedRegister(board, name, value);
  if (value !== undefined || (gic !== undefined && boardWith(name))) throw missing();
  return undefined;
}
function valueOf(name: string, text: string): bigint {
  if (!/^(0x[0-9a-f_]+|\d+)$/i.test(text)) throw new UsageError(`${name}=${text}: expected a number such as 0x80000000`);
  return BigInt(text.replaceAll('_', ''));
}
