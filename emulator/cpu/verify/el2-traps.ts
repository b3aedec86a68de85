/**
 * Checks what traps where against a recorded matrix: control-register configurations x instructions x EL1 and EL0. Each line of the file
 * is "configuration, level, word, text, outcome, ESR, ELR - address"; after the baseline only the lines that differ from it are given.
 * The other file says what each configuration sets.
 */
import * as v from 'valibot';
import { InputError, NotBuilt } from '../../base/errors.ts';
import { addFailure, addInformational, emptyResult, type VerifyResult } from '../../base/verify-result.ts';
import { decode, systemRegisterName } from '../../isa/index.ts';
import { peekRegister } from '../access.ts';
import { HCR_EL2 } from '../registers/bits.ts';
import { resetCpu } from '../reset.ts';
import type { StoredRegister } from '../stored-registers.ts';
import { BareCpu } from './bare-cpu.ts';
import { departureFor, type Outcome } from './departures.ts';

const word = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/));
const settings = v.record(v.string(), v.number());
const metaSchema = v.object({ base: settings, cfg: v.array(v.tuple([v.string(), settings])), ins: v.array(v.tuple([word, v.string()])) });

/** The registers by their names in the file. Those of the GIC that are constant here have none. */
const registerNames: Readonly<Record<string, StoredRegister | undefined>> = {
  hcr: 'HCR_EL2',
  cptr: 'CPTR_EL2',
  mdcr: 'MDCR_EL2',
  cnthctl: 'CNTHCTL_EL2',
  hstr: 'HSTR_EL2',
  ich_hcr: 'ICH_HCR_EL2',
  sctlr1: 'SCTLR_EL1',
  cpacr: 'CPACR_EL1',
  cntkctl: 'CNTKCTL_EL1',
  pmuser: 'PMUSERENR_EL0',
  mdscr: 'MDSCR_EL1',
};
const PC = 0x4010_0000n;
const VALID_ADDRESS = 0x4020_0000n;

/** `table`: the lines of el2traps.tsv; `meta`: the text of meta.json. Throws InputError where they are not what they should be. */
export function verifyEl2Traps(table: Iterable<string>, meta: string, file = 'el2traps'): VerifyResult {
  const { base, cfg, ins } = parseMeta(meta, file);
  const rows = parseTable(table, file);
  const baseline = rows.get('baseline');
  if (!baseline) throw new InputError('there are no lines of the configuration "baseline"', { file });
  const result = emptyResult();
  const bare = new BareCpu({ gic: 3 });
  for (const [name, overrides] of cfg) {
    const values = { ...base, ...overrides };
    const differing = rows.get(name);
    for (const el of [0, 1] as const) {
      // With TGE = 1 there is no EL1.
      if (el === 1 && ((values.hcr ?? 0) & HCR_EL2.TGE) !== 0) continue;
      for (const [hexWord, text] of ins) {
        const key = `EL${el} ${hexWord}`;
        const recorded = differing?.get(key) ?? baseline.get(key);
        if (recorded === undefined) continue;
        const instruction = Number.parseInt(hexWord, 16);
        const actual = outcome(bare, values, el, instruction);
        if (actual === undefined) addInformational(result, 'executed by generated code: nothing traps it');
        else if (actual === recorded) result.passed++;
        else {
          const departure = departureFor({ values, el, word: instruction, text, actual });
          if (departure) {
            result.passed++;
            addInformational(result, departure);
          } else addFailure(result, `${name}, EL${el}, ${text} (${hexWord}): expected ${recorded}, got ${actual}`);
        }
      }
    }
  }
  return result;
}

/** Executes the instruction in a fresh CPU with these settings; undefined where generated code would execute it. */
function outcome(bare: BareCpu, values: Readonly<Record<string, number>>, el: 0 | 1, instruction: number): Outcome | undefined {
  const { cpu } = bare;
  resetCpu(cpu);
  for (const [name, value] of Object.entries(values)) {
    const register = registerNames[name];
    if (register) cpu.set(register, BigInt(value));
  }
  // MSR writes back what MRS would give at EL2.
  cpu.setX(1, writtenBack(bare, instruction));
  bare.stand(el, PC);
  bare.events.length = 0;
  try {
    if (!bare.execute(instruction)) return undefined;
  } catch (error) {
    // What is not built comes after its traps: the architecture lets it execute.
    if (!(error instanceof NotBuilt)) throw error;
    return 'ok';
  }
  const event = bare.events[0];
  if (event?.kind !== 'exception') return 'ok';
  return `EL${event.to} ${(event.esr ?? 0).toString(16).padStart(8, '0')} ${event.elr - PC}`;
}

function writtenBack(bare: BareCpu, word: number): bigint {
  const fields = decode(word)?.fields;
  if (fields?.o0 === undefined) return VALID_ADDRESS;
  const name = systemRegisterName(2 + fields.o0, fields.op1, fields.CRn, fields.CRm, fields.op2);
  bare.stand(2, PC);
  return (name && peekRegister(bare.cpu, bare, name)) ?? 0n;
}

function parseMeta(text: string, file: string): v.InferOutput<typeof metaSchema> {
  try {
    return v.parse(metaSchema, JSON.parse(text));
  } catch (error) {
    throw new InputError(
      'the description of the configurations cannot be used',
      { file },
      error instanceof Error ? error.message : String(error),
    );
  }
}

/** Outcomes by configuration, then by "EL0 d5300082". */
function parseTable(lines: Iterable<string>, file: string): Map<string, Map<string, Outcome>> {
  const configurations = new Map<string, Map<string, Outcome>>();
  let number = 0;
  for (const line of lines) {
    number++;
    if (line.startsWith('#') || line.trim() === '') continue;
    const [name, el, hexWord, , level, esr, offset] = line.split('\t');
    const isOutcome = level === 'ok' || (/^EL[12]$/.test(level ?? '') && /^[0-9a-f]{8}$/.test(esr ?? '') && /^\d+$/.test(offset ?? ''));
    if (!isOutcome || !/^EL[01]$/.test(el ?? '') || !/^[0-9a-f]{8}$/.test(hexWord ?? '')) {
      throw new InputError(`line ${number} is not a line of the trap matrix`, { file }, 'expected 7 columns separated by tabs');
    }
    let rows = configurations.get(name);
    if (!rows) configurations.set(name, (rows = new Map<string, Outcome>()));
    rows.set(`${el} ${hexWord}`, level === 'ok' ? 'ok' : `${level} ${esr} ${offset}`);
  }
  return configurations;
}
