/** Every lab shows its symptom in our machine, its repaired twin works, and labs.json tells the truth about both. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VA } from '../../emulator/base/addresses.ts';
import { PA, openProgram, type Program } from '../../emulator/index.ts';
import { disassemble, disassemblyText } from '../../emulator/isa/index.ts';
import { printed, runToEnd } from '../cases/case.ts';
import { expectLabInQemu } from './labs-in-qemu.ts';
import { labs, labsThatRun, outcomes, type Lab } from './labs.ts';
import { prebuilt } from './tools.ts';

const open = (id: string): Program => openProgram(`${id}.elf`, readFileSync(prebuilt(`labs/${id}`)));

/** The places in memory that `where` means. */
function placesOf({ symbols, machine }: Program, { where }: Lab): bigint[] {
  const start = symbols.find(where.symbol);
  if (start === undefined) return [];
  if ('offset' in where) return [start + BigInt(where.offset)];
  const { bytes } = symbols.at(start)!.symbol;
  return Array.from({ length: Number(bytes) / 4 }, (_, i) => VA(start + 4n * BigInt(i))).filter(
    (va) => disassemblyText(disassemble(machine.peekWord(PA(Number(va)))!, va)) === where.instruction,
  );
}

test('each lab has an entry with its sentences, and each entry a symptom', () => {
  expect(labs.map(({ id }) => id)).toEqual(Object.keys(outcomes));
  for (const { title, sentence, wrong, fix, kind, concepts } of labs) {
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    for (const text of [sentence, wrong, fix]) expect(text).toMatch(/^[A-Z].{20,}\.$/);
    expect(['broken', 'suspicious', 'hardware']).toContain(kind);
    expect(concepts).toEqual([...new Set(concepts)].sort());
    for (const concept of concepts) expect(concept).toMatch(/^C([0-6]\d|7[0-2])$/);
  }
});

test.each(labsThatRun)('$id: $title', (lab) => {
  const { prints, ends, repaired } = outcomes[lab.id];
  const broken = open(lab.id);
  expect(placesOf(broken, lab), 'places that "where" means').toHaveLength(1);
  expect(runToEnd(broken)).toBe(ends);
  expect(printed(broken)).toBe(prints);
  const twin = open(`${lab.id}-repaired`);
  expect(runToEnd(twin)).toBe('off');
  expect(printed(twin)).toBe(repaired);
  // What fails on hardware only does no harm here.
  expect(repaired === prints).toBe(lab.kind === 'hardware');
});

// The others: labs.proof.ts.
test.each(['P08', 'P30'])('%s and its twin do the same in QEMU', { timeout: 60_000 }, async (id) => expectLabInQemu(id));
