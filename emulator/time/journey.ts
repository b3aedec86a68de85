/**
 * Questions about other instants, put together. Whoever asks is run as far as that goes; when all have come that far, one journey by rising
 * instants answers every question, and those that had to wait begin anew with the answers. So several can look into the past in straight
 * lines of code, and the machine goes there and back once.
 */

/** Ends a computation that must wait for the answer to a question. It passes through the computation and is seen only here. */
class Waiting extends Error {}

export interface LookOptions {
  /** Looks of one key at one instant are the same look. */
  readonly key?: string;
  /** It runs the machine on: those that only look come before it. */
  readonly moves?: boolean;
}

/** An instant, and what to do there. */
export interface Stop {
  readonly at: number;
  readonly arrive: () => void;
}

interface Question {
  readonly at: number;
  readonly look: () => unknown;
  readonly how: LookOptions;
  answer: { readonly value: unknown } | { readonly error: unknown } | undefined;
}

/** What a computation has asked so far, in order: done again it asks the same. */
type Asked = Question[];

export class Journey {
  /** What the one that runs now has asked, and how many of those questions it has come to. */
  private asked: Asked = [];
  private count = 0;
  private isAsking = false;
  private readonly open: Question[] = [];

  /** `travel` goes to one stop after the other, by rising instants, and comes back. */
  constructor(private readonly travel: (stops: readonly Stop[]) => void) {}

  /** Computations may ask through `ask`; outside of them questions have to be answered otherwise. */
  get isUnderWay(): boolean {
    return this.isAsking;
  }

  /** The results in the order of the computations; what one throws is for `failed`. */
  run<T>(computations: readonly (() => T)[], failed: (error: unknown) => T): T[] {
    const results: T[] = [];
    let waiting = computations.map((compute, i) => ({ compute, i, asked: [] as Asked }));
    while (waiting.length > 0) {
      waiting = waiting.filter(({ compute, i, asked }) => {
        this.asked = asked;
        this.count = 0;
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
    return results;
  }

  /** The answer, once it is there. */
  ask<T>(at: number, look: () => T, how: LookOptions): T {
    let question = this.asked.at(this.count);
    if (!question) {
      const isSame = (one: Question): boolean => one.at === at && how.key !== undefined && one.how.key === how.key;
      question = this.open.find(isSame) ?? { at, look, how, answer: undefined };
      this.asked.push(question);
      if (!this.open.includes(question)) this.open.push(question);
    }
    this.count++;
    const { answer } = question;
    if (!answer) throw new Waiting('waits for a look at another instant');
    if ('error' in answer) throw answer.error;
    return answer.value as T;
  }

  private answer(): void {
    const open = this.open.splice(0);
    if (open.length === 0) return;
    open.sort((a, b) => a.at - b.at || Number(a.how.moves ?? false) - Number(b.how.moves ?? false));
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
