/** What is said where our machine and QEMU differ: faults are planted in our machine, and the report has to name the instruction. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { definitions, type Definition } from '../../emulator/isa/index.ts';
import { CodeArea, DATA_BYTES, place, RECORD, word, type Case } from './cases.ts';
import { firstWrong } from './first-wrong.ts';
import type { CaseSet } from './kinds.ts';
import { buildRecorder, runOurs, type Recorder } from './run.ts';
import { baseline, flatMap, SCTLR_EL1_OFF, SCTLR_EL2_OFF } from './setting.ts';

let recorder: Recorder;
beforeAll(() => {
  recorder = buildRecorder();
});

/** At EL1: a loop that adds up, multiplies and stores, then an exception and a choice. */
const program = [
  ...['movz x0, #4', 'fadd d0, d0, d1', 'ldr d2, [x1], #8', 'fmul d3, d0, d2', 'str d3, [x2], #8', 'sub x0, x0, #1'],
  ...['cbnz x0, 0xffffffffffffffec', 'svc #2', 'fcmp d3, d0', 'fcsel d4, d3, d0, gt'],
];
const [one, two] = [0x3ff0_0000_0000_0000n, 0x4000_0000_0000_0000n];

/** The program as a case. V0 is 0 at the start, other registers 1 and memory 2. */
function programSet(): CaseSet {
  const area = new CodeArea();
  const entry = area.add([...program, 'svc #1', 'nop'].map(word));
  const ofProgram: Case = {
    system: Object.entries({ ...baseline(recorder), ...flatMap, SCTLR_EL1: SCTLR_EL1_OFF | 0x1005n }),
    sctlrEl2: SCTLR_EL2_OFF,
    entry,
    spsr: 0x3c5n,
    x: Array.from({ length: 31 }, (_, n) => BigInt(place.data + 0x1000 * (n % 4))),
    sp: [0n, 0n, 0n],
    float: { fpcr: 0n, fpsr: 0n, v: Array.from({ length: 32 }, (_, n) => (n === 0 ? 0n : one)) },
    memory: [],
    code: { pa: entry, length: program.length },
    text: program.join('; '),
  };
  const data = new Uint8Array(new BigUint64Array(DATA_BYTES / 8).fill(two).buffer);
  return { kind: 'floatCase', seed: 7, cases: [ofProgram], area, data };
}
const report = async (ours?: typeof runOurs): Promise<string[]> => (await firstWrong(recorder, programSet(), 0, ours)).split('\n  ');
const again = "again: CASE='floatCase 7 0' npx vitest run test/differential";

describe('A difference', { timeout: 60_000 }, () => {
  const restored: (() => void)[] = [];
  afterEach(() => {
    for (const restore of restored.splice(0)) restore();
  });
  /** Gives one instruction the meaning of another. */
  function confuse(name: string, other: string): void {
    const [definition, instead] = [name, other].map((wanted) => definitions.find((candidate) => candidate.name === wanted)!);
    const { emit } = definition;
    Object.assign(definition, { emit: instead.emit } satisfies Partial<Definition>);
    restored.push(() => Object.assign(definition, { emit }));
  }

  it('is told as its first wrong instruction, in the round of a loop where it first shows, with the values before and after.', async () => {
    // 0 + 1 is the greater of 0 and 1; 1 + 1 is not that of 1 and 1.
    confuse('FADD (scalar)', 'FMAX (scalar)');
    expect(await report()).toEqual([
      'floatCase, seed 7, case 0: 1e612800 fadd d0, d0, d1 at 0x58000004',
      `before it: V0 = ${hex(one)}, V1 = ${hex(one)}, FPCR = 0x0, FPSR = 0x0, flags 0x0`,
      `V0 is ${hex(one)}, in QEMU ${hex(two)}`,
      again,
    ]);
  });

  it('is found where only memory differs.', async () => {
    confuse('STR (D, post-index)', 'STR (D, pre-index)');
    // The first store is of what is there anyway.
    expect(await report()).toEqual([
      'floatCase, seed 7, case 0: fc008443 str d3, [x2], #8 at 0x58000010',
      'before it: V3 = 0x4010000000000000, X2 = 0x48002008, FPCR = 0x0, FPSR = 0x0, flags 0x0',
      expect.stringMatching(/^the checksum of memory is 0x[\da-f]+, in QEMU 0x[\da-f]+$/),
      again,
    ]);
  });

  it('that single steps do not show is found by the shortest beginning that shows it.', async () => {
    const at = program.indexOf('fmul d3, d0, d2');
    // As if FMUL were wrong where it runs together with what is before it.
    const ours: typeof runOurs = (image, load) => {
      const recorded = runOurs(image, load);
      const [count, limit] = new BigUint64Array(load.cases.buffer, 0, 2);
      for (let record = 0; record < recorded.log.length; record += RECORD / 8) {
        const ending = Number(count - 1n - recorded.log[record + 45]);
        if (limit < 100n && (count === 1n || ending > at)) recorded.log[record + 64 + 2 * 3] ^= 1n;
      }
      return recorded;
    };
    const [title, ...rest] = await report(ours);
    expect(title).toMatch(
      /agrees in single steps, and differs when its first 4 instructions run .*: 1e620803 fmul d3, d0, d2 at 0x5800000c$/,
    );
    expect(rest).toEqual([`V3 is ${hex(two | 1n)}, in QEMU ${hex(two)}`, again]);
  });

  it('that is none alone is told as what other cases decide.', async () => {
    expect(await report()).toEqual([
      'floatCase, seed 7, case 0: agrees when it runs alone, so what the cases before it left decides',
      again,
    ]);
  });
});

const hex = (value: bigint): string => `0x${value.toString(16)}`;
