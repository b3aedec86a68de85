/** How assembly is read for the eye: mnemonics bold, system registers underlined, comments grey. Hue stays with the machine. */
import { StreamLanguage, syntaxHighlighting, type StreamParser } from '@codemirror/language';
import { tagHighlighter, tags } from '@lezer/highlight';

interface State {
  inComment: boolean;
  /** A mnemonic or a directive may come. */
  atStart: boolean;
}

const systemRegister = /^(\w+_EL[0-3]|S[0-3]_\d_C\d+_C\d+_\d|CurrentEL|SPSel|DAIF|DAIFSet|DAIFClr|NZCV|FPCR|FPSR)(?![\w$])/i;
const repeats = /^\.(rept|irpc?|macro|if\w*|else\w*|endr|endm|endif)\b/i;

const parser: StreamParser<State> = {
  name: 'assembly',
  startState: () => ({ inComment: false, atStart: true }),
  copyState: (state) => ({ ...state }),
  token(stream, state) {
    if (stream.sol()) state.atStart = true;
    if (state.inComment) {
      state.inComment = !stream.skipTo('*/');
      if (state.inComment) stream.skipToEnd();
      else stream.match('*/');
      return 'comment';
    }
    if (stream.eatSpace()) return null;
    if (stream.match('/*')) {
      state.inComment = true;
      return 'comment';
    }
    if (stream.match('//') || (stream.sol() && stream.peek() === '#')) {
      stream.skipToEnd();
      return 'comment';
    }
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:\\.|[^\\])'?/)) return 'string';
    if (stream.match(';')) {
      state.atStart = true;
      return null;
    }
    if (state.atStart) {
      if (stream.match(/^([A-Za-z_.$][\w.$]*|\d+)(?=\s*:)/)) {
        stream.match(/^\s*:/);
        return 'labelName';
      }
      if (stream.match(repeats) || stream.match(/^\.[\w.$]+/)) {
        state.atStart = false;
        return 'meta';
      }
      state.atStart = false;
      if (stream.match(/^[\w.$\\]+/)) return /^\s*={1,2}[^=]/.test(stream.string.slice(stream.pos)) ? null : 'keyword';
    }
    if (stream.match(systemRegister)) return 'special';
    if (stream.match(/^#?-?(0x[\da-f]+|0b[01]+|\d+)(?![\w$])/i)) return 'number';
    if (stream.match(/^[\w.$\\]+/)) return null;
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: '//', block: { open: '/*', close: '*/' } } },
  tokenTable: { special: tags.special(tags.variableName) },
};

const classes = tagHighlighter([
  { tag: tags.comment, class: 'asm-comment' },
  { tag: tags.keyword, class: 'asm-mnemonic' },
  { tag: tags.special(tags.variableName), class: 'asm-register' },
  { tag: tags.labelName, class: 'asm-label' },
  { tag: tags.meta, class: 'asm-directive' },
]);

export const assembly = [StreamLanguage.define(parser), syntaxHighlighting(classes)];
