/** A robot takes questions and labs in a session, as the window does: what is held, what is told when, and where the machine goes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SessionClient } from '../../emulator/session/client.ts';
import { keepsNothing, nowhere, type SessionHost } from '../../emulator/session/host.ts';
import { serveSession, type ServedSession } from '../../emulator/session/serve.ts';
import { labsOf } from '../../emulator/session/teaching.ts';
import { clonedMessages, type Connection } from '../session/ports.ts';
import { lessonFiles, lessonText } from './bundled.ts';

const firmware = join(import.meta.dirname, '../../firmware');
const labs = labsOf(JSON.parse(readFileSync(join(firmware, 'labs/labs.json'), 'utf8')));
const host: SessionHost = {
  scenarios: [],
  scenarioImage: (file) => Promise.resolve(new Uint8Array(readFileSync(join(firmware, 'prebuilt', file)))),
  bundledSource: () => Promise.resolve(undefined),
  sourceText: ({ path }) => Promise.resolve(nowhere(path)),
  teaching: () => Promise.resolve({ lessons: lessonFiles.map((name) => ({ name, text: lessonText(name) })), labs }),
  ...keepsNothing,
};

let connection: Connection;
let served: ServedSession;
let client: SessionClient;
beforeEach(() => {
  connection = clonedMessages();
  served = serveSession(connection.server, { shell: 'test', host });
  client = new SessionClient(connection.client);
});
afterEach(() => {
  void served.close();
  connection.close();
});
const guide = async () => (await client.get('guide', {})).question!;

test('a question holds the machine at its instant, with nothing of what comes', async () => {
  await client.call('askQuestion', { lesson: 2, question: 'where', seed: 7 });
  const asked = await guide();
  expect(asked).toMatchObject({ isHeld: true, answer: null, id: 'where', seed: 7 });
  expect(asked.choices.length).toBeGreaterThan(2);
  const { at, end } = await client.get('status', {});
  expect([at, end]).toEqual([asked.at, asked.at]);
  for (const command of ['run', 'step', 'nextTrap', 'reset'] as const)
    await expect(client.call(command, {})).rejects.toThrow(/waits for your answer/);
  await expect(client.call('seek', { at: 0 })).rejects.toThrow(/waits for your answer/);
  await expect(client.call('seeAnswer', {})).rejects.toThrow(/answer the question first/);
  // No other future of it either.
  await expect(client.call('whatIf', { at: 0, set: ['x0=1'] })).rejects.toThrow(/waits for your answer/);
  await expect(client.call('openExperiment', { id: 1 })).rejects.toThrow(/waits for your answer/);
  await expect(client.call('enterFuture', { run: 'other', at: 0 })).rejects.toThrow(/waits for your answer/);
  await expect(client.get('levels', {}, at, 'other')).rejects.toThrow(/no experiment is open/);
  expect((await client.get('levels', {})).preflight).toBeNull();
  const now = JSON.stringify((await client.get('now', {})).sentence);
  expect(now).toMatch(/about to execute.*eret.*is your question/);
});

test.each([true, false])('after an answer that is right (%s) the reasons are told and the machine goes there', async (isRight) => {
  await client.call('askQuestion', { lesson: 2, question: 'where', seed: 7 });
  // Which one is right is not in what is sent before: the robot tries them in order.
  for (let choice = 0; ; choice++) {
    await client.call('answerQuestion', { choice });
    const { answer, at, choices } = await guide();
    if ((answer!.right === answer!.chosen) === isRight) {
      expect(answer!.choices[answer!.chosen].why.length > 0).toBe(!isRight);
      expect(answer!.because.length).toBeGreaterThan(0);
      await expect(client.call('answerQuestion', { choice: 0 })).rejects.toThrow(/answered already/);
      expect(await client.call('seeAnswer', {})).toEqual({ at: at + 1 });
      expect((await client.get('now', {})).pc).toBe(choices[answer!.right]);
      break;
    }
    await client.call('askQuestion', { lesson: 2, question: 'where', seed: 7 });
  }
});

test('the change of a question is made once the answer is given', async () => {
  await client.call('askQuestion', { lesson: 2, question: 'no-rw', seed: 1 });
  await client.call('answerQuestion', { choice: 2 });
  const { answer, at } = await guide();
  expect(answer).toMatchObject({ chosen: 2, right: 2 });
  await client.call('seeAnswer', {});
  const { event } = await client.get('levels', {});
  expect(event).toMatchObject({ kind: 'illegal-return', n: at });
  // Seen again, it is not made again.
  await client.call('seek', { at });
  expect(await client.call('seeAnswer', {})).toEqual({ at: at + 1 });
});

test('what is not there is refused with a sentence, and a lesson can be left', async () => {
  await expect(client.call('askQuestion', { lesson: 77, question: 'where', seed: 1 })).rejects.toThrow(/there is no lesson 77/);
  await expect(client.call('askQuestion', { lesson: 2, question: 'why', seed: 1 })).rejects.toThrow(/no question why/);
  await expect(client.call('askLab', { lab: 'P99', seed: 1 })).rejects.toThrow(/no lab P99/);
  await expect(client.call('answerQuestion', { choice: 0 })).rejects.toThrow(/no question is asked/);
  await expect(client.call('openLesson', { name: 'x.yaml', text: 'lesson: 1' })).rejects.toThrow(/^x\.yaml: line 1: title: is missing/);
  await client.call('askQuestion', { lesson: 1, question: 'first-level', seed: 1 });
  await client.call('leaveLesson', {});
  expect((await client.get('guide', {})).question).toBeNull();
  await client.call('step', {});
});

test.each(['P01', 'P17', 'P33'])('lab %s: the cause among four is the one that the Doctor gives', async (lab) => {
  await client.call('askLab', { lab, seed: 3 });
  const { choices, isHeld } = await guide();
  expect(isHeld).toBe(false);
  const { wrong } = labs.find(({ id }) => id === lab)!;
  expect(new Set(choices).size).toBe(4);
  const choice = choices.indexOf(wrong);
  await client.call('answerQuestion', { choice: (choice + 1) % 4 });
  const { answer } = await guide();
  expect(answer!.right).toBe(choice);
  expect(answer!.choices[answer!.chosen].why.length).toBeGreaterThan(0);
  expect(answer!.facts.length).toBeGreaterThan(0);
});
