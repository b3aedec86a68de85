/** One connection of gdb or lldb: packets in, answers out, in their order. What makes no sense gets an error, and what is not known nothing. */
import { InputError } from '../../base/errors.ts';
import type { Program } from '../../session/program.ts';
import type { Session } from '../../session/session.ts';
import { GdbMemory } from './memory.ts';
import { Motion, stopped } from './motion.ts';
import { bytesOf, frame, fromHex, latin1, PacketReader, packetSize, textToHex, toHex, type Incoming } from './packet.ts';
import { GdbPoints } from './points.ts';
import { queryAnswer, type Queried } from './queries.ts';
import { GdbRegisters } from './registers.ts';
import { resumption } from './resumption.ts';

export interface GdbClient {
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** The debugger asked to end the program. */
  killed(): void;
  /** The program has ended itself with this code, and the debugger, which does not ask for more, was told so. */
  exited(code: number): void;
  /** It has left: nobody listens any more. */
  left(): void;
}

/** An errno of the protocol's: what was asked for cannot be done. */
const ERROR = 'E01';
const EFAULT = 'E14';
const OK = 'OK';

export class GdbConnection implements Queried {
  readonly memory = new GdbMemory();
  readonly points = new GdbPoints(this.memory);
  readonly motion: Motion;
  private readonly reader = new PacketReader();
  private acknowledges = true;
  explainsErrors = false;
  /** The debugger stays when the program has ended, and may start it again (`target extended-remote`). */
  private isExtended = false;
  /** What is to be done when the debugger has its answer. */
  private afterwards: (() => void) | undefined;
  /** Sent last, to be sent again. */
  private last = '';
  private work = Promise.resolve();
  private isOver = false;
  private known: { readonly program: Program; readonly registers: GdbRegisters } | undefined;

  constructor(
    readonly session: Session,
    private readonly client: GdbClient,
  ) {
    this.motion = new Motion(session, this.points, (line) => this.reply(`O${textToHex(`${line}\n`)}`));
    // A debugger finds a machine that stands.
    this.motion.greet();
  }

  get registers(): GdbRegisters {
    const program = this.session.needProgram();
    if (this.known?.program !== program) this.known = { program, registers: new GdbRegisters(program.machine) };
    return this.known.registers;
  }

  receive(bytes: Uint8Array): void {
    for (const incoming of this.reader.feed(bytes)) this.take(incoming);
  }
  /** The connection is lost, or was ended: what gdb had set is gone, and the machine stays as it is. */
  close(): void {
    this.isOver = true;
    this.points.clear();
  }
  /** Resolves when everything that came has been answered. */
  settled(): Promise<void> {
    return this.work;
  }

  private take(incoming: Incoming): void {
    if (this.isOver) return;
    if (incoming.kind === 'interrupt') this.motion.interrupt();
    else if (incoming.kind === 'nak' && this.acknowledges) this.transmit(this.last);
    else if (incoming.kind === 'too long' && this.acknowledges) this.transmit('-');
    else if (incoming.kind === 'packet') {
      const { payload, isSound } = incoming;
      if (this.acknowledges) this.transmit(isSound ? '+' : '-');
      if (isSound || !this.acknowledges) this.work = this.work.then(() => this.deal(payload));
    }
  }

  private async deal(payload: string): Promise<void> {
    if (this.isOver) return;
    let answer: string | undefined;
    try {
      answer = await this.answer(payload);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      answer = this.explainsErrors ? `E.${error.message}` : ERROR;
    }
    if (answer !== undefined) this.reply(answer);
    this.afterwards?.();
    this.afterwards = undefined;
  }
  private reply(payload: string): void {
    if (this.isOver) return;
    this.last = frame(payload);
    this.transmit(this.last);
  }
  private transmit(text: string): void {
    this.client.send(bytesOf(text));
  }

  /** Undefined where nothing is answered. */
  private async answer(payload: string): Promise<string | undefined> {
    const { session, motion } = this;
    const [letter] = payload;
    // lldb adds the thread to packets about registers; there is only one.
    const rest = payload.slice(1).replace(/;thread:[0-9a-fp.-]+;$/i, '');
    switch (letter) {
      case 'q':
      case 'Q':
        return this.startsNoAcknowledgement(payload) ?? queryAnswer(this, payload);
      case '?':
        return motion.greet();
      case 'H':
      case 'T':
        return OK;
      case '!':
        this.isExtended = true;
        return OK;
      case 'g':
        return this.registers.readAll();
      case 'G':
        return this.registers.writeAll(session, rest) ? this.changed() : ERROR;
      case 'p':
        return this.registers.read(Number.parseInt(rest, 16)) ?? ERROR;
      case 'P': {
        const [number, digits = ''] = rest.split('=');
        return this.registers.write(session, Number.parseInt(number, 16), digits) ? this.changed() : ERROR;
      }
      case 'm':
      case 'x':
        return this.read(rest, letter);
      case 'M':
      case 'X':
        return this.write(rest, letter);
      case 'Z':
      case 'z':
        return this.point(rest, letter);
      case 'D':
        if (!/^(;[0-9a-f]+)?$/i.test(rest)) return ERROR;
        this.afterwards = () => this.detach();
        return OK;
      case 'k':
        // More than the letter is no request to end the program.
        if (rest !== '') return '';
        this.kill();
        return undefined;
      case 'R':
        session.reset();
        motion.restarted();
        return undefined;
    }
    if (payload.startsWith('vKill')) {
      if (!this.isExtended) this.killAfterwards();
      return OK;
    }
    if (payload === 'vCont?') return 'vCont;c;C;s;S;t;r';
    if (payload === 'vCont;t' || payload.startsWith('vCont;t:')) return stopped(0);
    const move = resumption(payload);
    if (!move) return '';
    const answer = await motion.go(move.action, move.back);
    const { exitCode } = motion;
    if (exitCode !== undefined && !this.isExtended) this.afterwards = () => this.exit(exitCode);
    return answer;
  }

  private startsNoAcknowledgement(payload: string): string | undefined {
    if (payload !== 'QStartNoAckMode') return undefined;
    // The answer itself is still acknowledged: a `+` that comes now is nothing else.
    this.acknowledges = false;
    return OK;
  }
  private changed(): string {
    this.motion.remember();
    return OK;
  }

  private read(rest: string, letter: 'm' | 'x'): string {
    const [, from, length] = /^([0-9a-f]{1,16}),([0-9a-f]{1,8})$/i.exec(rest) ?? [];
    if (from === undefined) return ERROR;
    const wanted = Math.min(Number.parseInt(length, 16), packetSize >> 1);
    const bytes = this.memory.read(this.session.needProgram(), BigInt(`0x${from}`), wanted);
    if (bytes.length === 0 && wanted > 0) return EFAULT;
    return letter === 'm' ? toHex(bytes) : `b${latin1(bytes)}`;
  }

  private write(rest: string, letter: 'M' | 'X'): string {
    const [, from, length, data] = /^([0-9a-f]{1,16}),([0-9a-f]{1,8}):([^]*)$/i.exec(rest) ?? [];
    const bytes = data === undefined ? undefined : letter === 'M' ? fromHex(data) : bytesOf(data);
    if (bytes?.length !== Number.parseInt(length, 16)) return ERROR;
    // No bytes at all: gdb asks whether there is such a packet.
    if (bytes.length === 0) return OK;
    try {
      this.memory.write(this.session, BigInt(`0x${from}`), bytes);
    } catch (error) {
      if (error instanceof InputError && !this.explainsErrors) return EFAULT;
      throw error;
    }
    return this.changed();
  }

  /** Conditions and commands of the stub's own, after a `;`, are not offered. */
  private point(rest: string, letter: 'Z' | 'z'): string {
    const [, digit, from, length] = /^(\d),([0-9a-f]{1,16}),([0-9a-f]{1,8})$/i.exec(rest.replace(/;.*$/, '')) ?? [];
    if (digit === undefined) return ERROR;
    const address = BigInt(`0x${from}`);
    const bytes = Number.parseInt(length, 16);
    if (letter === 'z') return this.points.remove(digit, address, bytes) ? OK : '';
    if (bytes > mostWatched) return ERROR;
    return this.points.add(this.session.needProgram(), digit, address, bytes) ? OK : '';
  }

  killAfterwards(): void {
    this.afterwards = () => this.kill();
  }
  private detach(): void {
    this.close();
    this.session.movement.run();
    this.client.left();
  }
  private kill(): void {
    this.close();
    this.session.giveUp();
    this.client.killed();
  }
  private exit(code: number): void {
    this.close();
    this.client.exited(code);
  }
}

/** Bytes of one watchpoint: what a person watches fits into it, and each page of it slows the machine. */
const mostWatched = 1 << 20;
