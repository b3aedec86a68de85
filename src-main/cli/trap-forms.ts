/** The recording of traps as text for other programs: CSV, a Mermaid sequence diagram, a Perfetto trace, a table for people. */
import { trapLine, trapRow, type Program, type TrapLine } from '../../emulator/index.ts';

export const trapLines = ({ timeline: { traps } }: Program): TrapLine[] =>
  Array.from({ length: traps.length }, (_, i) => trapLine(traps.get(i)));

/** One JSON object a line. */
export const jsonLinesForm = (program: Program): string =>
  trapLines(program)
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');

export function textForm(program: Program): string {
  const rows = trapLines(program).map((line, i) => {
    const { n, type, from, to, text } = trapRow(program, i);
    return [
      String(n).padStart(12),
      `EL${from} -> EL${to}`,
      type.padEnd(16),
      line.kind === 'exception' ? `${text}  (${line.why})` : text,
    ].join('  ');
  });
  return `${rows.join('\n')}\n`;
}

const columns = [
  'n',
  'kind',
  'type',
  'from',
  'to',
  'ec',
  'il',
  'iss',
  'esr',
  'far',
  'hpfar',
  'elr',
  'spsr',
  'pc',
  'vmid',
  'function',
  'result',
  'why',
] as const;
export function csvForm(program: Program): string {
  const cell = (value: string | number | null | undefined): string => {
    const text = value === undefined || value === null ? '' : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const rows = trapLines(program).map((line) =>
    columns.map((name) => cell((line as Partial<Record<(typeof columns)[number], string | number | null>>)[name])).join(','),
  );
  return `${[columns.join(','), ...rows].join('\n')}\n`;
}

/** A sequence diagram with a lane for each level. */
export function mermaidForm(program: Program): string {
  const lines = trapLines(program).map((_line, i) => {
    const { type, from, to, text, n } = trapRow(program, i);
    const arrow = type === 'ERET' ? '-->>' : '->>';
    // Semicolons and hash signs mean something in Mermaid.
    const label = `${n}: ${type} ${text}`.replace(/[;#]/g, ' ').replace(/\s+/g, ' ').trim();
    return `  EL${from}${arrow}EL${to}: ${label}`;
  });
  return ['sequenceDiagram', '  participant EL2', '  participant EL1', '  participant EL0', ...lines, ''].join('\n');
}

/** Chrome's trace event format, which Perfetto opens: a slice for each stay at a level; one step is a nanosecond. */
export function perfettoForm(program: Program): string {
  const { timeline } = program;
  const events: object[] = [0, 1, 2].map((el) => ({ ph: 'M', name: 'thread_name', pid: 1, tid: el, args: { name: `EL${el}` } }));
  let level: number = timeline.startLevel;
  let since = 0;
  let name = 'start';
  const close = (until: number): void => {
    if (until > since) events.push({ ph: 'X', name, pid: 1, tid: level, ts: since / 1000, dur: (until - since) / 1000 });
  };
  for (let i = 0; i < timeline.traps.length; i++) {
    const row = trapRow(program, i);
    if (row.from === row.to && row.kind === 'psci') continue;
    close(row.n + 1);
    level = row.to;
    since = row.n + 1;
    name = row.type === 'ERET' ? `EL${row.to}` : `${row.type} ${row.text}`;
  }
  close(timeline.at);
  return `${JSON.stringify({ displayTimeUnit: 'ns', traceEvents: events })}\n`;
}
