/**
 * A session that is attached to a machine elsewhere. At each stop its state is put into a machine of ours, which is what views look at; what
 * moves it moves the machine elsewhere, and what asks for its past is refused with the reason.
 */
import { InputError } from '../base/errors.ts';
import { snapshotBytes } from '../machine/snapshot.ts';
import { wideHex } from '../base/hex.ts';
import { OutputLog } from '../time/output-log.ts';
import type { CommandName, CommandParams, CommandResult } from './contract.ts';
import type { AttachPlace, SessionHost } from './host.ts';
import type { SessionBreakpoints } from './breakpoints.ts';
import type { Progress } from './movement.ts';
import { openProgram, type Program } from './program.ts';
import { registerChange } from './register-change.ts';
import type { Target, TargetState, ToldTrap } from './target.ts';
import type { ToldTraps } from './told-traps.ts';
import type { AttachedView } from './views.ts';

/** Milliseconds between two tries to reach a machine that has gone: it is built anew and started again. */
const AGAIN_MS = 1000;

const past = 'QEMU does not keep what was before: take the run over to have it from here on';
const here = 'the program runs in QEMU: take it over to do that here';

/** What is refused while a session is attached, and why. All that is not named looks at the state, or opens something else. */
const refusals: Partial<Record<CommandName, string>> = {
  ...fromEach(['stepBack', 'seek', 'seekOutput', 'runBack', 'lastWriter', 'writeHistory', 'exportTraps', 'recording', 'futuresAt'], past),
  ...fromEach(
    ['stepOut', 'nextTrap', 'nextGuest', 'reset', 'whatIf', 'openExperiment', 'enterFuture', 'compare', 'keepAndReset', 'examine'],
    here,
  ),
  ...fromEach(['letGdbConnect', 'speed'], here),
  ...fromEach(['askQuestion', 'askLab', 'showConcept', 'checkMade'], 'the session is attached to QEMU: detach first'),
};
function fromEach(names: readonly CommandName[], why: string): Partial<Record<CommandName, string>> {
  return Object.fromEntries(names.map((name) => [name, why]));
}

/** What it needs of its session. */
interface AttachedSession {
  readonly host: SessionHost;
  readonly breakpoints: SessionBreakpoints;
  edited(): void;
  changed(): void;
}

/** Traps that are kept. */
const MOST_TRAPS = 100_000;
/** What is told of a machine elsewhere was before the instant that is shown, and has no step of its own. */
const BEFORE = -1;

const noBytes = new Uint8Array();

export class Attachment {
  /** The machine elsewhere as it was at its last stop; its bytes are those of the program there, the same at each stop. */
  program: Program | undefined;
  /** The same as a run that begins there. */
  private run: (() => Program) | undefined;
  private unknown: readonly string[] = [];
  /** What it printed, and the traps that it told of. */
  private output = new OutputLog();
  private readonly traps: ToldTrap[] = [];
  private forgotten = 0;
  isUnlocked: boolean;
  private isOver = false;
  private ending: Promise<void> | undefined;
  private isReading = false;
  private state: TargetState = 'connected';
  private reason: string | undefined;

  private constructor(
    private readonly session: AttachedSession,
    private readonly place: AttachPlace,
    private target: Target,
  ) {
    this.isUnlocked = place.unlock === true;
    this.hear();
  }

  /** Connects and shows what is there. Throws InputError. */
  static async begin(session: AttachedSession, place: AttachPlace, progress: Progress): Promise<Attachment> {
    const attachment = new Attachment(session, place, await session.host.attach(place));
    try {
      await attachment.look(progress);
    } catch (error) {
      await attachment.end();
      throw error;
    }
    attachment.follow();
    return attachment;
  }

  get view(): AttachedView {
    const { target, state, reason, unknown, isUnlocked: unlocked } = this;
    const { noConsole, noTraps } = target;
    return {
      name: target.name,
      address: this.place.gdb,
      state,
      unknown: [...unknown],
      unlocked,
      ...(reason !== undefined && { reason }),
      ...(noConsole !== undefined && { noConsole }),
      ...(noTraps !== undefined && { noTraps }),
    };
  }
  get isRunning(): boolean {
    return this.state === 'running';
  }

  /** Throws InputError for a command that cannot be carried out elsewhere; true: it was. */
  async carryOut(command: CommandName, params: object): Promise<unknown> {
    const why = refusals[command];
    if (why !== undefined) throw new InputError(why);
    switch (command) {
      case 'run':
        await this.goOn();
        return {};
      case 'pause':
        this.target.interrupt();
        return {};
      case 'step':
        await this.step('over' in params && params.over === true);
        return { at: 0 };
      case 'runTo':
        await this.goOn('address' in params ? BigInt(params.address as string) : undefined);
        return { at: 0 };
      case 'input': {
        const { noConsole } = this.target;
        if (noConsole !== undefined) throw new InputError(noConsole);
        this.target.type((params as CommandParams<'input'>).bytes);
        return {};
      }
      case 'setRegister':
        return this.write(params as CommandParams<'setRegister'>);
      default:
        return undefined;
    }
  }

  private async write(wanted: CommandParams<'setRegister'>): Promise<CommandResult<'setRegister'>> {
    const program = this.stopped();
    if (!this.isUnlocked) throw new InputError('QEMU is only looked at', {}, 'unlock it to write its registers and memory');
    const { register, value } = registerChange(program, wanted);
    await this.target.write(register, value);
    await this.lookAgain();
    return { at: 0, register, value: wideHex(value), changed: true, text: `${register} of ${this.target.name} is now ${wideHex(value)}.` };
  }

  private async step(over: boolean): Promise<void> {
    const { machine } = this.stopped();
    const word = machine.fetchWord(machine.cpu.pc);
    // BL and BLR: the call comes back to the instruction after it.
    const isCall = word !== undefined && ((word & 0xfc00_0000) >>> 0 === 0x9400_0000 || (word & 0xffff_fc1f) >>> 0 === 0xd63f_0000);
    if (over && isCall) return this.goOn(machine.cpu.pc + 4n);
    this.target.resume('step');
  }
  private async goOn(until?: bigint): Promise<void> {
    this.stopped();
    const { breakpoints } = this.session;
    const enabled = [...breakpoints.byAddress()].flatMap(([va, { enabled }]) => (enabled ? [va] : []));
    await this.target.stopAt(new Set(until === undefined ? enabled : [...enabled, until]));
    this.target.resume('continue');
  }
  private stopped(): Program {
    if (this.state === 'lost') throw new InputError('QEMU has gone', {}, 'start it again: ELscope comes back to it');
    if (this.state === 'running' || !this.program) throw new InputError('QEMU runs', {}, 'pause it first');
    return this.program;
  }

  /** The machine of the last stop, to go on in it; QEMU stands where it is. */
  async takeOver(): Promise<Program> {
    this.stopped();
    await this.end('stopped');
    return this.run!();
  }
  /** Once; whoever asks again waits as well. */
  end(how: 'asBefore' | 'stopped' = 'asBefore'): Promise<void> {
    this.isOver = true;
    this.target.onChange = () => undefined;
    return (this.ending ??= this.target.leave(how));
  }

  /** What it prints and tells, from now on. */
  private hear(): void {
    const { target, session, traps } = this;
    target.onOutput = (bytes) => {
      for (const byte of bytes) this.output.push(BEFORE, byte);
      session.changed();
    };
    target.onTraps = (more) => {
      for (const trap of more) traps.push(trap);
      const over = traps.length - MOST_TRAPS;
      if (over > 0) traps.splice(0, over);
      this.forgotten += Math.max(0, over);
      session.changed();
    };
  }

  private follow(): void {
    const { target, session } = this;
    target.onChange = () => {
      if (this.isOver) return;
      this.reason = target.reason;
      if (target.state === 'stopped') return void this.lookAgain();
      this.state = target.state;
      session.edited();
      if (target.state === 'lost') void this.comeBack();
    };
    target.onChange();
  }

  private async lookAgain(): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    try {
      await this.look(() => undefined);
    } catch (error) {
      this.reason = error instanceof Error ? error.message : String(error);
      this.state = this.target.state;
      this.session.edited();
    } finally {
      this.isReading = false;
    }
  }

  private async look(progress: Progress): Promise<void> {
    const { target, session } = this;
    const snapshot = await target.snapshot(progress);
    const bytes = snapshotBytes(snapshot);
    const name = snapshot.program?.name ?? target.name;
    const shown = openProgram(name, bytes);
    if (this.isOver) return;
    shown.timeline.output = this.output;
    this.unknown = snapshot.unknown;
    this.run = () => openProgram(name, bytes);
    const told: ToldTraps = { traps: this.traps, forgotten: () => this.forgotten };
    this.program = { ...shown, bytes: snapshot.program?.bytes ?? noBytes, elsewhere: { name: target.name, told } };
    this.state = 'stopped';
    this.reason = target.reason;
    session.breakpoints.attach(this.program);
    session.edited();
  }

  /** Tries until it is there again. */
  private async comeBack(): Promise<void> {
    while (!this.isOver) {
      await new Promise<void>((resolve) => setTimeout(resolve, AGAIN_MS));
      const target = await this.session.host.attach(this.place).catch(() => undefined);
      if (!target) continue;
      if (this.isOver) return target.leave('asBefore');
      this.target = target;
      // It begins anew.
      this.traps.length = this.forgotten = 0;
      this.output = new OutputLog();
      this.hear();
      this.follow();
      return;
    }
  }
}
