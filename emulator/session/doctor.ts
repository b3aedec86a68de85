/** The Doctor of an open program: examines its recording in short pieces, between which messages are handled and the machine may move. */
import { diagnosing } from '../explain/doctor/diagnose.ts';
import type { Diagnosis } from '../explain/doctor/finding.ts';
import { quickReach, wholeReach } from '../explain/doctor/history.ts';
import { findingText } from '../explain/doctor/text.ts';
import type { Movement } from './movement.ts';
import type { Program } from './program.ts';
import type { DoctorView } from './views.ts';

/** Milliseconds of an examination before messages are looked at, and between two such pieces. */
const [PIECE_MS, PAUSE_MS] = [20, 4];

export class SessionDoctor {
  private diagnosis: Diagnosis | undefined;
  private texts: readonly string[] = [];
  /** How far the examination is that goes on. */
  private fraction: number | undefined;
  /** Counts the examinations: one that another has taken over from ends. */
  private count = 0;

  constructor(
    private readonly program: () => Program | undefined,
    private readonly movement: Movement,
    private readonly changed: () => void,
  ) {}

  /** What was found is about another run. */
  forget(): void {
    this.stop();
    this.diagnosis = undefined;
    this.texts = [];
  }
  /** Gives up the examination that goes on. */
  stop(): void {
    this.count++;
    this.fraction = undefined;
  }

  /** Examines the run up to its end, or to where it went silent. `all`: every instruction of it, however long that takes. */
  async examine(all = false): Promise<void> {
    const program = this.program();
    if (!program) return;
    this.stop();
    const { count, movement } = this;
    const { timeline } = program;
    const { traps } = timeline;
    const at = movement.silentAt ?? timeline.end;
    const work = diagnosing(program, all ? wholeReach : quickReach);
    const isWanted = (): boolean => this.count === count && this.program() === program && timeline.traps === traps;
    this.fraction = 0;
    this.changed();
    while (isWanted()) {
      // While the machine is on a way of its own, what it will say is not there yet.
      if (!movement.isAway && !movement.isSeeking) {
        const step = timeline.at === at ? piece(work) : timeline.excursion(at, () => piece(work), { key: work });
        if (step.done) {
          this.diagnosis = step.value;
          this.texts = step.value.findings.map((finding) => findingText(finding).join('\n'));
          this.fraction = undefined;
          break;
        }
        this.fraction = step.value;
      }
      this.changed();
      await new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    this.changed();
  }

  view(): DoctorView {
    const { diagnosis, fraction, movement } = this;
    const at = movement.silentAt ?? this.program()?.timeline.end;
    return {
      fraction: fraction ?? null,
      diagnosis: diagnosis ?? null,
      silentAt: movement.silentAt ?? null,
      isCurrent: diagnosis?.at === at,
      texts: this.texts,
    };
  }
}

function piece(work: Generator<number, Diagnosis>): IteratorResult<number, Diagnosis> {
  const until = performance.now() + PIECE_MS;
  let step = work.next();
  while (!step.done && performance.now() < until) step = work.next();
  return step;
}
