/** General queries: what the stub can do, threads, descriptions, search, `monitor`, and what QEMU's stub answers beside. */
import { InputError } from '../../base/errors.ts';
import type { Session } from '../../session/session.ts';
import { crcOf, search, type GdbMemory } from './memory.ts';
import { memoryMap } from './memory-map.ts';
import { monitor } from './monitor.ts';
import { sstep, type Motion } from './motion.ts';
import { bytesOf, fromHex, packetSize, textToHex } from './packet.ts';
import { mostPoints } from './points.ts';
import type { GdbRegisters } from './registers.ts';

/** What queries ask and set of a connection. */
export interface Queried {
  readonly session: Session;
  readonly registers: GdbRegisters;
  readonly memory: GdbMemory;
  readonly motion: Motion;
  /** Errors may be texts. */
  explainsErrors: boolean;
  /** Ends the program and the connection, once the query has been answered. */
  killAfterwards(): void;
}

type Answer = (connection: Queried, words: string) => string | Promise<string>;

const features = [
  `PacketSize=${packetSize.toString(16)}`,
  ...['QStartNoAckMode+', 'multiprocess+', 'swbreak+', 'hwbreak+', 'vContSupported+'],
  ...['qXfer:features:read+', 'qXfer:memory-map:read+', 'qXfer:threads:read+', 'ReverseStep+', 'ReverseContinue+'],
  ...['binary-upload+'],
];

/** The one CPU, as a thread. */
const threadText = ({ session }: Queried): string => {
  const { machine } = session.needProgram();
  const { stage2, vmid } = machine.mmu.describe('el1');
  const { el, waiting } = machine.cpu;
  const guest = el < 2 && stage2?.on ? `, VMID ${vmid}` : '';
  return `CPU#0 [EL${el}${guest}, ${machine.stop ? 'off' : waiting ? 'waiting' : 'running'}]`;
};

/** What `qXfer:OBJECT:read:` reads. */
const objects: Readonly<Record<string, (connection: Queried, annex: string) => string | undefined>> = {
  features: ({ registers }, annex) => (annex === 'target.xml' ? registers.description() : undefined),
  'memory-map': ({ session }) => memoryMap(session.needProgram().machine),
  threads(connection) {
    // A program that has ended has none any more.
    const thread = `<thread id="p1.1" core="0" name="CPU#0">${threadText(connection)}</thread>\n`;
    return `<?xml version="1.0"?>\n<threads>\n${connection.motion.exitCode === undefined ? thread : ''}</threads>\n`;
  },
};

const triple = textToHex('aarch64-unknown-none');

/** By what the packet begins with, up to the first of `:,;=?`. */
const answers: Readonly<Record<string, Answer>> = {
  qSupported(connection, words) {
    const asked = words.split(';');
    connection.explainsErrors = asked.includes('error-message+');
    return [...features, ...(connection.explainsErrors ? ['error-message+'] : [])].join(';');
  },
  qC: () => 'QCp1.1',
  qAttached: () => '1',
  qSymbol: () => 'OK',
  qfThreadInfo: () => 'mp1.1',
  qsThreadInfo: () => 'l',
  qThreadExtraInfo: (connection) => textToHex(threadText(connection)),
  qXfer(connection, words) {
    const [, object, annex, offset, length] = /^([\w-]+):read:([^:]*):([0-9a-f]{1,8}),([0-9a-f]{1,8})$/i.exec(words) ?? [];
    const text = object !== undefined && Object.hasOwn(objects, object) ? objects[object](connection, annex) : undefined;
    if (object === undefined || !Object.hasOwn(objects, object)) return '';
    if (text === undefined) return 'E00';
    const from = Number.parseInt(offset, 16);
    const part = text.slice(from, from + Math.min(Number.parseInt(length, 16), packetSize - 1));
    return `${from + part.length < text.length ? 'm' : 'l'}${part}`;
  },
  qSearch({ memory, session }, words) {
    const [, from, length, pattern] = /^memory:([0-9a-f]{1,16});([0-9a-f]{1,12});([^]*)$/i.exec(words) ?? [];
    if (from === undefined) return 'E01';
    const program = session.needProgram();
    const most = program.machine.options.memoryBytes;
    const found = search(
      (address, bytes) => memory.read(program, address, bytes),
      BigInt(`0x${from}`),
      Math.min(Number.parseInt(length, 16), most),
      bytesOf(pattern),
    );
    return found === undefined ? '0' : `1,${found.toString(16)}`;
  },
  qCRC({ memory, session }, words) {
    const [, from, length] = /^([0-9a-f]{1,16}),([0-9a-f]{1,8})$/i.exec(words) ?? [];
    if (from === undefined) return 'E01';
    const program = session.needProgram();
    const wanted = Number.parseInt(length, 16);
    if (wanted > program.machine.options.memoryBytes) return 'E14';
    const bytes = memory.read(program, BigInt(`0x${from}`), wanted);
    return bytes.length === wanted ? `C${crcOf(bytes).toString(16)}` : 'E14';
  },
  async qRcmd(connection, words) {
    const bytes = fromHex(words);
    if (!bytes) return 'E01';
    try {
      const text = await connection.motion.doing(() => monitor(connection, new TextDecoder().decode(bytes)));
      // All of it may come with the answer itself.
      return textToHex(text);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return textToHex(`${error.message}\n`);
    }
  },
  // QEMU's own, by which gef and pwndbg know that they talk to a whole machine.
  'qqemu.Supported': () => 'sstepbits;sstep;PhyMemMode',
  'qqemu.PhyMemMode': ({ memory }) => (memory.viewpoint === 'phys' ? '1' : '0'),
  'Qqemu.PhyMemMode'({ memory }, words) {
    if (!/^[01]$/.test(words)) return 'E22';
    memory.viewpoint = words === '1' ? 'phys' : 'current';
    return 'OK';
  },
  'qqemu.sstepbits': () =>
    Object.entries(sstep)
      .map(([name, bit]) => `${name}=${bit.toString(16)}`)
      .join(','),
  'qqemu.sstep': ({ motion }) => `0x${motion.stepFlags.toString(16)}`,
  'Qqemu.sstep'({ motion }, words) {
    const flags = /^(0x)?[0-7]$/i.test(words) ? Number(words) : NaN;
    if (Number.isNaN(flags)) return 'E22';
    motion.stepFlags = flags;
    return 'OK';
  },
  // lldb's. It steps over the access of a watchpoint by itself, as gdb does, if it is told that it stands in front of it.
  qHostInfo: () => `triple:${triple};ptrsize:8;endian:little;watchpoint_exceptions_received:before;`,
  qWatchpointSupportInfo: () => `num:${mostPoints};`,
  qMemoryRegionInfo({ memory, session }, words) {
    if (!/^[0-9a-f]{1,16}$/i.test(words)) return 'E01';
    const page = BigInt.asUintN(64, BigInt(`0x${words}`) & ~0xfffn);
    const permissions = memory.permissions(session.needProgram(), page);
    return `start:${page.toString(16)};size:1000;${permissions === '' ? '' : `permissions:${permissions};`}`;
  },
  qProcessInfo: () => `pid:1;triple:${triple};ptrsize:8;endian:little;`,
  QThreadSuffixSupported: () => 'OK',
};
/** QEMU takes these with either letter. */
const eitherLetter: Readonly<Record<string, string>> = { 'Qqemu.sstepbits': 'qqemu.sstepbits', 'Qqemu.Supported': 'qqemu.Supported' };

/** Nothing for what is not known. */
export function queryAnswer(connection: Queried, payload: string): string | Promise<string> {
  const [, name, separator, words] = /^([^:,;=?]+)([:,;=?]?)([^]*)$/.exec(payload) ?? [];
  if (name === undefined) return '';
  const asked = eitherLetter[name] ?? (separator === '=' || separator === ':' ? name.replace(/^qqemu\.(?=sstep$)/, 'Qqemu.') : name);
  // Without a value it asks, whichever letter it begins with.
  const known = asked.startsWith('Qqemu.') && separator === '' ? asked.replace(/^Q/, 'q') : asked;
  return Object.hasOwn(answers, known) ? answers[known](connection, words) : '';
}
