/** What a teacher gets wrong, and what is said about it: file, line, what was expected. */
import { expect, test } from 'vitest';
import { checkLesson } from '../../emulator/lessons/check.ts';
import { parseLesson } from '../../emulator/lessons/format.ts';
import { lessonText, worldsOf } from './bundled.ts';

/** Two questions about one small program, and what is to be made. */
const whole = lessonText('02-going-down.yaml');
const good = `${whole.slice(0, whole.indexOf('  - id: masks'))}${whole.slice(whole.indexOf('  - id: no-rw'))}`;
const changed = (from: string | RegExp, to: string): string => {
  const text = good.replace(from, to);
  expect(text).not.toBe(good);
  return text;
};

test.each<[string, string, RegExp]>([
  [
    'a misspelt key',
    changed('    ask: From', '    question: From'),
    /^mine\.yaml: line 8: questions\[1\]\.ask: is missing|line \d+: questions\[1\]\.question: is not part of a lesson/,
  ],
  ['a number out of range', changed('lesson: 2', 'lesson: 200'), /^mine\.yaml: line 1: lesson: is more than 99/],
  ['no such step', changed('step: modify', 'step: look'), /^mine\.yaml: line \d+: questions\[3\]\.step: expected .*predict/],
  [
    'no such concept',
    changed('concepts: [C15]', 'concepts: [C99]'),
    /^mine\.yaml: line \d+: questions\[1\]\.concepts\[1\]: expected a concept/,
  ],
  [
    'a place that is none',
    changed(/\{ before: .eret from:EL2 to:EL1. \}/, '{ near: eret }'),
    /line \d+: questions\[1\]\.at: expected one of before:/,
  ],
  ['two questions of one name', changed('id: level', 'id: where'), /there are two questions where/],
  ['no program', changed('scenario: 01-el2-to-el1\n', ''), /either a scenario or a source/],
  ['no YAML', `${good}\n  - [`, /^mine\.yaml: line \d+: /],
  ['an alias that grows', `a: &a [x]\nb: [*a, *a]\n${good}`, /aliases|not part of a lesson/],
  ['nothing', '', /^mine\.yaml: line 1: /],
  ['far too much', ' '.repeat(1 << 19), /256 KiB/],
  ['nested too deeply', '['.repeat(20_000), /^mine\.yaml: /],
])('%s is refused', (_what, text, expected) => {
  expect(() => parseLesson('mine.yaml', text)).toThrow(expected);
});

test.each<[string, string, RegExp]>([
  ['an expression', changed('answer: after(pc)', 'answer: aftr(pc)'), /^mine\.yaml: line 14: questions\[1\]\.answer: "aftr"/],
  ['a filter of traps', changed(/before: .eret from:EL2 to:EL1./, 'before: from:EL9'), /line \d+: questions\[1\]\.at: from:EL9/],
  ['an instant that never comes', changed(/before: .eret from:EL2 to:EL1./, 'before: fiq'), /has no such instant/],
  ['a choice that is right beside another', changed('value: x30', 'value: ELR_EL2 + 4'), /^$/],
  [
    'no right choice in a closed list',
    changed(/value: 3, text: (.)EL1h/, 'value: 4, text: $1EL1h'),
    /none of the choices is the answer, 0x3/,
  ],
  ['a register that cannot be changed', changed(/HCR_EL2\.RW: .0./, "MIDR_EL1: '0'"), /MIDR_EL1 cannot be changed/],
])('%s that makes no sense is found when the lesson is checked', async (_what, text, expected) => {
  const lesson = parseLesson('mine.yaml', text);
  const { problems } = checkLesson(await worldsOf(lesson), lesson, 3);
  expect(problems.join('\n')).toMatch(expected);
});

test('a lesson brings its own program, and errors in it have their line', async () => {
  const own = (source: string): string =>
    good.slice(0, good.indexOf('  - id: level')).replace('scenario: 01-el2-to-el1', `source: |\n${source}`) +
    good.slice(good.indexOf('make:'));
  const eret =
    '  mov x0, #1\n  lsl x0, x0, #31\n  msr hcr_el2, x0\n  mov x0, #5\n  msr spsr_el2, x0\n  adr x0, there\n  msr elr_el2, x0\n  eret\n  there: b there\n';
  const lesson = parseLesson('mine.yaml', own(eret));
  expect(checkLesson(await worldsOf(lesson), lesson, 3)).toMatchObject({ asked: 3, problems: [] });
  const broken = parseLesson('mine.yaml', own('  mov x0, #1\n  mvo x0, x1\n'));
  await expect(worldsOf(broken)).rejects.toThrow(/mine\.yaml: line 5: source: line 2 of the source/);
});
