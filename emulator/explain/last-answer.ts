import type { TrapLog } from '../time/trap-log.ts';

/** The last answer for each recording: views of one instant ask the same again, frame after frame, and a look at another instant costs. */
export class LastAnswer<Answer> {
  private readonly known = new WeakMap<TrapLog, { readonly question: string; readonly answer: Answer }>();

  /** `question` says which instants are looked at. A recording that is cut off and then continues differently has a different log. */
  of(traps: TrapLog, question: string, find: () => Answer): Answer {
    const known = this.get(traps, question);
    if (known !== undefined) return known;
    const answer = find();
    this.keep(traps, question, answer);
    return answer;
  }
  get(traps: TrapLog, question: string): Answer | undefined {
    const last = this.known.get(traps);
    return last?.question === question ? last.answer : undefined;
  }
  keep(traps: TrapLog, question: string, answer: Answer): void {
    this.known.set(traps, { question, answer });
  }
}
