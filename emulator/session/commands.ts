/** What each command of the contract does to a session, and answers. */
import { VA } from '../base/addresses.ts';
import { InputError } from '../base/errors.ts';
import { encodingOf } from '../explain/encoding.ts';
import { runTo, runToEvent, runToGuest, runToLevelChange, step, stepOver } from '../time/goals.ts';
import { previousEvent } from '../time/search.ts';
import { stepOut } from '../time/step-out.ts';
import { changesLevel } from '../time/timeline.ts';
import { Comparison, comparedRun, runOther } from './comparison.ts';
import type { CommandName, CommandParams, CommandResult } from './contract.ts';
import type { ExperimentRow } from './experiment-views.ts';
import { locate } from './expression.ts';
import type { Progress } from './movement.ts';
import type { Session } from './session.ts';
import { assembleSource, runSource, systemRegister, vocabulary } from './source-program.ts';
import { sourceFile, sourceReader } from './sources.ts';
import { findSymbols, functionAt } from './symbols.ts';
import { exportTraps } from './trap-export.ts';
import { inputsId, programId } from './identity.ts';
import { lastWriter, writeHistory } from './writers.ts';

export type CommandTable = {
  readonly [C in CommandName]: (
    params: Required<CommandParams<C>> & CommandParams<C>,
    progress: Progress,
  ) => CommandResult<C> | Promise<CommandResult<C>> | void;
};

const named = ({ id, name }: ExperimentRow): { id: number; name: string } => ({ id, name });
const previousRun = { older: 'the previous run', newer: 'this run' };

export function commandsOf(session: Session): CommandTable {
  const { movement, breakpoints, experiments } = session;
  /** The last event before this instant that is no longer listed. */
  const forgottenEvent = async (level: boolean | undefined, progress: Progress): Promise<number | undefined> => {
    const { timeline } = session.needProgram();
    if (timeline.traps.keptFrom === 0) return undefined;
    return movement.ask(
      previousEvent(timeline, level ? (event) => event.kind !== 'psci' && event.from !== event.to : () => true),
      'Looking for the last trap',
      progress,
    );
  };
  return {
    open: async ({ name, bytes, options }, progress) => {
      await session.openFile(name, bytes, { ...(options && { options }), progress });
      return { name: session.needProgram().name };
    },
    recording: (_params, progress) => session.recording(progress),
    run: async (_params, progress) => {
      await movement.countStops(progress);
      movement.run();
    },
    pause: () => session.giveUp(),
    step: ({ over }, progress) => movement.pursue(over ? stepOver : step, 'Running to where the call returns', progress),
    stepOut: (_params, progress) => {
      const program = session.needProgram();
      return movement.pursue((timeline) => stepOut(timeline, (pc) => functionAt(program, pc)), 'Running to the return', progress);
    },
    runTo: ({ address }, progress) => {
      const to = VA(BigInt(address));
      const { names, machine } = session.needProgram();
      const place = names.of(machine.cpu.el).symbol(to) ?? address;
      return movement.pursue((timeline) => runTo(timeline, new Set([to])), `Running to ${place}`, progress);
    },
    stepBack: (_params, progress) => {
      const { timeline } = session.needProgram();
      return movement.seek(Math.max(0, timeline.at - 1), progress, { again: true });
    },
    nextTrap: async ({ back, level }, progress) => {
      const { timeline } = session.needProgram();
      const meant = level ? changesLevel : undefined;
      if (back) return movement.seek(timeline.previousEvent(meant) ?? (await forgottenEvent(level, progress)) ?? 0, progress);
      const known = timeline.nextKnownEvent(meant);
      if (known !== undefined) return movement.seek(known, progress);
      return level
        ? movement.pursue(runToLevelChange, 'Running to the next change of level', progress)
        : movement.pursue(runToEvent, 'Running to the next trap', progress);
    },
    nextGuest: async ({ back }, progress) => {
      const { at, traps } = session.needProgram().timeline;
      const known = back ? traps.firstRuns.findLast((n) => n < at) : traps.firstRuns.find((n) => n > at);
      if (known !== undefined) return movement.seek(known, progress);
      if (back) throw new InputError('no guest has begun to run before this instant');
      return movement.pursue(runToGuest, 'Running until a guest first runs', progress);
    },
    seek: ({ at }, progress) => movement.seek(at, progress),
    seekOutput: ({ offset: wanted }, progress) => {
      const { output, at } = session.needProgram().timeline;
      const offset = wanted ?? output.lengthAt(at) - 1;
      if (offset < 0) throw new InputError('nothing has been sent to the console before this instant');
      const step = output.stepOf(offset);
      if (step === undefined) throw new InputError(`the console ${offset < output.first ? 'no longer knows' : 'has no'} byte ${offset}`);
      return movement.seek(step, progress);
    },
    runBack: async (_params, progress) => {
      await movement.countStops(progress);
      return movement.runBack(progress);
    },
    reset: ({ options }) => session.reset(options),
    exportTraps: ({ format, ...choice }, progress) =>
      session.beside((isWanted) => exportTraps(session.needProgram(), format, choice, progress, isWanted)),
    compare: async ({ name, bytes }, progress) => {
      const { timeline } = session.needProgram();
      const other = await session.beside((isWanted) => runOther(name, bytes, Math.max(timeline.end, 1_000_000), progress, isWanted));
      session.comparison = new Comparison(other, {
        sources: session.sourcesOf(sourceReader(other.sourced, { host: session.host, path: undefined })),
      });
      session.changed();
      return { name: other.name };
    },
    keepAndReset: () => {
      const program = session.needProgram();
      session.reset();
      const run = { ...comparedRun(program), name: `${program.name}, previous run` };
      session.comparison = new Comparison(run, { calledAs: previousRun, sources: session.sourcesOf() });
    },
    endComparison: () => {
      session.comparison = undefined;
      session.changed();
    },
    whatIf: async ({ at, set }, progress) => {
      const program = session.needProgram();
      return named(
        await session.beside((isWanted) => experiments.run(program, at, set, progress, () => isWanted() && session.program === program)),
      );
    },
    openExperiment: async ({ id }, progress) => {
      const program = session.needProgram();
      return named(
        await session.beside((isWanted) => experiments.open(program, id, progress, () => isWanted() && session.program === program)),
      );
    },
    closeExperiment: () => experiments.close(),
    renameExperiment: ({ id, name }) => experiments.rename(id, name),
    removeExperiment: ({ id }) => experiments.remove(id),
    futuresAt: ({ by, distance, to }) => experiments.places(by, distance, to),
    enterFuture: ({ run, at }, progress) => session.enterFuture(run, at, progress),
    exportExperiment: ({ steps, form }, progress) => session.beside((isWanted) => experiments.told(steps, form, progress, isWanted)),
    examine: ({ all }) => session.doctor.examine(all),
    stopExamining: () => session.doctor.stop(),
    speed: ({ stepsPerSecond }) => {
      movement.speed = stepsPerSecond;
      session.changed();
    },
    input: ({ bytes }) => {
      session.input(bytes);
    },
    setRegister: (params) => session.setRegister(params),
    addBreakpoint: async ({ spec }, progress) => {
      const id = breakpoints.add(session.needProgram(), spec);
      session.edited();
      await movement.countStops(progress);
      return { id };
    },
    changeBreakpoint: ({ id, enabled }) => {
      breakpoints.change(id, enabled);
      session.edited();
    },
    removeBreakpoint: ({ id }) => {
      breakpoints.remove(id);
      session.edited();
    },
    lastWriter: async (written, progress) => {
      const { search, answer } = lastWriter(session.needProgram(), written);
      return answer(await movement.ask(search, 'Looking for the last write', progress));
    },
    writeHistory: async ({ count, ...written }, progress) => {
      const { search, answer } = writeHistory(session.needProgram(), written, count);
      return answer(await movement.ask(search, 'Looking for writes', progress));
    },
    lessons: () => session.guide.list(),
    openLesson: async ({ name, text }) => ({ lesson: await session.guide.open(name, text) }),
    askQuestion: ({ lesson, question, seed }) => session.guide.ask(lesson, question, seed),
    askLab: ({ lab, seed }) => session.guide.askLab(lab, seed),
    answerQuestion: ({ choice }) => session.guide.answer(choice),
    seeAnswer: async (_params, progress) => {
      const { at, changes, then, isChanged } = session.guide.see();
      if (changes.length > 0 && !isChanged) {
        await movement.seek(at, progress);
        for (const [target, value] of changes) {
          const [register, field] = target.split('.');
          session.setRegister({ register, ...(field !== undefined && { field }), value, replace: true });
        }
      }
      return movement.seek(then, progress);
    },
    leaveLesson: () => session.guide.leave(),
    showConcept: ({ concept }) => session.guide.show(concept),
    checkMade: async ({ lesson }) => ({ checks: await session.guide.check(lesson) }),
    scenarios: () => ({ scenarios: [...session.host.scenarios] }),
    openScenario: async ({ id }) => {
      const scenario = session.host.scenarios.find((one) => one.id === id);
      if (!scenario) throw new InputError(`there is no scenario ${id}`);
      const image = await session.host.scenarioImage(scenario.file).catch((error: unknown) => {
        throw new InputError(error instanceof Error ? error.message : String(error));
      });
      await session.openFile(scenario.file, image);
      return { name: scenario.file };
    },
    source: ({ file }) => sourceFile(session.needProgram(), session, file),
    assemble: ({ text }) => assembleSource(text),
    runSource: ({ name, text }) => runSource(session, name, text),
    vocabulary,
    encoding: ({ word, address }) => encodingOf(Number(word), VA(BigInt(address))),
    systemRegister: ({ name }) => systemRegister(session.program, name),
    locate: (params) => ({ address: locate(session.needProgram(), params) }),
    symbols: (params) => findSymbols(session.needProgram(), params),
    identity: ({ at }) => {
      const program = session.needProgram();
      return { name: program.name, id: programId(program), inputs: inputsId(program, at) };
    },
    addSymbols: ({ offset, ...source }) => ({
      text: session.addSymbols({ ...source, offset: offset?.startsWith('-') ? -BigInt(offset.slice(1)) : BigInt(offset ?? 0) }),
    }),
    removeSymbols: ({ number }) => session.removeSymbols(number),
    keptRun: async () => ({ run: (await session.host.keptRun()) ?? null }),
    openKept: ({ id }, progress) => session.openKept(id, progress),
    discardKept: ({ id }) => session.host.discardKept(id),
    letGdbConnect: async ({ on }) => ({ line: (await session.gdb.set(on)).line }),
    attach: async (place, progress) => ({ name: await session.attach(place, progress) }),
    detach: () => session.detach(),
    unlockTarget: ({ on }) => session.unlockTarget(on),
    takeOver: () => session.takeOver(),
    stateHash: () => {
      const { machine, timeline } = session.needProgram();
      return { at: timeline.at, hash: machine.stateHash() };
    },
  };
}
