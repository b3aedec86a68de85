// One at a time: two builds into the same folder would spoil each other.
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** No build takes this long. A killed process may be there as a zombie for ever, where nobody reaps it. */
const longestMilliseconds = 300_000;

/** Does the work while no other process on this computer holds the lock file. */
export async function whileLocked(file, work) {
  while (!take(file)) await pause(100);
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  // Left behind by a process that was killed?
  if (!isRunning(file)) rmSync(file, { force: true });
  return false;
}

function isRunning(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > longestMilliseconds) return false;
    const holder = Number(readFileSync(file, 'utf8'));
    // Just made, not written yet.
    if (holder === 0) return true;
    process.kill(holder, 0);
    return true;
  } catch (error) {
    // Gone meanwhile: try again. Or of another user.
    return error.code === 'ENOENT' || error.code === 'EPERM';
  }
}
