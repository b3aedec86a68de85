import { hex } from '../../../base/hex.ts';
import { hasHpfar, ipaPage, refusedIpa } from '../../../cpu/index.ts';
import { decode, registerOf } from '../../../isa/index.ts';
import type { Examination, OpenException } from '../examination.ts';
import { isAbort, isStage2, taken } from '../fault-words.ts';
import type { Found, Rule } from '../rule.ts';

/** Instructions of a handler that are followed, and after a shift that looks wrong: another may make it right. */
const [MOST_STEPS, AFTER] = [500, 6];

/** HPFAR_EL2<39:4> is IPA<47:12> (Arm ARM D17.2.63): the page is HPFAR_EL2 << 8, without the low 4 bits. */
export const ipaFromHpfar: Rule = {
  id: 'P28',
  kind: 'broken',
  title: 'HPFAR_EL2 is not shifted by 8',
  looksAt: 'what the handler of a stage 2 abort computes from HPFAR_EL2',
  find(exam) {
    const event = exam.open.find((one) => isAbort(one) && isStage2(one) && one.to === 2);
    if (!event || event.hpfar === null || event.hpfar === 0n) return [];
    return exam.subject.timeline.excursion(event.n + 1, () => followed(exam, event), { key: 'IPA of the handler', moves: true });
  },
};

function followed(exam: Examination, event: OpenException): Found[] {
  const { machine, subject } = exam;
  const { timeline } = subject;
  const { cpu } = machine;
  const hpfar = event.hpfar!;
  const page = BigInt(ipaPage(hpfar));
  const inPage = (event.far ?? 0n) & 0xfffn;
  const right = new Set([page, page | inPage, page >> 12n, BigInt(refusedIpa(event.esr ?? 0, hpfar, event.far ?? (0n as never)))]);
  const shifted = BigInt.asUintN(64, hpfar << 12n);
  const wrong = new Map([
    [shifted, 'shifts it left by 12'],
    [shifted | inPage, 'shifts it left by 12'],
    ...(inPage ? [[hpfar | inPage, 'uses it without a shift'] as const] : []),
    [BigInt.asUintN(64, hpfar << 4n), 'shifts it left by 4'],
  ]);
  let read: { readonly n: number; readonly pc: typeof cpu.pc } | undefined;
  let mistake: { readonly n: number; readonly pc: typeof cpu.pc; readonly value: bigint; readonly what: string } | undefined;
  let unknown = false;
  /** Registers and values that come from HPFAR_EL2: a constant that happens to be the right address is none of them. */
  const derived = new Set<number>();
  const values = new Set<bigint>();
  let before = Array.from({ length: 31 }, (_, i) => cpu.x(i));
  for (let i = 0; i < MOST_STEPS && timeline.at < exam.at && cpu.el === 2; i++) {
    if (mistake && timeline.at > mistake.n + AFTER) break;
    const { pc } = cpu;
    const n = timeline.at;
    const word = machine.fetchWord(pc);
    const decoded = word === undefined ? undefined : decode(word);
    timeline.forward(1);
    if (timeline.at === n) break;
    const now = before.map((_, number) => cpu.x(number));
    if (decoded?.definition.name === 'MRS' && registerOf(decoded) === 'HPFAR_EL2') {
      read ??= { n, pc };
      derived.add(decoded.fields.Rt);
      values.add(hpfar);
      unknown = !hasHpfar(event.esr ?? 0);
    } else if (read && decoded) {
      const { definition, fields } = decoded;
      const isLoad = definition.name.startsWith('LD');
      const isFromIt = [fields.Rn, fields.Rm, fields.Ra].some((number) => number !== undefined && derived.has(number));
      for (let number = 0; number < 31; number++) {
        const value = now[number];
        if (value === before[number]) continue;
        if (!(isLoad ? values.has(value) : isFromIt)) {
          derived.delete(number);
          continue;
        }
        if (right.has(value)) return [];
        derived.add(number);
        values.add(value);
        const what = wrong.get(value);
        if (what !== undefined) mistake ??= { n, pc, value, what };
      }
    }
    before = now;
  }
  if (!read) return [];
  const reads = exam.step(read.n, read.pc, `reads HPFAR_EL2: ${hex(hpfar)}`, { register: 'HPFAR_EL2', field: 'FIPA', value: hex(hpfar) });
  if (mistake)
    return [
      {
        sentence: `The handler takes the IPA from HPFAR_EL2 and ${mistake.what}, which gives ${hex(mistake.value)}: HPFAR_EL2 = ${hex(hpfar)} has IPA<47:12> in its bits 39:4, so the page is at ${hex(page)}.`,
        fix: 'Clear the low 4 bits of HPFAR_EL2 and shift it left by 8; add bits 11:0 of FAR_EL2.',
        pc: mistake.pc,
        at: mistake.n,
        about: event.n,
        evidence: [
          taken(exam, event),
          reads,
          exam.step(mistake.n, mistake.pc, `gives ${hex(mistake.value)}`, { value: hex(mistake.value) }),
        ],
        links: [
          { panel: 'registers', subject: 'HPFAR_EL2' },
          { panel: 'traps', subject: String(event.index) },
        ],
      },
    ];
  return unknown
    ? [
        {
          kind: 'hardware',
          title: 'HPFAR_EL2 is UNKNOWN after this fault',
          sentence: `The handler reads HPFAR_EL2 after a permission fault that was not on a table walk: the architecture leaves it UNKNOWN then. Here it holds the IPA, as in QEMU.`,
          fix: 'After a permission fault, find the IPA with AT S1E1R on FAR_EL2, and take it from PAR_EL1.',
          pc: read.pc,
          at: read.n,
          evidence: [taken(exam, event), reads],
          links: [{ panel: 'registers', subject: 'HPFAR_EL2' }],
        },
      ]
    : [];
}
