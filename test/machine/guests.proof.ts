/** Programs that are not ours say the same on our board as on QEMU's: Xen, down to its panic for lack of a domain 0, and Linux with a shell. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ourText, qemuText } from '../firmware/event-text.ts';
import { runQemu, traceQemu, type InputStep } from '../firmware/qemu.ts';
import { busybox, linux, quickBoot, ramDisk, runOurs, upTo, xen } from './guests.ts';

/** Linux's code for the cryptographic extension and for SIMD: in the order in which one needs another. */
const modules = ['crct10dif-ce', 'sha1-ce', 'sha256-arm64', 'sha2-ce', 'sha512-arm64', 'aes-ce-cipher', 'aes-ce-blk', 'aes-ce-ccm', 'aes-neon-blk', 'aes-neon-bs', 'gf128mul', 'ghash-ce', 'libchacha', 'chacha-neon', 'poly1305-neon']; // prettier-ignore

describe.skipIf(!xen)('Xen', () => {
  it('panics for lack of a domain 0, with the same exceptions', { timeout: 300_000 }, async () => {
    const append = 'console=dtuart dtuart=/pl011@9000000';
    // Then it waits for five seconds, and starts anew.
    const end = 'Reboot in five seconds...';
    const theirs = await traceQemu({ image: xen!, args: ['-m', '1024', '-append', append], until: end, lingers: 1_000, timeout: 120_000 });
    expect(theirs.ended).toBe('seen');
    const events: string[] = [];
    const text = runOurs(
      xen!,
      { memoryBytes: 1 << 30, append },
      { until: end, limit: 4e7, onEvent: (event) => events.push(ourText(event)) },
    );
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

  it.each([2, 3] as const)(
    'boots to its shell with a GICv%s, does what is typed there and powers off',
    { timeout: 1_800_000 },
    async (gic) => {
      const disk = ramDisk(init, modules);
      const theirs = await runQemu({
        image: linux!,
        machine: gic === 2 ? 'virtualization=on' : 'virtualization=on,gic-version=3,its=off',
        args: ['-nic', 'none', '-m', '512', '-initrd', disk, '-append', quickBoot],
        input: typed,
        timeout: 900_000,
      });
      expect(theirs.ended).toBe('exit');
      const ours = runOurs(
        linux!,
        { gic, append: quickBoot, initrd: { name: 'initrd', bytes: readFileSync(disk) } },
        { limit: 3e9, typed },
      );
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
    },
  );
});
