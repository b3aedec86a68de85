/** A disk that a guest writes belongs to the machine's state: going back undoes it, a recording repeats it, and the file stays as it was. */
import { expect, test } from 'vitest';
import { assembleProgram, elfOf, openProgram, replay, runStart, writeRecording, type Program } from '../../emulator/index.ts';
import { readRecording } from '../../emulator/time/recording-file.ts';

/** Writes its counter to the eight sectors in turn, for ever, by the legacy interface of the first virtio device. */
const writer = `
        .equ SLOT, 0x0a003e00
        .equ QUEUE, 0x40200000
        .global _start
_start: ldr x0, =SLOT
        ldr x2, =QUEUE
        mov w1, #3
        str w1, [x0, #0x70]
        str wzr, [x0, #0x20]
        mov w1, #4096
        str w1, [x0, #0x28]
        str w1, [x0, #0x3c]
        str wzr, [x0, #0x30]
        mov w1, #8
        str w1, [x0, #0x38]
        lsr x1, x2, #12
        str w1, [x0, #0x40]
        mov w1, #7
        str w1, [x0, #0x70]
        // Three descriptors: the header and the sector, to be read, and the status, to be written.
        add x3, x2, #0x2000
        mov x4, #16
        movk x4, #1, lsl #32
        movk x4, #1, lsl #48
        stp x3, x4, [x2]
        add x5, x3, #0x200
        mov x4, #512
        movk x4, #1, lsl #32
        movk x4, #2, lsl #48
        stp x5, x4, [x2, #16]
        add x6, x3, #0x100
        mov x4, #1
        movk x4, #2, lsl #32
        stp x6, x4, [x2, #32]
        mov w4, #1
        str w4, [x3]
        mov x9, #0
again:  and x7, x9, #7
        str x7, [x3, #8]
        add x9, x9, #1
        str x9, [x5]
        strh w9, [x2, #0x82]
        str wzr, [x0, #0x50]
        ldrb w8, [x6]
        cbnz w8, .
        b again
`;
const SECTOR = 512;
const contents = new Uint8Array(8 * SECTOR).fill(0xaa);

function start(): Program {
  const { program } = assembleProgram(writer);
  const drive = { use: 'drive', name: 'disk.img', bytes: contents } as const;
  return openProgram('writer.elf', new Uint8Array(elfOf(program!, 'writer.s')), {}, [drive]);
}
function goTo({ timeline }: Program, n: number): void {
  while (timeline.at < n) timeline.forward(n - timeline.at);
}
/** The counter in each sector; the pattern of the file where it was not written yet. */
function sectors({ machine }: Program): bigint[] {
  const { offset } = machine.memory.regions.get('drive0')!;
  const view = new DataView(machine.memory.buffer, offset);
  return Array.from({ length: 8 }, (_, i) => view.getBigUint64(i * SECTOR, true));
}

test('what was written is undone by going back, and repeated by a recording', async () => {
  const program = start();
  goTo(program, 70);
  const early = { sectors: sectors(program), hash: program.machine.stateHash() };
  expect(early.sectors).toContain(0xaaaa_aaaa_aaaa_aaaan);
  expect(early.sectors[0]).toBe(1n);
  goTo(program, 200_000);
  const late = { sectors: sectors(program), hash: program.machine.stateHash() };
  expect(late.sectors[0]).toBeGreaterThan(20_000n);

  program.timeline.seek(70);
  expect({ sectors: sectors(program), hash: program.machine.stateHash() }).toEqual(early);
  program.timeline.seek(200_000);
  expect({ sectors: sectors(program), hash: program.machine.stateHash() }).toEqual(late);

  const recording = await readRecording(await writeRecording(runStart(program), program.timeline), 'disk.elrec');
  const again = replay(recording);
  goTo(again, 200_000);
  expect(again.machine.stateHash()).toBe(late.hash);
  expect(contents.every((byte) => byte === 0xaa)).toBe(true);
});
