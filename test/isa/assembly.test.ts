import { VA } from '../../emulator/base/addresses.ts';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble, decode, disassemble, disassemblyText } from '../../emulator/isa/index.ts';
import { objdump } from './objdump.ts';
import { randomNumbers, randomWords } from './random-words.ts';

const START = 0x400000n;
const textAt = (word: number, pc: bigint): string => disassemblyText(disassemble(word, VA(pc)));

/** Mnemonics of extensions after Armv8.0 with CRC32, which GNU objdump knows and Cortex-A53 does not. */
const laterInstructions =
  /^(cas|swp|stz?2?g|stzg|ld[gm]|ldg|ldraa|ldrab|(ld|st)(add|clr|eor|set|[su]max|[su]min)|ldapu?r|stlur|ldlar|stllr|ld64b|st64b|cpy|set[gpme]|pac|aut|xpac|blra|bra|reta|ereta|rmif|setf|cfinv|axflag|xaflag|bc\.|abs|cnt|ctz|[su]max|[su]min|irg|gmi|subps?|addg|subg|cmpp|wfet|wfit|sb|smstart|smstop|t(cancel|start|test|commit)|mrs|msr|udf)/;

/** Why our text may differ from GNU's, or undefined. */
function explanation(word: number, ours: string, gnu: string): string | undefined {
  const { definition } = decode(word) ?? {},
    major = (word >>> 25) & 15;
  if (!definition) {
    if (major === 0 || major === 2) return 'SME, SVE';
    if ((major & 7) === 7 || (major & 5) === 4)
      return laterInstructions.test(gnu) || (word & 0x04000000) !== 0 ? 'later SIMD, loads and stores' : undefined;
    return laterInstructions.test(gnu) ? 'later extension' : undefined;
  }
  // GNU names registers and operations that Cortex-A53 does not have, and does not know those that only it has.
  if (/^(mrs|msr|sys|sysl)$/.test(ours.split(' ')[0])) {
    const generic = /\bs[23]_\d_c\d+_c\d+_\d\b|^sysl? /;
    if (generic.test(ours) !== generic.test(gnu)) return 'system register of another processor';
    if (/dbgdtrtx_el0/.test(ours) && /dbgdtrrx_el0/.test(gnu)) return 'one encoding, two names';
    if (/^msr spsel/.test(ours) && /^msr s0_/.test(gnu)) return 'immediate above 1';
  }
  // GNU refuses CONSTRAINED UNPREDICTABLE encodings that Cortex-A53 executes.
  if (gnu.startsWith('.inst') && /^ldpsw|^(ld|st)[al]?[rx]/.test(ours)) return 'constrained unpredictable';
  return undefined;
}

function differences(words: readonly number[]): string[] {
  return objdump(new Uint32Array(words), START).flatMap((gnu, i) => {
    const word = words[i],
      ours = textAt(word, START + BigInt(i * 4));
    return ours === gnu || explanation(word, ours, gnu) ? [] : [`${word.toString(16).padStart(8, '0')}: '${ours}', GNU '${gnu}'`];
  });
}

/** Words of the executable segments of an ELF image. */
function code(path: string): number[] {
  const file = readFileSync(path),
    at = Number(file.readBigUInt64LE(32)),
    words: number[] = [];
  for (let p = at; p < at + file.readUInt16LE(56) * 56; p += 56) {
    if (file.readUInt32LE(p) !== 1 || !(file.readUInt32LE(p + 4) & 1)) continue;
    const offset = Number(file.readBigUInt64LE(p + 8)),
      bytes = Number(file.readBigUInt64LE(p + 32));
    for (let w = offset; w + 4 <= offset + bytes; w += 4) words.push(file.readUInt32LE(w));
  }
  return words;
}
const images = ['../../firmware/prebuilt', '../../../shared/bench']
  .map((folder) => join(import.meta.dirname, folder))
  .flatMap((folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []))
  .filter((path) => path.endsWith('.elf'));

/** How many words: with `npm run prove` more. */
const times = Number(process.env['PROVE'] ?? 1);

describe('text equals that of GNU objdump', () => {
  test.each(Array.from({ length: times }, (_, i) => i))(
    'for random words of every instruction, round %i',
    { timeout: 300_000 },
    (round) => {
      expect(differences(randomWords(300, 3 + round)).slice(0, 30)).toEqual([]);
    },
  );
  test.each(Array.from({ length: times * 2 - 1 }, (_, i) => i))('for random words, round %i', { timeout: 300_000 }, (round) => {
    const random = randomNumbers(4 + round);
    expect(differences(Array.from({ length: 100_000 }, random)).slice(0, 30)).toEqual([]);
  });
  test.skipIf(images.length === 0)('for the code of images', () => {
    for (const path of images) {
      // Data between functions is not told apart: words that are no instruction are read alike by both.
      const words = [...new Set(code(path))];
      expect(differences(words).slice(0, 10), path).toEqual([]);
    }
  });
});

describe('assembler', () => {
  test('text becomes the same word again', () => {
    const wrong: string[] = [];
    for (const [i, word] of randomWords(200, 5).entries()) {
      if (!decode(word)) continue;
      const pc = START + BigInt(i * 4),
        text = textAt(word, pc),
        back = assemble(text, pc);
      // A bitmask immediate or a should-be-one field can be encoded in several ways: the text must be the same then.
      if (back !== word && textAt(back, pc) !== text) wrong.push(`${word.toString(16)} ${text} ${back.toString(16)}`);
    }
    expect(wrong).toEqual([]);
  });

  test('says what is wrong', () => {
    expect(() => assemble('add x1, x2, #4096x', 0n)).toThrow(/cannot assemble 'add x1, x2, #4096x'/);
    expect(() => assemble('add x1, w2, w3', 0n)).toThrow(/mixed widths/);
    expect(() => assemble('and x0, x0, #5', 0n)).toThrow(/not a bitmask immediate/);
    expect(() => assemble('b 0x2', 0n)).toThrow(/not a multiple of 4/);
    expect(() => assemble('frobnicate x0', 0n)).toThrow(/no instruction is written like this/);
    expect(() => assemble('ldr x0, [x1, #32768]', 0n)).toThrow(/does not fit/);
  });
});

test('targets are named', () => {
  expect(disassemble(0x94000010, VA(0xffff_0000_0000_1000n))).toEqual({
    mnemonic: 'bl',
    operands: '0xffff000000001040',
    target: 0xffff_0000_0000_1040n,
    problem: undefined,
  });
  expect(disassemble(0xb0000000, VA(0x40001234n)).target).toBe(0x40002000n);
  expect(disassemble(0xd65f03c0, VA(0n))).toEqual({ mnemonic: 'ret', operands: '', target: undefined, problem: undefined });
  expect(disassemble(0x0000002a, VA(0n))).toMatchObject({ mnemonic: 'udf', operands: '#42', problem: 'undefined' });
});
