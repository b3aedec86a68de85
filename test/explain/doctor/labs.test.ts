/** The labs of the firmware: each mistake is found, at its place, and nothing is found in the repaired twins. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { openProgram } from '../../../emulator/index.ts';
import { labsToDiagnose } from '../../firmware/labs.ts';
import { examine, first } from './programs.ts';

const firmware = resolve(import.meta.dirname, '../../../firmware');
const open = (name: string) => openProgram(`${name}.elf`, readFileSync(resolve(firmware, `prebuilt/labs/${name}.elf`)));

/** What decided long before: the finding names the access that came of it. */
const elsewhere: ReadonlySet<string> = new Set(['P15', 'P33']);

test.each(labsToDiagnose)('$id is found, and its twin is right', ({ id, kind, where }) => {
  const diagnosis = examine(open(id));
  expect(first(diagnosis)).toBe(`${kind} ${id}`);
  const [finding] = diagnosis.findings;
  const told = finding.evidence.map((one) => `${one.instruction ?? ''} ${one.source ?? ''}`);
  if ('instruction' in where && !elsewhere.has(id))
    expect(told.join('\n')).toMatch(new RegExp(`${where.symbol}|${where.instruction.split(' ')[0]}`));
  expect(examine(open(`${id}-repaired`)).findings).toEqual([]);
});
