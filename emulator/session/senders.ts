/** Who sent the bytes of the console: the level that ran, and in which VM. */
import type { Timeline } from '../time/timeline.ts';
import { laneBefore } from './lanes.ts';
import type { SenderRun } from './views.ts';

type Sender = Pick<SenderRun, 'el' | 'vmid'>;

/** The senders of the bytes from `from` to before `to`, in runs. */
export function sendersOf({ output, traps, startLevel }: Timeline, from: number, to: number): SenderRun[] {
  const runs: { bytes: number; el: SenderRun['el']; vmid: number }[] = [];
  let sender: Sender = { el: null, vmid: 0 };
  // The step up to which what is sent has this sender.
  let until = -1;
  for (const step of output.stepsOf(from, to)) {
    if (step > until) {
      const next = traps.firstAt(step);
      // Which of several CPUs sent a byte is not recorded.
      const isKnown = step >= traps.keptFrom && !traps.hasSeveralCpus;
      sender = isKnown ? laneBefore(traps, startLevel, next) : { el: null, vmid: 0 };
      until = traps.hasSeveralCpus ? Infinity : !isKnown ? traps.keptFrom - 1 : next < traps.length ? traps.step(next) : Infinity;
    }
    const last = runs.at(-1);
    if (last?.el === sender.el && last.vmid === sender.vmid) last.bytes++;
    else runs.push({ bytes: 1, el: sender.el, vmid: sender.vmid });
  }
  return runs;
}
