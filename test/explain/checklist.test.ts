/** The six steps from EL2 to EL1, told of programs that take them in ways of their own. */
import { describe, expect, test } from 'vitest';
import { checklistView } from '../../emulator/explain/checklist.ts';
import type { ChecklistView } from '../../emulator/explain/views.ts';
import { CODE, subjectOf, write } from './subjects.ts';

/** Runs a program for some steps, and asks when the search for the writes is over. */
function told(lines: readonly string[], steps: number, el2 = true): { view: ChecklistView; at: (n: number) => ChecklistView } {
  const subject = subjectOf(lines, { el2 });
  // An exception that comes to EL2 or EL1 stays there.
  for (const slot of [0, 0x200, 0x400]) write(subject.machine, CODE + 0x8000 + slot, ['b .']);
  const { timeline } = subject;
  timeline.forward(steps);
  const look = (): ChecklistView => {
    for (;;) {
      const view = checklistView(subject);
      expect(timeline.at).toBe(view.at);
      if (!view.isSearching) return view;
    }
  };
  const at = (n: number): ChecklistView => {
    timeline.seek(n);
    return look();
  };
  return { view: look(), at };
}
const written = ({ steps }: ChecklistView): (number | null)[] => steps.map(({ n }) => n);

const vectors = [`movz x0, #0x4008, lsl #16`, 'movk x0, #0x8000', 'msr vbar_el2, x0', 'msr vbar_el1, x0'];
const descent = ['movz x0, #0x8000, lsl #16', 'msr hcr_el2, x0', 'adr x0, =guest', 'msr elr_el2, x0', 'mov x0, #0x3c5', 'msr spsr_el2, x0'];
const ownStack = ['guest:', 'nop', 'movz x1, #0x4010, lsl #16', 'mov sp, x1', 'hvc #0'];

describe('the check-list', () => {
  test('needs no barrier before ERET, lets EL1 set its own stack pointer, and stays true after EL1 was left', () => {
    const { view, at } = told([...vectors, ...descent, 'eret', ...ownStack], 40);
    expect(written(view)).toEqual([13, 5, 9, 7, 10, 10]);
    expect(view.steps[0]).toMatchObject({ target: 'SP_EL1', before: '0x0', after: '0x40100000' });
    expect(view.steps[0].text).toBe('EL1 sets it itself. mov sp, x1 at 0x40080034');
    expect(view.steps[1]).toMatchObject({ after: '0x80000000', text: 'RW: stage 2 off; msr hcr_el2, x0 at 0x40080014' });
    expect(view.steps[4].text).toMatch(/^ERET is itself a context synchronization event/);
    expect(view.sentence).toBe('All six steps are done. EL1 was first entered in step 10; EL2 is running now.');
    expect(written(at(8))).toEqual([null, 5, null, 7, null, null]);
    expect(at(8).sentence).toBe('2 of 6 steps are done at this instant.');
    expect(at(12).sentence).toBe('EL1 was first entered in step 10, and it is running.');
  });

  test('finds what was written long before, by whatever instruction came last', () => {
    const delay = ['mov x1, #20000', 'loop:', 'sub x1, x1, #1', 'cbnz x1, =loop'];
    const { view } = told(
      ['msr sp_el1, xzr', 'mov x0, #64', 'msr sp_el1, x0', ...descent, ...delay, 'isb', 'eret', 'guest:', 'b .'],
      50_000,
    );
    const eret = 3 + 6 + 1 + 40_000 + 1;
    expect(written(view)).toEqual([2, 4, 8, 6, eret - 1, eret]);
    expect(view.steps[0]).toMatchObject({ before: '0x0', after: '0x40' });
    expect(view.steps[4].text).toContain('isb at 0x');
  });

  test('says that EL1 has no stack where nobody gave it one', () => {
    const { view } = told([...descent, 'eret', 'guest:', 'b .'], 40);
    expect(view.steps[0]).toMatchObject({ n: null, text: 'SP_EL1 is 0: EL1 has no stack' });
  });

  test('is about SP_EL0 where SPSR_EL2.M is EL1t', () => {
    const lines = descent.map((line) => line.replace('#0x3c5', '#0x3c4'));
    const { view } = told(['mov x0, #64', 'msr sp_el0, x0', ...lines, 'eret', 'guest:', 'b .'], 40);
    expect(view.steps[0]).toMatchObject({ target: 'SP_EL0', n: 1, after: '0x40' });
  });

  test.each([
    ['has not run', [], 0, 'The program has not gone from EL2 to EL1 yet.'],
    [
      'goes to EL0 alone',
      ['movz x0, #0x8800, lsl #16', ...descent.slice(1, 4), 'msr spsr_el2, xzr', 'eret', 'guest:', 'b .'],
      40,
      'The program went directly from EL2 to EL0; EL1 has not been entered yet.',
    ],
    [
      'comes to EL1 from EL0',
      [...vectors, ...descent.slice(0, 4), 'msr spsr_el2, xzr', 'eret', 'guest:', 'svc #0'],
      40,
      'EL1 was entered by an exception from EL0, but not yet by a return from EL2.',
    ],
  ])('of a program that %s says so', (_name, lines, steps, sentence) => {
    const { view } = told([...lines, 'b .'], steps);
    expect(view.sentence).toBe(sentence);
    expect(written(view)).toEqual([null, null, null, null, null, null]);
  });

  test('says so where there is no EL2', () => {
    expect(told(['b .'], 3, false).view.sentence).toBe('This machine has no EL2: it starts at EL1.');
  });
});
