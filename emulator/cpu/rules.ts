/** Rules of the architecture as data, for the events. */
import type { Rule, RuleBit } from './events.ts';

/** `rule('why', 'HCR_EL2.TGE = 1', ...)`. Made once, when a module is loaded: events share them. */
export const rule = (text: string, ...bits: readonly string[]): Rule => ({ text, bits: bits.map(ruleBit) });

function ruleBit(text: string): RuleBit {
  const match = /^(\w+)\.([\w, <>]+) = (.+)$/.exec(text);
  if (!match) throw new Error(`not of the form REGISTER.FIELD = value: ${text}`);
  return { register: match[1], field: match[2], value: match[3] };
}
