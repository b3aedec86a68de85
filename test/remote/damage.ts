/** Packets of a real connection, damaged at random, sent to a stub. */
import { bytesOf, frame } from '../../emulator/remote/gdb/packet.ts';
import { Debugger, standingAt } from './client.ts';

/** What gdb-multiarch 13.1 and lldb 14 sent in a session in which everything was tried once. */
const transcript = [
  'qSupported:multiprocess+;swbreak+;hwbreak+;qRelocInsn+;fork-events+;vfork-events+;exec-events+;vContSupported+;QThreadEvents+;no-resumed+;memory-tagging+;xmlRegisters=i386',
  ...['vMustReplyEmpty', 'QStartNoAckMode', '!', 'Hgp0.0', 'qXfer:features:read:target.xml:0,1fffb', 'qTStatus', '?'],
  ...['qXfer:threads:read::0,1fffb', 'qAttached:1', 'Hc-1', 'qC', 'qOffsets', 'g', 'qXfer:memory-map:read::0,1fffb', 'm40080000,40'],
  ...['qSymbol::', 'p32', 'p44', 'p20', 'm40080000,4', 'qRcmd,696e666f206c6576656c73', 'qRcmd,76696577207068797320', 'X40090000,0:'],
  ...['Z0,40080004,4', 'z0,40080004,4', 'Z2,40090000,8', 'z2,40090000,8', 'qSearch:memory:40080000;1000;}\x03ab', 'qCRC:40080000,1000'],
  ...['qThreadExtraInfo,p1.1', 'qfThreadInfo', 'qsThreadInfo', 'Qqemu.PhyMemMode:1', 'qqemu.sstepbits', 'Qqemu.sstep=7', 'qHostInfo'],
  ...[
    'P0=0100000000000000',
    'M40090000,4:01020304',
    'X40090000,4:\x01}\x03}\x5d',
    'vCont?',
    'vCont;s:p1.1;c',
    'vCont;r40080000,40080010:1',
  ],
  ...['bs', 's', 'p0;thread:1;', 'jThreadsInfo', 'qProcessInfo', 'QThreadSuffixSupported', 'qRegisterInfo0', 'x40080000,10'],
];
/** Of a payload that begins so, the machine stays as it is. */
const readsOnly = /^(?:[?!HTgpmxq]|Q|vMust|vCont\?|j|[Zz]|$)(?!cont)/;

/** So many damaged packets; answers in which way the stub failed. */
export async function damageRun(count: number, seed: number): Promise<{ sent: number; problems: string[] }> {
  let state = seed >>> 0 || 1;
  const random = (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const client = new Debugger(standingAt('04-stage2'));
  const { session, connection } = client;
  session.needProgram().timeline.forward(20_000);
  const problems: string[] = [];
  const { machine } = session.needProgram();
  let hash = machine.stateHash();
  for (let i = 0; i < count && problems.length < 5; i++) {
    const payload = damaged(transcript[random(transcript.length)], random);
    // What may move the machine, or take it away, is sent rarely: the rest is to be tried at one instant.
    const isReading = readsOnly.test(payload) && !/^qRcmd/.test(payload);
    if (!isReading && random(8) > 0) continue;
    // These wait for something, or end the connection, and are tried elsewhere.
    if (/^(D|k|vKill|R|c|C|vCont;[cC]|vCont;.*;[cC]|bc)/.test(payload)) continue;
    // Megabytes take their time, which proves nothing more.
    if (/^q(Search|CRC).*[,;][0-9a-f]{6}/.test(payload)) continue;
    const framed = damagedFrame(frame(payload), random);
    try {
      for (const piece of pieces(bytesOf(framed), random)) connection.receive(piece);
      await connection.settled();
    } catch (error) {
      problems.push(`${JSON.stringify(framed)}: ${String(error)}`);
    }
    client.raw = '';
    if (isReading && i % 16 === 0 && machine.stateHash() !== hash) problems.push(`${JSON.stringify(framed)} changed the machine`);
    if (!isReading) hash = machine.stateHash();
  }
  // It still answers.
  connection.receive(bytesOf('#00'));
  if ((await client.ask('qC')) !== 'QCp1.1') problems.push('the stub does not answer any more');
  return { sent: count, problems };
}

function damaged(payload: string, random: (below: number) => number): string {
  let text = payload;
  for (let times = random(3); times > 0; times--) {
    const at = random(text.length + 1);
    const char = '0123456789abcdef,;:=#$}*pZ-\x03\x00\xff'[random(30)];
    const kind = random(4);
    if (kind === 0) text = text.slice(0, at) + char + text.slice(at);
    else if (kind === 1) text = text.slice(0, at) + text.slice(at + 1);
    else if (kind === 2) text = text.slice(0, at) + char + text.slice(at + 1);
    else text = text.slice(0, at);
  }
  return text;
}

function damagedFrame(framed: string, random: (below: number) => number): string {
  if (random(4) > 0) return framed;
  const at = random(framed.length);
  return framed.slice(0, at) + '\x03+-$#}x'[random(7)] + framed.slice(at + random(2));
}

function pieces(bytes: Uint8Array, random: (below: number) => number): Uint8Array[] {
  if (random(3) > 0) return [bytes];
  const at = random(bytes.length + 1);
  return [bytes.subarray(0, at), bytes.subarray(at)];
}
