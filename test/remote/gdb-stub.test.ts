/** What the stub answers, packet by packet, and that what gdb writes is part of the run. */
import { beforeAll, expect, test } from 'vitest';
import { assembleProgram, elfOf } from '../../emulator/assembler/index.ts';
import { replay, runStart } from '../../emulator/session/program.ts';
import { readRecording, writeRecording } from '../../emulator/time/recording-file.ts';
import { Debugger, PC, standing, standingAt } from './client.ts';

let client: Debugger;
beforeAll(() => {
  client = new Debugger(standingAt('04-stage2'));
});
const timeline = () => client.session.needProgram().timeline;
const machine = () => client.session.needProgram().machine;

test('an unknown packet is answered by nothing, and what gdb asks first by what it needs', async () => {
  for (const unknown of ['vMustReplyEmpty', 'qTStatus', 'qOffsets', 'vRun;', 'QNonStop:1', 'qXfer:auxv:read::0,100', 'jThreadsInfo'])
    expect(await client.ask(unknown), unknown).toBe('');
  expect(await client.ask('qSupported:multiprocess+;swbreak+')).toMatch(/PacketSize=20000;.*ReverseStep\+;ReverseContinue\+/);
  expect(await client.ask('qSupported:error-message+')).toMatch(/error-message\+$/);
  expect(await client.ask('P21=00000000')).toBe('E.only N, Z, C, V, D, A, I, F and SP of PSTATE can be written');
  await client.ask('qSupported:');
  expect(await client.ask('P21=00000000')).toBe('E01');
  expect(await client.ask('vCont?')).toBe('vCont;c;C;s;S;t;r');
  expect(await client.ask('?')).toBe('T05thread:p1.1;');
});

test('without acknowledgements a wrong checksum does not matter; with them the packet is asked for again', () => {
  const other = new Debugger(standingAt('01-el2-to-el1'));
  const send = (text: string): void => other.connection.receive(new TextEncoder().encode(text));
  send('$qC#00');
  expect(other.raw).toBe('-');
});

test('the description has every system register that can be read, under its own name, and QEMU’s short names of four', async () => {
  const xml = await client.ask('qXfer:features:read:target.xml:0,1ffff');
  const names = [...xml.matchAll(/<reg name="([^"]+)"/g)].map(([, name]) => name);
  expect(names.slice(28, 36)).toEqual(['x28', 'x29', 'x30', 'sp', 'pc', 'cpsr', 'v0', 'v1']);
  for (const name of ['HCR_EL2', 'MIDR_EL1', 'MPIDR_EL1', 'SCTLR_EL1', 'VTTBR_EL2', 'SP_EL1', 'SCTLR', 'VBAR', 'CPACR', 'CNTKCTL'])
    expect(names, name).toContain(name);
  expect(new Set(names).size).toBe(names.length);
  expect(await client.register(names.indexOf('MIDR_EL1'))).toBe(0x410f_d034n);
  expect(await client.ask('g')).toHaveLength(2 * (33 * 8 + 4 + 32 * 16 + 8));
});

test('memory is read by the addresses of the level that runs, or of the view that is chosen, and devices are only looked at', async () => {
  expect(await client.ask('m40080000,4')).toBe('404238d5');
  expect(await client.ask('x40080000,4')).toBe('b@B8\xd5');
  expect(await client.ask('m4000000000000000,4')).toBe('E14');
  const before = machine().stateHash();
  // GICC_IAR, which acknowledges an interrupt when it is read, and UARTDR.
  expect(await client.ask('m801000c,4')).toHaveLength(8);
  expect(await client.ask('m9000000,4')).toHaveLength(8);
  expect(machine().stateHash()).toBe(before);
  expect(await client.ask('M9000000,1:41')).toBe('E14');
  expect(await client.ask('qMemoryRegionInfo:40080123')).toBe('start:40080000;size:1000;permissions:rwx;');
  expect(await client.ask('qMemoryRegionInfo:4000000000000000')).toBe('start:4000000000000000;size:1000;');
  expect(await client.ask('qSearch:memory:40080000;1000;\xd5')).toBe('1,40080003');
  // The same as `printf '\x40\x42\x38\xd5' | gdb's crc32`: computed bit by bit.
  expect(await client.ask('qCRC:40080000,4')).toBe(`C${crcByBits([0x40, 0x42, 0x38, 0xd5]).toString(16)}`);
});

test('a step goes over the handlers of interrupts, both ways', async () => {
  const stepped = new Debugger(standingAt('05-interrupts'));
  const { timeline, machine } = stepped.session.needProgram();
  timeline.forward(200_000);
  const { traps } = timeline;
  const index = Array.from({ length: traps.length }, (_, i) => i).find((i) => traps.type(i) === 'IRQ')!;
  timeline.seek(traps.step(index));
  const { pc, el } = machine.cpu;
  expect(await stepped.ask('s')).toBe('T05thread:p1.1;');
  expect(machine.cpu.el).toBe(el);
  expect(timeline.at).toBeGreaterThan(traps.step(index) + 20);
  expect(await stepped.ask('bs')).toBe('T05thread:p1.1;');
  expect(machine.cpu.pc).toBe(pc);
  await stepped.ask('bs');
  expect(timeline.at).toBe(traps.step(index) - 1);
  // With the bits of QEMU's that let interrupts through, a step is a step.
  await stepped.ask('Qqemu.sstep=1');
  await stepped.ask('s');
  await stepped.ask('s');
  expect(timeline.at).toBe(traps.step(index) + 1);
});

test('reverse execution ends at the beginning, forward execution at the power-off, and both say so', async () => {
  expect(await client.ask('bc')).toBe('T00thread:p1.1;replaylog:begin;');
  expect(await client.ask('bs')).toBe('T00thread:p1.1;replaylog:begin;');
  expect(await client.ask('vCont;c:p1.-1')).toBe('T00thread:p1.1;replaylog:end;');
  expect(client.console).toContain('PSCI SYSTEM_OFF');
});

test('what gdb writes is input of the recording, which repeats it', async () => {
  expect(await client.ask('vCont;s')).toContain('replaylog:end');
  await client.monitor('at 1000');
  expect(await client.ask('M40090000,6:010203040506')).toBe('OK');
  expect(await client.ask('P5=0807060504030201')).toBe('OK');
  expect(timeline().inputs.all()).toMatchObject([
    { kind: 'memory', n: 1000, pa: 0x4009_0000 },
    { kind: 'change', n: 1000, register: 'x5', value: 0x0102_0304_0506_0708n },
  ]);
  timeline().forward(500);
  const hash = machine().stateHash();
  const recording = await readRecording(await writeRecording(runStart(client.session.needProgram()), timeline()), 'run');
  const repeated = replay(recording);
  repeated.timeline.forward(1500);
  expect(repeated.machine.stateHash()).toBe(hash);
  // Going back to before it and coming again repeats it too.
  timeline().seek(10);
  timeline().seek(1500);
  expect(machine().stateHash()).toBe(hash);
});

test('monitor prints what the command line prints, and moves', async () => {
  expect(await client.monitor('at 1200')).toMatch(/^instant 1200, EL\d, PC 0x/);
  expect(await client.monitor('info walk 0x40080000')).toContain('0x40080000');
  expect(await client.monitor('info regs')).toMatch(/^instant {5}1200\n/);
  expect(await client.monitor('why')).toMatch(/^instant 1200/);
  expect(await client.monitor('view vmid 9')).toContain('no guest with VMID 9');
  expect(await client.monitor('view phys')).toContain('physical addresses');
  expect(await client.ask('qqemu.PhyMemMode')).toBe('1');
  await client.monitor('view');
  expect(await client.monitor('nonsense')).toContain('monitor help');
  expect(await client.monitor('run-to 1300')).toMatch(/^instant 1300/);
});

test('a program that begins again stands at its first instant', async () => {
  await client.ask('R');
  expect(timeline().at).toBe(0);
  expect(await client.register(PC)).toBe(0x4008_0000n);
});

test('a program that ends itself is gone for gdb, with its code, unless gdb stays for the next run', async () => {
  const { program } = assembleProgram('mov x0, #0x18\nadr x1, block\nhlt #0xf000\nblock: .quad 0x20026, 7\n');
  const exiting = (): Debugger => new Debugger(standing(elfOf(program!, 'exit.s', ''), { semihosting: true }));
  const once = exiting();
  expect(await once.ask('vCont;c:p1.-1')).toBe('W07;process:1');
  expect(once.exitCode).toBe(7);
  expect(await once.ask('qC')).toBe('');
  const staying = exiting();
  await staying.ask('!');
  expect(await staying.ask('c')).toBe('W07;process:1');
  expect(staying.exitCode).toBeUndefined();
  expect(await staying.ask('qXfer:threads:read::0,1000')).not.toContain('<thread id');
  expect(await staying.ask('vKill;1')).toBe('OK');
  await staying.ask('R');
  expect(await staying.register(PC)).toBe(0x4008_0000n);
  expect(await staying.monitor('exit')).toBe('ELscope ends the program.\n');
  expect(staying.isKilled).toBe(true);
});

function crcByBits(bytes: readonly number[]): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes)
    for (let bit = 7; bit >= 0; bit--) crc = ((crc << 1) ^ ((crc >>> 31) ^ ((byte >> bit) & 1) ? 0x04c1_1db7 : 0)) >>> 0;
  return crc;
}
