/** What a lab and its twin do in QEMU is what they do here. */
import { expect } from 'vitest';
import { expectTheSame, expectTheSameForEver } from './both.ts';
import { outcomes } from './labs.ts';
import { runQemu } from './qemu.ts';
import { prebuilt } from './tools.ts';

/** Expects that, or that the table says why not. */
export async function expectLabInQemu(id: string): Promise<void> {
  const { ends, departs, prints } = outcomes[id];
  const image = prebuilt(`labs/${id}`);
  // A departure that has gone needs no excuse any more.
  if (departs !== undefined) expect((await runQemu({ image })).text.replace(/\s+/g, ' ').trim()).not.toBe(prints);
  else await (ends === 'off' ? expectTheSame : expectTheSameForEver)(image);
  await expectTheSame(prebuilt(`labs/${id}-repaired`));
}
