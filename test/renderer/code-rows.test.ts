/** Rows of disassembly with source: what stands above which instruction, and which rows are on the screen. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CodeLine } from '../../emulator/session/views.ts';
import { codeRows, rowsToSkip, type CodeRow } from '../../src-renderer/geometry/code-rows.ts';
import { breakpointOf } from '../../src-renderer/state/breakpoint-form.ts';
import { nextPace, paces } from '../../src-renderer/state/paces.ts';

const instruction = (n: number, more: Partial<CodeLine> = {}): CodeLine => ({
  address: `0x${(0x40080000 + n * 4).toString(16)}`,
  word: '0xd503201f',
  mnemonic: 'nop',
  operands: '',
  current: false,
  breakpoint: null,
  ...more,
});
const at = (n: number, source: number, line: number, more: Partial<CodeLine> = {}): CodeLine =>
  instruction(n, { source, line, file: `file${source}.c`, ...more });
const text = Array.from({ length: 40 }, (_, i) => `line ${i + 1}`);
const shown = (rows: readonly CodeRow[]): string[] =>
  rows.map((row) => (row.kind === 'instruction' ? row.line.address.slice(-2) : row.kind === 'source' ? `${row.line}` : row.text));

describe('source above instructions', () => {
  const lines = [at(0, 0, 5, { label: 'main' }), at(1, 0, 5), at(2, 0, 7), at(3, 1, 20), at(4, 0, 6), at(5, 0, 30), instruction(6)];

  test('each line once, with the lines between, files where they change, inlined code in its own order', () => {
    expect(shown(codeRows(lines, () => text))).toEqual([
      'main',
      'file0.c',
      '5',
      '00',
      '04',
      '6',
      '7',
      '08',
      'file1.c',
      '20',
      '0c',
      'file0.c',
      '6',
      '10',
      '30',
      '14',
      '18',
    ]);
  });
  test('places where the text is not known; nothing where it is not wanted', () => {
    expect(shown(codeRows(lines.slice(0, 3), () => undefined))).toEqual(['main', 'file0.c:5', '00', '04', 'file0.c:7', '08']);
    expect(shown(codeRows(lines.slice(0, 3), () => text, false))).toEqual(['main', '00', '04', '08']);
  });

  const anyLine = fc.record({ source: fc.option(fc.nat(2)), line: fc.integer({ min: 1, max: 60 }), label: fc.boolean() });
  test('every instruction once and in order, every row with a key of its own, the current one on the screen', () => {
    fc.assert(
      fc.property(
        fc.array(anyLine, { minLength: 1, maxLength: 60 }),
        fc.nat(59),
        fc.integer({ min: 5, max: 40 }),
        (parts, current, visible) => {
          const all = parts.map(({ source, line, label }, n) => ({
            ...(source === null ? instruction(n) : at(n, source, line)),
            ...(label && { label: `f${n}` }),
            current: n === current % parts.length,
          }));
          const rows = codeRows(all, (source) => (source === 2 ? undefined : text));
          expect(rows.flatMap((row) => (row.kind === 'instruction' ? [row.line] : []))).toEqual(all);
          expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
          const window = rows.slice(rowsToSkip(rows, visible)).slice(0, visible);
          expect(window.some((row) => row.kind === 'instruction' && row.line.current)).toBe(true);
        },
      ),
    );
  });
});

test('speeds go up and down by one, from any speed, and end at the ends', () => {
  expect([nextPace(100, 1), nextPace(100, -1), nextPace(333, 1), nextPace(333, -1)]).toEqual([200, 50, 500, 200]);
  expect([nextPace(null, 1), nextPace(null, -1), nextPace(1, -1)]).toEqual([null, paces[1], 1]);
});

test('what is typed for a breakpoint', () => {
  const fields = {
    kind: 'code',
    text: '',
    level: null,
    type: null,
    space: 'va',
    bytes: 8,
    access: 'w',
    when: '',
    times: 'each',
    number: 1,
  } as const;
  expect(breakpointOf({ ...fields, text: ' 0x4008ABCD ' })).toEqual({ kind: 'address', va: '0x4008abcd' });
  expect(breakpointOf({ ...fields, text: 'guest_main' })).toEqual({ kind: 'symbol', name: 'guest_main' });
  expect(breakpointOf(fields)).toMatch(/name of a function/);
  expect(breakpointOf({ ...fields, kind: 'level-change', level: 2 })).toEqual({ kind: 'level-change', to: 2 });
  expect(breakpointOf({ ...fields, kind: 'exception' })).toEqual({ kind: 'exception' });
  expect(breakpointOf({ ...fields, kind: 'memory', text: 'main' })).toMatch(/Type an address/);
  expect(breakpointOf({ ...fields, kind: 'memory', text: '0x40', bytes: Number.NaN })).toMatch(/one byte/);
  expect(breakpointOf({ ...fields, kind: 'guest-access', text: '0x9000000' })).toEqual({
    kind: 'guest-access',
    ipa: '0x9000000',
    bytes: 8,
    access: 'w',
  });
  expect(breakpointOf({ ...fields, kind: 'intid', text: '27', when: ' x0 == 3 ', times: 'every', number: 4 })).toEqual({
    kind: 'intid',
    intid: 27,
    when: 'x0 == 3',
    every: 4,
  });
  expect(breakpointOf({ ...fields, kind: 'pended', text: '27' })).toEqual({ kind: 'pended', intid: 27 });
  expect(breakpointOf({ ...fields, kind: 'intid', text: '1020' })).toMatch(/from 0 to 1019/);
  expect(breakpointOf({ ...fields, kind: 'stage2-fault', times: 'nth', number: 0 })).toMatch(/counted from 1/);
});
