/** What lies at an address, as the program and the board call it. */
import type { PA, VA } from '../base/addresses.ts';
import type { BoardRegion } from '../machine/board-row.ts';
import type { PlacedSection, Program } from './program.ts';

/** Names of sections beyond this many are left out. */
const MOST_SECTIONS = 3;

/**
 * Sections of the program that were loaded there, else what the board has there, and that too where it has several things; empty where
 * nothing answers. `pa` below 2^40.
 */
export function nameOfPhysical(program: Program, pa: PA, bytes: number): string {
  return (boardRows(program, pa, bytes).length > 1 ? '' : joined(loadedAt(program, pa, bytes))) || boardNames(program, pa, bytes);
}

/** Names of what the board has beyond this many are counted. */
const MOST_ROWS = 4;

/** What the board has in a range of physical memory; RAM first. */
export function boardNames(program: Program, pa: PA, bytes: number): string {
  const rows = boardRows(program, pa, bytes);
  if (rows.length === 1) return rows[0].title;
  const names = [...new Set(rows.toSorted((a, b) => Number(b.kind === 'ram') - Number(a.kind === 'ram')).map(({ family }) => family))];
  const rest = names.length - MOST_ROWS;
  return rest > 1 ? `${names.slice(0, MOST_ROWS).join(', ')} and ${rest} more` : names.join(', ');
}

const boardRows = ({ machine }: Program, pa: PA, bytes: number): BoardRegion[] =>
  machine.board.regions.filter(({ base, bytes: size }) => base < pa + bytes && pa < base + size);

/**
 * The same for memory that is seen at a VA or IPA. A guest's sections may have been copied elsewhere: then they are known by the address
 * that they were linked for. Without a PA nothing is there, whatever was linked for it.
 */
export function nameOfVirtual(program: Program, address: VA, pa: PA | undefined, bytes: number): string {
  if (pa === undefined) return '';
  if (boardRows(program, pa, bytes).length > 1) return boardNames(program, pa, bytes);
  return joined(loadedAt(program, pa, bytes)) || joined(linkedFor(program, address, bytes)) || boardNames(program, pa, bytes);
}

const loadedAt = ({ sections }: Program, pa: PA, bytes: number): PlacedSection[] =>
  sections.filter((section) => section.pa !== undefined && section.pa < pa + bytes && pa < section.pa + section.bytes);

/** Only those that are meant to be elsewhere than where they were loaded. */
const linkedFor = ({ sections }: Program, address: VA, bytes: number): PlacedSection[] =>
  sections.filter(
    (section) =>
      (section.pa === undefined || BigInt(section.pa) !== section.address) &&
      section.address < address + BigInt(bytes) &&
      address < section.address + BigInt(section.bytes),
  );

export interface SectionPlace {
  readonly name: string;
  /** Of its first byte, from the address asked for: below 0 where it begins before. */
  readonly offset: number;
  /** It was loaded there; else it is known by the address that it was linked for. */
  readonly isLoaded: boolean;
}
/** The sections that `nameOfVirtual` names, each with its place. */
export function sectionsIn(program: Program, address: VA, pa: PA, bytes: number): SectionPlace[] {
  const loaded = loadedAt(program, pa, bytes);
  return loaded.length > 0
    ? loaded.map(({ name, pa: from }) => ({ name, offset: from! - pa, isLoaded: true }))
    : linkedFor(program, address, bytes).map(({ name, address: from }) => ({ name, offset: Number(from - address), isLoaded: false }));
}

function joined(sections: readonly PlacedSection[]): string {
  const names = sections.slice(0, MOST_SECTIONS).map(({ name }) => name);
  return sections.length > MOST_SECTIONS ? `${names.join(' ')} ...` : names.join(' ');
}
