/** Entry of the page's own worker: the machine in the browser, for a page on a static server. */
import { demoPace, messagePort, serveSession, type SessionOptions } from '../../emulator/index.ts';
import demo from '../../firmware/prebuilt/hypervisor.elf?url';

const worker = globalThis as unknown as DedicatedWorkerGlobalScope;

const port = messagePort({ postMessage: (message) => worker.postMessage(message), close: () => worker.close() }, (receive) => {
  worker.onmessage = ({ data }) => receive(data);
});
serveSession(port, { shell: 'static', ...(await demoImage()) });

/** Without the demo (the server does not have it) the session starts empty. */
async function demoImage(): Promise<Partial<SessionOptions>> {
  const response = await fetch(demo).catch(() => undefined);
  return response?.ok
    ? { image: { name: 'hypervisor.elf', bytes: new Uint8Array(await response.arrayBuffer()), stepsPerSecond: demoPace } }
    : {};
}
