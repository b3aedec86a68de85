import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assembleProgram, elfOf } from '../../emulator/assembler/index.ts';
import { grade, type Report } from '../../emulator/grading/grade.ts';
import { junitXml, reportText, tableText, withoutHidden, worst } from '../../emulator/grading/report.ts';
import { readTask, type Task } from '../../emulator/grading/task.ts';
import { openProgram } from '../../emulator/session/program.ts';

const firmware = join(import.meta.dirname, '../../firmware');
const text = (path: string): string => readFileSync(join(firmware, path), 'utf8');
const task = (name: string): Task => readTask(text(`tasks/${name}.yaml`), `${name}.yaml`);
const right = { 'el2-to-el1': text('assembly/el2-to-el1.s'), stage2: text('assembly/stage2.s') };

function graded(task: Task, source: string, name = 'mine.s'): Report {
  const { program, problems } = assembleProgram(source);
  expect(problems).toEqual([]);
  return grade(openProgram('mine.elf', elfOf(program!, name)), task);
}
/** A task of one check. */
const one = (rest: string, head = ''): Task => readTask(`${head}\nchecks:\n  - id: a\n    points: 4\n    ${rest}`, 'task.yaml');
const failures = (report: Report): string[] => report.checks.flatMap((check) => check.failures.map((failure) => failure.text));

test.each(['el2-to-el1', 'stage2'] as const)('the solution of %s has all points, and the same report each time', (name) => {
  const report = graded(task(name), right[name]);
  expect(failures(report)).toEqual([]);
  expect(report).toMatchObject({ verdict: 'passed', points: report.of });
  expect(report.hash).toMatch(/^[0-9a-f]{16}$/);
  expect(graded(task(name), right[name])).toEqual(report);
});

describe('a program that is wrong in one thing loses the points of that, and is told its place', () => {
  const changed = (name: keyof typeof right, from: string, to: string): Report => {
    expect(right[name]).toContain(from);
    return graded(task(name), right[name].replace(from, to));
  };
  const points = (report: Report): Record<string, number> => Object.fromEntries(report.checks.map(({ id, points: got }) => [id, got]));

  test('HCR_EL2.RW stays 0: stuck, and what the Doctor finds is the feedback', () => {
    const report = changed('el2-to-el1', 'ldr     x0, =HCR_RW', 'mov     x0, #0');
    expect(report.verdict).toBe('failed');
    expect(points(report)).toMatchObject({ vectors: 1, el1: 1.5, order: 0, says: 0, off: 1 });
    expect(failures(report)).toContain(
      'HCR_EL2.RW is 0 (AArch32) at instant 11, before mine.s:26 (guest); expected 1. HCR_EL2 was written: 0x0 again by msr at mine.s:15.',
    );
    const failure = report.checks.find(({ id }) => id === 'el1')!.failures.find(({ what }) => what === 'HCR_EL2.RW');
    expect(failure).toMatchObject({
      register: 'HCR_EL2',
      field: 'RW',
      instruction: 'msr',
      source: 'mine.s:15 (_start+0xc)',
      at: 11,
      expected: '1',
    });
    // Without an end, it is stuck.
    const silent = graded(task('el2-to-el1'), text('assembly/lab-silent-el1.s'));
    expect(silent).toMatchObject({ verdict: 'stuck', finding: { id: 'P02' } });
  });

  test('VBAR_EL2 is not aligned', () => {
    const report = changed('el2-to-el1', '        .balign 0x800\nvectors', '        .balign 8\n        nop\nvectors');
    expect(points(report).vectors).toBe(1);
    const off = graded(one('when: enter guest\n    expect: { VBAR_EL2: multiple of 0x10000 }'), right['el2-to-el1']);
    expect(failures(off)).toEqual([
      'VBAR_EL2 is 0x40080800 at instant 11, before mine.s:26 (guest); expected multiple of 0x10000. VBAR_EL2 was written: 0x0 became 0x40080800 by msr at mine.s:13.',
    ]);
  });

  test('the guest page can be written', () => {
    const report = changed('stage2', 'INNER | S2_READ | S2_NORMAL', 'INNER | S2_READ_WRITE | S2_NORMAL');
    expect(points(report)).toMatchObject({ on: 1, code: 0, abort: 0, uart: 1 });
    expect(failures(report).join('\n')).toMatch(
      /w of a walk of 0x40000000 as EL1 \(w\) is yes; expected false.*by str at stage2|by str at mine\.s:\d+/,
    );
  });

  test('a page more is mapped', () => {
    const report = changed(
      'stage2',
      '        adrp    x2, low_level2',
      '        str     x0, [x3, #8 * 0x100]\n        adrp    x2, low_level2',
    );
    expect(points(report)['nothing-else']).toBe(0);
    expect(failures(report)[0]).toMatch(/a walk of 0x40100000 as EL1 \(r\) has no fault: it ends at PA 0x[0-9a-f]+ after 3 reads/);
  });
});

describe('instants', () => {
  const source =
    '_start: mov x0, #0\nloop: add x0, x0, #1\n cmp x0, #5\n b.ne loop\n adr x1, vectors\n msr vbar_el2, x1\n hvc #3\n mov x2, #9\nend: b .\n .balign 2048\nvectors:\n .org vectors + 0x200\n mov x3, #1\n eret\n';
  test.each([
    ['enter loop', 'x0', 0],
    ['enter loop 3', 'x0', 2],
    ['enter mine.s:3', 'x0', 1],
    ['at 0', 'pc', '_start'],
    ['start', 'pc', '_start'],
    ['2', 'x0', 1],
    ['before HVC', 'x3', 0],
    ['before trap 1', 'pc', '_start + 0x18'],
    ['after trap 1', 'pc', 'vectors + 0x200'],
    ['after HVC', 'ESR_EL2.EC', 0x16],
    ['after return', 'pc', '_start + 0x1c'],
    ['end', 'x2', 9],
  ])('%s: %s is %s', (when, what, value) => {
    expect(failures(graded(one(`when: ${when}\n    expect: { ${what}: ${value} }`), source))).toEqual([]);
    expect(graded(one(`when: ${when}\n    expect: { ${what}: 0x12345 }`), source).points).toBe(0);
  });
  test.each([
    ['enter nowhere', 'The program has no symbol nowhere.'],
    ['enter mine.s:99', 'The program has no code at mine.s:99.'],
    ['enter loop 6', 'loop was reached 5 times only.'],
    ['after HVC 2', 'There was only 1 of the kind: exception of type HVC.'],
    ['after SMC', 'There was no exception of type SMC.'],
    ['at 99_999', /^The run ends at instant \d+, before instant 99999\.$/],
  ])('%s never comes, and the feedback says so', (when, message) => {
    expect(failures(graded(one(`when: ${when}\n    expect: { x0: 1 }`), source))).toEqual([expect.stringMatching(message)]);
  });
});

describe('what can be expected', () => {
  const source =
    ".equ UART, 0x09000000\n_start: mov x0, #7\n ldr x1, =UART\n mov w2, #'h'\n str w2, [x1]\n mov w2, #'i'\n str w2, [x1]\n ldr x3, =data\n str x0, [x3]\n ldr w0, =0x84000008\n smc #0\n.data\ndata: .quad 0\ntext: .ascii \"abc\"\n";
  test.each([
    ['expect: { x2: "0x60 .. 0x70" }', 'expect: { x2: "0x70 .. 0x80" }'],
    ['expect: { x2: [1, 0x69] }', 'expect: { x2: [1, 2] }'],
    ['expect: { x2: "> 0x60" }', 'expect: { x2: "<= 0x60" }'],
    ['expect: { x3: data }', 'expect: { x3: data + 8 }'],
    ['expect: { w2: 0x69 }', 'expect: { w2: "!= 0x69" }'],
    ['expect: { PSTATE.EL: EL2, PSTATE.DAIF: 15 }', 'expect: { PSTATE.EL: EL1 }'],
    ['memory: { va: data }\n    expect: { value: 7 }', 'memory: { va: data }\n    expect: { value: 8 }'],
    ['memory: { pa: text }\n    expect: { text: abc, bytes: 61 62 63 }', 'memory: { va: text }\n    expect: { text: abd }'],
    ['uart: hi', 'uart: ho'],
    ['uart: [h, i]', 'uart: [i, h]'],
    ['uart: { is: hi }', 'uart: { is: h }'],
    ['trace: [{ psci: { function: 0x84000008 } }]', 'trace: [{ type: SMC }]'],
    ['never: [{ type: HVC }]', 'never: [{ psci: {} }]'],
    ['walk: { va: data }\n    expect: { ok: true, pa: data, reads: 0 }', 'walk: { va: data }\n    expect: { reads: 3 }'],
  ])('%s', (holds, fails) => {
    expect(failures(graded(one(holds), source))).toEqual([]);
    const report = graded(one(fails), source);
    expect(report).toMatchObject({ points: 0, verdict: 'failed' });
    expect(failures(report).join('')).not.toBe('');
  });
  test('memory names the store that wrote it', () => {
    expect(failures(graded(one('memory: { va: data }\n    expect: { value: 8 }'), source))[0]).toMatch(
      /^At instant \d+, memory at VA 0x40081000 holds 7; expected 8\. .* by str at mine\.s:9\.$/,
    );
  });
  test('partial credit is the part of the expectations that hold', () => {
    expect(graded(one('partial: true\n    expect: { x2: 0x69, x3: 1, PSTATE.EL: 2, sp: 5 }'), source).points).toBe(2);
  });
});

test('the limit ends what does not end, and a loop of exceptions is stuck', () => {
  const endless = graded(one('uart: x', 'limits: { steps: 20_000 }'), '_start: add x0, x0, #1\n b _start');
  expect(endless).toMatchObject({ verdict: 'limit', steps: 20_000, points: 0 });
  const loop = graded(one('uart: x'), '_start: hvc #0');
  expect(loop.verdict).toBe('stuck');
  expect(loop.finding!.sentence).toMatch(/VBAR_EL2/);
  expect(graded(one('expect: { PSTATE.EL: 2 }'), '_start: b .').verdict).toBe('passed');
});

describe('reports', () => {
  const hidden = readTask(
    'title: "<&>"\nchecks:\n  - { id: a, points: 1, uart: secret, hidden: true, hint: also secret }\n  - { id: b, points: 2, title: "a < b & \\"c\\"", expect: { x0: 1 } }',
    'task.yaml',
  );
  const report = { ...graded(hidden, '_start: b .'), file: 'a<b>&"\u0001.elf' };

  test('a hidden check counts, and nothing of it is told', () => {
    expect(report).toMatchObject({ points: 0, of: 3 });
    const shown = reportText(withoutHidden(report));
    expect(shown).not.toContain('secret');
    expect(shown).toContain('FAILED  a  0 of 1');
    expect(JSON.stringify(withoutHidden(report))).not.toContain('secret');
    expect(reportText(report)).toContain('"secret" does not appear');
  });
  test('JUnit XML is well formed whatever names and texts hold', async () => {
    const xml = junitXml(hidden, [report, report]);
    // No character that XML cannot hold, no markup that is not closed.
    expect(xml).not.toMatch(/[^\n\u0020-\ud7ff]/);
    const open: string[] = [];
    for (const [, end, name, , self] of xml
      .replace(/<\?.*\?>/, '')
      .matchAll(/<(\/?)([a-z-]+)((?:\s[a-z]+="[^"<&]*(?:&(?:amp|lt|gt|quot|apos|#\d+);[^"<&]*)*")*)(\/?)>/g)) {
      if (end) expect(open.pop()).toBe(name);
      else if (!self) open.push(name);
    }
    expect(open).toEqual([]);
    expect(xml.match(/<testcase /g)).toHaveLength(4);
    expect(xml).toContain('testsuites name="&lt;&amp;&gt;" tests="4" failures="4" errors="0"');
  });
  test('several submissions are a table, and the worst of them counts', () => {
    const best = graded(one('expect: { PSTATE.EL: 2 }'), '_start: b .');
    expect(tableText([best, report])).toMatch(/^submission +points +a +result\nmine\.elf +4\/4 +4 +all points\n/);
    expect(worst([best, report])).toBe(report.verdict);
    expect(worst([best])).toBe('passed');
  });
});
