/**
 * The bytes of the console as a terminal gets them: in the colour of the level that sent them, and with lines broken between words. It
 * follows the guest as far as that needs: which column comes next, and whether the guest has chosen a colour itself, which then wins.
 *
 * Where the guest moves the cursor up and down, lines are its own business: from there on nothing is broken and no line is known.
 */
import type { SenderRun } from '../../emulator/session/views.ts';

export type Sender = Pick<SenderRun, 'el' | 'vmid'>;

const [BEL, BS, TAB, LF, CR, ESC, SPACE, DEL] = [7, 8, 9, 10, 13, 0x1b, 0x20, 0x7f];
/** From here on characters may be wide, or join with others: their columns are the terminal's to know. */
const FIRST_UNSURE = 0x300;
/** Lines whose beginnings are kept: more than a terminal scrolls back. */
const MOST_LINES = 16_384;
/** A sequence longer than this is none. */
const LONGEST_SEQUENCE = 256;

type State = 'text' | 'escape' | 'csi' | 'string';

export class ConsoleText {
  /** Column of the next character; as many as there are columns where the next one begins a line. */
  column = 0;
  /** Offsets of the first byte of each line, the last ones. */
  lines: number[] = [];
  /** The guest has moved the cursor to other lines. */
  hasMoved = false;
  /** Columns of this line are the terminal's to know. */
  private isUnsure = false;
  private state: State = 'text';
  private sequence: number[] = [];
  private isOwnColour = false;
  /** What was written for the sender before. */
  private shown = '';
  /** The word that the line ends with: where it begins, and what was written of it. */
  private word: { readonly column: number; readonly from: number; readonly style: string; readonly written: number[] } | null = null;
  /** Bytes of a character that are still to come, and what there is of it. */
  private following = 0;
  private character = 0;
  private out: number[] = [];

  constructor(
    private readonly columns: number,
    /** The parameters of SGR for a sender; empty: as the terminal has it. */
    private readonly style: (sender: Sender) => string,
    offset: number,
  ) {
    this.lines.push(offset);
  }

  /** What a terminal is given for these bytes, of which the first has this offset. */
  write(bytes: Uint8Array, offset: number, senders: readonly SenderRun[]): Uint8Array {
    this.out = [];
    let at = 0;
    for (const sender of senders) {
      const style = this.style(sender);
      for (const end = Math.min(bytes.length, at + sender.bytes); at < end; at++) this.push(bytes[at], offset + at, style);
    }
    return Uint8Array.from(this.out);
  }

  private push(byte: number, offset: number, style: string): void {
    if (this.state !== 'text') return this.inSequence(byte);
    if (this.following === 0) this.choose(style);
    if (byte === ESC) {
      this.state = 'escape';
      this.sequence = [];
      // A word is not written again with what the guest has set within it.
      this.word = null;
      return this.put(byte);
    }
    if (byte < SPACE || byte === DEL) return this.control(byte, offset);
    if (byte === SPACE) this.word = null;
    // After the last column a space shows nothing, and is not what the next line begins with.
    if (byte === SPACE && this.column >= this.columns && this.breaks) return;
    if (this.isFollowing(byte)) return this.put(byte);
    if (this.column >= this.columns) this.breakLine(offset);
    if (byte !== SPACE) this.word ??= { column: this.column, from: offset, style: this.shown, written: [] };
    this.put(byte);
    this.column++;
  }
  private get breaks(): boolean {
    return !this.isUnsure && !this.hasMoved;
  }

  /** A byte that goes on with a character of UTF-8; the first of one says how many follow. */
  private isFollowing(byte: number): boolean {
    if (this.following > 0 && byte >> 6 === 2) {
      this.following--;
      this.character = (this.character << 6) | (byte & 0x3f);
      if (this.following === 0 && this.character >= FIRST_UNSURE && !isNarrow(this.character)) this.isUnsure = true;
      return true;
    }
    this.following = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0;
    this.character = this.following === 0 ? byte : byte & (0x3f >> this.following);
    return false;
  }

  private control(byte: number, offset: number): void {
    this.following = 0;
    this.word = null;
    this.put(byte);
    if (byte === LF) this.beginLine(offset + 1);
    else if (byte === CR) this.column = 0;
    else if (byte === BS) this.column = Math.max(0, Math.min(this.column, this.columns - 1) - 1);
    else if (byte === TAB) this.column = Math.min(this.columns - 1, (this.column | 7) + 1);
  }

  private beginLine(offset: number): void {
    this.column = 0;
    this.isUnsure = false;
    this.lines.push(offset);
    if (this.lines.length > 2 * MOST_LINES) this.lines.splice(0, MOST_LINES);
  }

  /** The line is full: the word that it ends with goes on to the next one, as a whole if it has room there. */
  private breakLine(offset: number): void {
    const { word } = this;
    if (!word || word.column === 0 || !this.breaks) {
      this.word = null;
      return this.beginLine(offset);
    }
    const now = this.shown;
    this.word = null;
    this.text(`\x1b[${word.column + 1}G\x1b[K\r\n`);
    if (word.style !== now) this.colour(word.style);
    const moved = this.column - word.column;
    this.beginLine(word.from);
    this.column = moved;
    this.word = { column: 0, from: word.from, style: word.style, written: [] };
    for (const byte of word.written) this.put(byte);
    this.shown = now;
  }

  private inSequence(byte: number): void {
    const { sequence } = this;
    this.put(byte);
    sequence.push(byte);
    if (this.state === 'string') {
      // BEL, or ESC and a backslash.
      if (byte === BEL || (byte === 0x5c && sequence.at(-2) === ESC) || sequence.length > LONGEST_SEQUENCE) this.state = 'text';
    } else if (this.state === 'escape') {
      if (byte === 0x5b) this.state = 'csi';
      else if ([0x50, 0x58, 0x5d, 0x5e, 0x5f].includes(byte)) this.state = 'string';
      else if (byte >= 0x30 || byte < SPACE) this.endEscape(byte);
    } else if ((byte >= 0x40 && byte < DEL) || sequence.length > LONGEST_SEQUENCE) {
      this.state = 'text';
      this.endCsi(String.fromCharCode(...sequence.slice(1, -1)), String.fromCharCode(byte));
    }
  }
  private endEscape(byte: number): void {
    this.state = 'text';
    // RIS resets everything; IND, NEL, RI and DECRC move the cursor.
    if (byte === 0x63) [this.isOwnColour, this.shown] = [false, ''];
    if ('cDEM8'.includes(String.fromCharCode(byte))) this.hasMoved = true;
  }
  private endCsi(parameters: string, final: string): void {
    if (final === 'm') {
      this.isOwnColour = ownColour(parameters, this.isOwnColour);
      // Whatever it set, the terminal's own colour is gone.
      this.shown = '';
    } else if ('CDGa`@P'.includes(final)) this.isUnsure = true;
    else if ('hl'.includes(final)) this.hasMoved ||= parameters.startsWith('?') && !isHarmless(parameters);
    else if ('ABEFHILMSTdefru'.includes(final)) this.hasMoved = true;
  }

  /** The colour of the sender, where the guest has none. */
  private choose(style: string): void {
    if (this.isOwnColour || style === this.shown) return;
    this.colour(style);
  }
  private colour(style: string): void {
    this.text(`\x1b[${style === '' ? '39;23' : style}m`);
    this.shown = style;
  }

  private put(byte: number): void {
    this.out.push(byte);
    this.word?.written.push(byte);
  }
  private text(text: string): void {
    for (let i = 0; i < text.length; i++) this.put(text.charCodeAt(i));
  }
}

/** Latin, Greek, Cyrillic, and the lines, blocks and arrows that boot messages draw with. */
const isNarrow = (character: number): boolean =>
  (character >= 0x370 && character < 0x483) || (character >= 0x2010 && character < 0x2027) || (character >= 0x2190 && character < 0x2600);

/** Modes that a guest sets without moving anything: whether the cursor shows, pasting, what keys send. */
const isHarmless = (parameters: string): boolean => /^\?(1|7|12|25|2004)$/.test(parameters);

/** Whether the text has a colour of the guest's own after SGR with these parameters. */
function ownColour(parameters: string, before: boolean): boolean {
  let own = before;
  const numbers = parameters.split(/[;:]/).map(Number);
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i];
    if (number === 0 || number === 39) own = false;
    else if ((number >= 30 && number <= 37) || (number >= 90 && number <= 97)) own = true;
    else if (number === 38 || number === 48) {
      own ||= number === 38;
      i += numbers[i + 1] === 2 ? 4 : 2;
    }
  }
  return own;
}

/** Offset of the byte whose character stands in a column of the line that begins with the first of these bytes; undefined where none does. */
export function byteInLine(bytes: Uint8Array, offset: number, columns: number, column: number): number | undefined {
  const text = new ConsoleText(columns, () => '', offset);
  let found: number | undefined;
  for (let i = 0; i < bytes.length && text.lines.length === 1; i++) {
    const { column: before } = text;
    text.write(bytes.subarray(i, i + 1), offset + i, [{ bytes: 1, el: null, vmid: 0 }]);
    if (before === column && text.column === column + 1 && text.lines.length === 1) found = offset + i;
  }
  return found;
}
