/** What decides which statements are read, and how often: macros, repetitions and conditions (gas manual, 7: .macro, .rept, .irp, .if). */
import { directives } from './directives.ts';
import { evaluate, evaluateNumber } from './expression.ts';
import type { Pass } from './pass.ts';
import { unknown } from './repair.ts';
import { operandsOf, SourceError, statementsIn, type Statement } from './source.ts';

interface Parameter {
  readonly name: string;
  readonly otherwise: string;
  readonly isRequired: boolean;
  /** Takes all that follows, commas included. */
  readonly takesRest: boolean;
}

interface Macro {
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
}

/** All directives, those that are read here included. */
export const directiveNames: readonly string[] = [
  ...Object.keys(directives),
  ...['.macro', '.endm', '.exitm', '.purgem', '.rept', '.irp', '.irpc', '.endr'],
  ...[
    '.if',
    '.ifdef',
    '.ifndef',
    '.ifeq',
    '.ifne',
    '.ifb',
    '.ifnb',
    '.ifc',
    '.ifnc',
    '.else',
    '.elseif',
    '.endif',
    '.error',
    '.warning',
    '.end',
  ],
];

/** Beyond these, a macro calls itself for ever. */
const DEEPEST = 60;
const MOST_STATEMENTS = 200_000;

/** Leaves the macro that is being expanded. */
class ExitMacro extends Error {}

const opens: Readonly<Record<string, RegExp>> = {
  '.macro': /^\.macro$/,
  '.rept': /^\.(rept|irpc?)$/,
  '.irp': /^\.(rept|irpc?)$/,
  '.irpc': /^\.(rept|irpc?)$/,
  '.if': /^\.if/,
};
const closes: Readonly<Record<string, RegExp>> = {
  '.macro': /^\.endm(acro)?$/,
  '.rept': /^\.endr$/,
  '.irp': /^\.endr$/,
  '.irpc': /^\.endr$/,
  '.if': /^\.endif$/,
};

export class Expander {
  private readonly macros = new Map<string, Macro>();
  private depth = 0;
  /** `.end` was read: what follows is for nobody. */
  private isAtEnd = false;
  private done = 0;
  private expansions = 0;

  constructor(private readonly pass: Pass) {}

  /** So many statements came that no more are read: the last problem says so. */
  get isExhausted(): boolean {
    return this.done > MOST_STATEMENTS;
  }

  run(statements: readonly Statement[]): void {
    for (let i = 0; i < statements.length;) {
      const statement = statements[i];
      let next = i + 1;
      this.pass.attempt(statement, () => {
        if (++this.done > MOST_STATEMENTS)
          throw new SourceError(`more than ${MOST_STATEMENTS} statements: a macro or a repetition does not end`);
        const name = statement.name.toLowerCase();
        const kind = name.startsWith('.if') ? '.if' : name;
        if (Object.hasOwn(opens, kind)) {
          const end = endOf(statements, i, kind);
          next = end + 1;
          this.block(kind, statement, statements.slice(i + 1, end));
        } else this.statement(statement, name);
      });
      if (this.isExhausted || this.isAtEnd) return;
      i = next;
    }
  }

  private statement(statement: Statement, name: string): void {
    const { pass } = this;
    const { label, operands } = statement;
    if (label !== undefined) {
      pass.label(label);
      return;
    }
    const macro = this.macros.get(name);
    if (macro) {
      this.expand(macro, statement);
      return;
    }
    const register = /^\.req\s+(\w+)$/i.exec(operands);
    if (register) {
      pass.registers.set(name, pass.registers.get(register[1].toLowerCase()) ?? register[1].toLowerCase());
      return;
    }
    if (name[0] !== '.') {
      pass.instruction(statement);
      return;
    }
    switch (name) {
      case '.end':
        this.isAtEnd = true;
        return;
      case '.exitm':
        throw new ExitMacro();
      case '.purgem':
        if (!this.macros.delete(operands.toLowerCase())) throw new SourceError(`there is no macro ${operands}`);
        return;
      case '.error':
        throw new SourceError(operands.replace(/^"(.*)"$/, '$1') || '.error');
      case '.warning':
      case '.print':
        return;
      case '.endm':
      case '.endr':
      case '.endif':
      case '.else':
      case '.elseif':
        throw new SourceError(`nothing is open that ${name} could ${name.startsWith('.end') ? 'close' : 'continue'}`);
    }
    if (name.startsWith('.cfi_')) return;
    if (!Object.hasOwn(directives, name))
      throw unknown(`${statement.name} is no directive that this assembler knows`, statement.name, directiveNames);
    pass.atLine(statement);
    directives[name](
      pass,
      operandsOf(operands).map(({ text }) => text),
    );
  }

  private block(kind: string, opening: Statement, body: readonly Statement[]): void {
    switch (kind) {
      case '.macro':
        this.define(opening, body);
        return;
      case '.if':
        this.run(this.chosen(opening, body));
        return;
      case '.rept': {
        const times = evaluateNumber(opening.operands, this.pass, 'the count');
        for (let i = 0n; i < times && !this.isExhausted; i++) this.nested(() => this.run(body));
        return;
      }
      default: {
        const [name, ...values] = wordsOf(opening.operands);
        if (!name) throw new SourceError(`${kind} needs the name of its parameter`);
        const list = kind === '.irp' ? (values.length ? values : ['']) : [...(values[0] ?? '')];
        for (const value of list) this.nested(() => this.run(substituted(body, new Map([[name, value]]), this.expansions)));
      }
    }
  }

  private nested(what: () => void): void {
    if (++this.depth > DEEPEST) {
      this.depth--;
      throw new SourceError(`macros call one another more than ${DEEPEST} deep`);
    }
    try {
      what();
    } finally {
      this.depth--;
    }
  }

  private define({ operands }: Statement, body: readonly Statement[]): void {
    const [, name, rest] = /^([\w.$]+)\s*,?\s*(.*)$/s.exec(operands) ?? [];
    if (!name) throw new SourceError('.macro needs a name');
    if (this.macros.has(name.toLowerCase())) throw new SourceError(`macro ${name} is defined twice`);
    const parameters = wordsOf(rest).map((text): Parameter => {
      const [, parameter, kind, otherwise = ''] = /^(\w+)(?::(req|vararg))?(?:=(.*))?$/s.exec(text) ?? [];
      if (!parameter) throw new SourceError(`${text} is no parameter of a macro`);
      return { name: parameter, otherwise, isRequired: kind === 'req', takesRest: kind === 'vararg' };
    });
    this.macros.set(name.toLowerCase(), { parameters, body });
  }

  private expand({ parameters, body }: Macro, call: Statement): void {
    const values = argumentsOf(parameters, call.operands);
    const at = { line: call.line, column: call.column, operandsColumn: call.column };
    const number = this.expansions++;
    this.nested(() => {
      try {
        this.run(substituted(body, values, number).map((statement) => ({ ...statement, ...at })));
      } catch (error) {
        if (!(error instanceof ExitMacro)) throw error;
      }
    });
  }

  /** The part of an `.if` block that is read. */
  private chosen(opening: Statement, body: readonly Statement[]): readonly Statement[] {
    let condition: Statement | undefined = opening;
    let from = 0;
    let depth = 0;
    for (let i = 0; i <= body.length; i++) {
      const name = body[i]?.name.toLowerCase();
      if (name?.startsWith('.if')) depth++;
      else if (name === '.endif') depth--;
      else if (i === body.length || (depth === 0 && (name === '.else' || name === '.elseif'))) {
        if (condition === undefined || this.holds(condition)) return body.slice(from, i);
        if (i === body.length) break;
        condition = name === '.else' ? undefined : body[i];
        from = i + 1;
      }
    }
    return [];
  }

  private holds({ name, operands }: Statement): boolean {
    const { pass } = this;
    const kind = name.toLowerCase().replace(/^\.(else)?if/, '');
    const isDefined = (symbol: string): boolean => pass.symbols.has(symbol.trim());
    const [first = '', second = ''] = operandsOf(operands).map(({ text }) => text);
    const value = (): bigint => {
      const { number, section } = evaluate(operands, pass);
      if (section !== undefined) throw new SourceError('the condition must be a number, not an address');
      return number;
    };
    const plain = (text: string): string => text.replace(/^(["'])(.*)\1$/s, '$2');
    switch (kind) {
      case '':
      case 'ne':
        return value() !== 0n;
      case 'eq':
        return value() === 0n;
      case 'gt':
        return value() > 0n;
      case 'ge':
        return value() >= 0n;
      case 'lt':
        return value() < 0n;
      case 'le':
        return value() <= 0n;
      case 'def':
        return isDefined(operands);
      case 'ndef':
      case 'notdef':
        return !isDefined(operands);
      case 'b':
        return operands.trim() === '';
      case 'nb':
        return operands.trim() !== '';
      case 'c':
      case 'eqs':
        return plain(first) === plain(second);
      case 'nc':
      case 'nes':
        return plain(first) !== plain(second);
      default:
        throw new SourceError(`${name} is no condition that this assembler knows`);
    }
  }
}

/** Index of the statement that closes the block opened at `from`. */
function endOf(statements: readonly Statement[], from: number, kind: string): number {
  let depth = 0;
  for (let i = from; i < statements.length; i++) {
    const name = statements[i].name.toLowerCase();
    if (opens[kind].test(name)) depth++;
    else if (closes[kind].test(name) && --depth === 0) return i;
  }
  throw new SourceError(`${statements[from].name} is never closed`);
}

/** What macros are given: cut at commas and at spaces that stand outside parentheses and quotes, and not beside an operator. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let depth = 0;
  let isOpen = false;
  const close = (): void => {
    if (isOpen) words.push(word.trim());
    word = '';
    isOpen = false;
  };
  const tight = text
    .replace(/("(?:[^"\\]|\\.)*")|\s*([-+*/%&|^<>=:])\s*/gs, (_, string?: string, operator?: string) => string ?? operator!)
    .trim();
  for (const [piece] of tight.matchAll(/"(?:[^"\\]|\\.)*"|\s*,\s*|\s+|./gs)) {
    if (depth === 0 && piece.trim() === ',') {
      isOpen ||= true;
      close();
    } else if (depth === 0 && piece.trim() === '') close();
    else {
      if ('([{'.includes(piece)) depth++;
      else if (')]}'.includes(piece)) depth--;
      word += piece[0] === '"' && piece.length > 1 ? piece.slice(1, -1) : piece;
      isOpen = true;
    }
  }
  close();
  return words;
}

function argumentsOf(parameters: readonly Parameter[], text: string): Map<string, string> {
  const values = new Map<string, string>();
  const words = wordsOf(text);
  let position = 0;
  for (let i = 0; i < words.length; i++) {
    const named = /^(\w+)=(.*)$/s.exec(words[i]);
    const keyword = named && parameters.find(({ name }) => name === named[1]);
    const parameter = keyword || parameters[position++];
    if (!parameter) throw new SourceError(`this macro takes ${parameters.length} arguments: '${words[i]}' is one too many`);
    if (parameter.takesRest) {
      values.set(parameter.name, words.slice(i).join(', '));
      break;
    }
    values.set(parameter.name, keyword ? named[2] : words[i]);
  }
  for (const { name, otherwise, isRequired } of parameters) {
    if (values.get(name)) continue;
    if (isRequired) throw new SourceError(`the argument ${name} is missing`);
    values.set(name, otherwise);
  }
  return values;
}

/** The body with its parameters replaced: \name, \() as nothing, \@ as the number of the expansion. */
function substituted(body: readonly Statement[], values: ReadonlyMap<string, string>, number: number): Statement[] {
  const replace = (text: string): string =>
    text.replace(/\\(?:(\(\))|(@)|(\w+))/g, (whole, empty?: string, count?: string, name?: string) =>
      empty ? '' : count ? String(number) : (values.get(name!) ?? whole),
    );
  return body.flatMap((statement) => {
    if (!`${statement.name}${statement.operands}${statement.label ?? ''}`.includes('\\')) return [statement];
    const text = statement.label === undefined ? `${statement.name} ${statement.operands}` : `${statement.label}:`;
    return statementsIn(replace(text), statement);
  });
}
