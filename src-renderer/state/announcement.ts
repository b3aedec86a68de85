/** What is said to those who hear the window: where the machine stands and why it stopped, once for each stop or step. */
import type { NowView, StatusView } from '../../emulator/session/views.ts';
import { grouped } from '../geometry/numbers.ts';

/** Empty while the machine runs, when instants go by faster than anybody listens, and until both tell of the same instant. */
export function whereItStopped(status: StatusView, now: NowView | undefined): string {
  if (!now || now.at !== status.at || status.state === 'running' || status.state === 'seeking' || status.state === 'empty') return '';
  const why = status.state === 'waiting' ? 'waiting for input' : status.reason;
  const place = `Step ${grouped(status.at)}, EL${now.level}, PC ${now.pc}`;
  const sentence = now.sentence.map((part) => (typeof part === 'string' ? part : part.code)).join('');
  return `${place}${why === undefined ? '' : `, ${why}`}: ${sentence}`;
}
