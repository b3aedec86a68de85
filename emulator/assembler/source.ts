/** Source text as statements: what is left when comments are gone, lines are cut at `;`, and labels stand by themselves (gas manual, 3). */

/** Where a statement was written: line and column count from 1. In the body of a macro, where the macro was called. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Statement extends Place {
  /** A label's name, without its colon; numeric labels too. The statement is nothing else then. */
  readonly label?: string;
  /** A mnemonic or a directive as written, and what follows it. */
  readonly name: string;
  readonly operands: string;
  /** The column of the first operand. */
  readonly operandsColumn: number;
}

/** What is wrong, and where. */
export interface Problem extends Place {
  readonly message: string;
}

/** Thrown by whatever reads a statement; `column` where it is more exact than the statement's. */
export class SourceError extends Error {
  constructor(
    message: string,
    readonly column?: number,
  ) {
    super(message);
  }
}

const labelText = /\s*([A-Za-z_.$][\w.$]*|\d+)\s*:(?!:)/y;
const preprocessor = /^\s*#\s*(define|include|if|ifdef|ifndef|else|elif|endif|undef|pragma)\b/;

/** The statements of a text, in order. A problem does not end the reading. */
export function statementsOf(text: string, problems: Problem[]): Statement[] {
  const statements: Statement[] = [];
  withoutComments(text, problems).forEach((line, i) => {
    const directive = preprocessor.exec(line);
    if (directive) {
      const instead = directive[1] === 'define' ? '.equ' : directive[1] === 'include' ? 'one file' : '.if';
      problems.push({
        line: i + 1,
        column: 1,
        message: `#${directive[1]} needs the C preprocessor, which does not run here: use ${instead}`,
      });
    } else if (!/^\s*#/.test(line))
      for (const part of partsOf(line)) statements.push(...statementsIn(part.text, { line: i + 1, column: part.column }));
  });
  return statements;
}

/** Statements in text that holds no comment and no `;`: labels, then at most one other. */
export function statementsIn(text: string, { line, column }: Place): Statement[] {
  const statements: Statement[] = [];
  let at = 0;
  for (;;) {
    labelText.lastIndex = at;
    const found = labelText.exec(text);
    if (!found) break;
    const start = at + found[0].length - found[0].trimStart().length;
    statements.push({ line, column: column + start, label: found[1], name: '', operands: '', operandsColumn: column + start });
    at = labelText.lastIndex;
  }
  const rest = text.slice(at);
  const body = rest.trim();
  if (!body) return statements;
  const start = column + at + rest.length - rest.trimStart().length;
  const assignment = /^([A-Za-z_.$][\w.$]*)\s*(==?)(?!=)\s*(.*)$/s.exec(body);
  if (assignment) {
    const [, name, equals, value] = assignment;
    const operands = `${name}, ${value}`;
    statements.push({ line, column: start, name: equals === '=' ? '.set' : '.eqv', operands, operandsColumn: start });
    return statements;
  }
  const [name] = /^\S+/.exec(body)!;
  const operands = body.slice(name.length).trimStart();
  statements.push({ line, column: start, name, operands, operandsColumn: start + body.length - operands.length });
  return statements;
}

/** Each line with its comments as spaces, so that columns stay. */
function withoutComments(text: string, problems: Problem[]): string[] {
  let open: Place | undefined;
  const lines = text.split(/\r\n|\n|\r/).map((line, i) => {
    let kept = '';
    for (let at = 0; at < line.length;) {
      if (open) {
        const end = line.indexOf('*/', at);
        const next = end < 0 ? line.length : end + 2;
        kept += ' '.repeat(next - at);
        if (end >= 0) open = undefined;
        at = next;
      } else if (line.startsWith('/*', at)) {
        open = { line: i + 1, column: at + 1 };
        kept += '  ';
        at += 2;
      } else if (line.startsWith('//', at)) break;
      else {
        const piece = quoted(line, at);
        kept += piece;
        at += piece.length;
      }
    }
    return kept;
  });
  if (open) problems.push({ ...open, message: 'this comment never ends: */ is missing' });
  return lines;
}

/** A string or a character constant whole, or one character. */
function quoted(line: string, at: number): string {
  const text = line[at] === '"' ? /"(?:[^"\\]|\\.)*"?/y : line[at] === "'" ? /'(?:\\.|[^\\])'?/y : undefined;
  if (!text) return line[at];
  text.lastIndex = at;
  return text.exec(line)?.[0] ?? line[at];
}

function partsOf(line: string): { readonly text: string; readonly column: number }[] {
  const parts: { text: string; column: number }[] = [];
  let from = 0;
  for (let at = 0; at < line.length;) {
    if (line[at] === ';') {
      parts.push({ text: line.slice(from, at), column: from + 1 });
      from = ++at;
    } else at += quoted(line, at).length;
  }
  return [...parts, { text: line.slice(from), column: from + 1 }];
}

/** Operands cut at commas that stand outside brackets, braces, parentheses and quotes, each without the spaces around it. */
export function operandsOf(text: string): { readonly text: string; readonly offset: number }[] {
  const operands: { text: string; offset: number }[] = [];
  let depth = 0,
    from = 0;
  const add = (to: number): void => {
    const raw = text.slice(from, to);
    operands.push({ text: raw.trim(), offset: from + raw.length - raw.trimStart().length });
  };
  for (let at = 0; at < text.length;) {
    const piece = quoted(text, at);
    if (piece.length === 1) {
      if ('([{'.includes(piece)) depth++;
      else if (')]}'.includes(piece)) depth--;
      else if (piece === ',' && depth === 0) {
        add(at);
        from = at + 1;
      }
    }
    at += piece.length;
  }
  if (text.trim()) add(text.length);
  return operands;
}
