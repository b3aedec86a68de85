/**
 * How a page comes back to a shell that was started again. The cookie is worthless then: it is known to whoever took the port meanwhile, since
 * the browser sends it along. What remains is a key that never crosses the network again. The page got it from the shell while the cookie
 * was good, and keeps it in its memory; the shell keeps it in a file that only this person can read. Each proves to the other that it has
 * the key, for this port and these two numbers; then the page gets a ticket like any other.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../saved-file.ts';

/** A page that was away for longer has to be opened anew. */
const KEY_HOURS = 24;
/** Questions that wait for an answer. */
const MOST_QUESTIONS = 16;

export class Resume {
  readonly key: string;
  private readonly questions = new Set<string>();

  /** `folder`: where the key is kept; undefined: nowhere, and no page comes back to a later shell. */
  constructor(
    folder: string | undefined,
    private readonly port: number,
  ) {
    this.key = (folder === undefined ? undefined : keptKey(folder, port)) ?? newNumber();
  }

  ask(): string {
    const question = newNumber();
    this.questions.add(question);
    for (const old of this.questions) if (this.questions.size > MOST_QUESTIONS) this.questions.delete(old);
    return question;
  }

  /** The shell's own proof for a page that has given the right one; each question is answered once. */
  answer(question: string, own: string, proof: string): string | undefined {
    if (!this.questions.delete(question)) return undefined;
    const expected = Buffer.from(this.proof('page', question, own));
    const given = Buffer.from(proof);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return this.proof('shell', question, own);
  }
  private proof(who: 'page' | 'shell', question: string, own: string): string {
    return createHmac('sha256', this.key).update(`${who} ${this.port} ${question} ${own}`).digest('hex');
  }
}

const newNumber = (): string => randomBytes(32).toString('base64url');

/** The key of the last shell on this port, if that was not long ago; else a new one. Undefined where it cannot be kept. */
function keptKey(folder: string, port: number): string | undefined {
  const file = join(folder, `port-${port}.key`);
  const stats = statSync(file, { throwIfNoEntry: false });
  try {
    if (stats && Date.now() - stats.mtimeMs < KEY_HOURS * 3_600_000) {
      const key = readFileSync(file, 'utf8');
      if (key.length === newNumber().length) return key;
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const key = newNumber();
    replaceFile(file, key, 0o600);
    return key;
  } catch (error) {
    console.error(`A page will not come back by itself: ${(error as Error).message}`);
    return undefined;
  }
}
