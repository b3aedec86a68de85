/** Lines of memory as they stand on the screen. */
import { describe, expect, test } from 'vitest';
import type { MemoryView } from '../../emulator/session/views.ts';
import { lineBytes, memoryCsv, memoryLines, readings } from '../../src-renderer/geometry/memory-rows.ts';

const span = { pa: '0x40000000', ipa: null, memory: 'Normal, Write-Back' } as const;
const view: MemoryView = {
  at: 5,
  space: 'va',
  el: 1,
  running: 1,
  guests: [],
  vmid: null,
  start: '0xffff00000000',
  address: '0xffff00000008',
  follows: null,
  bytes: Uint8Array.from({ length: 64 }, (_, i) => (i < 32 ? i + 0x40 : 0)),
  changed: [3, 17],
  spans: [
    { ...span, offset: 0, bytes: 32, kind: 'memory', permissions: { '0': 'r--', '1': 'rw-' }, name: 'RAM' },
    { ...span, offset: 32, bytes: 8, kind: 'device', permissions: { '1': 'rw-' }, name: 'UART' },
    { offset: 40, bytes: 24, kind: 'fault', pa: null, ipa: null, permissions: {}, memory: '', name: 'Stage 1 translation fault, level 3' },
  ],
  labels: [
    { kind: 'symbol', offset: 4, bytes: 8, name: 'counter', text: '' },
    { kind: 'value', offset: 8, bytes: 8, name: 'main+0x10', text: 'the address that the word holds' },
    { kind: 'register', offset: 16, bytes: 1, name: 'sp', text: '' },
    { kind: 'register', offset: 24, bytes: 1, name: 'x29', text: '' },
    { kind: 'device', offset: 32, bytes: 4, name: 'UARTDR', text: 'Data' },
  ],
};

describe('lines of memory', () => {
  test('are words with the lowest byte last, and characters', () => {
    const [first] = memoryLines(view, 4);
    expect(first.address).toBe('0xffff00000000');
    expect(first.cells.map(({ text }) => text)).toEqual(['43424140', '47464544', '4b4a4948', '4f4e4d4c']);
    expect(first.cells.map(({ changed }) => changed)).toEqual([true, false, false, false]);
    expect(first.text.map(({ char }) => char).join('')).toBe('@ABCDEFGHIJKLMNO');
    expect(
      memoryLines(view, 1)[1]
        .cells.map(({ changed }) => changed)
        .indexOf(true),
    ).toBe(1);
    expect(memoryLines(view, 8)[0].cells.map(({ text }) => text)).toEqual(['4746454443424140', '4f4e4d4c4b4a4948']);
  });

  test('say in the margin who may do what, and what lies there, where that begins', () => {
    const lines = memoryLines(view, 8);
    expect(lines.map(({ permissions, region }) => [permissions, region])).toEqual([
      ['EL1 rw- EL0 r--', 'RAM'],
      ['', ''],
      ['EL1 rw-', 'UART'],
      ['', 'Stage 1 translation fault, level 3'],
    ]);
    expect(lines.map(({ notes }) => notes.map(({ text }) => text))).toEqual([['counter', '→ main+0x10'], ['sp, x29'], ['UARTDR'], []]);
  });

  test('are longer where there is room for notes beside them', () => {
    const lines = memoryLines(view, 8, 32);
    expect(lines.map(({ address, cells, text }) => [address, cells.length, text.length])).toEqual([
      ['0xffff00000000', 4, 32],
      ['0xffff00000020', 4, 32],
    ]);
    expect(lines[0].notes.map(({ text }) => text)).toEqual(['sp, x29', 'counter', '→ main+0x10']);
    const room = { width: 1400, character: 8, rest: 300 };
    expect([1, 4, 8].map((word) => lineBytes(room, word as 1 | 4 | 8))).toEqual([16, 32, 32]);
    expect(lineBytes({ ...room, width: 1000 }, 8)).toBe(16);
  });

  test('show no value where nothing can be read', () => {
    const [, , partly, none] = memoryLines(view, 8);
    expect(partly.cells.map(({ text, faint }) => [text, faint])).toEqual([
      ['0000000000000000', true],
      ['················', true],
    ]);
    expect([partly.absent, none.absent]).toEqual([false, true]);
  });

  test('are a table of their own', () => {
    expect(memoryCsv(view, 8).split('\r\n').slice(0, 2)).toEqual([
      'address,+0,+8,text,notes',
      // A spreadsheet would take what begins with @ for a formula.
      `0xffff00000000,0x4746454443424140,0x4f4e4d4c4b4a4948,"'@ABCDEFGHIJKLMNO",counter → main+0x10`,
    ]);
    expect(memoryCsv({ ...view, bytes: Uint8Array.from({ length: 16 }, () => 0x22) }, 8)).toContain('"""""');
  });
});

test('bytes read as numbers of each width that fits', () => {
  expect(readings(Uint8Array.of(0xfe, 0xff, 0x41))).toEqual([
    { name: 'u8', value: '0xfe = 254, signed -2' },
    { name: 'u16', value: '0xfffe = 65534, signed -2' },
    { name: 'Text', value: '··A' },
  ]);
  expect(readings(new Uint8Array(8)).map(({ name }) => name)).toEqual(['u8', 'u16', 'u32', 'u64', 'Text']);
});
