/** Random sources of the supported language: every instruction, in the spellings that people use, between data, macros and conditions. */
import { VA } from '../../emulator/base/addresses.ts';
import { decode, definitions, disassemble, disassemblyText } from '../../emulator/isa/index.ts';
import { randomNumbers, randomWordOf } from '../isa/random-words.ts';

export function randomSource(seed: number, pieces: number): string {
  const random = randomNumbers(seed);
  const below = (n: number): number => random() % n;
  const pick = <T>(list: readonly T[]): T => list[below(list.length)];
  const labels = Array.from({ length: 4 }, (_, i) => `place_${i}`);
  const lines: string[] = [
    '.global _start',
    '_start:',
    '.macro pair a, b=1',
    '.quad \\a',
    '.word \\b',
    '.balign 4',
    '.endm',
    '.equ STEP, 24',
  ];

  /** A number in one of the ways to write it. */
  const number = (value: bigint): string => {
    const plain =
      value < 0n
        ? `-${-value}`
        : pick([`${value}`, `0x${value.toString(16)}`, `0X${value.toString(16).toUpperCase()}`, `0${value.toString(8)}`]);
    return pick([plain, plain, `(${plain})`, `(${value - 5n}+5)`, `(STEP+${value - 24n})`, `~${-value - 1n}`]);
  };
  const respelled = (text: string): string => {
    const changed = text.replace(/#(-?(?:0x)?[\da-f]+)(?![\d.a-z])/gi, (_, digits: string) => {
      const value = digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits);
      return pick(['#', '#', '']) + number(value);
    });
    const spaced = pick([changed, changed.replaceAll(', ', ','), changed.replaceAll(', ', ' ,\t')]);
    return pick([spaced, spaced, spaced.replace(/^[a-z]+/, (name) => name.toUpperCase())]);
  };
  const instruction = (): string => {
    for (;;) {
      const word = randomWordOf(pick(definitions), random);
      if (!decode(word)) continue;
      const shown = disassemble(word, VA(0n));
      if (shown.target === undefined) return respelled(disassemblyText(shown));
      // Distances in random words lead out of the program.
      const name = shown.mnemonic;
      const operands = shown.operands.replace(/0x[\da-f]+$/, name === 'tbz' || name === 'tbnz' ? '1b' : pick(labels));
      return `${name} ${operands}`;
    }
  };
  const data = [
    () => `.byte ${number(BigInt(below(256)))}, ${number(BigInt(-below(128)))}`,
    () => `.hword ${below(65536)}, 'a', '\\n'`,
    () => `.word ${number(BigInt(random()))}, ${pick(labels)} - .`,
    () => `.quad ${pick(labels)} + ${below(64)}, -1`,
    () => `.asciz "text ${below(1000)}\\n", "\\"quoted\\""`,
    () => `.fill ${below(5)}, ${1 + below(8)}, ${number(BigInt(below(1 << 20)))}`,
    () => `.skip ${below(20)}, ${below(256)}`,
  ];
  const others = [
    () => `ldr x${below(30)}, =${pick([number(BigInt(random()) << 8n), pick(labels), `${pick(labels)}+${8 * below(4)}`])}`,
    () => `ldr w${below(30)}, =${number(BigInt(random() >>> 4))}`,
    () => `adrp x1, ${pick(labels)}; add x1, x1, :lo12:${pick(labels)}`,
    () => `pair ${below(100)}${pick(['', ', 7', ' 9', ', b=5'])}`,
    () => `.if ${below(2)}\nnop\n.else\n.word 5 // not both\n.endif`,
    () => `.rept ${below(4)}\nnop\n.endr`,
    () => `.irp r, 1, 2, 3\nmov x\\r, #${below(99)}\n.endr`,
    () => `.ltorg`,
  ];
  for (let i = 0; i < pieces; i++) {
    if (i % Math.ceil(pieces / labels.length) === 0) lines.push(`${labels[Math.floor((i * labels.length) / pieces)]}: 1:`);
    const kind = below(10);
    if (kind < 7) lines.push(instruction());
    else if (kind < 9) lines.push(pick(others)());
    else lines.push(pick(data)(), `.balign ${pick([4, 8, 16])}`);
  }
  return [...lines, '1: b 1b', '.data', `.quad ${labels.join()}`, '.section .rodata', '.ascii "end"', ''].join('\n');
}
