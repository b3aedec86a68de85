/** A program that a person writes: assembled and run by the session, edited, run again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SessionClient } from '../../emulator/session/client.ts';
import { serveSession } from '../../emulator/session/serve.ts';
import type { StatusView } from '../../emulator/session/views.ts';
import { clonedMessages, type Connection } from './ports.ts';

const startingPoint = (name: string): string => readFileSync(join(import.meta.dirname, '../../firmware/assembly', name), 'utf8');
const text = startingPoint('el2-to-el1.s');
const name = 'mine.s';

let connection: Connection;
let client: SessionClient;
beforeEach(() => {
  connection = clonedMessages();
  serveSession(connection.server, { shell: 'test' });
  client = new SessionClient(connection.client);
});
afterEach(() => connection.close());

const until = (wanted: (status: StatusView) => boolean): Promise<StatusView> =>
  new Promise((resolve) => {
    const stop = client.subscribe('status', {}, (status) => {
      if (!wanted(status)) return;
      queueMicrotask(() => stop());
      resolve(status);
    });
  });
const ended = (): Promise<StatusView> => until(({ state }) => state === 'ended' || state === 'stopped');
const output = async (): Promise<string> => new TextDecoder().decode((await client.get('console', { from: 0, epoch: 0 })).bytes);

describe('assembled as it is typed', () => {
  test('each instruction has its line, its address and its bits; what only fills up does not count', async () => {
    const { problems, words } = await client.call('assemble', { text: 'nop\n.balign 64\na: b a\n.word 5' });
    expect(problems).toEqual([]);
    expect(words).toEqual([
      { line: 1, address: '0x40080000', word: '0xd503201f' },
      { line: 3, address: '0x40080040', word: '0x14000000' },
    ]);
  });
  test('a mistake comes with its place and its repair, and changes nothing in the machine', async () => {
    const answer = await client.call('runSource', { name, text: 'nop\n  msr elr_hyp, x0' });
    expect(answer.problems).toEqual([
      {
        line: 2,
        column: 7,
        message: 'there is no system register elr_hyp in AArch64: use elr_el2',
        repair: { column: 7, instead: 'elr_hyp', text: 'elr_el2' },
      },
    ]);
    expect((await until(() => true)).state).toBe('empty');
  });
  test('what is longer than a source may be, or is named like a folder, is refused', async () => {
    await expect(client.call('assemble', { text: ' '.repeat((1 << 18) + 1) })).rejects.toThrow('262144');
    await expect(client.call('runSource', { name: '../x.s', text: 'nop' })).rejects.toThrow('without a folder');
  });
});

describe('run', () => {
  test('it is a program like any other, with its source inside', async () => {
    expect((await client.call('runSource', { name, text })).problems).toEqual([]);
    const { image } = await ended();
    expect(image?.name).toBe('mine.elf');
    expect(await output()).toBe('hello from EL1\n');
    const source = await client.call('source', { file: 0 });
    expect(source).toMatchObject({ name, text });
    expect(source.lines[0]).toEqual({ line: 12, address: '0x40080000' });

    const { bytes } = await client.call('recording', {});
    await client.call('open', { name: 'mine.elrec', bytes });
    expect((await client.call('source', { file: 0 })).text).toBe(text);
  });

  test('edited, it keeps its breakpoints and goes back to the same place', async () => {
    await client.call('runSource', { name, text });
    await ended();
    await client.call('reset', {});
    await client.call('addBreakpoint', { spec: { kind: 'address', va: '0x40080028' } });
    await client.call('run', {});
    const { at } = await until(({ state, reason }) => state === 'paused' && reason !== undefined);
    // Two instructions more before the place.
    const edited = text.replace('_start:\n        adr', '_start:\n        nop\n        nop\n        adr');
    const answer = await client.call('runSource', { name, text: edited });
    expect(answer.text).toMatch(/^mine\.elf was rebuilt\. .*You are back at mine\.s:24\.$/);
    const line = (await client.get('code', { before: 0, after: 0 })).lines[0];
    expect(line).toMatchObject({ address: '0x40080030', mnemonic: 'eret', line: 24, breakpoint: { id: 1, enabled: true } });
    expect((await until(() => true)).at).toBe(at + 2);
    expect((await client.call('source', { file: 0 })).text).toBe(edited);
  });

  test('where it does something else, the line of each is shown as it was in its own source', async () => {
    await client.call('runSource', { name, text });
    await ended();
    await client.call('runSource', { name, text: text.replace('hvc     #7 ', 'hvc     #8 ') });
    const sources = await new Promise((resolve) => {
      client.subscribe('comparison', {}, (view) => {
        if (view?.sources.newer) resolve(view.sources);
      });
    });
    expect(sources).toEqual({
      older: '2:      hvc     #7                      // up again, to vectors + 0x400',
      newer: '2:      hvc     #8                      // up again, to vectors + 0x400',
    });
  });

  test('unchanged, it runs again from its first instruction; another name is another program', async () => {
    await client.call('runSource', { name, text });
    await ended();
    const { text: said } = await client.call('runSource', { name, text });
    expect(said).toBe('mine.s runs again from its first instruction.');
    await ended();
    expect(await output()).toBe('hello from EL1\n');
    await client.call('runSource', { name: 'other.s', text: startingPoint('minimal-el2.s') });
    expect((await ended()).image?.name).toBe('other.elf');
  });

  test('the lab is silent until its one mistake is repaired', async () => {
    const lab = startingPoint('lab-silent-el1.s');
    await client.call('runSource', { name: 'lab.s', text: lab });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await client.call('pause', {});
    expect(await output()).toBe('EL2: going down to EL1\n');
    const repaired = lab.replace('        isb\n', '        mov     x0, #1 << 31\n        msr     HCR_EL2, x0\n        isb\n');
    await client.call('runSource', { name: 'repaired.s', text: repaired });
    await ended();
    expect(await output()).toBe('EL2: going down to EL1\nhello from EL1\n');
  });
});

describe('what a source is written with', () => {
  test('mnemonics, directives, registers and operations come from their definitions', async () => {
    const { mnemonics, directives, registers, operations } = await client.call('vocabulary', {});
    expect(mnemonics).toEqual(expect.arrayContaining(['add', 'b.eq', 'wfi', 'tlbi', 'eret', 'fmadd']));
    expect(directives).toEqual(expect.arrayContaining(['.balign', '.macro', '.asciz']));
    expect(registers).toContainEqual({ name: 'HCR_EL2', title: expect.stringContaining('Hypervisor configuration') as string });
    expect(operations).toContain('TLBI VMALLS12E1');
  });
  test('an instruction in words without values, and its bits by field', async () => {
    const { text: said, says, name: what, fields, names } = await client.call('encoding', { word: '0xd51c1100', address: '0x40080000' });
    expect([said, what, names?.register]).toEqual(['msr hcr_el2, x0', 'MSR (register)', 'HCR_EL2']);
    expect(says).toEqual(['Writes ', { code: 'x0' }, ' to ', { code: 'HCR_EL2' }, '.']);
    expect(fields.map((field) => [field.name, field.high, field.low, field.value])).toEqual([
      ['o0', 19, 19, '1'],
      ['op1', 18, 16, '100'],
      ['CRn', 15, 12, '0001'],
      ['CRm', 11, 8, '0001'],
      ['op2', 7, 5, '000'],
      ['Rt', 4, 0, '00000'],
    ]);
    expect((await client.call('encoding', { word: '0x3', address: '0x0' })).fields).toEqual([]);
  });
  test('a register has its fields, and its value once there is a program', async () => {
    expect(await client.call('systemRegister', { name: 'hcr_el2' })).toMatchObject({ isValue: false, register: { name: 'HCR_EL2' } });
    await client.call('runSource', { name, text });
    await ended();
    const { register } = await client.call('systemRegister', { name: 'hcr_el2' });
    expect(register).toMatchObject({ value: '0x80000000' });
    expect(register!.fields.find((field) => field.name === 'RW')).toMatchObject({ value: '1' });
    expect((await client.call('systemRegister', { name: 'elr_hyp' })).register).toBe(null);
  });
});
