/**
 * Checks the system registers against a recorded scan: at EL2 and at EL1, with either GIC, for each encoding whether MRS and MSR work, the
 * value found, and what reads back after writing all ones and all zeros. The columns are
 * "GIC, level, name, op0, op1, CRn, CRm, op2, mrs, value, msr, after ones, after zeros".
 */
import { InputError } from '../../base/errors.ts';
import { addFailure, addInformational, emptyResult, type VerifyResult } from '../../base/verify-result.ts';
import { encodingKey } from '../../isa/index.ts';
import { CPACR_EL1, HCR_EL2 } from '../registers/bits.ts';
import { resetCpu } from '../reset.ts';
import type { ExceptionLevel } from '../state.ts';
import { BareCpu } from './bare-cpu.ts';
import { registerDepartureFor, type RegisterDatum } from './departures.ts';

interface Row {
  readonly gic: 2 | 3;
  readonly el: 1 | 2;
  readonly name: string;
  readonly key: number;
  readonly mrs: string;
  readonly value: string;
  readonly msr: string;
  readonly afterOnes: string;
  readonly afterZeros: string;
}

const PC = 0x4010_0000n;
const ONES = 0xffff_ffff_ffff_ffffn;

/** What the scan set before it went to EL1. */
function prepareEl1({ cpu }: BareCpu): void {
  cpu.set('HCR_EL2', BigInt(HCR_EL2.RW >>> 0));
  cpu.set('CPACR_EL1', BigInt(CPACR_EL1.FPEN));
}

/** `lines`: those of sysregs.tsv. Throws InputError where a line is not what it should be. */
export function verifySystemRegisters(lines: Iterable<string>, file = 'sysregs'): VerifyResult {
  const rows = parseTable(lines, file);
  const result = emptyResult();
  for (const gic of [2, 3] as const) {
    const bare = new BareCpu({ gic });
    // The scan began at EL2, then went on at EL1 with what it had left behind.
    for (const el of [2, 1] as const) {
      if (el === 1) prepareEl1(bare);
      for (const row of rows) if (row.gic === gic && row.el === el) verifyRow(bare, row, result);
    }
  }
  return result;
}

function verifyRow(bare: BareCpu, row: Row, result: VerifyResult): void {
  const { key, el, name } = row;
  const where = `${name}, EL${el}, GICv${row.gic}`;
  const check = (what: string, actual: string, expected: string): void => {
    if (actual === expected) result.passed++;
    else addFailure(result, `${where}, ${what}: expected ${expected}, got ${actual}`);
  };
  const checkValue = (what: RegisterDatum, actual: string, recorded: string): void => {
    const excused = excuse(row, what);
    const departure = actual === recorded ? undefined : registerDepartureFor(name, what, actual);
    if (excused) addInformational(result, excused);
    else if (departure) {
      result.passed++;
      addInformational(result, departure);
    } else check(what, actual, recorded);
  };

  const original = read(bare, key, el);
  check('MRS', typeof original === 'string' ? original : 'ok', row.mrs);
  if (typeof original === 'string' || row.mrs !== 'ok') return;
  checkValue('value', original.toString(16), row.value);
  if (row.msr === 'ns') return;
  const outcome = write(bare, key, el, ONES);
  check('MSR', outcome, row.msr);
  if (outcome === 'ok' && row.msr === 'ok') {
    checkValue('after ones', text(read(bare, key, el)), row.afterOnes);
    write(bare, key, el, 0n);
    checkValue('after zeros', text(read(bare, key, el)), row.afterZeros);
  }
  write(bare, key, el, original);
}

const text = (value: bigint | string): string => (typeof value === 'string' ? value : value.toString(16));

/** Why a value cannot be compared. */
function excuse({ name, el }: Row, what: RegisterDatum): string | undefined {
  if (/^ic[ch]_/.test(name)) return 'the registers of the GICv3 are checked with the GIC';
  if (/^cnt(pct|vct)_|_tval_/.test(name)) return 'the time of the recording is not known';
  if (what !== 'value') return undefined;
  if (/^cnt.*_cval_/.test(name)) return 'the time of the recording is not known';
  const program = el === 2 ? /^(elr|esr|spsr|vbar)_el2$|^nzcv$/ : /^(elr|esr|spsr|vbar|sctlr|cpacr)_el1$|^nzcv$/;
  return program.test(name) ? 'set by the recording program' : undefined;
}

/** The value, or `exc:` and the syndrome. */
function read(bare: BareCpu, key: number, el: ExceptionLevel): bigint | string {
  const outcome = execute(bare, 0xd520_0000, key, el);
  return outcome === 'ok' ? bare.cpu.x(0) : outcome;
}
function write(bare: BareCpu, key: number, el: ExceptionLevel, value: bigint): string {
  bare.cpu.setX(0, value);
  return execute(bare, 0xd500_0000, key, el);
}
/** Executes MRS or MSR with X0, then puts the level's own exception registers back. */
function execute(bare: BareCpu, opcode: number, key: number, el: ExceptionLevel): string {
  const { cpu } = bare;
  bare.stand(el, PC);
  bare.events.length = 0;
  const before = cpu.bytes.slice();
  bare.execute((opcode | (key << 5)) >>> 0);
  const event = bare.events[0];
  if (event?.kind !== 'exception') return 'ok';
  cpu.bytes.set(before);
  return `exc:${(event.esr ?? 0).toString(16)}`;
}

/** Encodings of op0 = 2 and 3 that MRS reads at this level, as `encodingKey` numbers: for comparing with a complete scan. */
export function readableEncodings(gic: 2 | 3, el: 1 | 2): number[] {
  const bare = new BareCpu({ gic });
  const keys: number[] = [];
  for (let key = encodingKey(2, 0, 0, 0, 0); key < 0x10000; key++) {
    resetCpu(bare.cpu);
    prepareEl1(bare);
    if (typeof read(bare, key, el) !== 'string') keys.push(key);
  }
  return keys;
}

function parseTable(lines: Iterable<string>, file: string): Row[] {
  const rows: Row[] = [];
  let number = 0;
  for (const line of lines) {
    number++;
    if (line.startsWith('#') || line.trim() === '') continue;
    const columns = line.split('\t');
    const [gic, el, op0, op1, CRn, CRm, op2] = [0, 1, 3, 4, 5, 6, 7].map((i) => Number(columns[i]));
    const isRow =
      columns.length === 13 && (gic === 2 || gic === 3) && (el === 1 || el === 2) && [op0, op1, CRn, CRm, op2].every(Number.isInteger);
    if (!isRow)
      throw new InputError(`line ${number} is not a line of the register scan`, { file }, 'expected 13 columns separated by tabs');
    rows.push({
      gic,
      el,
      name: columns[2],
      key: encodingKey(op0, op1, CRn, CRm, op2),
      mrs: columns[8],
      value: columns[9],
      msr: columns[10],
      afterOnes: columns[11],
      afterZeros: columns[12].trim(),
    });
  }
  // The scan went through the encodings in order.
  return rows.sort((a, b) => a.key - b.key);
}
