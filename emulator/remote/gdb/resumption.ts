/** Packets that make the machine go: `vCont`, and the older ones. */
import type { Action } from './motion.ts';

export interface Resumption {
  readonly action: Action;
  readonly back: boolean;
}

const forward = (action: Action): Resumption => ({ action, back: false });
const step: Action = { kind: 'step' };
const on: Action = { kind: 'continue' };

/** Undefined for other packets. A signal that is to be delivered means nothing to a machine without an operating system. */
export function resumption(payload: string): Resumption | undefined {
  if (payload === 'bs') return { action: step, back: true };
  if (payload === 'bc') return { action: on, back: true };
  if (/^(c|C[0-9a-f]{2})$/i.test(payload)) return forward(on);
  if (/^(s|S[0-9a-f]{2})$/i.test(payload)) return forward(step);
  // There is one thread: the first action that may mean it is the one that does.
  const [, action] = /^vCont;([^;:]+)/.exec(payload) ?? [];
  if (action === undefined) return undefined;
  if (/^(c|C[0-9a-f]{2})$/i.test(action)) return forward(on);
  if (/^(s|S[0-9a-f]{2})$/i.test(action)) return forward(step);
  const [, from, to] = /^r([0-9a-f]{1,16}),([0-9a-f]{1,16})$/i.exec(action) ?? [];
  return from === undefined ? undefined : forward({ kind: 'range', from: BigInt(`0x${from}`), to: BigInt(`0x${to}`) });
}
