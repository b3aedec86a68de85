/**
 * The registers of a stub, as its target description lists them (gdb's manual, "Target Description Format"): a name and a size each, numbered
 * one after the other unless they say otherwise.
 */
import { InputError } from '../../base/errors.ts';

export interface StubRegister {
  readonly name: string;
  readonly number: number;
  readonly bits: number;
}

const MOST_REGISTERS = 4096;
const MOST_INCLUDES = 64;

/** `read`: gives the text of an annex. Throws InputError. */
export async function readTargetDescription(read: (annex: string) => Promise<string>): Promise<StubRegister[]> {
  const registers: StubRegister[] = [];
  let files = 0;
  let next = 0;
  const visit = async (annex: string): Promise<void> => {
    if (++files > MOST_INCLUDES) throw new InputError(`the target description has more than ${MOST_INCLUDES} parts`);
    const text = withoutComments(await read(annex));
    for (const [, tag, attributes] of text.matchAll(/<(reg|xi:include|architecture)\b([^>]*)/g)) {
      if (tag === 'xi:include') {
        const href = attribute(attributes, 'href');
        if (href !== undefined) await visit(href);
      } else if (tag === 'reg') {
        const name = attribute(attributes, 'name');
        const number = Number(attribute(attributes, 'regnum') ?? next);
        const bits = Number(attribute(attributes, 'bitsize'));
        if (name === undefined || !Number.isInteger(number) || number < 0 || !Number.isInteger(bits) || bits < 1 || bits > 4096) continue;
        registers.push({ name, number, bits });
        next = number + 1;
        if (registers.length > MOST_REGISTERS) throw new InputError(`the target has more than ${MOST_REGISTERS} registers`);
      }
    }
  };
  await visit('target.xml');
  return registers;
}

/** One that is not closed takes the rest. */
function withoutComments(xml: string): string {
  let text = '';
  let at = 0;
  for (let from = xml.indexOf('<!--'); from >= 0; from = xml.indexOf('<!--', at)) {
    text += xml.slice(at, from);
    const end = xml.indexOf('-->', from);
    if (end < 0) return text;
    at = end + 3;
  }
  return text + xml.slice(at);
}

function attribute(attributes: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`)
    .exec(attributes)
    ?.slice(1)
    .find((text) => text !== undefined);
}
