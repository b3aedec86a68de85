import { describe, expect, test } from 'vitest';
import { AttachedQemu } from '../../emulator/index.ts';
import { bytesOf, frame } from '../../emulator/remote/gdb/packet.ts';

import { Qmp } from '../../emulator/remote/qemu/qmp.ts';
import { readMachineState } from '../../emulator/remote/qemu/machine-state.ts';
import { stateRegisters } from '../../emulator/remote/qemu/names.ts';
import { registersToRead } from '../../emulator/remote/qemu/device-registers.ts';
import { Stub } from '../../emulator/remote/qemu/stub.ts';
import { readTargetDescription } from '../../emulator/remote/qemu/target-description.ts';
import { Machine } from '../../emulator/machine/machine.ts';
import { played, recordedStub } from './lines.ts';

const packet = (body: string): Uint8Array => bytesOf(frame(body));
const hello = 'qSupported:multiprocess+;swbreak+;hwbreak+;vContSupported+;xmlRegisters=aarch64';
const general = Array.from({ length: 31 }, (_, i) => `<reg name="x${i}" bitsize="64" regnum="${i}" type="int" group="general"/>`).join('');
/** As OpenOCD describes an AArch64 core: the features in one file, numbers given, a bank of its own for the exception registers. */
const description = `<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0"><architecture>aarch64</architecture>
<feature name="org.gnu.gdb.aarch64.core">${general}<reg name="sp" bitsize="64" regnum="31" type="data_ptr"/><reg name="pc" bitsize="64" regnum="32" type="code_ptr"/>
<reg name='cpsr' bitsize='32' regnum='33'/></feature><feature name="net.sourceforge.openocd.banked"><reg name="ELR_EL1" bitsize="64" regnum="68"/>
<reg name="ESR_EL1" bitsize="64"/></feature></target>`;
const half = 900;
const openOcd = {
  [hello]: 'PacketSize=4000;qXfer:memory-map:read-;qXfer:features:read+;qXfer:threads:read+;QStartNoAckMode+;vContSupported+',
  QStartNoAckMode: 'OK',
  '?': 'S05',
  qfThreadInfo: 'm0000000000000001',
  qsThreadInfo: 'l',
  'qXfer:features:read:target.xml:0,3ff0': `m${description.slice(0, half)}`,
  [`qXfer:features:read:target.xml:${half.toString(16)},3ff0`]: `l${description.slice(half)}`,
  p20: '0010084000000000',
  p44: ['O6162630a', 'efbeadde00000000'],
  p45: 'E01',
  p1: 'xxxxxxxxxxxxxxxx',
  s: ['O68616c7465640a', 'T05'],
};

describe('a client of stubs', () => {
  test('understands OpenOCD: no acknowledgements, its description in pieces, console output between answers', async () => {
    const stub = await Stub.open(recordedStub(openOcd));
    const registers = stateRegisters(stub.registers);
    const read = (name: string): Promise<bigint | undefined> => stub.register(registers.get(name)!);
    expect(stub.hasPhysicalMemory).toBe(false);
    expect(await Promise.all(['pc', 'ELR_EL1', 'ESR_EL1', 'x1', 'PSTATE'].map(read))).toEqual([
      0x40081000n,
      0xdeadbeefn,
      undefined,
      undefined,
      undefined,
    ]);
    const stopped = new Promise((resolve) => (stub.onStop = resolve));
    stub.resume('step');
    expect(await stopped).toEqual({ signal: 5 });
  });
  test('says that a stub without physical memory is not enough for page tables', async () => {
    const attached = await AttachedQemu.open({ stub: recordedStub(openOcd) });
    await expect(attached.snapshot(() => undefined)).rejects.toThrow('this stub does not read physical memory');
  });
  test('asks again where an answer is damaged, and gives up where all are', async () => {
    let damaged = 2;
    const stub = Stub.open(
      played((bytes, line) => {
        if (bytes[0] === 0x2b) return;
        if (damaged-- > 0) return line.say(Uint8Array.from([...packet('S05').slice(0, -1), 0x7a]));
        line.say(packet('S05'));
      }),
    );
    await expect(stub).rejects.toThrow('does not tell its registers');
    const broken = played((_, line) => line.say(Uint8Array.from([0x24, 0x41, 0x23, 0x30, 0x30])));
    await expect(Stub.open(broken)).rejects.toThrow('damages what it carries');
    expect(broken.isClosed).toBe(true);
  });
  test('reads a description full of comments, closed or not, in one pass', async () => {
    const full = `${'<!-- x -->'.repeat(10_000)}${description.replace('</target>', '')}${'<!--'.repeat(50_000)}`;
    const began = process.cpuUsage();
    expect((await readTargetDescription(() => Promise.resolve(full))).length).toBe(36);
    expect(process.cpuUsage(began).user).toBeLessThan(2e6);
  });
  test('says that the other end has gone', async () => {
    await expect(Stub.open(played((_, line) => line.hangUp()))).rejects.toThrow('the connection to the stub was lost');
  });
  test('maps QEMU’s short names to the architecture’s', () => {
    const named = ['SCTLR', 'VBAR', 'CPACR', 'CNTKCTL', 'CSSELR', 'SPSR_ABT', 'cpsr', 'MAIR_EL3'].map((name, number) => ({
      name,
      number,
      bits: 64,
    }));
    expect([...stateRegisters(named).keys()]).toEqual([
      ...['SCTLR_EL1', 'VBAR_EL1', 'CPACR_EL1', 'CNTKCTL_EL1', 'CSSELR_EL1', 'SPSR_abt', 'PSTATE'],
    ]);
  });
});

test('of devices only registers are read whose reading changes nothing', () => {
  const places = registersToRead(new Machine({ memoryBytes: 16 << 20, gic: 2, el2: true }).board);
  const names = places.map(({ name }) => name);
  for (const told of ['GICD_CTLR', 'GICD_ISPENDR8', 'GICC_PMR', 'GICH_LR3', 'GICH_VMCR', 'UARTIMSC', 'RTCDR'])
    expect(names).toContain(told);
  for (const never of ['GICC_IAR', 'GICC_AIAR', 'GICV_IAR', 'GICV_AIAR', 'UARTDR', 'GICC_EOIR', 'GICC_DIR'])
    expect(names).not.toContain(never);
  // Nor by an access to its neighbours.
  for (const pa of [0x0801_000c, 0x0801_0020, 0x0804_000c, 0x0804_0020, 0x0900_0000])
    expect(places.filter((place) => place.pa < pa + 4 && place.pa + place.bytes > pa)).toEqual([]);
});

/** Numbers that are the same each time. */
function* random(seed: number): Generator<number, never> {
  for (let x = seed | 1; ;) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    yield x >>> 0;
  }
}

/** What an answer may become on its way, or in the hands of somebody who means ill. */
function spoilt(bytes: Uint8Array, numbers: Generator<number, never>): Uint8Array {
  const next = (below: number): number => numbers.next().value % below;
  const out = [...bytes];
  for (let i = next(4); i > 0; i--) {
    const at = next(out.length + 1);
    const kind = next(4);
    if (kind === 0) out[at] = next(256);
    else if (kind === 1) out.splice(at, next(8));
    else if (kind === 2) out.splice(at, 0, ...Array.from({ length: next(8) }, () => next(256)));
    else out.splice(at, 0, ...out.slice(0, next(200)));
  }
  return Uint8Array.from(out);
}

/** `npm run prove` tries more. */
const rounds = process.env['PROVE'] ? 20_000 : 100;

describe('answers that are wrong', () => {
  const settles = async (work: Promise<unknown>): Promise<void> =>
    void (await work.then(
      () => undefined,
      (error: unknown) => expect(error).toBeInstanceOf(Error),
    ));

  test('from a stub end in a sentence, never in a crash or a wait', async () => {
    const numbers = random(1);
    for (let round = 0; round < rounds; round++) {
      const stub = recordedStub(openOcd);
      let told = 0;
      const spoiling = { ...stub };
      spoiling.listen = (receive, closed) =>
        stub.listen((bytes) => {
          if (++told > 40) return closed();
          receive(spoilt(bytes, numbers));
          // A packet that lost its end is never answered: the line breaks sooner or later.
          queueMicrotask(() => told > 0 && setTimeout(closed, 5));
        }, closed);
      await settles(AttachedQemu.open({ stub: spoiling }).then((attached) => attached.snapshot(() => undefined)));
    }
  });
  test('from QMP as well', async () => {
    const greeting = new TextEncoder().encode(
      '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}, "capabilities": []}}\r\n',
    );
    const answer = new TextEncoder().encode('{"return": {"status": "paused", "running": false}}\r\n{"event": "STOP"}\r\n');
    const numbers = random(2);
    for (let round = 0; round < rounds; round++) {
      const line = played((_, other) => other.say(spoilt(answer, numbers)));
      const opened = Qmp.open(line).then((qmp) => qmp.ask('query-status'));
      line.say(spoilt(greeting, numbers));
      setTimeout(line.hangUp, 5);
      await settles(opened);
    }
    const endless = played(() => undefined);
    const opened = Qmp.open(endless);
    for (let i = 0; i < 300 && !endless.isClosed; i++) endless.say(new Uint8Array(2 ** 16).fill(0x20));
    await expect(opened).rejects.toThrow('an answer has no end');
  });
  test('in the state that QEMU sends as well', () => {
    const numbers = random(3);
    const text = (words: string): number[] => [words.length, ...new TextEncoder().encode(words)];
    const page = Array.from({ length: 4096 }, (_, i) => i & 0xff);
    const state = Uint8Array.from([
      ...[0x51, 0x45, 0x56, 0x4d, 0, 0, 0, 3, 7, 0, 0, 0, 4, 0x76, 0x69, 0x72, 0x74],
      ...[1, 0, 0, 0, 2, ...text('ram'), 0, 0, 0, 0, 0, 0, 0, 4],
      ...[0, 0, 0, 0, 0, 0, 0x20, 4, ...text('ram'), 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x7e, 0, 0, 0, 2],
      ...[
        3,
        0,
        0,
        0,
        2,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        2,
        ...text('ram'),
        7,
        0,
        0,
        0,
        0,
        0,
        0,
        0x10,
        0x28,
        ...page,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0x10,
        0x7e,
        0,
        0,
        0,
        2,
      ],
      ...[
        4,
        0,
        0,
        0,
        0,
        ...text('timer'),
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        2,
        ...Array<number>(16).fill(0),
        0,
        0,
        0,
        0,
        0,
        0,
        1,
        2,
        0x7e,
        0,
        0,
        0,
        0,
        0,
      ],
    ]);
    const read = readMachineState(state);
    expect(read).toMatchObject({ machine: 'virt', clock: { ns: 258 }, halted: false, received: [] });
    expect([...read.blocks[0].pages].map(([number, bytes]) => [number, bytes[255]])).toEqual([
      [0, 7],
      [1, 255],
    ]);
    for (let round = 0; round < 2 * rounds; round++) {
      try {
        readMachineState(spoilt(state, numbers));
      } catch (error) {
        expect((error as Error).message).toContain('the state that QEMU sent');
      }
    }
  });
});
