/** The machine behind the web shell's WebSocket, and the way back to it when the connection was lost: see src-main/web/resume.ts. */
import { SessionError } from '../../emulator/session/client.ts';
import { webSocketPort, type Port, type WebSocketLike } from '../../emulator/session/port.ts';

/** Milliseconds between attempts to come back. */
const PATIENCE_MS = 1000;

/** What the shell answers to a page that comes back. */
interface Answer {
  readonly key?: string;
  readonly question?: string;
  readonly proof?: string;
  readonly ticket?: string;
}

export async function socketPort(): Promise<Port> {
  const socket = new WebSocket(`ws://${location.host}/session`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new SessionError('ELscope is not responding: start it again and open the address it prints'));
  });
  return webSocketPort(socket as WebSocketLike);
}

/** For a page whose cookie is good: how it connects again, later, to this shell or to one that was started in its place. */
export async function wayBack(): Promise<() => Promise<Port>> {
  const { key } = await ask({}).catch((): Answer => ({}));
  return async () => {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
      // Nobody is there yet, or somebody who does not know us.
      const isIn = await enter(key).catch(() => false);
      if (isIn) return socketPort();
    }
  };
}

/** Whether the shell takes this page's cookie, after giving it a new one if need be. */
async function enter(key: string | undefined): Promise<boolean> {
  const { key: known, question } = await ask({});
  if (known !== undefined) return true;
  if (key === undefined || question === undefined) return false;
  const own = hex(crypto.getRandomValues(new Uint8Array(32)));
  const prove = (who: string): Promise<string> => proof(key, `${who} ${location.port} ${question} ${own}`);
  const answer = await ask({ question, own, proof: await prove('page') });
  // Somebody else may have taken the port: whoever has no key gets nothing from us.
  if (answer.ticket === undefined || answer.proof !== (await prove('shell'))) return false;
  return (await fetch(`/?token=${answer.ticket}`)).ok;
}

async function ask(parameters: Record<string, string>): Promise<Answer> {
  const response = await fetch(`/resume?${new URLSearchParams(parameters).toString()}`);
  return response.ok ? ((await response.json()) as Answer) : {};
}

async function proof(key: string, text: string): Promise<string> {
  const encoder = new TextEncoder();
  const secret = await crypto.subtle.importKey('raw', encoder.encode(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return hex(new Uint8Array(await crypto.subtle.sign('HMAC', secret, encoder.encode(text))));
}

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
