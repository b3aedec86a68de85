/** The session's contract over the transport of each shell: the page's own WebSocket, Electron's MessagePort, the page's Web Worker. */
import type { Page } from '@playwright/test';
import { messagePort, webSocketPort, type WebSocketLike } from '../../emulator/session/port.ts';
import { contractCases, type Wire } from '../session/contract-cases.ts';
import { press } from './person.ts';
import { expect, test, type ShellName } from './shells.ts';

/** What the page has for a test: its own connection, with messages as text that this process can read. */
interface PageWire {
  send(text: string): void;
  close(): void;
}
declare global {
  interface Window {
    wire: PageWire;
    heard(text: string | null): void;
  }
}

test('holds on the transport of this shell', async ({ app: { page }, shell }) => {
  test.setTimeout(180_000);
  await expect(page.locator('html')).toHaveAttribute('data-shell', shell);
  // The page draws nothing beside it.
  await press(page, 'Pause');
  let heard: (text: string | null) => void = () => undefined;
  await page.exposeFunction('heard', (text: string | null) => heard(text));
  for (const [title, check] of Object.entries(contractCases))
    await test.step(title, async () => {
      const wire = await openWire(page, shell, (listener) => (heard = listener));
      await check(wire, shell);
      await wire.close();
    });
});

/** Bytes within JSON, both ways. */
const toText = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) => (one instanceof Uint8Array ? { $base64: Buffer.from(one).toString('base64') } : one));
const fromText = (text: string): unknown =>
  JSON.parse(text, (_key, one: { $base64?: string } | null) =>
    typeof one?.$base64 === 'string' ? new Uint8Array(Buffer.from(one.$base64, 'base64')) : one,
  );

async function openWire(page: Page, shell: ShellName, hear: (listener: (text: string | null) => void) => void): Promise<Wire> {
  let receive: (message: unknown) => void = () => undefined;
  let closed: () => void = () => undefined;
  hear((text) => (text === null ? closed() : receive(fromText(text))));
  await page.evaluate(connectInPage, shell);
  let sending = Promise.resolve();
  // What is sent while a call to the page is under way goes with the next one.
  let waiting: string[] = [];
  const send = (message: unknown): void => {
    waiting.push(toText(message));
    if (waiting.length > 1) return;
    sending = sending.then(() => {
      const texts = waiting;
      waiting = [];
      return page.evaluate((all) => all.forEach((text) => window.wire.send(text)), texts);
    });
  };
  const close = (): Promise<void> => sending.then(() => page.evaluate(() => window.wire.close()));
  if (shell !== 'web') {
    const port = messagePort({ postMessage: send }, (onMessage, onClose) => ([receive, closed] = [onMessage, onClose]));
    return { port, sendRaw: send, close };
  }
  const socket: WebSocketLike = { binaryType: '', send, close: () => void close(), onmessage: null, onclose: null };
  receive = (data) => socket.onmessage?.({ data: (data as Uint8Array).slice().buffer });
  closed = () => socket.onclose?.();
  return { port: webSocketPort(socket), sendRaw: send, close };
}

/** Runs in the page: sees its parameter and nothing else. */
async function connectInPage(shell: ShellName): Promise<void> {
  const toText = (value: unknown): string =>
    JSON.stringify(value, (_key, one: unknown) => {
      const bytes = one instanceof ArrayBuffer ? new Uint8Array(one) : one;
      if (!(bytes instanceof Uint8Array)) return one;
      let text = '';
      for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
      return { $base64: btoa(text) };
    });
  const fromText = (text: string): unknown =>
    JSON.parse(text, (_key, one: { $base64?: string } | null) =>
      typeof one?.$base64 === 'string' ? Uint8Array.from(atob(one.$base64), (letter) => letter.charCodeAt(0)) : one,
    );
  const heard = ({ data }: { data: unknown }): void => window.heard(toText(data));

  if (shell === 'web') {
    const socket = new WebSocket(`ws://${location.host}/session`);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = heard;
    socket.onclose = () => window.heard(null);
    await new Promise((resolve) => (socket.onopen = resolve));
    window.wire = { send: (text) => socket.send(fromText(text) as Uint8Array<ArrayBuffer>), close: () => socket.close() };
  } else if (shell === 'static') {
    const script = performance
      .getEntriesByType('resource')
      .find(({ name }) => /\/main-[^/]*\.js$/.test(name) && !document.querySelector(`script[src$="${name.split('/').at(-1)}"]`));
    const worker = new Worker(script!.name, { type: 'module' });
    worker.onmessage = heard;
    window.wire = { send: (text) => worker.postMessage(fromText(text)), close: () => worker.terminate() };
  } else {
    // The page's own session ends with this: a page has one.
    const port = await new Promise<MessagePort>((resolve) => {
      window.addEventListener('message', ({ ports }) => ports[0] && resolve(ports[0]));
      window.elscope!.connect();
    });
    port.onmessage = heard;
    window.wire = { send: (text) => port.postMessage(fromText(text)), close: () => port.close() };
  }
}
