/** Addresses as a user interface gives them, followed to the physical memory behind them. */
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import type { ByteRange } from '../explain/writes.ts';
import { reach } from '../mmu/index.ts';
import type { Program } from './program.ts';
import type { MemoryPlace } from './views.ts';

const PAGE = 4096;

/** The physical ranges of a place at the instant of the machine, joined where they follow each other. Throws InputError where a page leads nowhere. */
export function physicalRanges({ machine }: Program, { space, address, bytes, el = machine.cpu.el }: MemoryPlace): ByteRange[] {
  const start = BigInt(address);
  if (start + BigInt(bytes) > 1n << 64n) throw new InputError(`${bytes} bytes at ${address} extend past the last address`);
  const ranges: ByteRange[] = [];
  for (let done = 0; done < bytes;) {
    const at = start + BigInt(done);
    const part = Math.min(bytes - done, PAGE - Number(at % BigInt(PAGE)));
    const reached = reach(machine.mmu, space, at, el);
    if (!reached.ok) {
      const as = space === 'va' ? ` at EL${el}` : '';
      throw new InputError(`${space.toUpperCase()} ${hex(at)} does not reach memory${as} now: ${reached.text}`);
    }
    const last = ranges.at(-1);
    if (last && last.pa + last.bytes === reached.pa) ranges[ranges.length - 1] = { pa: last.pa, bytes: last.bytes + part };
    else ranges.push({ pa: reached.pa, bytes: part });
    done += part;
  }
  return ranges;
}
