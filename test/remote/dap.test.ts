import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer, type Server, type AddressInfo } from 'node:net';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import { SessionClient } from '../../emulator/session/client.ts';
import { serveSession } from '../../emulator/session/serve.ts';
import { listenForGdb } from '../../src-main/gdb-server.ts';
import { clonedMessages } from '../session/ports.ts';
import { serveDap } from '../../src-main/dap-server.ts';
import { Workshop } from '../debug/build.ts';
import { framesFlags, framesProgram } from '../debug/frames.ts';

const shop = new Workshop();
const { path } = shop.link('frames.elf', framesProgram, [...framesFlags, '-O0', '-gdwarf-5']);
const source = `${shop.folder}/frames.c`;
const lineOf = (text: string): number => framesProgram['frames.c'].split('\n').findIndex((line) => line.includes(text)) + 1;

let server: Server;
let client: DebugClient;
beforeAll(async () => {
  server = createServer((socket) => void serveDap(socket, socket, {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new DebugClient('node', '', 'elscope');
  await client.start((server.address() as AddressInfo).port);
});
afterAll(async () => {
  await client.stop();
  server.close();
  shop.close();
});

interface Frame {
  readonly name: string;
  readonly line: number;
  readonly id: number;
}
const stack = async (): Promise<Frame[]> => (await client.stackTraceRequest({ threadId: 1 })).body.stackFrames;
const arrived = async (request: Promise<unknown>): Promise<{ reason: string; line: number; name: string }> => {
  const [event] = await Promise.all([client.waitForEvent('stopped'), request]);
  const [{ line, name }] = await stack();
  return { reason: (event.body as { reason: string }).reason, line, name };
};

describe('a debug adapter', () => {
  it('stops at the entry, at lines, steps by line forwards and backwards, and shows and changes variables', async () => {
    const [initialized] = await Promise.all([client.initializeRequest(), client.waitForEvent('initialized')]);
    expect(initialized.body).toMatchObject({ supportsStepBack: true, supportsDataBreakpoints: true });
    await client.launch({ program: path });
    const [set] = (await client.setBreakpointsRequest({ source: { path: source }, breakpoints: [{ line: lineOf('char text[8]') }] })).body
      .breakpoints;
    expect(set).toMatchObject({ verified: true, line: lineOf('char text[8]') });
    expect(await arrived(client.configurationDoneRequest())).toMatchObject({ reason: 'entry', name: '_start · EL2' });

    expect(await arrived(client.continueRequest({ threadId: 1 }))).toMatchObject({
      reason: 'breakpoint',
      name: 'inner · EL2',
      line: lineOf('char text[8]'),
    });
    expect((await stack()).map(({ name }) => name)).toEqual(['inner · EL2', 'main · EL2', '_start · EL2']);
    expect(await arrived(client.nextRequest({ threadId: 1 }))).toMatchObject({ reason: 'step', line: lineOf('struct node local') });
    expect(await arrived(client.nextRequest({ threadId: 1 }))).toMatchObject({ line: lineOf('enum flags flags = ') });
    expect(await arrived(client.stepBackRequest({ threadId: 1 }))).toMatchObject({ line: lineOf('struct node local') });

    const [frame] = await stack();
    const { scopes } = (await client.scopesRequest({ frameId: frame.id })).body;
    expect(scopes.map(({ name }) => name)).toEqual(['Arguments', 'Locals', 'Registers', 'EL1', 'EL2', 'GIC']);
    const { variables } = (await client.variablesRequest({ variablesReference: scopes[0].variablesReference })).body;
    expect(variables.map(({ name, type, value }) => `${type} ${name} = ${value.replace(/0x\w+/, 'ADDRESS')}`)).toEqual([
      'struct node * n = ADDRESS', 'int depth = 2', 'float f = 0.5',
    ]); // prettier-ignore
    const members = (await client.variablesRequest({ variablesReference: variables[0].variablesReference })).body.variables;
    expect(members.find(({ name }) => name === 'color')).toMatchObject({ value: 'GREEN', evaluateName: 'n->color' });
    await client.setVariableRequest({ variablesReference: scopes[0].variablesReference, name: 'depth', value: '1 + 0' });
    expect((await client.evaluateRequest({ expression: 'depth * 10 + n->count', frameId: frame.id })).body).toMatchObject({
      result: '13',
      type: 'u32',
    });
    await expect(client.evaluateRequest({ expression: 'nothing' })).rejects.toThrow('there is no "nothing" here');
  });

  it('disassembles, reads and writes memory, and goes back to the breakpoint before', async () => {
    const { instructions } = (await client.customRequest('disassemble', { memoryReference: '0x40080000', instructionCount: 2 })).body as {
      instructions: { instruction: string }[];
    };
    expect(instructions).toHaveLength(2);
    const address = (await client.evaluateRequest({ expression: '&second.count' })).body.result.split(' ')[0];
    await client.customRequest('writeMemory', { memoryReference: address, data: btoa('\x2a\0\0\0') });
    expect((await client.customRequest('readMemory', { memoryReference: address, count: 4 })).body).toMatchObject({
      data: btoa('\x2a\0\0\0'),
    });
    expect((await client.evaluateRequest({ expression: 'second.count' })).body.result).toBe('42');
    expect(await arrived(client.reverseContinueRequest({ threadId: 1 }))).toMatchObject({
      reason: 'breakpoint',
      line: lineOf('char text[8]'),
    });
  });
});

describe('an editor that attaches', () => {
  const image = { name: 'frames.elf', bytes: new Uint8Array(readFileSync(path)), path };
  const connection = clonedMessages();
  const served = serveSession(connection.server, { shell: 'test', image, listenForGdb });
  const app = new SessionClient(connection.client);
  const editor = new DebugClient('node', '', 'elscope');
  beforeAll(async () => {
    await editor.start((server.address() as AddressInfo).port);
    await editor.initializeRequest();
  });
  afterAll(async () => {
    await editor.stop();
    await served.close();
    connection.close();
  });
  const attach = (port?: unknown): Promise<unknown> => editor.attachRequest((port === undefined ? {} : { port }) as never);

  it('hears why there is nothing to attach to', async () => {
    await expect(attach()).rejects.toThrow('the attach names no port');
    await expect(attach('1234')).rejects.toThrow('"1234" is no port');
    const stranger = createServer(
      (socket) =>
        void socket
          .on('error', () => undefined)
          .resume()
          .end('SSH-2.0-OpenSSH\r\n'),
    );
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as AddressInfo;
    await expect(attach(port)).rejects.toThrow(`port ${port} of 127.0.0.1 does not answer as ELscope`);
    await new Promise((resolve) => stranger.close(resolve));
    await expect(attach(port)).rejects.toThrow(`port ${port} of 127.0.0.1 cannot be reached`);
  });

  it('is at the same instant as the window, and each sees where the other goes', async () => {
    await app.call('pause', {});
    await app.call('seek', { at: 1 });
    const { line } = await app.call('letGdbConnect', { on: true });
    const stop = async (request: Promise<unknown>): Promise<string> => {
      const [event] = await Promise.all([editor.waitForEvent('stopped'), request]);
      const [{ name }] = (await editor.stackTraceRequest({ threadId: 1 })).body.stackFrames;
      return `${(event.body as { reason: string }).reason} in ${name}`;
    };
    await attach(Number(/:(\d+)'$/.exec(line!)![1]));
    expect(await app.get('gdb', {})).toMatchObject({ state: 'connected' });
    await app.call('addBreakpoint', { spec: { kind: 'symbol', name: 'stop' } });
    await editor.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'inner' }, { name: 'stop' }] });
    expect(await stop(editor.configurationDoneRequest())).toBe('pause in _start · EL2');
    expect(await stop(editor.continueRequest({ threadId: 1 }))).toBe('function breakpoint in inner · EL2');
    expect((await app.get('status', {})).at).toBeGreaterThan(2);
    // The window goes back, and the editor from there.
    expect(await stop(app.call('seek', { at: 2 }))).toBe('goto in _start · EL2');
    expect(await stop(editor.customRequest('stepBack', { threadId: 1, granularity: 'instruction' }))).toBe('step in _start · EL2');
    expect(await app.get('status', {})).toMatchObject({ at: 1 });
    await editor.disconnectRequest();
    await expect.poll(async () => (await app.get('gdb', {})).state).toBe('waiting');
    expect((await app.get('breakpoints', {})).breakpoints.map(({ spec }) => spec)).toEqual([{ kind: 'symbol', name: 'stop' }]);
  });
});

it('knows no request by a name that JavaScript knows', async () => {
  for (const name of ['constructor', '__proto__', 'toString'])
    await expect(client.send(name)).rejects.toThrow(`the request ${name} is not one that this adapter knows`);
});

it('is left at once by what does not speak the protocol', async () => {
  const input = new PassThrough();
  const gone = serveDap(input, new PassThrough(), {});
  input.write(readFileSync(path));
  await gone;
});
