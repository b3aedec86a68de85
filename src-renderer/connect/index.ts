/** Finds the machine: in Electron's main process, behind the web shell's WebSocket, or in a worker of this page. */
import { SessionClient } from '../../emulator/session/client.ts';
import { messagePort, type Port } from '../../emulator/session/port.ts';
import { portMessage, type Bridge, type MenuAction } from './bridge.ts';
import { socketPort, wayBack } from './socket.ts';

export type { MenuAction } from './bridge.ts';

/** A client on a new session. The document element says which shell serves it (`data-shell`), once the machine has answered. */
export async function openSession(): Promise<SessionClient> {
  const client = new SessionClient(await connect());
  if (isWebShell()) client.again = await wayBack();
  void client.ready.then((shell) => (document.documentElement.dataset.shell = shell));
  return client;
}

export function connect(): Promise<Port> {
  if (window.elscope) return electronPort(window.elscope);
  if (isWebShell()) return socketPort();
  return Promise.resolve(workerPort());
}

/** The web shell marks the page that it serves; trying for a socket would log an error on a static server. */
const isWebShell = (): boolean => document.querySelector('meta[name="elscope-shell"][content="web"]') !== null;

/** Calls the listener for each choice in the native menu; without a native menu it never does. */
export function onMenu(listener: (action: MenuAction) => void): void {
  window.elscope?.onMenu(listener);
}

/** Calls the listener with the text of each link that another program gave to the app; a page in a browser has its address for that. */
export function onLink(listener: (text: string) => void): void {
  window.elscope?.onLink(listener);
}

function electronPort(bridge: Bridge): Promise<Port> {
  return new Promise((resolve) => {
    const receive = (event: MessageEvent): void => {
      const port = event.ports[0];
      if (event.source !== window || event.data !== portMessage || !port) return;
      window.removeEventListener('message', receive);
      resolve(domPort(port));
    };
    window.addEventListener('message', receive);
    bridge.connect();
  });
}

function domPort(port: MessagePort): Port {
  return messagePort(port, (receive, closed) => {
    port.onmessage = ({ data }) => receive(data);
    // Chromium 122 and later; TypeScript's DOM does not know it yet.
    port.addEventListener('close', closed);
  });
}

function workerPort(): Port {
  const worker = new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module' });
  return messagePort({ postMessage: (message) => worker.postMessage(message), close: () => worker.terminate() }, (receive, closed) => {
    worker.onmessage = ({ data }) => receive(data);
    worker.onerror = () => closed();
  });
}
