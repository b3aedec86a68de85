import { describe, expect, test } from 'vitest';
import { bitStrip } from '../../src-renderer/geometry/bits.ts';
import { walkNodes } from '../../src-renderer/geometry/scene.ts';
import { grouped, shortHex, size } from '../../src-renderer/geometry/numbers.ts';
import { group, text } from '../../src-renderer/geometry/scene.ts';
import { fit, fitAddress, fitWords, textWidth, wrap } from '../../src-renderer/geometry/text.ts';
import { expectReadable, overlaps, textBoxes } from './scene-checks.ts';

describe('text is fitted', () => {
  test('with an ellipsis at its end', () => {
    expect(fit('Hypervisor', 200, '')).toBe('Hypervisor');
    const cut = fit('a_function_with_a_long_name+0x10', 100, 'mono');
    expect(cut.endsWith('…')).toBe(true);
    expect(textWidth(cut, 'mono')).toBeLessThanOrEqual(100);
  });
  test('and addresses keep their last digits', () => {
    expect(fitAddress('0xffffff8000000a38', 80, 'mono')).toMatch(/^…[0-9a-f]*0a38$/);
    expect(shortHex('0xffffff8000000a38')).toBe('…00000a38');
    expect(shortHex('EL2, SP_EL2')).toBe('EL2, SP_EL2');
  });
  test('and sentences are wrapped, the last line cut', () => {
    const lines = wrap('an undefined instruction at EL2 is taken to EL2 itself, since no level above it is there', 200, '', 2);
    expect(lines.length).toBe(2);
    for (const line of lines) expect(textWidth(line, '')).toBeLessThanOrEqual(200);
  });
});

test('long names are wrapped at their hyphens', () => {
  const lines = wrap('06-two-guests.elf', 70, 'small', 3);
  expect(lines.join('')).toBe('06-two-guests.elf');
  expect(lines.length).toBe(2);
  for (const line of lines) expect(textWidth(line, 'small')).toBeLessThanOrEqual(70);
});

test('a file has a line for its ending where it is too long', () => {
  expect(wrap('hypervisor.elf', 63, 'small', 2)).toEqual(['hypervisor', '.elf']);
  expect(wrap('05-interrupts.elf', 63, 'small', 3)).toEqual(['05-', 'interrupts', '.elf']);
});

test('words are cut between parts, then between words, then anywhere', () => {
  const cut = (content: string, width: number): string => fitWords(content, width, 'small');
  expect(cut('EC 0x18 system register, ISS 0x32f801', 180)).toBe('EC 0x18 system register…');
  expect(cut('GIC message-signalled interrupts', 150)).toBe('GIC message-signalled…');
  expect(cut('translationfault', 60)).toBe(fit('translationfault', 60, 'small'));
  expect(cut('short', 60)).toBe('short');
});

test('numbers read as people write them', () => {
  expect(grouped(1284117)).toBe('1\u2009284\u2009117');
  expect([1, 4096, 1536 * 1024, 2 ** 40].map(size)).toEqual(['1 byte', '4 KiB', '1.50 MiB', '1 TiB']);
});

describe('bits', () => {
  const fields = [
    { name: 'EC', high: 31, low: 26 },
    { name: 'IL', high: 25, low: 25 },
    { name: 'DFSC', high: 5, low: 0 },
  ];
  test('show the value, in as many rows as the width asks for', () => {
    const scene = bitStrip(0x9382_0046n, fields, { bits: 32, width: 720, el: 2, chosen: 'EC' });
    const digits = textBoxes(scene.nodes)
      .filter((box) => /^[01]$/.test(box.text) && box.top > 16 && box.bottom < 40)
      .sort((a, b) => a.left - b.left)
      .map((box) => box.text);
    expect(digits.join('')).toBe((0x9382_0046).toString(2));
    const flags = Array.from({ length: 40 }, (_, bit) => ({ name: `F${bit}`, high: bit, low: bit }));
    expect(bitStrip(0n, flags, { bits: 64, width: 330, el: 2, chosen: null }).height).toBeGreaterThan(scene.height);
  });
  test('are told field by field where bits have no room', () => {
    const scene = bitStrip(0x2_0000_0044n, [...fields, { name: 'Output', high: 47, low: 32, value: '0x2' }], {
      bits: 64,
      width: 330,
      el: 2,
      chosen: null,
    });
    expect(scene.height).toBe(bitStrip(0n, fields, { bits: 32, width: 720, el: 2, chosen: null }).height);
    const texts = textBoxes(scene.nodes).map((box) => box.text);
    expect(texts).toEqual(expect.arrayContaining(['0x2', '000000', '0', '000100', 'Output', 'EC', 'IL', 'DFSC']));
  });
  test('have a look of their own where they are ignored, or likely to be a mistake', () => {
    const look = (note?: 'ignored' | 'warning'): string => {
      const scene = bitStrip(0n, [{ name: 'EC', high: 31, low: 26, note }], { bits: 32, width: 720, el: 2, chosen: null });
      const field = [...walkNodes(scene.nodes)].find((node) => node.kind === 'group' && node.id === 'field:EC');
      return field?.kind === 'group' ? field.nodes.map((node) => node.class).join(', ') : '';
    };
    expect(look('ignored')).toContain('f-ink3');
    expect(look('warning')).toContain('f-mark');
    expect(new Set([look(), look('ignored'), look('warning')]).size).toBe(3);
  });
  test.each([720, 330, 240])('are readable %i wide', (width) => {
    for (const chosen of [null, 'EC', 'IL', 'DFSC']) expectReadable(bitStrip(0x9382_0046n, fields, { bits: 64, width, el: 1, chosen }));
  });
});

test('the check for overlaps finds them', () => {
  const boxes = textBoxes([
    text(10, 20, 'one', ''),
    group([text(0, 20, 'two', '')], { dx: 20 }),
    text(10, 40, 'three', ''),
    text(38, 20, 'end', 'end'),
  ]);
  expect(overlaps(boxes)).toEqual(['"one" and "two"', '"one" and "end"', '"two" and "end"']);
});
