/** The table of emulator/isa/README.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Coverage {
  readonly name: string;
  readonly definitions: number;
  /** Recorded instructions that agree, and those that a listed exception explains. */
  readonly verified: number;
  readonly exceptions: number;
}

export function coverageTable(): Coverage[] {
  const text = readFileSync(join(import.meta.dirname, '../../emulator/isa/README.md'), 'utf8');
  const cells = text.split('\n').map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim())); // prettier-ignore
  return cells
    .filter((row) => row.length === 4 && /^[\d,]+$/.test(row[1]))
    .map(([name, ...counts]) => {
      const [definitions, verified, exceptions] = counts.map((count) => Number(count.replaceAll(',', '')));
      return { name, definitions, verified, exceptions };
    });
}
