/** Reports of submissions: text for a person, JUnit XML for whatever collects results. */
import { hex } from '../base/hex.ts';
import type { CheckReport, Report, Verdict } from './grade.ts';
import type { Task } from './task.ts';

const standings: Readonly<Record<Verdict, string>> = {
  passed: 'all points',
  failed: 'some checks failed',
  stuck: 'stuck',
  limit: 'the limit was reached',
  'bad file': 'cannot be run',
};

/** Without what a student is not to see: of a hidden check only whether it passed. */
export function withoutHidden(report: Report): Report {
  return {
    ...report,
    checks: report.checks.map((check): CheckReport => {
      if (!check.hidden) return check;
      const { hint: _hint, ...rest } = check;
      return { ...rest, title: '', failures: check.passed ? [] : [{ what: 'hidden', passed: false, text: 'This check is hidden.' }] };
    }),
  };
}

/** One submission. */
export function reportText(report: Report): string {
  const { file, verdict, points, of, checks, steps, hash, ended, finding, error } = report;
  const lines = [`${file}: ${points} of ${of} points, ${standings[verdict]}`];
  if (error !== undefined) return [...lines, `  ${error}`].join('\n');
  for (const check of checks) {
    lines.push(
      `  ${check.passed ? 'passed' : 'FAILED'}  ${check.id}  ${check.points} of ${check.of}${check.title ? `  ${check.title}` : ''}`,
    );
    for (const { text } of check.failures) if (text) lines.push(`          ${text}`);
    if (check.hint !== undefined) lines.push(`          Hint: ${check.hint}`);
  }
  if (finding) lines.push(`  The Doctor: ${finding.sentence} ${finding.fix} (${finding.id})`);
  if (ended) lines.push(`  ${ended}`);
  lines.push(`  ${steps} steps, state ${hash}`);
  return lines.join('\n');
}

/** Several submissions, a line each. */
export function tableText(reports: readonly Report[]): string {
  const ids = reports.find(({ checks }) => checks.length > 0)?.checks.map(({ id }) => id) ?? [];
  const rows = [
    ['submission', 'points', ...ids, 'result'],
    ...reports.map(({ file, points, of, checks, verdict }) => [
      file,
      `${points}/${of}`,
      ...ids.map((_, i) => String(checks[i]?.points ?? '-')),
      standings[verdict],
    ]),
  ];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** JUnit XML: a suite for each submission, a case for each check. */
export function junitXml(task: Task, reports: readonly Report[]): string {
  const suites = reports.map((report) => suiteXml(report));
  const count = (of: (report: Report) => number): number => reports.reduce((sum, report) => sum + of(report), 0);
  const tests = count((report) => Math.max(1, report.checks.length));
  const failures = count((report) => report.checks.filter(({ passed }) => !passed).length);
  const errors = count(({ error }) => (error === undefined ? 0 : 1));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escaped(task.title || 'elscope grade')}" tests="${tests}" failures="${failures}" errors="${errors}">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteXml({ file, checks, verdict, points, of, steps, hash, finding, ended, error }: Report): string {
  const failures = checks.filter(({ passed }) => !passed).length;
  const property = (name: string, value: string | number): string => `      <property name="${name}" value="${escaped(String(value))}"/>`;
  const cases = checks.map(({ id, title, passed, points: got, of: most, failures: failed, hint }) => {
    const head = `    <testcase classname="${escaped(file)}" name="${escaped(title ? `${id}: ${title}` : id)}"`;
    if (passed) return `${head}/>`;
    const texts = failed.map(({ text }) => text).filter(Boolean);
    const text = [...texts, ...(hint === undefined ? [] : [`Hint: ${hint}`])].join('\n');
    return `${head}>\n      <failure message="${escaped(`${got} of ${most} points: ${texts[0] ?? ''}`)}">${escaped(text)}</failure>\n    </testcase>`;
  });
  const bad =
    error === undefined
      ? []
      : [`    <testcase classname="${escaped(file)}" name="can be run">\n      <error message="${escaped(error)}"/>\n    </testcase>`];
  const out = [finding && `The Doctor: ${finding.sentence} ${finding.fix} (${finding.id})`, ended].filter(Boolean).join('\n');
  return [
    `  <testsuite name="${escaped(file)}" tests="${Math.max(1, checks.length)}" failures="${failures}" errors="${bad.length}">`,
    '    <properties>',
    property('points', points),
    property('of', of),
    property('verdict', verdict),
    property('steps', steps),
    property('state', hash),
    '    </properties>',
    ...cases,
    ...bad,
    ...(out ? [`    <system-out>${escaped(out)}</system-out>`] : []),
    '  </testsuite>',
  ].join('\n');
}

/** Text in XML: what would be markup as entities, characters that XML 1.0 has no way to write as U+ and their number. */
function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
    '\n': '&#10;',
    '\t': '&#9;',
    '\r': '&#13;',
  };
  // XML 1.0, 2.2: all but surrogates, most control characters, U+FFFE and U+FFFF.
  return text.replace(
    /[&<>"'\n\t\r]|[^\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu,
    (one) =>
      entities[one] ??
      `U+${hex(BigInt(one.codePointAt(0)!))
        .slice(2)
        .padStart(4, '0')}`,
  );
}

/** How bad it is that it ended so, from best to worst. */
const order: readonly Verdict[] = ['passed', 'failed', 'stuck', 'limit', 'bad file'];
export const worst = (reports: readonly Report[]): Verdict =>
  reports.map(({ verdict }) => verdict).reduce((a, b) => (order.indexOf(b) > order.indexOf(a) ? b : a), 'passed');
