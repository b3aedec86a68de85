/**
 * What the host computes of floating point, in the loop, against the functions of isa/float, which QEMU's recordings prove: two engines do the
 * same random rounds, and one has the instructions in its loop.
 */
import { describe, expect, test } from 'vitest';
import { VA } from '../../emulator/base/addresses.ts';
import { decode, definitions, disassemble, disassemblyText, isFloatingPoint } from '../../emulator/isa/index.ts';
import { Choices } from '../isa/choices.ts';
import { Driver } from '../isa/driver.ts';
import { floatQuadword } from '../isa/random-floats.ts';
import { randomWordOf } from '../isa/random-words.ts';
import { eager, noLoop } from './tunings.ts';

const CODE = 0x10000;
/** Instructions of a round, before the branch back, and rounds with values of their own. */
const LENGTH = 24;
const ROUNDS = 150;
/** Those that the host may compute: of FPCR.FZ, RMode and FPSR.IXC only one value lets it. */
const computing = definitions.filter((definition) => isFloatingPoint(definition) && /^F|CVTF/.test(definition.name));

function program(choose: Choices): number[] {
  const words: number[] = [];
  while (words.length < LENGTH) {
    const definition = choose.of(computing);
    const word = randomWordOf(definition, () => Number(choose.bits(32)));
    if (decode(word)?.definition === definition) words.push(word);
  }
  return words;
}

describe('The host computes floating point as the architecture does', () => {
  test.each(Array.from({ length: 12 }, (_, n) => n + 1))('in random rounds, seed %i', (seed) => {
    const choose = new Choices(seed);
    const words = program(choose);
    const drivers = [eager, noLoop].map((tuning) => {
      const driver = new Driver([{ va: CODE, bytes: 0x1000, writable: true, executable: true }], tuning);
      driver.load(CODE, [...words, `b 0x${CODE.toString(16)}`]);
      for (let steps = 0; steps < 30_000;) steps += driver.run(30_000 - steps);
      return driver;
    });
    expect(drivers[0].engine.statistics.inLoop).toBeGreaterThan(LENGTH / 3);
    expect(drivers[1].engine.statistics.inLoop).toBe(0);
    for (let round = 0; round < ROUNDS; round++) {
      const [fpcr, fpsr] = [choose.once(4) ? choose.below(32) << 22 : choose.of([0, 1 << 25]), choose.once(4) ? 0 : 1 << 4];
      const v = Array.from({ length: 32 }, () => floatQuadword(choose));
      const x = Array.from({ length: 31 }, () => (choose.once(2) ? choose.bits(64) : floatQuadword(choose) & 0xffff_ffff_ffff_ffffn));
      const [ours, expected] = drivers.map((driver) => {
        const { cpu } = driver;
        v.forEach((value, n) => cpu.setV(n, value));
        x.forEach((value, n) => cpu.setX(n, value));
        [cpu.fpcr, cpu.fpsr, cpu.pc] = [fpcr, fpsr, BigInt(CODE)];
        driver.run(LENGTH);
        cpu.settle();
        const all = { fpsr: cpu.fpsr, nzcv: cpu.nzcv, v: v.map((_, n) => cpu.v(n)), x: x.map((_, n) => cpu.x(n)) };
        return JSON.stringify(all, (_, value: unknown) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value));
      });
      const told = (): string => words.map((word) => disassemblyText(disassemble(word, VA(0n)))).join('; ');
      expect(ours, ours === expected ? '' : `FPCR ${fpcr.toString(16)}: ${told()}`).toBe(expected);
    }
  });
});
