/** Entry of a thread that grades submissions, one after the other. See grading-threads.ts, which starts it. */
import { parentPort, workerData } from 'node:worker_threads';
import { readTask } from '../emulator/index.ts';
import type { TaskText } from './grading-threads.ts';
import { reportOf } from './submission.ts';

const { text, name } = workerData as TaskText;
const task = readTask(text, name);
parentPort!.on('message', (path: string) => void reportOf(path, task).then((report) => parentPort!.postMessage(report)));
