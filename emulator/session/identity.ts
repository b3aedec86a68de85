/** What tells a program, and a run of it, from others: sixteen hexadecimal digits each. */
import { wideHex } from '../base/hex.ts';
import { StateHash } from '../machine/hash.ts';
import type { Program } from './program.ts';

/** By the bytes of the file, which take a while to go through. */
const known = new WeakMap<Uint8Array, string>();

/** Of its bytes, of the machine that it runs in, and of what else was put into it. */
export function programId({ bytes, machine, options, files }: Program): string {
  let image = known.get(bytes);
  if (image === undefined) known.set(bytes, (image = new StateHash().number(bytes.length).bytes(bytes).digest()));
  const { memoryBytes, gic, el2, cpus = 1 } = machine.options;
  const settings = [
    image,
    memoryBytes,
    gic,
    el2,
    options.append ?? null,
    options.firmware ?? false,
    ...(options.semihosting ? ['semihosting'] : []),
    ...(cpus > 1 ? [`${cpus} CPUs`] : []),
  ];
  const hash = new StateHash().bytes(utf8(JSON.stringify(settings)));
  for (const { use, pa, bytes: contents } of files)
    hash
      .bytes(utf8(`${use} ${pa}`))
      .number(contents.length)
      .bytes(contents);
  return hash.digest();
}

/** Of what was typed, or changed by hand, up to an instant; null where nothing was. */
export function inputsId({ timeline }: Program, at: number): string | null {
  const inputs = timeline.inputs.all().filter(({ n }) => n <= at);
  if (inputs.length === 0) return null;
  const hash = new StateHash();
  for (const event of inputs) {
    hash.number(event.n);
    if (event.kind === 'bytes') hash.number(event.bytes.length).bytes(event.bytes);
    else if (event.kind === 'memory') hash.number(event.pa).number(event.bytes.length).bytes(event.bytes);
    else if (event.kind === 'host')
      hash
        .bytes(utf8(`${event.value} ${event.errno}`))
        .number(event.bytes.length)
        .bytes(event.bytes);
    else hash.bytes(utf8(`${event.register}=${wideHex(event.value)}`));
  }
  return hash.digest();
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
