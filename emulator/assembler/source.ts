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

/** What to write in the place of what stands there. */
export interface Repair {
  readonly instead: string;
  readonly text: string;
}

/** What is wrong, and where. `repair`: text of the line, from `column` on. */
export interface Problem extends Place {
  readonly message: string;
  readonly repair?: Repair & { readonly column: number };
}

/** Thrown by whatever reads a statement; `column` where it is more exact than the statement's. */
export class SourceError extends Error {
  constructor(
    message: string,
    readonly column?: number,
    readonly repair?: Repair,
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
      const [advice, repaired] = withoutPreprocessor(directive[1], line.slice(directive[0].length).trim());
      const column = line.indexOf('#') + 1;
      const repair = repaired === undefined ? undefined : { instead: line.trim(), text: repaired, column };
      const message = `#${directive[1]} needs the C preprocessor, which does not run here: ${advice}`;
      problems.push({ line: i + 1, column, message, ...(repair && { repair }) });
    } else if (!/^\s*#/.test(line))
      for (const part of partsOf(line)) statements.push(...statementsIn(part.text, { line: i + 1, column: part.column }));
  });
  return statements;
}

/** What the assembler has in the place of a preprocessor's directive, and the line as it would be. */
function withoutPreprocessor(name: string, rest: string): readonly [advice: string, line?: string] {
  switch (name) {
    case 'define': {
      const [, symbol, value] = /^([A-Za-z_]\w*)(?!\()\s+(.+)$/.exec(rest) ?? [];
      if (symbol) return [`use .equ ${symbol}, ${value}`, `.equ ${symbol}, ${value}`];
      const isFlag = /^[A-Za-z_]\w*$/.test(rest);
      return isFlag ? [`use .equ ${rest}, 1`, `.equ ${rest}, 1`] : ['use .equ for a number and .macro for code'];
    }
    case 'include':
      return ['everything is in this one file'];
    case 'undef':
    case 'pragma':
      return ['leave it out'];
    case 'if':
    case 'elif':
      return [`use .${name === 'if' ? 'if' : 'elseif'} with an expression`];
    default:
      return [`use .${name}${rest && ` ${rest}`}`, `.${name}${rest && ` ${rest}`}`];
  }
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
