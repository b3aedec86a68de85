// Child processes that never outlive us: signals are passed on, and what still runs when we end is ended too.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

const windows = process.platform === 'win32';
const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** Functions that signal the children that run now. */
const running = new Set();
let endedBy;

for (const signal of Object.keys(signalNumbers)) {
  process.on(signal, () => {
    endedBy = signal;
    for (const tell of running) tell(signal);
    if (running.size === 0) leave();
    // Whoever asks us to end gets it, even if a child does not listen.
    setTimeout(leave, 5000).unref();
  });
}
process.on('exit', () => {
  for (const tell of running) tell('SIGKILL');
});
const leave = () => process.exit(128 + signalNumbers[endedBy]);

/** Runs a program with our own input and output and gives its exit code. */
export async function run(program, words, options = {}) {
  return (await execute(program, words, { stdio: 'inherit', ...options })).code;
}

/** Runs a program without input and gives `{ code, output }`, stdout and stderr in one. */
export function capture(program, words, options = {}) {
  return execute(program, words, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
}

/**
 * Options are those of `spawn` and `seconds`: a program that runs longer is ended and counts as failed. With `seconds` it gets a process
 * group of its own, and what it leaves running (a browser, a server) ends with it.
 */
function execute(program, words, { seconds, ...options }) {
  const group = seconds !== undefined && !windows;
  const child = spawn(program, words, { cwd: root, detached: group, ...options });
  const tell = (signal) => {
    try {
      process.kill(group ? -child.pid : child.pid, signal);
    } catch {
      // It has ended already.
    }
  };
  running.add(tell);

  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(chunk));
  let late = false;
  const timers = group
    ? [setTimeout(() => ((late = true), tell('SIGTERM')), seconds * 1000), setTimeout(() => tell('SIGKILL'), seconds * 1000 + 3000)]
    : [];

  return new Promise((resolve, reject) => {
    const over = () => {
      timers.forEach(clearTimeout);
      running.delete(tell);
      if (endedBy && running.size === 0) leave();
    };
    child.on('error', (error) => {
      over();
      reject(new Error(`${program} could not be started: ${error.message}`));
    });
    child.on('exit', () => group && tell('SIGKILL'));
    child.on('close', (exitCode, signal) => {
      over();
      const code = exitCode ?? 128 + (signalNumbers[signal] ?? 9);
      const output = Buffer.concat(chunks).toString();
      resolve(late ? { code: code || 1, output: `${output}\nended after ${seconds} s\n` } : { code, output });
    });
  });
}

/** Runs npm: the one that runs us, where there is one. */
export function npm(words, how = run, options = {}) {
  const script = process.env.npm_execpath;
  if (script) return how(process.execPath, [script, ...words], options);
  return how('npm', words, { shell: windows, ...options });
}
