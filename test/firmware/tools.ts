/** Programs that these tests run. Without one of them a test is skipped with a reason; where CI=true it fails. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'vitest';

export function needTool(context: TestContext, tool: string): void {
  if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0) return;
  const reason = `${tool} is not installed`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  context.skip(reason);
}

/** `firmware/` of this checkout. */
export const firmware = new URL('../../firmware/', import.meta.url).pathname;

/** Ids of firmware/scenarios.json. All but the hypervisor, which waits for input, end by themselves. */
export const ids = (JSON.parse(readFileSync(`${firmware}scenarios.json`, 'utf8')) as { id: string }[]).map(({ id }) => id);
export const scenarios = ids.filter((id) => id !== 'hypervisor');

/** An image of `firmware/prebuilt/` by its scenario's id. */
export const prebuilt = (id: string): string => `${firmware}prebuilt/${id}.elf`;
