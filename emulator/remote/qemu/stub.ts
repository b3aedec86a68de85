/**
 * A client of gdb's remote protocol, for stubs of QEMU and of OpenOCD: what is asked of one CPU that stands still, and what makes it go on.
 * One question at a time, as the protocol has it.
 */
import { InputError } from '../../base/errors.ts';
import { bytesOf, frame, PacketReader } from '../gdb/packet.ts';
import { within, type Line } from './line.ts';
import { readTargetDescription, type StubRegister } from './target-description.ts';

/** Bytes of the longest answer that is asked for. */
const MOST_BYTES = 2 ** 16;
const [acknowledgement, refusal, interruptByte] = ['+', '-', '\x03'].map(bytesOf) as [
  Uint8Array<ArrayBuffer>,
  Uint8Array<ArrayBuffer>,
  Uint8Array<ArrayBuffer>,
];
const ANSWER_MS = 5000;
/** How often a damaged packet is asked for again. */
const MOST_REPEATS = 4;
/** Characters of a target description. */
const MOST_DESCRIPTION = 2 ** 20;

const hexOf = (bytes: readonly number[]): string => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');

export type BreakpointKind = 'software' | 'hardware';

/** Why it stands still: a signal, or the end of what it ran. */
export interface StubStop {
  /** Number of the signal; 5 is SIGTRAP, 2 an interrupt. Undefined: there is nothing any more. */
  readonly signal: number | undefined;
}

export class Stub {
  registers: readonly StubRegister[] = [];
  /** Physical memory can be read, as QEMU does it. */
  hasPhysicalMemory = false;
  /** CPUs, as far as they are told. */
  cpus: readonly string[] = [];
  /** It runs: nothing can be asked. */
  isRunning = false;
  /** Called where it stops after `resume`. */
  onStop: (stop: StubStop) => void = () => undefined;
  onLost: (why: string) => void = () => undefined;

  private readonly reader = new PacketReader(true);
  private packetBytes = 400;
  private acknowledges = true;
  private readonly features = new Set<string>();
  private sent: Uint8Array<ArrayBuffer> | undefined;
  private repeats = 0;
  private answered: { readonly resolve: (body: string) => void; readonly reject: (error: Error) => void } | undefined;
  private lost: Error | undefined;
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(private readonly line: Line) {
    line.listen(
      (bytes) => this.receive(bytes),
      () => this.lose(new InputError('the connection to the stub was lost')),
    );
  }

  /** Connects to a stub whose CPU stands still, as stubs make it when a client comes. Throws InputError. */
  static async open(line: Line): Promise<Stub> {
    const stub = new Stub(line);
    try {
      await stub.greet();
      return stub;
    } catch (error) {
      stub.close();
      throw error;
    }
  }

  private async greet(): Promise<void> {
    const supported = await this.ask('qSupported:multiprocess+;swbreak+;hwbreak+;vContSupported+;xmlRegisters=aarch64');
    for (const feature of supported.split(';')) {
      const size = /^PacketSize=([0-9a-f]{1,8})$/i.exec(feature)?.[1];
      if (size !== undefined) this.packetBytes = Math.min(MOST_BYTES, Math.max(64, Number.parseInt(size, 16)));
      else this.features.add(feature);
    }
    if (this.features.has('QStartNoAckMode+') && (await this.ask('QStartNoAckMode')) === 'OK') this.acknowledges = false;
    if (!/^[TSWX]/.test(await this.ask('?'))) throw new InputError('what answers is not a gdb stub', {}, 'give the address of QEMU’s -gdb');
    this.cpus = await this.threads();
    if (!this.features.has('qXfer:features:read+'))
      throw new InputError('the stub does not tell its registers', {}, 'it has no qXfer:features:read');
    this.registers = await readTargetDescription((annex) => this.transfer(annex));
    this.hasPhysicalMemory = /^[01]$/.test(await this.ask('qqemu.PhyMemMode'));
  }

  private async threads(): Promise<string[]> {
    const found: string[] = [];
    let answer = await this.ask('qfThreadInfo');
    while (answer.startsWith('m') && found.length < 1024) {
      found.push(
        ...answer
          .slice(1)
          .split(',')
          .filter((id) => id !== ''),
      );
      answer = await this.ask('qsThreadInfo');
    }
    return found;
  }

  private async transfer(annex: string): Promise<string> {
    let text = '';
    const chunk = Math.max(16, this.packetBytes - 16);
    while (text.length <= MOST_DESCRIPTION) {
      const answer = await this.ask(`qXfer:features:read:${annex}:${text.length.toString(16)},${chunk.toString(16)}`);
      if (!/^[lm]/.test(answer))
        throw new InputError(`the stub does not give ${annex} of its target description: it answers "${answer.slice(0, 40)}"`);
      text += answer.slice(1);
      if (answer.startsWith('l')) return text;
      if (answer.length === 1) throw new InputError(`the stub's ${annex} does not go on`);
    }
    throw new InputError(`the stub's ${annex} has no end`);
  }

  /** The value of a register; undefined where the stub does not give it. */
  async register({ number, bits }: StubRegister): Promise<bigint | undefined> {
    const answer = await this.ask(`p${number.toString(16)}`);
    const bytes = Math.ceil(bits / 8);
    if (!/^[0-9a-f]+$/i.test(answer) || answer.length !== 2 * bytes) return undefined;
    let value = 0n;
    for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(Number.parseInt(answer.slice(2 * i, 2 * i + 2), 16));
    return value;
  }

  /** From now on memory is read by PA, or by VA again. */
  async readPhysical(on: boolean): Promise<void> {
    if ((await this.ask(`Qqemu.PhyMemMode:${on ? 1 : 0}`)) !== 'OK') throw new InputError('the stub does not read physical memory');
  }

  /** Bytes at an address; undefined where the stub refuses. */
  async memory(address: number, bytes: number): Promise<Uint8Array | undefined> {
    const out = new Uint8Array(bytes);
    const most = (this.packetBytes >> 1) & ~7;
    for (let at = 0; at < bytes;) {
      const count = Math.min(most, bytes - at);
      const answer = await this.ask(`m${(address + at).toString(16)},${count.toString(16)}`);
      if (answer.length !== 2 * count || !/^[0-9a-f]*$/i.test(answer)) return undefined;
      for (let i = 0; i < count; i++) out[at + i] = Number.parseInt(answer.slice(2 * i, 2 * i + 2), 16);
      at += count;
    }
    return out;
  }

  /** Gives a register a value, where the stub takes it. */
  async setRegister({ number, bits }: StubRegister, value: bigint): Promise<void> {
    const bytes = Array.from({ length: Math.ceil(bits / 8) }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
    await this.ask(`P${number.toString(16)}=${hexOf(bytes)}`);
  }
  /** False where the stub refuses. */
  async setMemory(address: number, bytes: Uint8Array): Promise<boolean> {
    return (await this.ask(`M${address.toString(16)},${bytes.length.toString(16)}:${hexOf([...bytes])}`)) === 'OK';
  }

  /** Where the breakpoint lies in the current regime. */
  async setBreakpoint(address: bigint, on: boolean, kind: BreakpointKind = 'software'): Promise<void> {
    const answer = await this.ask(`${on ? 'Z' : 'z'}${kind === 'software' ? 0 : 1},${address.toString(16)},4`);
    if (answer !== 'OK') throw new InputError(`the stub ${on ? 'sets' : 'removes'} no breakpoint at 0x${address.toString(16)}`);
  }

  /** It goes on, for one instruction or until something stops it; `onStop` tells when. */
  resume(how: 'step' | 'continue'): void {
    if (this.isRunning || this.lost) return;
    this.isRunning = true;
    void this.talk(how === 'step' ? 's' : 'c', undefined).then(
      (answer) => {
        this.isRunning = false;
        const [, kind, code] = /^([TSWX])([0-9a-f]{2})/i.exec(answer) ?? [];
        this.onStop({ signal: kind === 'T' || kind === 'S' ? Number.parseInt(code, 16) : undefined });
      },
      () => (this.isRunning = false),
    );
  }
  /** Stops it wherever it is. */
  interrupt(): void {
    if (this.isRunning) this.line.send(interruptByte);
  }

  /** Leaves it: `goesOn` lets the CPU run, otherwise it stands where it is. */
  async leave(goesOn: boolean): Promise<void> {
    try {
      if (!this.lost && !this.isRunning) {
        if (this.hasPhysicalMemory) await this.readPhysical(false);
        if (goesOn) await this.ask('D');
      }
    } finally {
      this.close();
    }
  }
  close(): void {
    this.lost ??= new InputError('the connection to the stub was closed');
    this.answered?.reject(this.lost);
    this.line.close();
  }

  private ask(body: string): Promise<string> {
    return this.talk(body, ANSWER_MS);
  }
  /** One question after the other. */
  private talk(body: string, ms: number | undefined): Promise<string> {
    const result = this.queue.then(() => this.exchange(body, ms));
    this.queue = result.catch(() => undefined);
    return result;
  }
  private exchange(body: string, ms: number | undefined): Promise<string> {
    if (this.lost) return Promise.reject(this.lost);
    const answer = new Promise<string>((resolve, reject) => (this.answered = { resolve, reject }));
    this.repeats = 0;
    this.sent = bytesOf(frame(body));
    this.line.send(this.sent);
    if (ms === undefined) return answer;
    return within(ms, answer, () => {
      const isNew = this.features.size === 0;
      const error = isNew
        ? new InputError(`nobody answered in ${ms / 1000} seconds`, {}, 'another debugger may be connected: QEMU serves one at a time')
        : new InputError(`the stub did not answer ${body.slice(0, 40)} in ${ms / 1000} seconds`);
      // A late answer would be taken for that of the next question.
      this.lose(error);
      return error;
    });
  }

  private receive(bytes: Uint8Array): void {
    for (const incoming of this.reader.feed(bytes)) {
      if (this.lost) return;
      if (incoming.kind === 'packet' && incoming.isSound) this.take(incoming.payload);
      else if (incoming.kind === 'packet' || incoming.kind === 'too long') this.again(() => this.line.send(refusal));
      else if (incoming.kind === 'nak' && this.sent) this.again(() => this.line.send(this.sent!));
    }
  }
  private again(send: () => void): void {
    if (++this.repeats > MOST_REPEATS) this.lose(new InputError('the connection to the stub damages what it carries'));
    else if (this.acknowledges) send();
  }

  private take(text: string): void {
    if (this.acknowledges) this.line.send(acknowledgement);
    // Console output of the target, while it runs or a command is carried out.
    if (/^O[0-9a-f]/i.test(text)) return;
    const { answered } = this;
    this.answered = this.sent = undefined;
    answered?.resolve(text);
  }

  private lose(error: Error): void {
    if (this.lost) return;
    this.lost = error;
    this.isRunning = false;
    this.answered?.reject(error);
    this.line.close();
    this.onLost(error.message);
  }
}
