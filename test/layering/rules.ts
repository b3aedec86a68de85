/** Who may import what. The reason for each rule stands in design terms; the READMEs of the folders say the same in words. */
import type { Import } from './imports.ts';

/** Folders of emulator/ from the ground up. A folder imports itself and those below; folders of one floor do not know each other. */
const floors = [
  ['base'],
  ['isa'],
  ['assembler', 'cpu'],
  ['mmu'],
  ['engine'],
  ['devices'],
  ['machine'],
  ['time'],
  ['explain', 'debug'],
  ['lessons'],
  ['session'],
  ['grading', 'remote'],
];

/** Folders of src-renderer/ from the ground up; what stands beside them (App, main) lies above all. */
const rendererFloors = ['theme', 'geometry', 'connect', 'state', 'diagrams', 'widgets', 'panels', 'frame'];

/** What pure TypeScript may use from outside. */
const emulatorPackages = ['valibot', 'yaml', '@vscode/debugprotocol'];

/** Why this import may not be; undefined: it may. */
export function problem({ from, to }: Import): string | undefined {
  const isPackage = !/^(emulator|src-main|src-renderer|firmware|test|scripts|\.\.)(\/|$)/.test(to);
  if (from.startsWith('emulator/')) return isPackage ? emulatorPackage(to) : emulatorImport(from, to);
  if (from.startsWith('src-renderer/')) return isPackage ? rendererPackage(from, to) : rendererImport(from, to);
  if (from.startsWith('src-main/')) return isPackage ? mainPackage(from, to) : mainImport(to);
  return `${from} is in no folder that has rules`;
}

function emulatorPackage(to: string): string | undefined {
  return emulatorPackages.includes(to)
    ? undefined
    : `emulator/ runs everywhere: no Node, no Electron, no page; of packages only ${emulatorPackages.join(', ')}`;
}

function emulatorImport(from: string, to: string): string | undefined {
  if (!to.startsWith('emulator/')) return 'emulator/ knows nothing above it';
  if (from === 'emulator/index.ts') return undefined;
  const own = folderOf(from);
  const other = folderOf(to);
  if (own === other) return undefined;
  const [floor, below] = [own, other].map((folder) => floors.findIndex((names) => names.includes(folder)));
  if (floor === -1 || below === -1) return `${floor === -1 ? own : other} is not a known folder of emulator/`;
  return below < floor ? undefined : `emulator/${own} lies below emulator/${other}, or beside it`;
}

function rendererPackage(from: string, to: string): string | undefined {
  if (to.startsWith('node:') || to === 'electron') return 'the page runs in a browser';
  const isGeometry = from.startsWith('src-renderer/geometry/');
  return isGeometry && !to.startsWith('d3') ? 'geometry is pure: data to shapes, with nothing but d3 for maths' : undefined;
}

function rendererImport(from: string, to: string): string | undefined {
  if (to.startsWith('src-main/')) return 'nothing imports a shell';
  if (from.startsWith('src-renderer/worker/')) {
    const allowed = to.startsWith('src-renderer/worker/') || to === 'emulator/index.ts' || to.startsWith('firmware/');
    return allowed ? undefined : 'the worker is only a door to emulator/index.ts and the firmware';
  }
  if (to.startsWith('emulator/')) {
    return to.startsWith('emulator/session/') ? undefined : 'the page sees only emulator/session';
  }
  if (to.startsWith('src-renderer/worker/')) return 'the worker is started, never imported';
  if (from.startsWith('src-renderer/geometry/') && !/^src-renderer\/[^.]+\.ts$/.test(to))
    return 'geometry knows no component: only itself and the plain data of theme';
  if (to.startsWith('src-renderer/')) return rendererOrder(from, to);
  if (to.startsWith('firmware/')) return undefined;
  return 'the page is made of src-renderer and emulator/session';
}

function rendererOrder(from: string, to: string): string | undefined {
  const [own, other] = [from, to].map(folderOf);
  const isAbove = (file: string): boolean => file.split('/').length === 2;
  if (own === other || isAbove(from)) return undefined;
  if (isAbove(to)) return 'nothing imports the application as a whole';
  const [floor, below] = [own, other].map((folder) => rendererFloors.indexOf(folder));
  if (floor === -1 || below === -1) return `${floor === -1 ? own : other} is not a known folder of src-renderer/`;
  return below < floor ? undefined : `src-renderer/${own} lies below src-renderer/${other}`;
}

function mainPackage(from: string, to: string): string | undefined {
  if (to === 'electron') return from.startsWith('src-main/electron/') ? undefined : 'only src-main/electron knows Electron';
  if (to === 'vite') return from === 'src-main/web/dev.ts' ? undefined : 'only development uses vite';
  return undefined;
}

function mainImport(to: string): string | undefined {
  if (to.startsWith('src-main/') || to === 'emulator/index.ts') return undefined;
  if (to === 'src-renderer/connect/bridge.ts' || to.startsWith('src-renderer/geometry/')) return undefined;
  return 'shells see emulator/index.ts, the bridge and, for pictures without a window, geometry';
}

const folderOf = (file: string): string => file.split('/')[1];
