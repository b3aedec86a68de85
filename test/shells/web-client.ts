/** The web shell as it is built, and a client at the other end of its WebSocket, as its page is. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { SessionClient } from '../../emulator/session/client.ts';
import { webSocketPort, type WebSocketLike } from '../../emulator/session/port.ts';
import { root } from './built.ts';

export interface StartedShell {
  readonly shell: ChildProcess;
  readonly client: SessionClient;
}

/** `env`: beside this process's own. */
export async function startAndConnect(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<StartedShell> {
  const shell = spawn(process.execPath, [join(root, 'out/main/web.js'), '--no-open', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    shell.stdout.on('data', (chunk) => {
      output += String(chunk);
      const found = /http:\S+/.exec(output);
      if (found) resolve(found[0]);
    });
    shell.on('exit', (code) => reject(new Error(`it ended with code ${code}`)));
  });
  const entrance = await fetch(url, { redirect: 'manual' });
  const { origin, host } = new URL(url);
  const cookie = entrance.headers.get('set-cookie')!.split(';')[0];
  const socket = new WebSocket(`ws://${host}/session`, { headers: { cookie, origin } });
  await once(socket, 'open');
  return { shell, client: new SessionClient(webSocketPort(socket as unknown as WebSocketLike)) };
}
