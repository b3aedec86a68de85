/** The options that describe the machine, alike for every command and for the app. */
import { elfPieces, mostCpus, PA, type BoardFile, type MachineOptions } from '../emulator/index.ts';
import { readProgramFile, type ProgramFile } from './program-file.ts';
import { symbolFlags } from './symbol-files.ts';
import { address, UsageError, wholeNumber } from './usage.ts';

/** For `parseWords`. */
export const machineFlags = {
  memory: { type: 'string' },
  gic: { type: 'string' },
  smp: { type: 'string' },
  initrd: { type: 'string' },
  append: { type: 'string' },
  dtb: { type: 'string' },
  bios: { type: 'string' },
  load: { type: 'string', multiple: true },
  'no-el2': { type: 'boolean' },
  drive: { type: 'string', multiple: true },
  device: { type: 'string', multiple: true },
  virtio: { type: 'string' },
  seed: { type: 'string' },
  semihosting: { type: 'boolean' },
  'semihosting-files': { type: 'string' },
  budget: { type: 'string' },
  ...symbolFlags,
} as const;

export const machineUsage = `Machine options:
  --memory SIZE      RAM, such as 512M or 2G (16M to 2G)
  --gic 2|3          version of the interrupt controller (default 2)
  --smp N            CPUs, 1 to 4 (default 1); the others start by PSCI CPU_ON
  --no-el2           start at EL1, without virtualization
  --append TEXT      Linux command line
  --initrd FILE      initial RAM disk for Linux
  --dtb FILE         device tree instead of the generated one
  --bios FILE        firmware in flash 0; an image is left to it to start, as with QEMU
  --load FILE@ADDR   FILE at physical address ADDR (may be repeated)
  --drive FILE[,readonly]
                     a raw disk image, on a virtio disk (may be repeated); FILE itself is never written
  --device NAME      virtio-rng-device, virtconsole or virtio-net-device (no network behind it); may be repeated
  --device loader,file=F[,addr=A][,cpu-num=N]
                     F in memory, raw at A or an ELF where it is linked; with cpu-num=0 the machine starts there
  --virtio VERSION   modern or legacy interface of virtio devices (default legacy, as QEMU's)
  --seed N           where virtio-rng-device begins (0)
  --semihosting      HLT #0xf000 calls the debugger: console, time and exit code
  --semihosting-files FOLDER
                     what such calls may read and write: files below FOLDER, and no others (not in the app)
  --budget SIZE      memory that the recording may take, such as 2G (an eighth of this computer's)
  --symbols FILE[@OFFSET][,el=1|2][,vmid=N]
                     names from vmlinux, xen-syms or System.map (may be repeated)`;

export interface MachineFlagValues {
  memory?: string;
  gic?: string;
  smp?: string;
  initrd?: string;
  append?: string;
  dtb?: string;
  bios?: string;
  load?: string[];
  'no-el2'?: boolean;
  drive?: string[];
  device?: string[];
  virtio?: string;
  seed?: string;
  semihosting?: boolean;
  'semihosting-files'?: string;
  budget?: string;
  symbols?: string[];
}

/** Plain values as a session takes them, and the files that were named, read. */
export interface MachineArguments {
  readonly options: MachineOptions;
  readonly initrd?: ProgramFile;
  readonly dtb?: ProgramFile;
  readonly bios?: ProgramFile;
  readonly loads: readonly {
    readonly file: Pick<ProgramFile, 'name' | 'bytes'>;
    /** PA */ readonly address: bigint;
    /** Nothing is loaded: the CPU begins there. */
    readonly isStart?: boolean;
  }[];
  readonly drives: readonly (ProgramFile & { readonly use: 'drive' | 'read-only drive' })[];
}

/** Throws UsageError or InputError. */
export async function machineArguments(values: MachineFlagValues): Promise<MachineArguments> {
  const { initrd, dtb, bios, load = [], drive = [], device = [] } = values;
  const options = machineOptions(values);
  return {
    options,
    ...(initrd !== undefined && { initrd: await readProgramFile(initrd, 'an initial RAM disk') }),
    ...(dtb !== undefined && { dtb: await readProgramFile(dtb, 'a device tree blob') }),
    ...(bios !== undefined && { bios: await readProgramFile(bios, 'firmware') }),
    loads: [
      ...(await Promise.all(load.map(loadedFile))),
      ...(await Promise.all(device.filter(isLoader).map((text) => loaderFiles(text, options.cpus ?? 1)))).flat(),
    ],
    drives: await Promise.all(drive.map(drivenFile)),
  };
}

/** The files as the machine takes them. With `bios` a kernel is one of them, for the firmware to start. */
export function boardFiles({ initrd, dtb, loads, drives }: MachineArguments, kernel?: ProgramFile): BoardFile[] {
  return [
    ...(kernel ? [{ use: 'kernel' as const, ...kernel }] : []),
    ...(initrd ? [{ use: 'initrd' as const, ...initrd }] : []),
    ...(dtb ? [{ use: 'dtb' as const, ...dtb }] : []),
    ...drives,
    ...loads.map(({ file, address: pa, isStart }) => ({
      use: isStart ? ('start' as const) : ('load' as const),
      ...file,
      pa: physicalAddress(file.name, pa),
    })),
  ];
}

function physicalAddress(name: string, pa: bigint): PA {
  if (pa >= 1n << 40n) throw new UsageError(`--load ${name}@0x${pa.toString(16)}: physical addresses have 40 bits`);
  return PA(Number(pa));
}

/** Throws UsageError. */
export function machineOptions({ memory, gic, smp, append, 'no-el2': noEl2, ...others }: MachineFlagValues): MachineOptions {
  if (others['semihosting-files'] !== undefined && !others.semihosting)
    throw new UsageError('--semihosting-files needs --semihosting: without it no program can use them');
  const devices = (others.device ?? []).filter((text) => !isLoader(text)).map(deviceNamed);
  return {
    ...(others.semihosting && { semihosting: true }),
    ...(memory !== undefined && { memoryBytes: memoryBytes(memory) }),
    ...(gic !== undefined && { gic: gicVersion(gic) }),
    ...(smp !== undefined && { cpus: wholeNumber('--smp', smp, 1, mostCpus) }),
    ...(append !== undefined && { append }),
    ...(noEl2 && { el2: false }),
    ...(devices.length > 0 && { devices }),
    ...(others.virtio !== undefined && { virtioVersion: virtioVersion(others.virtio) }),
    ...(others.seed !== undefined && { seed: wholeNumber('--seed', others.seed, 0, 0xffff_ffff) }),
  };
}

const units: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** A number with a unit; a bare one is mebibytes, as QEMU's -m has it. NaN for other text. */
export function byteCount(text: string): number {
  const [, number, unit] = /^(\d+)([KMG]?)$/i.exec(text) ?? [];
  return number === undefined ? NaN : Number(number) * units[(unit || 'M').toUpperCase()];
}

export function memoryBytes(text: string): number {
  const bytes = byteCount(text);
  if (!(bytes >= 16 * units.M && bytes <= 2 * units.G)) throw new UsageError(`--memory ${text}: expected 16M to 2G, such as 512M`);
  if (bytes % (4 * units.K) !== 0) throw new UsageError(`--memory ${text}: expected a multiple of 4K, the smallest page`);
  return bytes;
}

function gicVersion(text: string): 2 | 3 {
  if (text === '2') return 2;
  if (text === '3') return 3;
  throw new UsageError(`--gic ${text}: expected 2 or 3`);
}

async function loadedFile(text: string): Promise<{ file: ProgramFile; address: bigint }> {
  const at = text.lastIndexOf('@');
  if (at < 1) throw new UsageError(`--load ${text}: expected FILE@ADDR, such as guest.bin@0x48000000`);
  return { file: await readProgramFile(text.slice(0, at), 'a file to load'), address: address('--load FILE@', text.slice(at + 1)) };
}

/** `FILE` with options of QEMU's -drive: those that change nothing here are taken, too. */
async function drivenFile(text: string): Promise<MachineArguments['drives'][number]> {
  const [path, ...words] = text.replace(/^file=/, '').split(',');
  let use: 'drive' | 'read-only drive' = 'drive';
  for (const word of words) {
    if (/^readonly(=on)?$/.test(word)) use = 'read-only drive';
    else if (!/^(readonly=off|format=raw|if=(none|virtio)|id=.*)$/.test(word))
      throw new UsageError(`--drive ${text}: ${word} is not understood: expected FILE, FILE,readonly or FILE,format=raw`);
  }
  return { ...(await readProgramFile(path, 'a disk image')), use };
}

const isLoader = (text: string): boolean => text.startsWith('loader,');

/** What QEMU's generic loader does (its documentation, "Generic Loader"), for files and for where the CPU begins. */
async function loaderFiles(text: string, cpus: number): Promise<MachineArguments['loads'][number][]> {
  const given = new Map(
    text
      .split(',')
      .slice(1)
      .map((word) => [word.replace(/=.*/, ''), word.replace(/^[^=]*=?/, '')]),
  );
  for (const name of given.keys())
    if (!['file', 'addr', 'cpu-num', 'force-raw'].includes(name))
      throw new UsageError(`--device ${text}: ${name} is not understood: expected file, addr, cpu-num or force-raw`);
  const [path, at, cpu] = [given.get('file'), given.get('addr'), given.get('cpu-num')];
  if (cpu !== undefined && !(/^\d$/.test(cpu) && Number(cpu) < cpus))
    throw new UsageError(`--device ${text}: cpu-num=${cpu}: the machine has ${cpus === 1 ? 'CPU 0 alone' : `CPUs 0 to ${cpus - 1}`}`);
  // The other CPUs are off at first, and begin where CPU_ON says.
  const start = (pa: bigint): MachineArguments['loads'] =>
    cpu !== '0' ? [] : [{ file: { name: text, bytes: new Uint8Array() }, address: pa, isStart: true }];
  const pa = at === undefined ? undefined : address('--device loader,addr=', at);
  if (path === undefined) {
    if (pa === undefined || cpu === undefined) throw new UsageError(`--device ${text}: expected file=F, or addr=A,cpu-num=0`);
    return [...start(pa)];
  }
  const file = await readProgramFile(path, 'a file to load');
  const isRaw = /^(on|true|yes)$/.test(given.get('force-raw') ?? '');
  const elf = isRaw ? undefined : elfPieces(file.bytes, file.name);
  if (elf) return [...elf.pieces.map(({ pa: at, ...piece }) => ({ file: piece, address: BigInt(at) })), ...start(elf.start)];
  if (pa === undefined) throw new UsageError(`--device ${text}: ${file.name} is no ELF: say where it goes with addr=A`);
  return [{ file, address: pa }, ...start(pa)];
}

/** By QEMU's names. */
const deviceNames = { 'virtio-rng-device': 'entropy', virtconsole: 'console', 'virtio-net-device': 'network' } as const;
function deviceNamed(name: string): (typeof deviceNames)[keyof typeof deviceNames] {
  if (!Object.hasOwn(deviceNames, name))
    throw new UsageError(`--device ${name}: expected ${Object.keys(deviceNames).join(', ')}; for a disk use --drive, for a file --load`);
  return deviceNames[name as keyof typeof deviceNames];
}

function virtioVersion(text: string): 'legacy' | 'modern' {
  if (text === 'legacy' || text === 'modern') return text;
  throw new UsageError(`--virtio ${text}: expected legacy or modern`);
}
