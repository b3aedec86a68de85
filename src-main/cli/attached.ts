/** What `elscope attach` and `elscope qemu` have in common: a panel of a QEMU at its present stop, for scripts, or the app on it. */
import { basename } from 'node:path';
import {
  InputError,
  type AttachedQemu,
  type AttachPlace,
  levelsText,
  locate,
  mapsText,
  openProgram,
  snapshotBytes,
  tablesText,
  views,
  walkText,
  toldText,
  type Program,
  type ToldTrap,
} from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { attachToQemu } from '../qemu/attach.ts';
import { oneOf, UsageError } from '../usage.ts';
import { write, writeJson } from './output.ts';
import { run as runApp } from './app.ts';

export const attachFlags = {
  print: { type: 'string' },
  until: { type: 'string' },
  va: { type: 'string' },
  json: { type: 'boolean' },
  web: { type: 'boolean' },
  'no-open': { type: 'boolean' },
  port: { type: 'string' },
} as const;
interface AttachValues {
  print?: string;
  until?: string;
  va?: string;
  json?: boolean;
  web?: boolean;
  'no-open'?: boolean;
  port?: string;
}

/** Traps that are printed. */
const MOST_TRAPS = 1000;
const panels = ['levels', 'walk', 'tables', 'map', 'registers', 'traps', 'all'];
/** Milliseconds until the place of `--until` is reached. */
const UNTIL_MS = 60_000;

/** Prints a panel, or opens the app; in both cases QEMU goes on afterwards as it was before. */
export async function showAttached(place: AttachPlace, values: AttachValues): Promise<number> {
  const { print, until, va, json } = values;
  if (print !== undefined) return printPanel(place, oneOf('--print', print, panels), { until, va, json });
  if (until !== undefined || va !== undefined || json) throw new UsageError('--until, --va and --json go with --print');
  const words = [...(values.web ? ['--web'] : []), ...(values['no-open'] ? ['--no-open'] : [])];
  if (values.port !== undefined) words.push('--port', values.port);
  return runApp([...words, '--attach', JSON.stringify(place)]);
}

async function printPanel(
  place: AttachPlace,
  panel: string,
  { until, va, json }: Readonly<Record<'until' | 'va', string | undefined>> & { readonly json: boolean | undefined },
): Promise<number> {
  const target = await attachToQemu(place);
  const traps: ToldTrap[] = [];
  target.onTraps = (more) => traps.push(...more);
  try {
    const look = async (): Promise<Program> => ({
      ...openProgram(
        place.image === undefined ? target.name : basename(place.image),
        snapshotBytes(await target.snapshot(() => undefined)),
      ),
      elsewhere: { name: target.name, told: { traps, forgotten: () => 0 } },
    });
    let program = await look();
    if (until !== undefined) {
      await target.stopAt(new Set([BigInt(locate(program, { text: until, space: 'va' }))]));
      target.resume('continue');
      await stopped(target, until);
      program = await look();
    }
    await (json ? writeJson(dataOf(program, panel, va)) : write(`${textOf(program, panel, va)}\n`));
  } finally {
    await target.leave('asBefore');
  }
  return exitCode.done;
}

function stopped(target: AttachedQemu, place: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new InputError(`${place} was not reached in ${UNTIL_MS / 1000} seconds`)), UNTIL_MS);
    target.onChange = () => {
      if (target.state === 'running') return;
      clearTimeout(timer);
      if (target.state === 'stopped') resolve();
      else reject(new InputError(`${place} was not reached: ${target.reason ?? 'QEMU has gone'}`));
    };
    target.onChange();
  });
}

function walkOf(program: Program, va: string | undefined) {
  const asked = va === undefined ? { follow: 'pc' as const } : { va: locate(program, { text: va, space: 'va' }) };
  return views.walk.of(program, asked);
}
const tablesOf = (program: Program) =>
  views.tables
    .of(program, {})
    .registers.filter(({ on }) => on)
    .map(({ register }) => views.tables.of(program, { register, rows: 2 ** 20 }));

function dataOf(program: Program, panel: string, va: string | undefined): unknown {
  const all: Readonly<Record<string, () => unknown>> = {
    levels: () => views.levels.of(program, {}),
    walk: () => {
      const { walk, noTlb } = walkOf(program, va);
      return { ...walk, tlb: noTlb };
    },
    tables: () => tablesOf(program),
    map: () => views.maps.of(program, {}),
    registers: () => views.registers.of(program, {}),
    traps: () => views.told.of(program, { count: MOST_TRAPS }),
  };
  const data = all[panel];
  return data ? data() : Object.fromEntries(Object.entries(all).map(([name, of]) => [name, of()]));
}

function textOf(program: Program, panel: string, va: string | undefined): string {
  const all: Readonly<Record<string, () => string>> = {
    levels: () => levelsText(views.levels.of(program, {})),
    walk: () => {
      const { walk, noTlb } = walkOf(program, va);
      return walkText(walk, noTlb);
    },
    tables: () => tablesText(tablesOf(program)),
    map: () => mapsText(views.maps.of(program, {})),
    registers: () =>
      views.registers
        .of(program, {})
        .groups.flatMap(({ registers }) => registers.map(({ name, value }) => `${name.padEnd(18)}${value}`))
        .join('\n'),
    traps: () => toldText(views.told.of(program, { count: MOST_TRAPS })),
  };
  const text = all[panel];
  return text
    ? text()
    : Object.values(all)
        .map((of) => of())
        .join('\n\n');
}
