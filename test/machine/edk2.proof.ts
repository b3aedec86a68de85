/** EDK2, as firmware in flash, boots the kernel that it finds in fw_cfg. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadFirmware } from '../../emulator/machine/loader.ts';
import { forSteps, Machine } from '../../emulator/machine/machine.ts';
import { linux } from './guests.ts';

const edk2 = '/usr/share/qemu-efi-aarch64/QEMU_EFI.fd';

describe.skipIf(!existsSync(edk2) || !linux)('EDK2', () => {
  it('boots a kernel with its command line', { timeout: 1_800_000 }, () => {
    const kernel = { name: 'vmlinuz', bytes: readFileSync(linux!) };
    const append = 'console=ttyAMA0 earlycon=pl011,0x9000000 nokaslr cryptomgr.notests=1';
    const options = { memoryBytes: 512 << 20, gic: 2, el2: true, kernel, append } as const;
    const machine = new Machine(options);
    machine.load(loadFirmware(readFileSync(edk2), 'QEMU_EFI.fd', options));
    let text = '';
    machine.onOutput.on(({ byte }) => (text += String.fromCharCode(byte)));
    const last = 'Hyp mode initialized successfully';
    for (let slice = 0; slice < 8_000 && !text.includes(last); slice++) if (machine.run(forSteps(1_000_000)) === 'end') break;
    for (const said of ['EFI stub: ', 'efi: EFI v2.70 by EDK II', 'Kernel command line: ', append, last]) expect(text).toContain(said);
  });
});
