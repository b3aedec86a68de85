import type { TrapLog } from '../time/trap-log.ts';

/** The last answer for each recording: views of one instant ask the same again, frame after frame, and a look at another instant costs. */
export class LastAnswer<Answer> {
  private readonly known = new WeakMap<TrapLog, { readonly question: string; readonly answer: Answer }>();

  /** `question` says which instants are looked at. A recording that is cut off and then continues differently has a different log. */
  of(traps: TrapLog, question: string, find: () => Answer): Answer {
    const last = this.known.get(traps);
    if (last?.question === question) return last.answer;
    const answer = find();
    this.known.set(traps, { question, answer });
    return answer;
  }
}
