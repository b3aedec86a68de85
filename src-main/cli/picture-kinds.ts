/** Every picture by its name on the command line: what it is of, and how it is made of a program at an instant. */
import {
  encodingOf,
  lanesBetween,
  locate,
  tableRegisters,
  trapRow,
  VA,
  views,
  type Program,
  type TableRegister,
} from '../../emulator/index.ts';
import { interruptsPicture } from '../../src-renderer/geometry/interrupts/picture.ts';
import { lanesPicture } from '../../src-renderer/geometry/lanes-picture.ts';
import { mapsPicture } from '../../src-renderer/geometry/maps/picture.ts';
import type { Picture } from '../../src-renderer/geometry/picture.ts';
import { sequencePicture } from '../../src-renderer/geometry/sequence-picture.ts';
import { codePicture, type SourceText } from '../../src-renderer/geometry/sheets/code.ts';
import { encodingPicture } from '../../src-renderer/geometry/sheets/encoding.ts';
import { memoryPicture } from '../../src-renderer/geometry/sheets/memory.ts';
import { preflightPicture } from '../../src-renderer/geometry/sheets/preflight.ts';
import { registerPicture } from '../../src-renderer/geometry/sheets/registers.ts';
import { storyPicture } from '../../src-renderer/geometry/sheets/story.ts';
import { syndromePicture } from '../../src-renderer/geometry/sheets/syndrome.ts';
import { pageRows, tablesPicture } from '../../src-renderer/geometry/tables/picture.ts';
import { towerPicture } from '../../src-renderer/geometry/tower/picture.ts';
import { walkPicture } from '../../src-renderer/geometry/walk/picture.ts';
import { oneOf, UsageError, wholeNumber } from '../usage.ts';
import { interruptAsked } from './interrupts.ts';

/** What a picture may be asked for, as on the command line. */
export interface PictureAsked {
  /** An address or a symbol. */
  readonly address?: string | undefined;
  readonly register?: string | undefined;
  /** An INTID, or the bit of HCR_EL2 that makes a virtual interrupt pending. */
  readonly intid?: string | undefined;
  /** Number of the trap, from 1. */
  readonly trap?: string | undefined;
  /** The texts of the sources that `sourcesOf` names. */
  readonly textOf?: SourceText | undefined;
}

export interface PictureKind {
  /** What it shows. */
  readonly title: string;
  /** Throws UsageError where there is no such thing at the instant. */
  readonly make: (program: Program, asked: PictureAsked) => Picture;
}

/** Traps that may get their names in a picture of the whole run, and places in it for them. */
const MOST_NAMES = 2000;
const LANES_WIDTH = 2048;
/** Events of a sequence: the last ones before the instant. */
const MOST_EVENTS = 36;
const MEMORY = { before: 64, bytes: 320 };

export function runPicture({ timeline, name, ...program }: Program): Picture {
  const { traps, at, startLevel } = timeline;
  const rows = [];
  // Of many, the first in each stretch of the time: more could not be told apart.
  for (let i = traps.first, next = 0; i < traps.length; i++) {
    if (traps.length - traps.first > MOST_NAMES && traps.step(i) < next) continue;
    rows.push(trapRow({ timeline, ...program }, i));
    next = traps.step(i) + at / MOST_NAMES;
  }
  return lanesPicture(lanesBetween(traps, startLevel, 0, at, LANES_WIDTH), rows, name, at);
}

/** The index of the trap that is asked for by its number, else of the last event. */
function trapIndex(program: Program, asked: string | undefined): number {
  const { traps, at } = program.timeline;
  const past = traps.firstAt(at);
  if (past === traps.first) throw new UsageError('nothing has been taken, returned or called before this instant: choose a later --at');
  if (asked === undefined) return past - 1;
  const wanted = wholeNumber('--trap', asked, 1, Number.MAX_SAFE_INTEGER);
  for (let i = traps.first; i < past; i++) if (traps.kind(i) !== 'return' && trapRow(program, i).number === wanted) return i;
  throw new UsageError(`--trap ${asked}: there is no such trap before this instant`);
}

const codeOf = (program: Program) => views.code.of(program, { before: 4, after: 10 });
/** Numbers of the source files that the picture of the code shows lines of. */
export function sourcesOf(program: Program): number[] {
  const { lines, cameFrom } = codeOf(program);
  return [...new Set([...lines, ...(cameFrom?.lines ?? [])].flatMap(({ source }) => (source === undefined ? [] : [source])))];
}

const story = (program: Program, { trap }: PictureAsked) => views.trap.of(program, { index: trapIndex(program, trap) })!;

export const pictureKinds = {
  levels: { title: 'the exception levels', make: (program) => towerPicture(views.levels.of(program, {}), program.name) },
  walk: {
    title: 'the walk of --address, else of the PC',
    make: (program, { address }) => {
      const asked = address === undefined ? { follow: 'pc' as const } : { va: locate(program, { text: address, space: 'va' }) };
      return walkPicture(views.walk.of(program, asked).walk, program.name);
    },
  },
  tables: {
    title: 'the page tables of --register (TTBR0_EL1, VTTBR_EL2, ...)',
    make: (program, { register }) => {
      const asked =
        register === undefined ? {} : { register: oneOf('--register', register.toUpperCase(), tableRegisters) as TableRegister };
      return tablesPicture(views.tables.of(program, { ...asked, rows: pageRows }), program.name);
    },
  },
  map: { title: 'the address spaces side by side', make: (program) => mapsPicture(views.maps.of(program, {}), program.name) },
  run: { title: 'which level ran when', make: runPicture },
  sequence: {
    title: 'the last events in order',
    make: (program) => {
      const { traps, at, startLevel } = program.timeline;
      const past = trapIndex(program, undefined) + 1;
      const first = Math.max(traps.first, past - MOST_EVENTS);
      const rows = Array.from({ length: past - first }, (_, i) => trapRow(program, first + i));
      return sequencePicture(rows, lanesBetween(traps, startLevel, 0, at, 1).lanes, program.name, at, null)!;
    },
  },
  trap: {
    title: 'the story of trap number --trap, else of the last one',
    make: (program, asked) => storyPicture(story(program, asked), program.name),
  },
  syndrome: {
    title: 'its syndrome, field by field',
    make: (program, asked) => {
      const picture = syndromePicture(story(program, asked), program.name);
      if (!picture) throw new UsageError('this trap has no syndrome: a call to firmware is no exception');
      return picture;
    },
  },
  register: {
    title: 'the bits of --register, else of the one that tells most about the instant',
    make: (program, { register }) => {
      const view = views.registers.of(program, {});
      const picture = registerPicture(view, register ?? view.telling, program.name);
      if (!picture) throw new UsageError(`--register ${register}: the machine has no such register`);
      return picture;
    },
  },
  preflight: {
    title: 'what the ERET that is next will do',
    make: (program) => {
      const picture = preflightPicture(views.levels.of(program, {}), program.name);
      if (!picture) throw new UsageError(`the instruction at instant ${program.timeline.at} is no ERET: choose another --at`);
      return picture;
    },
  },
  code: {
    title: 'the code around the PC, with the next instruction in words',
    make: (program, { textOf = () => undefined }) => codePicture(codeOf(program), program.name, textOf),
  },
  encoding: {
    title: 'the bits of the instruction at --address, else of the next one',
    make: (program, { address }) => {
      const place = address === undefined ? {} : { address: locate(program, { text: address, space: 'va' }) };
      const { at, level, lines } = views.code.of(program, { before: 0, after: 0, ...place });
      const [{ address: where, word }] = lines;
      if (word === null) throw new UsageError('no level can fetch an instruction there: choose another --address');
      return encodingPicture(encodingOf(Number(word), VA(BigInt(where))), { where, at, level }, program.name);
    },
  },
  memory: {
    title: 'the bytes at --address, else around the stack pointer',
    make: (program, { address }) => {
      const place = address === undefined ? { follow: 'sp' } : { address: locate(program, { text: address, space: 'va' }) };
      return memoryPicture(views.memory.of(program, { space: 'va', ...MEMORY, ...place }), program.name);
    },
  },
  interrupts: {
    title: 'the way of an interrupt to the CPU or to the guest, and the timers',
    make: (program, { intid }) => interruptsPicture(views.interrupts.of(program, interruptAsked(intid, 1000)), program.name),
  },
} as const satisfies Readonly<Record<string, PictureKind>>;

export const pictureNames = Object.keys(pictureKinds) as (keyof typeof pictureKinds)[];
