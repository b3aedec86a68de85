/** The door for gdb: whether the shell lets a debugger connect to this session, and whether one has. */
import { InputError } from '../base/errors.ts';

/** Listening, as a shell does it. */
export interface OpenDoor {
  /** What a person types to connect, for a program by its path or its name. */
  line(program: string): string;
  close(): void;
}
/** `heard`: is told when a debugger has come or gone. Rejects where nothing can listen. */
export type Listen = (heard: (isConnected: boolean) => void) => Promise<OpenDoor>;

export interface GdbView {
  readonly state: 'off' | 'waiting' | 'connected';
  /** What to type; null while it is off, or no program is open. */
  readonly line: string | null;
  /** Why gdb cannot connect here; null where it can. */
  readonly why: string | null;
}

export class GdbDoor {
  /** Absent where the shell cannot listen. */
  listen: Listen | undefined;
  private open: OpenDoor | undefined;
  private isConnected = false;

  constructor(
    private readonly changed: () => void,
    private readonly program: () => string | undefined,
  ) {}

  /** Throws InputError where gdb cannot connect here. */
  async set(on = !this.open): Promise<GdbView> {
    if (!this.listen) throw new InputError(WHY);
    if (on && !this.open) {
      const open = await this.listen((isConnected) => {
        this.isConnected = isConnected;
        this.changed();
      });
      // Another call may have been quicker.
      if (this.open) open.close();
      else this.open = open;
    } else if (!on) this.close();
    this.changed();
    return this.view();
  }
  close(): void {
    this.open?.close();
    this.open = undefined;
    this.isConnected = false;
  }

  view(): GdbView {
    const program = this.program();
    return {
      state: !this.open ? 'off' : this.isConnected ? 'connected' : 'waiting',
      line: this.open && program !== undefined ? this.open.line(program) : null,
      why: this.listen ? null : WHY,
    };
  }
}

const WHY = 'gdb cannot connect to a page without a server: run ELscope on this computer with npm start';
