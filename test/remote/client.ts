/** A debugger that sends packets to a stub in the same process, and a session for it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GdbConnection } from '../../emulator/remote/gdb/connection.ts';
import { bytesOf, frame, fromHex, latin1, PacketReader, toHex } from '../../emulator/remote/gdb/packet.ts';
import type { MachineOptions } from '../../emulator/session/contract.ts';
import { openProgram } from '../../emulator/session/program.ts';
import { Session } from '../../emulator/session/session.ts';

export const scenario = (name: string): string => join(import.meta.dirname, '../../firmware/prebuilt', `${name}.elf`);

/** A session that stands at the first instant of a program. */
export function standing(bytes: Uint8Array, options: MachineOptions = {}): Session {
  const session = new Session(
    () => undefined,
    () => undefined,
  );
  session.show(openProgram('program.elf', bytes, options));
  return session;
}
export const standingAt = (name: string): Session => standing(new Uint8Array(readFileSync(scenario(name))));

export class Debugger {
  readonly connection: GdbConnection;
  /** What came that is no answer: the console. */
  console = '';
  isKilled = false;
  exitCode: number | undefined;
  /** As it was sent, not yet taken apart. */
  raw = '';
  private readonly reader = new PacketReader();
  private readonly answers: string[] = [];

  constructor(readonly session: Session) {
    this.connection = new GdbConnection(session, {
      send: (bytes) => this.receive(bytes),
      killed: () => (this.isKilled = true),
      exited: (code) => (this.exitCode = code),
      left: () => undefined,
    });
  }

  private receive(bytes: Uint8Array): void {
    this.raw += latin1(bytes);
    for (const one of this.reader.feed(bytes)) {
      if (one.kind !== 'packet') continue;
      const text = /^O([0-9a-f]{2})+$/.test(one.payload) ? fromHex(one.payload.slice(1)) : undefined;
      if (text) this.console += new TextDecoder().decode(text);
      else this.answers.push(one.payload);
    }
  }

  /** Sends a packet and gives its answer; empty where there is none. */
  async ask(payload: string): Promise<string> {
    this.answers.length = 0;
    this.connection.receive(bytesOf(frame(payload)));
    await this.connection.settled();
    return this.answers.join('');
  }
  async monitor(line: string): Promise<string> {
    return new TextDecoder().decode(fromHex(await this.ask(`qRcmd,${toHex(new TextEncoder().encode(line))}`)));
  }
  /** The register of this number. */
  async register(number: number): Promise<bigint> {
    const digits = await this.ask(`p${number.toString(16)}`);
    return BigInt(`0x${digits.match(/../g)!.reverse().join('')}`);
  }
}
export const PC = 32;
