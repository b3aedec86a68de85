/**
 * Questions about other instants, collected. Each computation runs until it needs an answer; once all have done so, one journey through the
 * instants in rising order answers every question, and the computations that had to wait start again with the answers. So several can look
 * into the past in straight-line code, and the machine goes there and back only once.
 */

/** Ends a computation that must wait for the answer to a question. It passes through the computation and is seen only here. */
class Waiting extends Error {}

export interface LookOptions {
  /**
   * What is looked at: looks with the same key at the same instant are the same look. A computation that starts again finds its answers by
   * this key, and need not ask for those that it kept elsewhere.
   */
  readonly key: string | object;
  /** It runs the machine on: those that only look come before it. */
  readonly moves?: boolean;
}

/** An instant, and what to do there. */
export interface Stop {
  readonly at: number;
  readonly arrive: () => void;
}

interface Question extends LookOptions {
  readonly at: number;
  readonly look: () => unknown;
  answer: { readonly value: unknown } | { readonly error: unknown } | undefined;
}

export class Journey {
  /** What has been asked since `run` began. */
  private questions: Question[] = [];
  private isAsking = false;

  /** `travel` goes to one stop after the other, by rising instants, and comes back. */
  constructor(private readonly travel: (stops: readonly Stop[]) => void) {}

  /** Computations may ask through `ask`; outside of them questions have to be answered otherwise. */
  get isUnderWay(): boolean {
    return this.isAsking;
  }

  /** The results in the order of the computations; what one throws is for `failed`. */
  run<T>(computations: readonly (() => T)[], failed: (error: unknown) => T): T[] {
    const results: T[] = [];
    let waiting = computations.map((compute, i) => ({ compute, i }));
    this.questions = [];
    while (waiting.length > 0) {
      waiting = waiting.filter(({ compute, i }) => {
        this.isAsking = true;
        try {
          results[i] = compute();
        } catch (error) {
          if (error instanceof Waiting) return true;
          results[i] = failed(error);
        } finally {
          this.isAsking = false;
        }
        return false;
      });
      this.answer();
    }
    this.questions = [];
    return results;
  }

  /** The answer, once it is there. */
  ask<T>(at: number, look: () => T, how: LookOptions): T {
    const known = this.questions.find((one) => one.at === at && one.key === how.key);
    if (!known) this.questions.push({ at, look, ...how, answer: undefined });
    const answer = known?.answer;
    if (!answer) throw new Waiting('waits for a look at another instant');
    if ('error' in answer) throw answer.error;
    return answer.value as T;
  }

  private answer(): void {
    const open = this.questions.filter(({ answer }) => !answer);
    if (open.length === 0) return;
    open.sort((a, b) => a.at - b.at || Number(a.moves ?? false) - Number(b.moves ?? false));
    this.travel(open.map((question) => ({ at: question.at, arrive: () => void (question.answer = answerTo(question)) })));
  }
}

function answerTo({ look }: Question): Question['answer'] {
  try {
    return { value: look() };
  } catch (error) {
    return { error };
  }
}
