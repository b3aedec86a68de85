/** The other end of a line, played by a test. */
import type { Line } from '../../emulator/index.ts';
import { bytesOf, frame, PacketReader } from '../../emulator/remote/gdb/packet.ts';

export interface Played extends Line {
  /** What the other end says. */
  readonly say: (bytes: Uint8Array) => void;
  readonly hangUp: () => void;
  isClosed: boolean;
}

/** `hear`: what the other end does with what it is sent. */
export function played(hear: (bytes: Uint8Array, line: Played) => void): Played {
  let receive: (bytes: Uint8Array) => void = () => undefined;
  let closed: () => void = () => undefined;
  const line: Played = {
    isClosed: false,
    send: (bytes) => queueMicrotask(() => !line.isClosed && hear(bytes, line)),
    close: () => void (line.isClosed = true),
    listen: (r, c) => {
      receive = r;
      closed = c;
    },
    say: (bytes) => !line.isClosed && receive(bytes),
    hangUp: () => !line.isClosed && closed(),
  };
  return line;
}

/** A stub that answers as recorded; what is not in the recording it does not know. */
export function recordedStub(answers: Readonly<Record<string, string | readonly string[]>>): Played {
  const reader = new PacketReader();
  return played((bytes, line) => {
    for (const arrival of reader.feed(bytes)) {
      if (arrival.kind !== 'packet') continue;
      const answer = answers[arrival.payload] ?? '';
      for (const body of typeof answer === 'string' ? [answer] : answer) line.say(bytesOf(frame(body)));
    }
  });
}
