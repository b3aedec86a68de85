/** Programs that never end and give the recording ever more to keep. */
import { assemble } from '../../emulator/isa/index.ts';
import { program } from './programs.ts';

const START = 0x4008_0000;
/** Lines of assembly at the start of the program; `@N` is the address of line N. */
function assembled(lines: readonly string[]): Uint8Array {
  const at = (line: number): number => START + 4 * line;
  return program(
    lines.map((line, i) =>
      assemble(
        line.replace(/@(\d+)/g, (_all, to: string) => `0x${at(Number(to)).toString(16)}`),
        BigInt(at(i)),
      ),
    ),
  );
}

/** Lines, and vectors 2 KiB from the start that all do the same. */
function withVectors(lines: readonly string[], handler: readonly string[]): Uint8Array {
  const padded = (given: readonly string[], length: number): string[] => [
    ...given,
    ...new Array<string>(length - given.length).fill('nop'),
  ];
  return assembled([...padded(lines, 512), ...Array.from({ length: 16 }, () => padded(handler, 32)).flat()]);
}
const VBAR_EL2 = ['movz x0, #0x4008, lsl #16', 'add x0, x0, #0x800', 'msr vbar_el2, x0'];
/** At EL1 under a handler that returns at once: these lines, again and again. */
const guest = (lines: readonly string[]): Uint8Array =>
  withVectors(
    [
      ...VBAR_EL2,
      'movz x0, #0x8000, lsl #16',
      'msr hcr_el2, x0',
      'adr x0, @10',
      'msr elr_el2, x0',
      'mov x0, #0x3c5',
      'msr spsr_el2, x0',
      'eret',
      ...lines,
      'b @10',
    ],
    ['eret'],
  );
/** Each handler takes an exception at its end. */
const nested = withVectors([...VBAR_EL2, 'movz x8, #0x9000, lsl #16', 'ldr x0, [x8]'], ['add x1, x1, #1', 'ldr x0, [x8]']);

/** By what they do without end. */
export const endless = {
  hypercalls: guest(['add x1, x1, #1', 'hvc #3']),
  'another table at each exit': guest(['add x1, x1, #1', 'msr ttbr0_el1, x1', 'hvc #3']),
  output: assembled(['movz x2, #0x900, lsl #16', 'strb w1, [x2]', 'add x1, x1, #1', 'b @1']),
  'pages written': assembled(['movz x2, #0x4100, lsl #16', 'str x2, [x2]', 'add x2, x2, #0x1, lsl #12', 'tbz x2, #25, @1', 'b @0']),
  'exceptions within exceptions': nested,
} as const;
