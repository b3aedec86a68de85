/** Answers subscriptions with fixtures; commands change nothing. */
import type { Reply, Request } from '../../../emulator/session/contract.ts';
import type { Port } from '../../../emulator/session/port.ts';
import type { ViewName } from '../../../emulator/session/views.ts';
import { viewFixtures } from '../fixtures/views.ts';

export function fixturePort(query: URLSearchParams): Port {
  let receive: (message: unknown) => void = () => {};
  let frame = 0;
  const send = (message: Reply): void => queueMicrotask(() => receive(message));
  const views = viewFixtures(query);
  return {
    send(raw) {
      const message = raw as Request;
      if (message.type === 'subscribe') {
        const view = message.view as ViewName;
        const data = views[view](message.params as never);
        if (data instanceof Error) send({ type: 'error', id: message.id, message: data.message });
        else send({ type: 'frame', frame: ++frame, updates: [{ id: message.id, data }] });
      } else if (message.type === 'call') send({ type: 'result', id: message.id, value: { at: 0, name: 'demo.elf' } });
    },
    onMessage(listener) {
      receive = listener;
      send({ type: 'welcome', version: 1, shell: 'fixtures' });
    },
    onClose: () => {},
    close: () => {},
  };
}
