/** Bytes of memory as a view: through VA, IPA and PA, devices among them, without a trace in the machine. */
import { VA } from '../../emulator/base/addresses.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { commandsOf } from '../../emulator/session/commands.ts';
import { Session } from '../../emulator/session/session.ts';
import { memory, type MemoryParams } from '../../emulator/session/views/memory.ts';
import type { MemoryView } from '../../emulator/session/views.ts';

const bytes = readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf'));
let session: Session;
const look = (params: Partial<MemoryParams>): MemoryView =>
  memory.of(session.needProgram(), { space: 'va', before: 0, bytes: 64, ...params }, session.live());

beforeAll(async () => {
  session = new Session(
    () => undefined,
    () => undefined,
  );
  await session.openFile('04-stage2.elf', bytes);
  session.movement.pause();
  session.needProgram().timeline.forward(1e9);
});

describe('memory', () => {
  test('is the same through each space that leads to it', () => {
    const va = look({ address: '0x80000000', el: 1, bytes: 4096 });
    expect(va.spans[0]).toMatchObject({ kind: 'memory', pa: '0x41000000', ipa: '0x80000000', name: 'RAM' });
    expect(va.spans[0].permissions['1']).toMatch(/^r-x$/);
    const ipa = look({ space: 'ipa', address: '0x80000000', bytes: 4096 });
    const pa = look({ space: 'pa', address: '0x41000000', bytes: 4096 });
    expect(ipa.spans[0]).toMatchObject({ pa: '0x41000000', ipa: '0x80000000' });
    expect([ipa.bytes, pa.bytes]).toEqual([va.bytes, va.bytes]);
    expect(pa.spans[0].permissions).toEqual({});
    expect(va.bytes.some((byte) => byte !== 0)).toBe(true);
  });

  test('begins at a whole line, as far before the address as asked, and stays inside the space', () => {
    expect(look({ address: '0x40080013', before: 32 })).toMatchObject({ start: '0x4007fff0', address: '0x40080013' });
    expect(look({ address: '0x40080013', before: 32, line: 32 }).start).toBe('0x4007ffe0');
    expect(look({ space: 'pa', address: '0x4', before: 32 }).start).toBe('0x0');
    expect(look({ address: '0xffffffffffffffff' }).start).toBe('0xffffffffffffffc0');
  });

  test('says why an address leads nowhere, and where nothing answers', () => {
    const fault = look({ address: '0x7f0000000000', el: 1 });
    expect(fault.spans).toMatchObject([{ kind: 'fault', name: expect.stringMatching(/^Stage 1 translation fault, level/) as string }]);
    expect(look({ space: 'pa', address: '0x30000000000' }).spans[0]).toMatchObject({
      kind: expect.stringMatching(/nothing|fault/) as string,
    });
    expect(look({ space: 'pa', address: '0x0b000000' }).spans).toMatchObject([{ kind: 'nothing' }]);
    const edge = look({ space: 'pa', address: '0x09020000' });
    expect(edge.spans.map(({ offset, bytes: length, kind }) => [offset, length, kind])).toEqual([
      [0, 24, 'device'],
      [24, 40, 'nothing'],
    ]);
  });

  test('names symbols and the registers of devices, which notice nothing', () => {
    const { machine, symbols } = session.needProgram();
    const main = symbols.find('main')!;
    expect(look({ space: 'pa', address: `0x${main.toString(16)}` }).labels.map(({ name }) => name)).toContain('main');
    const hash = machine.stateHash();
    const uart = look({ space: 'pa', address: '0x09000000', bytes: 4096 });
    expect(uart.labels[0]).toMatchObject({ offset: 0, bytes: expect.any(Number) as number, name: 'UARTDR' });
    look({ space: 'pa', address: '0x08000000', bytes: 65536 });
    look({ space: 'pa', address: '0x08010000', bytes: 8192 });
    expect(machine.stateHash()).toBe(hash);
    const enabled = look({ space: 'pa', address: '0x08000100' }).labels.map(({ name }) => name);
    expect(enabled.slice(0, 2)).toEqual(['GICD_ISENABLER0', 'GICD_ISENABLER1']);
  });

  test('says what is known of a place: sections, page tables, registers that point there, words that are addresses', () => {
    const { machine } = session.needProgram();
    const names = (params: Partial<MemoryParams>, kind: string): string[] =>
      look(params)
        .labels.filter((label) => label.kind === kind)
        .map(({ name }) => name);
    const stage2 = `0x${(machine.cpu.get('VTTBR_EL2') & 0xffff_ffff_f000n).toString(16)}`;
    expect(names({ space: 'pa', address: stage2, bytes: 64, line: 32 }, 'table')).toEqual([
      'VTTBR_EL2 level 1 [0..3]',
      'VTTBR_EL2 level 1 [4..7]',
    ]);
    expect(names({ space: 'pa', address: '0x40080000' }, 'section')).toEqual(['.text']);
    expect(names({ el: 1, address: '0x80000000' }, 'section')).toEqual(['.guest.text']);
    expect(names({ el: 1, address: '0x80000000' }, 'symbol').length).toBeGreaterThan(0);
    expect(names({ follow: 'sp' }, 'register')).toContain('sp');
    const words = look({ follow: 'sp', before: 512, bytes: 1024 });
    const view = new DataView(words.bytes.buffer, words.bytes.byteOffset);
    const found = words.labels.filter(({ kind }) => kind === 'value');
    expect(found.length).toBeGreaterThan(0);
    const { symbols } = session.needProgram();
    for (const { offset, name } of found) expect(symbols.describe(VA(view.getBigUint64(offset, true)))).toBe(name);
  });

  test('follows a register, and marks what the last movement changed', async () => {
    const { machine, timeline } = session.needProgram();
    await commandsOf(session).seek({ at: 40_000 }, () => undefined);
    expect(look({ follow: 'sp' })).toMatchObject({ address: `0x${machine.cpu.sp.toString(16)}`, follows: 'the stack pointer' });
    expect(look({ follow: 'x3' }).address).toBe(`0x${machine.cpu.x(3).toString(16)}`);
    // To just before a store to the stack, then over it.
    while (!/^ST[RP]/.test(machine.currentInstruction()?.definition.name ?? '')) timeline.forward(1);
    const around = { space: 'pa', address: `0x${(machine.cpu.sp - 256n).toString(16)}`, bytes: 1024 } as const;
    await commandsOf(session).seek({ at: timeline.at }, () => undefined);
    const before = look(around).bytes;
    await commandsOf(session).seek({ at: timeline.at + 2000 }, () => undefined);
    const after = look(around);
    const changed = [...before.keys()].filter((i) => before[i] !== after.bytes[i]);
    expect(after.changed).toEqual(changed);
    expect(changed.length).toBeGreaterThan(0);
  });
});
