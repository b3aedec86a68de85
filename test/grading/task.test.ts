import { describe, expect, test } from 'vitest';
import { InputError } from '../../emulator/base/errors.ts';
import { readTask } from '../../emulator/grading/task.ts';

const check = (rest: string): string => `title: x\nchecks:\n  - id: a\n    points: 1\n    ${rest}`;
const problemOf = (text: string): string => {
  try {
    readTask(text, 'task.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  return '';
};

describe('what is wrong with a task is said at its line, with what was expected', () => {
  test.each([
    ['an empty file', '', /^task\.yaml:1: the file is empty \(expected names with values/],
    ['no YAML', 'checks: [1', /^task\.yaml:1: this is no YAML: Flow sequence/],
    ['no checks', 'checks: []', /^task\.yaml:1: checks is a list \(expected at least one check\)/],
    ['a check without points', 'checks:\n  - id: a\n    uart: x', /^task\.yaml:2: checks\[0\]\.points is missing$/],
    ['a name that is not known', check('uart: x\n    typo: 3'), /^task\.yaml:6: checks\[0\]\.typo is not known$/],
    [
      'a limit that is no number',
      `limits: { steps: many }\n${check('uart: x')}`,
      /^task\.yaml:1: limits\.steps is "many" \(expected a whole number\)/,
    ],
    ['a limit without end', `limits: { steps: 1e12 }\n${check('uart: x')}`, /limits\.steps/],
    ['two checks of one name', `${check('uart: x')}\n  - { id: a, points: 1, uart: y }`, /^task\.yaml:6: two checks have the id a/],
    [
      'an instant that is none',
      check('when: entre main\n    uart: x'),
      /^task\.yaml:5: "entre main" is no instant \(expected "end", "at N"/,
    ],
    ['a register that is none', check('expect:\n      FOO_EL2: 1'), /^task\.yaml:6: FOO_EL2 names no register/],
    [
      'a field that the register lacks',
      check('expect: { HCR_EL2.RX: 1 }'),
      /^task\.yaml:5: HCR_EL2 has no field RX \(expected one of .*\bRW\b/,
    ],
    ['a part that PSTATE lacks', check('expect: { PSTATE.X: 1 }'), /PSTATE\.X is no part of PSTATE \(expected PSTATE with one of EL/],
    [
      'an event that is none',
      check('trace: [{ type: HCV }]'),
      /^task\.yaml:5: checks\[0\]\.trace\[0\]\.type is "HCV" \(expected one of SVC, HVC/,
    ],
    [
      'an event with a name that is not known',
      check('never:\n      - { type: HVC, form: 1 }'),
      /^task\.yaml:6: checks\[0\]\.never\[0\]\.form is not known/,
    ],
    [
      'a level that is none',
      check('trace: [{ return: { to: 7 } }]'),
      /trace\[0\]\.return\.to is 7 \(expected an exception level: 0, 1 or 2\)/,
    ],
    ['a walk that expects nothing', check('walk: { va: 3 }'), /the check a expects nothing/],
    [
      'a part that no walk has',
      check('walk: { va: 3 }\n    expect: { ap: 3 }'),
      /^task\.yaml:6: ap is not known here \(expected one of ok, pa/,
    ],
    ['memory at no address', check('memory: { bytes: 3 }\n    expect: { value: 3 }'), /^task\.yaml:5: memory needs one address/],
    ['a check that expects nothing', check('hint: x'), /the check a expects nothing \(expected expect, trace, never or uart\)/],
    [
      'aliases that multiply',
      `a: &a [x]\nb: &b [${'*a,'.repeat(40)}]\nc: &c [${'*b,'.repeat(40)}]\n${check('uart: x')}`,
      /resource exhaustion/,
    ],
  ])('%s', (_, text, message) => expect(problemOf(text)).toMatch(message));
});

test('numbers are read as they are written, whatever their size', () => {
  const { steps, checks } = readTask(
    `limits: { steps: 5_000_000 }\n${check('expect: { x0: 0xfedcba9876543210, x1: "1_000", x2: -1 }')}`,
    'task.yaml',
  );
  expect(steps).toBe(5_000_000);
  expect(checks[0].expect).toEqual({ x0: 0xfedc_ba98_7654_3210n, x1: '1_000', x2: -1n });
});
