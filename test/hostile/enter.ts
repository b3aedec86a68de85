/** Lets inputs in, and looks at what each costs. */
import { Random } from './damage.ts';
import { isSentence, type Door } from './doors.ts';

const MOST_SECONDS = 10;
const MOST_BYTES = 2 ** 30;

/** Seconds that the processor has worked since `before`: another program may have had it meanwhile. */
export function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

export const seed = Number(process.env.HOSTILE_SEED ?? 1);
/** Of each door that many times its share of a thousand. */
export async function enterAll(
  { name, share, enter, close }: Door,
  seed: number,
  inputs: number,
): Promise<{ refused: number; slowest: number }> {
  const count = Math.ceil((inputs * share) / 1000);
  const before = process.resourceUsage().maxRSS;
  let refused = 0;
  let slowest = 0;
  for (let i = 0; i < count; i++) {
    const began = process.cpuUsage();
    try {
      const said = await enter(new Random(Math.imul(seed, 0x9e37_79b1) ^ i));
      if (said !== undefined) refused++;
    } catch (error) {
      if (!isSentence(error)) throw new Error(`${name}, seed ${seed}, input ${i}`, { cause: error });
      if (error.message === '') throw new Error(`${name}, seed ${seed}, input ${i}: an error without a sentence`, { cause: error });
      refused++;
    }
    slowest = Math.max(slowest, secondsSince(began));
    if (slowest > MOST_SECONDS) throw new Error(`${name}, seed ${seed}, input ${i}: it took ${slowest.toFixed(1)} s`);
  }
  close?.();
  const grown = (process.resourceUsage().maxRSS - before) * 1024;
  if (grown > MOST_BYTES) throw new Error(`${name}, seed ${seed}: it took ${grown >> 20} MiB`);
  return { refused, slowest };
}
