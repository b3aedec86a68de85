/** Which byte of the console's output put a character where it stands: found by letting a second terminal, without a screen, read the same bytes. */
import { Terminal } from '@xterm/xterm';
import { ConsoleText } from './console-text.ts';

export interface Cell {
  /** Line from the first one that the terminal still knows. */
  readonly line: number;
  readonly column: number;
}

/** Bytes written between looks at the cursor. */
const CHUNK = 512;

/** Place of the byte, or undefined where nothing was written. `columns`, `rows`, `scrollback`: of the terminal that is seen. */
export async function byteAt(
  bytes: Uint8Array,
  cell: Cell,
  shape: { readonly columns: number; readonly rows: number; readonly scrollback: number },
): Promise<number | undefined> {
  // Scrolling moves lines that are dropped at the top; then places no longer compare.
  const whole = await readUntil(shape, bytes, 0, CHUNK, (terminal) => isPast(terminal, cell));
  if (whole === undefined) return undefined;
  const start = Math.max(0, whole - CHUNK);
  const exact = await readUntil(shape, bytes, start, 1, (terminal) => isPast(terminal, cell));
  return exact === undefined ? undefined : exact - 1;
}

/** The cursor stands behind the cell: its character has been written. */
function isPast(terminal: Terminal, { line, column }: Cell): boolean {
  const { baseY, cursorY, cursorX } = terminal.buffer.active;
  const at = baseY + cursorY;
  return at > line || (at === line && cursorX > column);
}

/** Writes bytes to a fresh terminal, the first `at` of them at once; length written when `done` holds first. */
async function readUntil(
  { columns, rows, scrollback }: { readonly columns: number; readonly rows: number; readonly scrollback: number },
  bytes: Uint8Array,
  at: number,
  chunk: number,
  done: (terminal: Terminal) => boolean,
): Promise<number | undefined> {
  const terminal = new Terminal({ cols: columns, rows, scrollback, convertEol: true, allowProposedApi: true });
  const text = new ConsoleText(columns, () => '', 0);
  const write = (from: number, to: number): Promise<void> => {
    const told = text.write(bytes.subarray(from, to), from, [{ bytes: to - from, el: null, vmid: 0 }]);
    return new Promise((resolve) => terminal.write(told, resolve));
  };
  try {
    await write(0, at);
    for (let from = at; from < bytes.length; from += chunk) {
      const to = Math.min(bytes.length, from + chunk);
      await write(from, to);
      if (done(terminal)) return to;
    }
    return undefined;
  } finally {
    terminal.dispose();
  }
}
