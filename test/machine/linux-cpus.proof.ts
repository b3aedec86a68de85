/** Linux on four CPUs: it starts them, runs a program on each, and switches the machine off. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { busybox, linux, quickBoot, ramDisk, runOurs } from './guests.ts';

const init = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc none /proc
echo BEGIN
grep -c processor /proc/cpuinfo
for mask in 1 2 4 8; do taskset $mask sh -c 'cut -d" " -f39 /proc/self/stat'; done
echo END
poweroff -f
`;

describe.skipIf(!linux || !busybox)('Linux on four CPUs', () => {
  it.each([2, 3] as const)('runs a program on each, with a GICv%i', { timeout: 900_000 }, (gic) => {
    const initrd = { name: 'initrd', bytes: readFileSync(ramDisk(init, [])) };
    const text = runOurs(linux!, { gic, cpus: 4, append: quickBoot, initrd }, { limit: 3e9 });
    expect(/BEGIN\s+(.*?)\s+END/s.exec(text)?.[1].split(/\s+/), text.slice(-2000)).toEqual(['4', '0', '1', '2', '3']);
    expect(text).toContain('reboot: Power down');
  });
});
