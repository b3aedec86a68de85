/**
 * Lessons in a session: a question is put at its instant of a run of its own, which ends there, so nothing of what comes is there to be
 * seen; until an answer is given, nothing moves the machine.
 */
import { InputError } from '../base/errors.ts';
import { diagnose } from '../explain/doctor/diagnose.ts';
import { runUntilSilent } from '../explain/doctor/run.ts';
import { parseLesson, MOST_SEED, type Lesson, type LessonPanel } from '../lessons/format.ts';
import { holds, instantsOf, pose, type Posed } from '../lessons/pose.ts';
import { Chance } from '../lessons/random.ts';
import type { World } from '../lessons/world.ts';
import { rich } from '../explain/words.ts';
import { isMoving, type CommandName } from './contract.ts';
import type { GuideView, LessonSummary, MadeCheck } from './guide-views.ts';
import type { SessionHost } from './host.ts';
import { lessonImage, worldFor, worldOf } from './lesson-world.ts';
import { openProgram, type Program } from './program.ts';
import { labImage, noTeaching, type Lab, type Teaching } from './teaching.ts';

/** Worlds that are kept for the next question. */
const MOST_WORLDS = 3;
/** Steps of a lab before it is looked at, if it does not go silent. */
const LAB_STEPS = 2_000_000;
/** Causes to choose from. */
const CAUSES = 4;

interface Asked {
  readonly program: Program;
  readonly lesson: { readonly number: number; readonly title: string } | null;
  /** Its place among the questions of the lesson. */
  readonly index: number;
  readonly of: number;
  readonly posed: Posed;
  chosen: number | null;
  /** The run was taken on to what the question was about. */
  isSeen: boolean;
}

export interface GuidedSession {
  readonly program: Program | undefined;
  readonly host: SessionHost;
  changed(): void;
  /** Takes a program that stands at an instant in place of the open one. */
  show(program: Program): void;
}

export class Guide {
  private asked: Asked | undefined;
  private readonly worlds = new Map<string, World>();
  private lessons: readonly Lesson[] | undefined;
  private teaching: Teaching = noTeaching;
  /** Lessons that a person opened. */
  private own: readonly Lesson[] = [];

  constructor(private readonly session: GuidedSession) {}

  /** The question, as long as its program is open. */
  private get current(): Asked | undefined {
    return this.asked?.program === this.session.program ? this.asked : undefined;
  }
  /** An answer is awaited, and the machine stands still for it. */
  get isHeld(): boolean {
    const { current } = this;
    return current?.chosen === null && current.lesson !== null;
  }
  /** Throws InputError for a command that has to wait for the answer. */
  refuse(command: CommandName): void {
    if (this.isHeld && isMoving(command))
      throw new InputError('the machine waits for your answer', {}, 'answer the question in the Guide, or leave the lesson');
  }

  view(): GuideView {
    const { current } = this;
    if (!current) return { question: null };
    const { lesson, index, of, posed, chosen, isSeen } = current;
    const { choices, sum, facts, because, then, ...told } = posed;
    return {
      question: {
        lesson,
        index,
        of,
        isHeld: this.isHeld,
        ...told,
        choices: choices.map(({ text }) => text),
        answer:
          chosen === null
            ? null
            : {
                chosen,
                right: choices.findIndex(({ isRight }) => isRight),
                choices: choices.map(({ name, why }) => ({ name, why })),
                sum,
                facts,
                because,
                then,
                isSeen,
              },
      },
    };
  }

  async list(): Promise<{ lessons: LessonSummary[]; labs: { id: string; title: string; sentence: string; concepts: string[] }[] }> {
    const lessons = await this.all();
    return {
      lessons: lessons.map(({ lesson: number, title, goal, concepts, questions, make, file }) => ({
        lesson: number,
        title,
        goal,
        concepts,
        file,
        questions: questions.map((one) => ({ id: one.id, title: one.title, step: one.step, concepts: one.concepts })),
        task: make.task,
        checks: make.checks.map(({ says }) => says),
      })),
      labs: this.teaching.labs.map(({ id, title, sentence, concepts }) => ({ id, title, sentence, concepts })),
    };
  }

  /** Opens a lesson that somebody wrote; it takes the place of one with the same number that was opened before. */
  async open(file: string, text: string): Promise<number> {
    const lesson = parseLesson(file, text);
    await this.all();
    this.own = [...this.own.filter((one) => one.lesson !== lesson.lesson), lesson];
    this.lessons = undefined;
    return lesson.lesson;
  }

  async ask(number: number, id: string, seed: number): Promise<void> {
    const lesson = await this.find(number);
    const index = lesson.questions.findIndex((one) => one.id === id);
    if (index < 0) throw new InputError(`lesson ${number} has no question ${id}`);
    const posed = await this.pose(lesson, index, seed);
    const program = await this.runTo(lesson, lesson.questions[index].scenario ?? lesson.scenario, posed.at);
    const of = lesson.questions.length;
    this.take({ program, lesson: { number, title: lesson.title }, index, of, posed, chosen: null, isSeen: false });
  }

  /** A program with a mistake, run until it goes silent: which of these is the cause? The machine moves as the person likes. */
  async askLab(id: string, seed: number): Promise<void> {
    await this.all();
    const { labs } = this.teaching;
    const lab = labs.find((one) => one.id === id);
    if (!lab) throw new InputError(`there is no lab ${id}`);
    const bytes = await this.image(labImage(id));
    const program = openProgram(`${id}.elf`, bytes);
    for (const work = runUntilSilent(program, LAB_STEPS); !work.next().done;);
    this.take({
      program,
      lesson: null,
      index: labs.indexOf(lab),
      of: labs.length,
      posed: labQuestion(program, lab, labs, seed),
      chosen: null,
      isSeen: false,
    });
  }

  answer(choice: number): void {
    const { current } = this;
    if (!current) throw new InputError('no question is asked');
    if (current.chosen !== null) throw new InputError('the question is answered already');
    if (current.posed.choices[choice] === undefined) throw new InputError(`there is no choice ${choice + 1}`);
    current.chosen = choice;
    this.session.changed();
  }

  /** What is to be done to see it happen: registers to change where the machine is, then an instant to go to. */
  see(): Pick<Posed, 'at' | 'changes' | 'then'> & { readonly isChanged: boolean } {
    const { current } = this;
    if (!current || current.chosen === null) throw new InputError('answer the question first');
    const { at, changes, then } = current.posed;
    const isChanged = current.isSeen;
    current.isSeen = true;
    return { at, changes, then, isChanged };
  }

  leave(): void {
    this.asked = undefined;
    this.session.changed();
  }

  /** The instant of a question about a concept, or behind it: to look at, with nothing asked. */
  async show(concept: string): Promise<{ panel: LessonPanel; at: number; name: string }> {
    const found = (await this.all())
      .flatMap((lesson) => lesson.questions.map((question, index) => ({ lesson, question, index })))
      .filter(({ question }) => question.concepts.includes(concept))
      // One that is about it above all, in a run that is as it was.
      .sort((a, b) => rank(a.question, concept) - rank(b.question, concept))[0];
    if (!found) throw new InputError(`no lesson shows ${concept}`);
    const { lesson, question, index } = found;
    const posed = await this.pose(lesson, index, 1);
    const at = posed.changes.length === 0 ? Math.min(posed.then, posed.end) : posed.at;
    const program = await this.runTo(lesson, question.scenario ?? lesson.scenario, at);
    this.asked = undefined;
    this.session.show(program);
    return { panel: question.show, at, name: program.name };
  }

  /** Whether the program that is open does what a lesson asks to be made. */
  async check(number: number): Promise<MadeCheck[]> {
    const { make } = await this.find(number);
    const { program } = this.session;
    if (!program) throw new InputError('no program is open', {}, 'open your own first');
    const world = worldOf(program);
    const home = program.timeline.at;
    try {
      return make.checks.map(({ says, at, holds: expression, otherwise }) => ({ says, otherwise, ok: passes(world, at, expression) }));
    } finally {
      program.timeline.returnTo(home);
    }
  }

  private take(asked: Asked): void {
    this.asked = asked;
    this.session.show(asked.program);
  }
  private async pose(lesson: Lesson, index: number, seed: number): Promise<Posed> {
    if (!Number.isSafeInteger(seed) || seed < 1 || seed > MOST_SEED) throw new InputError(`the seed is a number from 1 to ${MOST_SEED}`);
    const { scenario = lesson.scenario } = lesson.questions[index];
    const world = await worldFor(lesson, scenario, (file) => this.image(file), this.worlds);
    for (const old of this.worlds.keys()) if (this.worlds.size > MOST_WORLDS) this.worlds.delete(old);
    return pose(world, lesson, index, seed);
  }
  /** A run that ends at the instant. */
  private async runTo(lesson: Lesson, scenario: string | undefined, at: number): Promise<Program> {
    const { name, bytes } = await lessonImage(lesson, scenario, (file) => this.image(file));
    const program = openProgram(name, bytes);
    program.timeline.forward(at);
    return program;
  }
  private image(file: string): Promise<Uint8Array> {
    return this.session.host.scenarioImage(file).catch((error: unknown) => {
      throw new InputError(error instanceof Error ? error.message : String(error));
    });
  }
  private async all(): Promise<readonly Lesson[]> {
    if (this.lessons) return this.lessons;
    this.teaching = await this.session.host.teaching();
    const bundled = this.teaching.lessons.map(({ name, text }) => parseLesson(name, text));
    const taken = new Set(this.own.map(({ lesson }) => lesson));
    this.lessons = [...bundled.filter(({ lesson }) => !taken.has(lesson)), ...this.own].sort((a, b) => a.lesson - b.lesson);
    return this.lessons;
  }
  private async find(number: number): Promise<Lesson> {
    const lesson = (await this.all()).find((one) => one.lesson === number);
    if (!lesson) throw new InputError(`there is no lesson ${number}`);
    return lesson;
  }
}

const rank = ({ concepts, step, change }: Lesson['questions'][number], concept: string): number =>
  concepts.indexOf(concept) + (step === 'modify' ? 10 : 0) + (Object.keys(change).length > 0 ? 10 : 0);

/** An expression that names what the program does not have does not hold in it. */
function passes(world: World, place: Lesson['make']['checks'][number]['at'], expression: string): boolean {
  try {
    const instants = instantsOf(world, place);
    return instants.some((at) => holds(world, at, expression));
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** The mistake among those of other labs: the ones that share most concepts with it are the hardest to tell from it. */
function labQuestion(program: Program, lab: Lab, labs: readonly Lab[], seed: number): Posed {
  const chance = new Chance(`${lab.id} ${seed}`);
  const shared = ({ concepts }: Lab): number => concepts.filter((one) => lab.concepts.includes(one)).length;
  const others = chance
    .shuffled(labs.filter((one) => one !== lab && one.wrong !== lab.wrong))
    .sort((a, b) => shared(b) - shared(a))
    .slice(0, CAUSES - 1);
  const { at } = program.timeline;
  const [finding] = diagnose(program).findings;
  const told = finding ? rich(finding.sentence, ' ') : [];
  return {
    id: lab.id,
    seed,
    step: 'investigate',
    concepts: lab.concepts,
    title: lab.title,
    at,
    changes: [],
    tell: rich(lab.sentence),
    ask: rich('What is the cause?'),
    choices: chance.shuffled([lab, ...others]).map((one) => ({
      text: one.wrong,
      isRight: one === lab,
      name: one === lab ? '' : `${one.id}, ${one.title}`,
      why: one === lab ? [] : rich(`That is the mistake of another program, in which ${lowered(one.title)}. Here it would look different.`),
    })),
    hints: [
      rich('How does the program stand now? The sentence under the tabs says it.'),
      rich(`Look at the last traps, and at what the program wrote before them.`),
      rich(lab.fix),
    ],
    spot: [],
    cover: [],
    show: 'traps',
    sum: [],
    facts: (finding?.evidence ?? []).map(({ text, value, instruction, source }) => ({
      name: text,
      value: value ?? instruction ?? '',
      note: source ?? '',
    })),
    because: rich(...told, `To repair it: ${lab.fix}`),
    then: finding?.at ?? at,
    end: at,
  };
}

const lowered = (title: string): string => `“${title}”`;
