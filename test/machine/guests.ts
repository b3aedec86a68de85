/** Programs that are not ours, fetched by `npm run prove`, and how they are run on our board. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll } from 'vitest';
import type { CpuEvent } from '../../emulator/cpu/index.ts';
import { loadImage, type LoadedImage, type LoadOptions } from '../../emulator/machine/loader.ts';
import { forSteps, Machine } from '../../emulator/machine/machine.ts';
import type { InputStep } from '../firmware/qemu.ts';
import { character, directory, executable, initramfs, type RamDiskFile } from './initramfs.ts';

const guests = process.env['PROVE_GUESTS'] ?? '';
const find = (folder: string, pattern: RegExp): string | undefined => {
  const inside = join(guests, folder);
  const name = existsSync(inside) ? readdirSync(inside).find((file) => pattern.test(file)) : undefined;
  return name && join(inside, name);
};
export const xen = find('boot', /^xen-4\.17-arm64$/);
export const linux = find('boot', /^vmlinuz-/);
export const busybox = find('bin', /^busybox$/);

const folder = mkdtempSync(join(tmpdir(), 'elscope-guests-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The path of an initial RAM disk with Busybox and the modules; `init` is what Linux starts. */
export function ramDisk(init: string, modules: readonly string[]): string {
  const folderOfModules = join(guests, 'lib/modules', basename(linux!).replace('vmlinuz-', ''));
  const moduleFiles = readdirSync(folderOfModules, { recursive: true, encoding: 'utf8' });
  const moduleFile = (name: string): RamDiskFile => {
    const file = moduleFiles.find((path) => basename(path) === `${name}.ko`);
    if (!file) throw new Error(`${folderOfModules} has no ${name}.ko`);
    return executable(`${name}.ko`, readFileSync(join(folderOfModules, file)));
  };
  const disk = join(folder, 'initrd');
  const files = [
    ...['bin', 'dev', 'mnt', 'proc', 'sys'].map(directory),
    character('dev/console', 5, 1),
    executable('bin/busybox', readFileSync(busybox!)),
    ...modules.map(moduleFile),
    executable('init', Buffer.from(init)),
  ];
  writeFileSync(disk, initramfs([...files, ...kvmUser()]));
  return disk;
}
/** A program that has KVM run a guest, where its sources are beside the checkout and the compiler has a C library. */
function kvmUser(): RamDiskFile[] {
  const sources = join(import.meta.dirname, '../../../shared/guests/kvmmini');
  if (!existsSync(sources) || !existsSync('/usr/aarch64-linux-gnu/lib/libc.a')) return [];
  const program = join(folder, 'kvmmini');
  execFileSync('aarch64-linux-gnu-gcc', ['-O2', '-static', '-o', program, join(sources, 'k.c'), join(sources, 'g.S')]);
  return [executable('kvmmini', readFileSync(program))];
}

interface OurRun {
  /** Ends the run once the UART has sent this. */
  readonly until?: string;
  /** Ends the run in any case. Steps. */
  readonly limit: number;
  readonly typed?: readonly InputStep[];
  readonly onEvent?: (event: CpuEvent) => void;
}
/** Runs a kernel and returns what the UART has sent. */
export function runOurs(file: string, loaded: Partial<LoadOptions> & Pick<LoadedImage, 'drives'>, run: OurRun): string {
  const options = { memoryBytes: 512 << 20, gic: 2, el2: true, ...loaded } as const;
  const machine = new Machine(options);
  machine.load({ ...loadImage(readFileSync(file), file, options), ...(loaded.drives && { drives: loaded.drives }) });
  let text = '';
  machine.onOutput.on(({ byte }) => (text += String.fromCharCode(byte)));
  if (run.onEvent) machine.onEvent.on(run.onEvent);
  const typed = [...(run.typed ?? [])];
  let searchFrom = 0;
  while (machine.steps < run.limit && !machine.stop) {
    if (run.until !== undefined && text.includes(run.until)) return upTo(run.until, text);
    const at = typed.length > 0 ? text.indexOf(typed[0].after, searchFrom) : -1;
    if (at >= 0) {
      searchFrom = at + typed[0].after.length;
      machine.input(Buffer.from(typed.shift()!.send));
    }
    machine.run(forSteps(100_000));
  }
  return text;
}
export const upTo = (end: string, text: string): string => (text.includes(end) ? text.slice(0, text.indexOf(end) + end.length) : text);

/** What keeps a boot of Linux short, and its console on the UART. */
export const quickBoot =
  'console=ttyAMA0 earlycon=pl011,0x9000000 nokaslr cryptomgr.notests=1 initcall_blacklist=load_system_certificate_list,init_blk_tracer,cubictcp_register';
