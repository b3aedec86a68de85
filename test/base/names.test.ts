/** What a file calls things never acts: on a terminal, in a spreadsheet, on the direction of text. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvLine } from '../../emulator/base/csv.ts';
import { InputError } from '../../emulator/base/errors.ts';
import { longestName, nameAt, nameFrom, visible, visibleJson, visibleLines } from '../../emulator/base/names.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('what acts is spelled out, and all else stays', () => {
  expect(visible('\x1b]0;title\x07')).toBe('\\x1b]0;title\\x07');
  expect(visible('a\r\n\tb\x9b31m\x7f')).toBe('a\\x0d\\x0a\\x09b\\x9b31m\\x7f');
  expect(visible('\u202etxt.exe\u2066\u200b\u2028\ufeff\ud800')).toBe('\\u{202e}txt.exe\\u{2066}\\u{200b}\\u{2028}\\u{feff}\\u{d800}');
  expect(visible('naïve größe 名前 😀 \\x1b')).toBe('naïve größe 名前 😀 \\x1b');
  expect(visibleLines('a\n\tb\r\nc\rd\x1b')).toBe('a\n\tb\r\nc\\x0dd\\x1b');
});

test('JSON means the same and holds nothing that acts', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
      const json = visibleJson([value, { [text]: text }]);
      expect(JSON.parse(json)).toEqual([JSON.parse(JSON.stringify(value)), { [text]: text }]);
      expect(json).toBe(visible(json));
    }),
  );
});

test('names are cut where they are too long, without reading on', () => {
  const long = bytes('x'.repeat(longestName));
  expect(nameFrom(long)).toBe('x'.repeat(longestName));
  expect(nameFrom(bytes('x'.repeat(longestName + 1)))).toBe(`${'x'.repeat(longestName)}…`);
  const table = bytes(`one\0${'y'.repeat(3000)}\0last`);
  expect(nameAt(table, 0)).toBe('one');
  expect(nameAt(table, 1)).toBe('ne');
  expect(nameAt(table, 4)).toBe(`${'y'.repeat(longestName)}…`);
  expect(nameAt(table, 3005)).toBe('last');
  expect(nameAt(table, 1e9)).toBe('');
});

test('errors quote the input harmlessly', () => {
  expect(new InputError('section \x1b[2J is too long', { file: 'a\nb.elf' }).message).toBe('a\\x0ab.elf: section \\x1b[2J is too long');
});

test('cells are text to a spreadsheet, unless they are numbers', () => {
  expect(csvLine(['=1+1', '+cmd|x', '@SUM(A1)', '-2+3', '\tx', 'a "b"', 'c,d', 'plain'])).toBe(
    `"'=1+1","'+cmd|x","'@SUM(A1)","'-2+3","'\tx","a ""b""","c,d",plain\r\n`,
  );
  expect(csvLine(['-12', '+1.5', '-1.5e-3', '0x10'])).toBe('-12,+1.5,-1.5e-3,0x10\r\n');
});
