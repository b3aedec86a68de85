/** The Guide in the window: lessons and labs, what has been answered, and what is covered until there is an answer. */
import type { CommandResult } from '../../emulator/session/contract.ts';
import type { GuideLink } from '../../emulator/session/link.ts';
import type { AskedQuestion, LessonCover, LessonPanel, MadeCheck } from '../../emulator/session/views.ts';
import { tabs, type PanelName, type Tab } from './panels.ts';
import { placesOf } from './spots.ts';
import { recall, remember } from './remembered.ts';
import type { MachineSession } from './session.svelte.ts';

export type Lesson = CommandResult<'lessons'>['lessons'][number];
export type Lab = CommandResult<'lessons'>['labs'][number];

/** The window, as far as the Guide changes it. */
interface Places {
  readonly session: MachineSession;
  readonly doctor: { open: boolean };
  readonly source: { wanted: string | null };
  frontPanel: PanelName | null;
  maximised: string | null;
  show(tab: Tab): void;
  showPanel(panel: PanelName): void;
  say(text: string, kind?: 'done' | 'problem'): void;
}

/** How each question was answered the last time: by `3/slot` or `P01`. */
type Answers = Readonly<Record<string, 'right' | 'wrong'>>;
const isAnswers = (value: unknown): value is Answers =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => one === 'right' || one === 'wrong');
const isSeed = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;

/** Which panels a cover of a lesson hides: those that show the same in another form, too. */
const covered: Readonly<Record<LessonPanel, readonly string[]>> = {
  levels: ['levels', 'entering'],
  walk: ['walk', 'walkResult', 'descriptor'],
  tables: ['tables', 'tableEntry', 'tableLookup'],
  maps: ['maps', 'region'],
  traps: ['traps'],
  code: ['code', 'nextCode', 'functions', 'callStack'],
  registers: ['registers', 'registerDetail', 'generalRegisters', 'callStack'],
  interrupts: ['interrupts'],
  memory: ['memory', 'memoryDetail', 'callStack'],
  console: ['console'],
};

/** What the Guide shows beside a question: the list of lessons, the labs, what is to be made, or the words. */
export type GuidePage = 'question' | 'lessons' | 'labs' | 'make' | 'glossary';

export class Guide {
  open = $state(false);
  page = $state<GuidePage>('lessons');
  question = $state.raw<AskedQuestion | null>(null);
  lessons = $state.raw<readonly Lesson[]>([]);
  labs = $state.raw<readonly Lab[]>([]);
  /** The lesson that is unfolded in the list. */
  lesson = $state<number | null>(null);
  seed = $state<number>(recall('guide-seed', 1, isSeed));
  answers = $state.raw<Answers>(recall('guide-answers', {}, isAnswers));
  /** Hints that were asked for. */
  hints = $state(0);
  /** The choice that is marked, before it is committed. */
  marked = $state<number | null>(null);
  checks = $state.raw<readonly MadeCheck[] | null>(null);
  /** The concept that the glossary shows. */
  concept = $state<string | null>(null);
  isBusy = $state(false);
  /** Hears of each answer: a page that shows one panel tells its frame. */
  onAnswer: (result: { readonly question: string; readonly seed: number; readonly right: boolean }) => void = () => undefined;

  constructor(private readonly app: Places) {
    app.session.follow('guide', {}, ({ question }) => {
      const isAnother = question?.id !== this.question?.id || question?.at !== this.question?.at || question?.seed !== this.question?.seed;
      this.question = question;
      if (!isAnother || !question) return;
      this.hints = 0;
      this.marked = null;
    });
  }

  /** Whether a question is open whose answer must not be seen yet. */
  get isHeld(): boolean {
    return this.question?.isHeld ?? false;
  }
  covers(what: LessonCover): boolean {
    return this.isHeld && this.question!.cover.includes(what);
  }
  coversPanel(panel: PanelName): boolean {
    if (this.question?.lesson === null && this.question.answer === null) return panel === 'doctor';
    return (
      this.isHeld &&
      (panel === 'doctor' || this.question!.cover.some((one) => one !== 'now' && one !== 'lanes' && covered[one].includes(panel)))
    );
  }
  /** What the question points at: for each thing the selectors of its places on the screen, the best first. */
  get spots(): readonly (readonly string[])[] {
    const { question } = this;
    return question && this.isHeld ? question.spot.map((spot) => placesOf(spot, question.show)) : [];
  }

  keyOf = ({ lesson, id }: Pick<AskedQuestion, 'lesson' | 'id'>): string => (lesson === null ? id : `${lesson.number}/${id}`);

  /** Whether it is seen: the Doctor's panel takes its place. */
  get isInFront(): boolean {
    return this.open && !this.app.doctor.open;
  }
  async toggle(): Promise<void> {
    if (this.isInFront) this.open = false;
    else await this.show();
  }
  async show(page?: GuidePage): Promise<void> {
    this.open = true;
    this.app.doctor.open = false;
    this.app.frontPanel = 'guide';
    this.app.maximised = null;
    if (page) this.page = page;
    if (this.lessons.length === 0) await this.load();
  }
  async load(): Promise<void> {
    const answer = await this.app.session.call('lessons', {});
    if (!answer) return;
    this.lessons = answer.lessons;
    this.labs = answer.labs;
    this.lesson ??= this.lessons.find((one) => this.doneOf(one) < one.questions.length)?.lesson ?? this.lessons[0]?.lesson ?? null;
  }

  doneOf = (lesson: Lesson): number => lesson.questions.filter(({ id }) => `${lesson.lesson}/${id}` in this.answers).length;

  rightOf = (lesson: Lesson): number => lesson.questions.filter(({ id }) => this.answers[`${lesson.lesson}/${id}`] === 'right').length;

  async ask(lesson: number, id: string, seed = this.seed): Promise<void> {
    await this.begin(() => this.app.session.call('askQuestion', { lesson, question: id, seed }), seed);
    this.lesson = lesson;
  }
  async askLab(lab: string, seed = this.seed): Promise<void> {
    await this.begin(() => this.app.session.call('askLab', { lab, seed }), seed);
  }
  private async begin(ask: () => Promise<unknown>, seed: number): Promise<void> {
    this.isBusy = true;
    this.chooseSeed(seed);
    const begun = await ask();
    this.isBusy = false;
    if (!begun) return;
    this.hints = 0;
    this.marked = null;
    const { question } = await this.app.session.get('guide', {});
    this.question = question;
    this.open = true;
    this.page = 'question';
    if (question) this.leadTo(question.show);
    // In one column it is a tab among the others: what is asked comes first.
    this.app.frontPanel = 'guide';
  }
  private leadTo(panel: LessonPanel): void {
    const tab = tabs.find((one) => one === panel) ?? 'levels';
    this.app.show(tab);
    if (panel === 'console') this.app.showPanel('console');
  }

  chooseSeed(seed: number): void {
    if (!isSeed(seed) || seed > 999_999) return;
    this.seed = seed;
    remember('guide-seed', seed);
  }

  async commit(): Promise<void> {
    const { marked, question } = this;
    if (marked === null || !question || question.answer) return;
    if (!(await this.app.session.call('answerQuestion', { choice: marked }))) return;
    const { question: answered } = await this.app.session.get('guide', {});
    this.question = answered;
    if (!answered?.answer) return;
    const right = answered.answer.chosen === answered.answer.right;
    this.answers = { ...this.answers, [this.keyOf(answered)]: right ? 'right' : 'wrong' };
    remember('guide-answers', this.answers);
    this.onAnswer({ question: this.keyOf(answered), seed: answered.seed, right });
    if (answered.lesson !== null) await this.see();
  }
  /** Lets it happen. */
  async see(): Promise<void> {
    this.app.session.lastMove = 'step';
    await this.app.session.call('seeAnswer', {});
  }
  async before(): Promise<void> {
    if (this.question) await this.app.session.seek(this.question.at);
  }
  /** The same with other values. */
  async again(): Promise<void> {
    const { question } = this;
    if (!question) return;
    const seed = question.seed + 1;
    if (question.lesson) await this.ask(question.lesson.number, question.id, seed);
    else await this.askLab(question.id, seed);
  }
  async retry(): Promise<void> {
    const { question } = this;
    if (question?.lesson) await this.ask(question.lesson.number, question.id, question.seed);
    else if (question) await this.askLab(question.id, question.seed);
  }
  /** The next question, the next lesson's first one, or what is to be made. */
  async next(): Promise<void> {
    const { question } = this;
    if (!question) return;
    if (question.lesson === null) {
      const lab = this.labs[question.index + 1];
      if (lab) await this.askLab(lab.id);
      else this.page = 'labs';
      return;
    }
    const { number } = question.lesson;
    const next = this.lessons.find(({ lesson }) => lesson === number)?.questions[question.index + 1];
    if (next) await this.ask(number, next.id);
    else {
      this.lesson = number;
      this.checks = null;
      this.page = 'make';
    }
  }
  async leave(page: GuidePage = 'lessons'): Promise<void> {
    await this.app.session.call('leaveLesson', {});
    this.question = null;
    this.page = page;
  }
  /** To the editor, with the program that waits to be repaired. */
  async repair(): Promise<void> {
    await this.leave('labs');
    this.app.show('source');
    this.app.source.wanted = 'lab-silent-el1.s';
  }
  async check(): Promise<void> {
    if (this.lesson === null) return;
    this.checks = (await this.app.session.call('checkMade', { lesson: this.lesson }))?.checks ?? null;
  }
  forget(): void {
    this.answers = {};
    remember('guide-answers', {});
    this.app.say('Your progress in the lessons is forgotten');
  }

  /** A link to what is asked, with its seed. */
  link(): GuideLink | undefined {
    const { question, lesson, seed } = this;
    if (question?.lesson) return { lesson: question.lesson.number, question: question.id, seed: question.seed };
    if (question) return { lab: question.id, seed: question.seed };
    return lesson === null ? undefined : { lesson, seed };
  }
  async follow(link: GuideLink): Promise<void> {
    await this.show('lessons');
    const { seed = this.seed } = link;
    if ('lab' in link) return this.askLab(link.lab, seed);
    const id = link.question ?? this.lessons.find(({ lesson }) => lesson === link.lesson)?.questions[0]?.id;
    if (id === undefined) this.app.say(`There is no lesson ${link.lesson}`, 'problem');
    else await this.ask(link.lesson, id, seed);
  }

  async showConcept(concept: string): Promise<void> {
    const shown = await this.app.session.call('showConcept', { concept });
    if (!shown) return;
    this.question = null;
    this.leadTo(shown.panel);
  }
  explain(concept: string): void {
    this.concept = concept;
    void this.show('glossary');
  }

  /** A lesson that somebody wrote. */
  async openLesson(name: string, text: string): Promise<void> {
    const opened = await this.app.session.call('openLesson', { name, text });
    if (!opened) return;
    this.lessons = [];
    this.lesson = opened.lesson;
    await this.show('lessons');
  }
}
