/** Runs recorded instructions on the machine and compares everything that they may have changed. */
import { VA } from '../../base/addresses.ts';
import { InputError } from '../../base/errors.ts';
import { addFailure, addInformational, emptyResult, type VerifyResult } from '../../base/verify-result.ts';
import { cpuLayout } from '../../cpu/index.ts';
import { classes, classOf, definitions, disassemble, disassemblyText, type InstructionClass } from '../../isa/index.ts';
import { departureFor, type Difference } from './isa-departures.ts';
import { readIsaVectors, STATE_BYTES, stateLayout, viewOf, type IsaVector, type IsaVectorSet } from './isa-vectors.ts';
import { RecordedMachine } from './recorded-machine.ts';

export interface IsaOptions {
  /** Only vectors of the groups whose name contains this. */
  readonly group?: string | undefined;
  /** At most so many vectors. */
  readonly first?: number | undefined;
  /** Called now and then with the share of the file that is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** What came of the instructions of one class. */
export interface ClassResult {
  /** Definitions in `isa/`. */
  readonly definitions: number;
  passed: number;
  failed: number;
  informational: number;
}
export interface IsaResult extends VerifyResult {
  readonly classes: Readonly<Record<InstructionClass, ClassResult>>;
}

export function verifyIsa(set: IsaVectorSet, options: IsaOptions = {}): IsaResult {
  const { group, first = Infinity, onProgress } = options;
  if (group !== undefined && !set.groups.some((name) => name.includes(group)))
    throw new InputError(`no group is called '${group}'`, { file: set.file }, `there are ${set.groups.join(', ')}`);
  const result = { ...emptyResult(), classes: emptyClasses() };
  const verifier = new IsaVerifier(set);
  let done = 0;
  const isWanted = (name: string): boolean => group === undefined || name.includes(group);
  for (const vector of readIsaVectors(set, (name, word) => isWanted(name) || isLasting(word))) {
    if (done >= first) break;
    if (!isWanted(vector.group)) {
      verifier.verify(vector);
      continue;
    }
    if (done % 256 === 0) onProgress?.(vector.from / set.vectors.length);
    done++;
    const ofClass = result.classes[classOf(vector.word)];
    const differences = verifier.verify(vector);
    const reason = differences.length > 0 ? departureFor(vector, differences) : undefined;
    if (differences.length === 0) {
      result.passed++;
      ofClass.passed++;
    } else if (reason === undefined) {
      addFailure(result, sentence(vector, verifier, differences));
      ofClass.failed++;
    } else {
      addInformational(result, reason);
      ofClass.informational++;
    }
  }
  return result;
}

function emptyClasses(): Record<InstructionClass, ClassResult> {
  const counts = new Map<InstructionClass, number>();
  for (const { pattern } of definitions) counts.set(classOf(pattern.value), (counts.get(classOf(pattern.value)) ?? 0) + 1);
  const none = (name: InstructionClass): ClassResult => ({ definitions: counts.get(name) ?? 0, passed: 0, failed: 0, informational: 0 });
  return Object.fromEntries(classes.map((name) => [name, none(name)])) as Record<InstructionClass, ClassResult>;
}

/** MSR TPIDR_EL0: later records read what it leaves, for the recorder sets all other registers anew. */
const isLasting = (word: number): boolean => (word & 0xffff_ffe0) >>> 0 === 0xd51b_d040;

class IsaVerifier {
  private recorded: RecordedMachine;
  /** The state after, as recorded: SP and X, then V, as in a state. */
  private readonly expected = new Uint8Array(STATE_BYTES);
  private readonly expectedView = viewOf(this.expected);
  private readonly scratch = new Uint8Array(4096);

  constructor(private readonly set: IsaVectorSet) {
    this.recorded = new RecordedMachine(set);
  }

  verify(vector: IsaVector): readonly Difference[] {
    const { recorded, set } = this,
      { cpu, machine } = recorded;
    const differences: Difference[] = [];
    const expect = (what: string, ours: number | bigint, theirs: number | bigint): void => {
      if (ours !== theirs) differences.push({ what, ours: hex(ours), theirs: hex(theirs) });
    };
    recorded.run(vector);
    const stop = machine.stop;
    if (stop) {
      // A machine that has stopped stays so.
      this.recorded = new RecordedMachine(set);
      return [{ what: 'execution', ours: `a stop: ${machine.stopSentence()}`, theirs: told(vector) }];
    }

    const isException = cpu.el !== 0;
    if (isException !== (vector.esr !== undefined))
      differences.push({ what: 'exception', ours: isException ? `ESR_EL1 ${hex(cpu.get('ESR_EL1'))}` : 'none', theirs: told(vector) });
    else if (vector.esr !== undefined) {
      expect('ESR_EL1', cpu.get('ESR_EL1') & 0xffff_ffffn, BigInt(vector.esr));
      if (hasAddress(vector.esr)) expect('FAR_EL1', cpu.get('FAR_EL1'), vector.far);
    }
    expect('pc', isException ? cpu.get('ELR_EL1') : cpu.pc, vector.nextPC);
    const pstate = isException ? Number(cpu.get('SPSR_EL1') & 0xffff_ffffn) : ((cpu.nzcv << 28) | (cpu.daif << 6)) >>> 0;
    expect('PSTATE', pstate, vector.pstate);
    expect('FPCR', cpu.fpcr, vector.fpcr);
    expect('FPSR', cpu.fpsr, vector.fpsr);
    this.compareRegisters(vector, isException, differences);
    this.compareMemory(vector, differences);
    if (differences.length > 0 || vector.memory.length > 0) this.recorded.restoreScratch();
    return differences;
  }

  private compareRegisters(vector: IsaVector, isException: boolean, differences: Difference[]): void {
    const { cpu } = this.recorded,
      { expected, expectedView, set } = this,
      from = vector.state * STATE_BYTES;
    expected.set(set.states.subarray(from, from + STATE_BYTES));
    for (const { index, at } of vector.registers) expected.set(set.vectors.subarray(at, at + 8), index * 8);
    for (const { index, at } of vector.vectors) expected.set(set.vectors.subarray(at, at + 16), stateLayout.v + index * 16);
    for (let r = 0; r < 32; r++) {
      const ours = r === 31 && isException ? cpu.get('SP_EL0') : cpu.u64[r];
      const theirs = expectedView.getBigUint64(r * 8, true);
      if (ours !== theirs) differences.push({ what: r === 31 ? 'SP_EL0' : `X${r}`, ours: hex(ours), theirs: hex(theirs) });
    }
    for (let half = 0; half < 64; half++) {
      if (cpu.u64[(cpuLayout.v >>> 3) + half] === expectedView.getBigUint64(stateLayout.v + half * 8, true)) continue;
      const r = half >>> 1,
        at = stateLayout.v + r * 16;
      const theirs = expectedView.getBigUint64(at, true) | (expectedView.getBigUint64(at + 8, true) << 64n);
      if (differences.at(-1)?.what !== `V${r}`) differences.push({ what: `V${r}`, ours: hex(cpu.v(r)), theirs: hex(theirs) });
    }
  }

  private compareMemory({ memory }: IsaVector, differences: Difference[]): void {
    const { scratch, set, recorded } = this;
    scratch.set(set.scratch);
    for (const { index, at } of memory) scratch.set(set.vectors.subarray(at, at + 8), index);
    if (equal(scratch, recorded.scratch)) return;
    const [ours, theirs] = [viewOf(recorded.scratch), viewOf(scratch)];
    for (let at = 0; at < 4096; at += 8) {
      const [mine, other] = [ours.getBigUint64(at, true), theirs.getBigUint64(at, true)];
      if (mine !== other) differences.push({ what: `memory+${hex(at)}`, ours: hex(mine), theirs: hex(other) });
    }
  }

  /** Registers that the instruction names, before it. */
  operands({ word, state }: IsaVector): string {
    const view = viewOf(this.set.states),
      from = state * STATE_BYTES;
    const text = disassemblyText(disassemble(word, VA(0n)));
    const names = new Set(text.match(/\b[xwvqdshb]\d+\b/g) ?? []);
    return [...names]
      .map((name) => {
        const number = Number(name.slice(1));
        if (number > 31) return '';
        if (/[xw]/.test(name[0])) return `${name} = ${hex(view.getBigUint64(from + number * 8, true))}`;
        const at = from + stateLayout.v + number * 16;
        return `v${number} = ${hex(view.getBigUint64(at, true) | (view.getBigUint64(at + 8, true) << 64n))}`;
      })
      .filter(Boolean)
      .join(', ');
  }
  fpcrBefore({ state }: IsaVector): number {
    return viewOf(this.set.states).getUint32(state * STATE_BYTES + stateLayout.fpcr, true);
  }
}

/** Whether such an exception writes FAR_EL1: aborts and PC alignment. */
const hasAddress = (esr: number): boolean => [0x20, 0x22, 0x24].includes(esr >>> 26);
const told = ({ esr }: IsaVector): string => (esr === undefined ? 'it completes' : `ESR_EL1 ${hex(esr)}`);
const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

const equal = (a: Uint8Array, b: Uint8Array): boolean => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

function sentence(vector: IsaVector, verifier: IsaVerifier, differences: readonly Difference[]): string {
  const { number, group, word, pc } = vector;
  const text = disassemblyText(disassemble(word, VA(BigInt(pc))));
  const operands = verifier.operands(vector);
  const before = [operands, `FPCR = ${hex(verifier.fpcrBefore(vector))}`].filter(Boolean).join(', ');
  const wrong = differences.map(({ what, ours, theirs }) => `${what} is ${ours}, expected ${theirs}`).join('; ');
  return `record ${number} (${group}): ${word.toString(16).padStart(8, '0')} ${text} at ${hex(pc)} with ${before}: ${wrong}`;
}
