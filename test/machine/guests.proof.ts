/** Programs that are not ours say the same on our board as on QEMU's: Xen, down to its panic for lack of a domain 0, and Linux with a shell. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CpuEvent } from '../../emulator/cpu/index.ts';
import type { BoardOptions } from '../../emulator/machine/board-row.ts';
import { loadImage, type LoadOptions } from '../../emulator/machine/loader.ts';
import { forSteps, Machine } from '../../emulator/machine/machine.ts';
import { ourText, qemuText } from '../firmware/event-text.ts';
import { runQemu, traceQemu, type InputStep } from '../firmware/qemu.ts';
import { character, directory, executable, initramfs, type RamDiskFile } from './initramfs.ts';

const guests = process.env['PROVE_GUESTS'] ?? '';
const find = (folder: string, pattern: RegExp): string | undefined => {
  const inside = join(guests, folder);
  const name = existsSync(inside) ? readdirSync(inside).find((file) => pattern.test(file)) : undefined;
  return name && join(inside, name);
};
const xen = find('boot', /^xen-4\.17-arm64$/);
const linux = find('boot', /^vmlinuz-/);
const busybox = find('bin', /^busybox$/);

/** Linux's code for the cryptographic extension and for SIMD: in the order in which one needs another. */
const modules = ['crct10dif-ce', 'sha1-ce', 'sha256-arm64', 'sha2-ce', 'sha512-arm64', 'aes-ce-cipher', 'aes-ce-blk', 'aes-ce-ccm', 'aes-neon-blk', 'aes-neon-bs', 'gf128mul', 'ghash-ce', 'libchacha', 'chacha-neon', 'poly1305-neon']; // prettier-ignore

const folder = mkdtempSync(join(tmpdir(), 'elscope-guests-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An initial RAM disk with Busybox and the modules; `init` is what Linux starts. */
function ramDisk(init: string): string {
  const folderOfModules = join(guests, 'lib/modules', basename(linux!).replace('vmlinuz-', ''));
  const moduleFiles = readdirSync(folderOfModules, { recursive: true, encoding: 'utf8' });
  const moduleFile = (name: string): RamDiskFile => {
    const file = moduleFiles.find((path) => basename(path) === `${name}.ko`);
    if (!file) throw new Error(`${folderOfModules} has no ${name}.ko`);
    return executable(`${name}.ko`, readFileSync(join(folderOfModules, file)));
  };
  const disk = join(folder, 'initrd');
  const files = [
    ...['bin', 'dev', 'proc', 'sys'].map(directory),
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
function runOurs(file: string, megabytes: number, loaded: Omit<LoadOptions, keyof BoardOptions>, run: OurRun): string {
  const options = { memoryBytes: megabytes << 20, gic: 2, el2: true } as const;
  const machine = new Machine(options);
  machine.load(loadImage(readFileSync(file), file, { ...options, ...loaded }));
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
const upTo = (end: string, text: string): string => (text.includes(end) ? text.slice(0, text.indexOf(end) + end.length) : text);

describe.skipIf(!xen)('Xen', () => {
  it('panics for lack of a domain 0, with the same exceptions', { timeout: 300_000 }, async () => {
    const append = 'console=dtuart dtuart=/pl011@9000000';
    // Then it waits for five seconds, and starts anew.
    const end = 'Reboot in five seconds...';
    const theirs = await traceQemu({ image: xen!, args: ['-m', '1024', '-append', append], until: end, lingers: 1_000, timeout: 120_000 });
    expect(theirs.ended).toBe('seen');
    const events: string[] = [];
    const text = runOurs(xen!, 1024, { append }, { until: end, limit: 4e7, onEvent: (event) => events.push(ourText(event)) });
    expect(text).toBe(upTo(end, theirs.text));
    // QEMU goes on for a second after it has said so.
    expect(events.length).toBeGreaterThan(20);
    expect(theirs.events.slice(0, events.length).map(qemuText)).toEqual(events);
  });
});

describe.skipIf(!linux || !busybox)('Linux', () => {
  /** To the shell nothing comes from outside, so that QEMU's run is the same every time. */
  const init = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t devtmpfs none /dev
mount -t proc none /proc
mount -t sysfs none /sys
# The kernel's own tests of its code for V registers, AES, PMULL and SHA.
echo 0 >/sys/module/cryptomgr/parameters/notests
for module in ${modules.join(' ')}; do insmod /$module.ko; done
awk '/^driver/ { driver = $3 } /^selftest/ { print driver, $3 }' /proc/crypto | grep -E 'ce|neon|arm64'
awk 'BEGIN { for (i = x = 1; i < 9; i++) printf "%.17g %e %d\\n", x = (x + 2 / x) / 2, i / 7e300 / 1e20, i * 1e9 / 3 % 1e8 }'
seq 1 1000 | sha256sum
cat /proc/cpuinfo /proc/interrupts /proc/iomem /proc/uptime
[ -x /kvmmini ] && /kvmmini
exec setsid cttyhack sh
`;
  const prompt = '/ # ';
  const lines = ['uname -a', "awk 'BEGIN { print 355 / 113, 0.1 + 0.2 == 0.3 }'", 'ls -l /dev | wc', 'poweroff -f'];
  const typed = lines.map((line): InputStep => ({ after: prompt, send: `${line}\r` }));
  const append =
    'console=ttyAMA0 earlycon=pl011,0x9000000 nokaslr cryptomgr.notests=1 initcall_blacklist=load_system_certificate_list,init_blk_tracer,cubictcp_register';

  it('boots to its shell, does what is typed there and powers off', { timeout: 1_800_000 }, async () => {
    const disk = ramDisk(init);
    const theirs = await runQemu({
      image: linux!,
      args: ['-nic', 'none', '-m', '512', '-initrd', disk, '-append', append],
      input: typed,
      timeout: 900_000,
    });
    expect(theirs.ended).toBe('exit');
    const ours = runOurs(linux!, 512, { append, initrd: { name: 'initrd', bytes: readFileSync(disk) } }, { limit: 3e9, typed });
    // Whatever is typed into QEMU arrives at an instant that QEMU chooses: behind the first prompt, times do not count.
    const untyped = ours.indexOf(prompt);
    expect(ours.slice(0, untyped)).toBe(theirs.text.slice(0, theirs.text.indexOf(prompt)));
    const untimed = (text: string): string => text.replace(/^\[ *[\d.]+\] /gm, '');
    expect(untimed(ours.slice(untyped))).toBe(untimed(theirs.text.slice(theirs.text.indexOf(prompt))));
    const expected = ['Hyp mode initialized successfully', 'sha256-ce passed', '1.4142135623730949', '3.14159 0', 'reboot: Power down'];
    for (const said of expected) expect(ours).toContain(said);
    if (ours.includes('kvmmini')) expect(ours).toContain('after 126 exits - PASS');
    // What a module's own test and `insmod` say when something is wrong.
    expect(ours).not.toMatch(/alg: .* failed|insmod: /);
  });
});
