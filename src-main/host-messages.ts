/** Questions of a session's thread to the shell, which alone reads files: one message there, one back. */
import { parentPort } from 'node:worker_threads';
import { attachToQemu } from './qemu/attach.ts';
import type { Scenario, SessionHost } from '../emulator/index.ts';

/** A connection is made by the thread itself. */
type Ask = Omit<SessionHost, 'scenarios' | 'attach'>;
export type Question = {
  readonly [K in keyof Ask]: { readonly id: number; readonly ask: K; readonly with: Parameters<Ask[K]> };
}[keyof Ask];
export type Answer = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string };

/** The shell's end. Never rejects. */
export async function answerFor(host: Ask, question: Question): Promise<Answer> {
  const { id } = question;
  try {
    switch (question.ask) {
      case 'scenarioImage':
        return { id, value: await host.scenarioImage(...question.with) };
      case 'bundledSource':
        return { id, value: await host.bundledSource(...question.with) };
      case 'sourceText':
        return { id, value: await host.sourceText(...question.with) };
      case 'teaching':
        return { id, value: await host.teaching() };
      case 'symbolFile':
        return { id, value: await host.symbolFile(...question.with) };
      case 'keptRun':
        return { id, value: await host.keptRun() };
      case 'keptRecording':
        return { id, value: await host.keptRecording(...question.with) };
      case 'discardKept':
        return { id, value: await host.discardKept(...question.with) };
    }
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

/** The thread's end: a host that asks the shell. `receive` takes what the shell answers. */
export function askingHost(scenarios: readonly Scenario[]): { readonly host: SessionHost; readonly receive: (answer: Answer) => void } {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  const attach: SessionHost['attach'] = attachToQemu;
  const ask =
    <K extends keyof Ask>(name: K) =>
    (...parameters: Parameters<Ask[K]>): ReturnType<Ask[K]> =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        parentPort!.postMessage({ id, ask: name, with: parameters });
      }) as ReturnType<Ask[K]>;
  return {
    host: {
      scenarios,
      attach,
      scenarioImage: ask('scenarioImage'),
      bundledSource: ask('bundledSource'),
      sourceText: ask('sourceText'),
      teaching: ask('teaching'),
      symbolFile: ask('symbolFile'),
      keptRun: ask('keptRun'),
      keptRecording: ask('keptRecording'),
      discardKept: ask('discardKept'),
    },
    receive(answer) {
      const call = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('error' in answer) call?.reject(new Error(answer.error));
      else call?.resolve(answer.value as never);
    },
  };
}
